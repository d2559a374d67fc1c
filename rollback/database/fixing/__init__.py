"""Fixing a database forward: a migration on top that brings the schema to what the running version needs."""

from __future__ import annotations

from rollback.database.fixing.applying import apply, go_on, is_on_the_branch
from rollback.database.fixing.planning import FixPlan, Wish, plan
from rollback.database.fixing.result import Outcome, Result, SavedPoint
from rollback.database.fixing.saving import saved_point
from rollback.database.fixing.undoing import plan_undo, undo
from rollback.database.fixing.verification import Verification, verify

__all__ = [
    "FixPlan",
    "Outcome",
    "Result",
    "SavedPoint",
    "Verification",
    "Wish",
    "apply",
    "go_on",
    "is_on_the_branch",
    "plan",
    "plan_undo",
    "saved_point",
    "undo",
    "verify",
]

"""Restoring the application's database from a backup: to a new RDS instance, to which the application is then led."""

from __future__ import annotations

from rollback.database.backup.applying import apply, go_on
from rollback.database.backup.model import Instance, Loss, Point, Snapshot
from rollback.database.backup.planning import BackupPlan, plan
from rollback.database.backup.result import WAY, Outcome, Result, SavedPoint
from rollback.database.backup.saving import saved_point
from rollback.database.backup.undoing import UndoPlan, apply_undo, plan_undo, undo
from rollback.database.backup.verification import Verification, verify

__all__ = [
    "WAY",
    "BackupPlan",
    "Instance",
    "Loss",
    "Outcome",
    "Point",
    "Result",
    "SavedPoint",
    "Snapshot",
    "UndoPlan",
    "Verification",
    "apply",
    "apply_undo",
    "go_on",
    "plan",
    "plan_undo",
    "saved_point",
    "undo",
    "verify",
]

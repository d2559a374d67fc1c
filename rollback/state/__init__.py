"""The Terraform state of an environment: its versions, its locks, and putting an earlier one back."""

from __future__ import annotations

from rollback.state.applying import apply, go_on
from rollback.state.choosing import choose
from rollback.state.locks import HeldLock, LockHeld, LockInfo, LockKind, held, release, take, unlock
from rollback.state.model import Damage, Listing, Row, StateFile, StoredVersion, Unparsable
from rollback.state.planning import StatePlan, plan
from rollback.state.result import Before, Outcome, Result, SavedPoint, Was, Way, Writing
from rollback.state.saving import saved_point
from rollback.state.undoing import plan_undo, undo
from rollback.state.verification import Verification, verify
from rollback.state.versions import list_versions, listed

__all__ = [
    "Before",
    "Damage",
    "HeldLock",
    "Listing",
    "LockHeld",
    "LockInfo",
    "LockKind",
    "Outcome",
    "Result",
    "Row",
    "SavedPoint",
    "StateFile",
    "StatePlan",
    "StoredVersion",
    "Unparsable",
    "Verification",
    "Was",
    "Way",
    "Writing",
    "apply",
    "choose",
    "go_on",
    "held",
    "list_versions",
    "listed",
    "plan",
    "plan_undo",
    "release",
    "saved_point",
    "take",
    "undo",
    "unlock",
    "verify",
]

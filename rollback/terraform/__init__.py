"""The rollback of the infrastructure by Terraform itself, where the pipeline can't be used."""

from __future__ import annotations

from rollback.terraform.applying import apply
from rollback.terraform.changes import Action, Change, Changes
from rollback.terraform.next_apply import NextApply, next_apply
from rollback.terraform.planning import TerraformPlan, Wish, made, plan
from rollback.terraform.program import Program, TerraformError, TerraformMissing, Version, find
from rollback.terraform.result import Outcome, Result, SavedPoint
from rollback.terraform.undoing import plan_undo, saved_point, undo
from rollback.terraform.verification import Verification, verify

__all__ = [
    "Action",
    "Change",
    "Changes",
    "NextApply",
    "Outcome",
    "Program",
    "Result",
    "SavedPoint",
    "TerraformError",
    "TerraformMissing",
    "TerraformPlan",
    "Verification",
    "Version",
    "Wish",
    "apply",
    "find",
    "made",
    "next_apply",
    "plan",
    "plan_undo",
    "saved_point",
    "undo",
    "verify",
]

"""The rollback that the runbook recommends: revert the change on the branch, and have the pipeline deploy that."""

from rollback.revert.applying import apply, follow_saved, go_on
from rollback.revert.change import Change, NamedCommit, NamedPullRequest, NamedRange, parse, web_host
from rollback.revert.planning import RevertPlan, Wish, made, plan
from rollback.revert.result import Outcome, Result, SavedPoint, Side
from rollback.revert.resuming import must_be_on_the_branch, resume
from rollback.revert.undoing import plan_undo, saved_point, undo
from rollback.revert.verification import Verification, agreement, verify

__all__ = [
    "Change",
    "NamedCommit",
    "NamedPullRequest",
    "NamedRange",
    "Outcome",
    "Result",
    "RevertPlan",
    "SavedPoint",
    "Side",
    "Verification",
    "Wish",
    "agreement",
    "apply",
    "follow_saved",
    "go_on",
    "made",
    "must_be_on_the_branch",
    "parse",
    "plan",
    "plan_undo",
    "resume",
    "saved_point",
    "undo",
    "verify",
    "web_host",
]

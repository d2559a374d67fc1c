"""The emergency rollback: put an earlier task definition revision back on the service."""

from rollback.ecs.applying import apply
from rollback.ecs.going_on import go_on
from rollback.ecs.model import Deployment, Revision, Service, StoppedTask
from rollback.ecs.planning import EcsPlan, plan
from rollback.ecs.restarting import restart
from rollback.ecs.result import Outcome, Result, SavedPoint
from rollback.ecs.undoing import plan_undo, saved_point, undo
from rollback.ecs.verification import Verification, verify

__all__ = [
    "Deployment",
    "EcsPlan",
    "Outcome",
    "Result",
    "Revision",
    "SavedPoint",
    "Service",
    "StoppedTask",
    "Verification",
    "apply",
    "go_on",
    "plan",
    "plan_undo",
    "restart",
    "saved_point",
    "undo",
    "verify",
]

"""The certificate of an environment's load balancer: what stands in its way, and having it serve."""

from __future__ import annotations

from rollback.certificates.applying import apply
from rollback.certificates.model import Certificate, Listener, Record, RecordState, Validation, Zone
from rollback.certificates.planning import CertificatePlan, plan
from rollback.certificates.result import Outcome, Result, SavedPoint
from rollback.certificates.saving import saved_point
from rollback.certificates.undoing import plan_undo, undo
from rollback.certificates.verification import Verification, verify

__all__ = [
    "Certificate",
    "CertificatePlan",
    "Listener",
    "Outcome",
    "Record",
    "RecordState",
    "Result",
    "SavedPoint",
    "Validation",
    "Verification",
    "Zone",
    "apply",
    "plan",
    "plan_undo",
    "saved_point",
    "undo",
    "verify",
]

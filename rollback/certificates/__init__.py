"""The certificate of an environment's load balancer: what stands in its way, and having it serve."""

from __future__ import annotations

from rollback.certificates.model import Certificate, Listener, Record, RecordState, Validation, Zone
from rollback.certificates.planning import CertificatePlan, plan

__all__ = [
    "Certificate",
    "CertificatePlan",
    "Listener",
    "Record",
    "RecordState",
    "Validation",
    "Zone",
    "plan",
]

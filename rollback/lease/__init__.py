"""One operator at a time: who works on an environment, written where everybody who may look."""

from rollback.lease.guarding import Kept, holding, kept
from rollback.lease.holding import Lease, acquire, must_be_free
from rollback.lease.model import Holder, LeaseError, LeaseHeld, LeaseLost, LeaseUnreadable, Purpose, Seen
from rollback.lease.storing import look

__all__ = [
    "Holder",
    "Kept",
    "Lease",
    "LeaseError",
    "LeaseHeld",
    "LeaseLost",
    "LeaseUnreadable",
    "Purpose",
    "Seen",
    "acquire",
    "holding",
    "kept",
    "look",
    "must_be_free",
]

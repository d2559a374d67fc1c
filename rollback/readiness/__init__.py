"""Could we roll back right now? Every plan is made, and none applied.

    readiness.look(environment, access) -> Readiness

`access` may be any hands: they are made such that only look (`rollback.live.read_only`).
"""

from rollback.readiness.looking import look
from rollback.readiness.model import Line, Readiness

__all__ = ["Line", "Readiness", "look"]

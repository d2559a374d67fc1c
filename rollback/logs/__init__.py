"""CloudWatch Logs, watched for errors: `look` at once, or `watch` for a while."""

from __future__ import annotations

from rollback.logs.model import Group, Verdict, Watched
from rollback.logs.watching import look, watch

__all__ = ["Group", "Verdict", "Watched", "look", "watch"]

"""A push to a branch of the remote: what GitHub's pipeline is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ZERO: Final = "0" * 40
"""The object name that stands for "there was none"."""
WORKFLOW_ACTOR: Final = "github-actions[bot]"
"""Who pushes with a workflow's own GITHUB_TOKEN; its pushes start no workflow (GitHub Docs, "Automatic token
authentication")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """One branch that was moved.

    Attributes:
        branch: its name.
        before: where it was; `ZERO` where it is new.
        after: where it is now; `ZERO` where it was deleted.
        actor: the login of who pushed.
    """

    branch: str
    before: str
    after: str
    actor: str

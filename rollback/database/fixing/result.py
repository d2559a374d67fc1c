"""How a fix forward ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rollback import revert
    from rollback.plan import Finding

WAY: Final = "fix-forward"
"""What the journal calls this way."""


class Outcome(StrEnum):
    """The ways it ends; only `FIXED` is success, and after `NOTHING` there was nothing to do."""

    FIXED = "fixed forward"
    NOTHING = "nothing to do"
    PROPOSED = "proposed as a pull request"
    NOT_DELIVERED = "pushed, but not brought about by the pipeline"
    NOT_AS_TRIED = "deployed, but the database is not as it was on the copy"
    STILL_BROKEN = "deployed, but the application is not well"
    LOST = "lost sight of"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPoint:
    """What was there before anything was pushed, and what was going to be.

    Attributes:
        delivery: the branch before, and the commit with the migration.
        path: of the migration, from the root of the repository.
        revision: of the migration.
        before: at which revision the database was.
        schema: a digest of the schema that the copy had at the end.
        rows: how many rows each table had.
    """

    delivery: revert.SavedPoint
    path: str
    revision: str
    before: str
    schema: str
    rows: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How it ended, and how branch, database and service are now.

    Attributes:
        sentence: the outcome for a person.
        remedy: what to do next; empty after success.
        saved: what `verify` and `go_on` need; None where nothing was begun.
        seconds: from the beginning of `apply` to the outcome.
        delivery: how the commit fared on its way, in the words of a revert; None where it was not on its way.
        findings: what was seen of the database and the application at the end.
        commands: what to type next.
    """

    outcome: Outcome
    sentence: str
    remedy: str = ""
    saved: SavedPoint | None
    seconds: float
    delivery: revert.Result | None = None
    findings: tuple[Finding, ...] = ()
    commands: tuple[str, ...] = ()

    @property
    def landed(self) -> bool:
        """Whether the database is fixed and the application answers; nothing else is a fix."""
        return self.outcome is Outcome.FIXED

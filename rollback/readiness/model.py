"""What was found of an environment's readiness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rollback.plan import Finding, Severity, of_severity

if TYPE_CHECKING:
    from datetime import datetime

    from rollback.live.identity import Identity


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that a rollback needs, and how it is.

    Attributes:
        probe: a stable name for machines, as ``ecs``.
        says: what must hold, as people say it.
        seen: how it is, in a sentence or two.
        findings: all that was found, in the order in which it was looked at.
        seconds: how long looking took.
    """

    probe: str
    says: str
    seen: str
    findings: tuple[Finding, ...]
    seconds: float = 0.0

    @property
    def severity(self) -> Severity:
        """``refusal`` means that this would stop a rollback."""
        for severity in (Severity.REFUSAL, Severity.WARNING):
            if of_severity(self.findings, severity):
                return severity
        return Severity.OK

    @property
    def holds(self) -> bool:
        """Whether nothing of it would stop a rollback."""
        return self.severity is not Severity.REFUSAL

    @property
    def remedies(self) -> tuple[str, ...]:
        """What to do about it, the refusals' first, each once."""
        worst = (*of_severity(self.findings, Severity.REFUSAL), *of_severity(self.findings, Severity.WARNING))
        return tuple(dict.fromkeys(finding.remedy for finding in worst if finding.remedy))

    @property
    def commands(self) -> tuple[str, ...]:
        """What to type to do it."""
        return tuple(dict.fromkeys(line for finding in self.findings for line in finding.commands))


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether an environment could be rolled back right now.

    Attributes:
        environment: its name.
        at: when it was looked at, UTC.
        identity: whom AWS took us for; None where the credentials didn't do, and then nothing else was looked at.
        lines: in the order of the runbook.
    """

    environment: str
    at: datetime
    identity: Identity | None
    lines: tuple[Line, ...]

    @property
    def ready(self) -> bool:
        """Whether nothing would stop a rollback."""
        return self.identity is not None and not self.missing

    @property
    def missing(self) -> tuple[Line, ...]:
        """What would stop one."""
        return tuple(line for line in self.lines if not line.holds)

    @property
    def warnings(self) -> tuple[Line, ...]:
        """What to know of."""
        return tuple(line for line in self.lines if line.severity is Severity.WARNING)

    @property
    def exit_code(self) -> int:
        """0 where it is ready, 1 where it isn't, 4 where the credentials don't do."""
        if self.identity is None:
            return 4
        return 0 if self.ready else 1

    @property
    def sentence(self) -> str:
        """The verdict for a person."""
        if self.identity is None:
            return f"Whether {self.environment} could be rolled back isn't known: it can't be looked at."
        if not self.ready:
            count = len(self.missing)
            what = f"{count} of {len(self.lines)} things {'is' if count == 1 else 'are'} missing"
            return f"{self.environment} could not be rolled back right now: {what}."
        told = f", with {_count(len(self.warnings))} to know of" if self.warnings else ""
        return f"{self.environment} could be rolled back right now{told}."

    def line(self, probe: str) -> Line:
        """How one thing is.

        Raises:
            KeyError: that was not looked at.
        """
        for each in self.lines:
            if each.probe == probe:
                return each
        raise KeyError(probe)


def _count(number: int) -> str:
    return "one thing" if number == 1 else f"{number} things"

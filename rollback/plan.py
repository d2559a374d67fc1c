"""What a rollback would do, and what was found on the way to saying so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from rollback.errors import Refused
from rollback.journal import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rollback.journal import Journal


class Severity(StrEnum):
    """How much a finding weighs."""

    OK = "ok"
    WARNING = "warning"
    REFUSAL = "refusal"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked: what was seen, and what to do about it.

    Attributes:
        check: a stable name for machines, as ``image-exists``.
        severity: ``refusal`` means the plan can't be applied.
        seen: what was seen and, where that is unsafe, why; a sentence.
        remedy: what to do instead; empty for ``ok``.
        commands: what to type to do it.
    """

    check: str
    severity: Severity
    seen: str
    remedy: str = ""
    commands: tuple[str, ...] = ()


def ok(check: str, seen: str) -> Finding:
    """A check that passed."""
    return Finding(check, Severity.OK, seen)


def warning(check: str, seen: str, remedy: str, *commands: str) -> Finding:
    """Something to know before going on."""
    return Finding(check, Severity.WARNING, seen, remedy, commands)


def refusal(check: str, seen: str, remedy: str, *commands: str) -> Finding:
    """Something that makes the rollback unsafe or impossible."""
    return Finding(check, Severity.REFUSAL, seen, remedy, commands)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What every plan has, whatever it rolls back.

    Attributes:
        environment: the environment's name.
        title: one line that says what would be done, as ``Roll back service x: 42 -> 41``.
        findings: in the order in which they were checked.
        commands: what a person would type to do the same by hand, in order.
    """

    environment: str
    title: str
    findings: tuple[Finding, ...]
    commands: tuple[str, ...]

    @property
    def refusals(self) -> tuple[Finding, ...]:
        """The findings that forbid applying this plan."""
        return of_severity(self.findings, Severity.REFUSAL)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings to know before going on."""
        return of_severity(self.findings, Severity.WARNING)

    def must_be_applicable(self) -> None:
        """Raise `Refused` with the first refusal, if there is one."""
        for finding in self.refusals:
            raise Refused(finding.seen, remedy=finding.remedy)


def record(journal: Journal, plan: Plan) -> None:
    """Take a plan down in the journal, with all that was found.

    Raises:
        JournalError: it can't be written.
    """
    journal.record(
        Kind.PLAN,
        plan.title,
        environment=plan.environment,
        findings=[{"check": f.check, "severity": f.severity.value, "seen": f.seen} for f in plan.findings],
    )


def of_severity(findings: Iterable[Finding], severity: Severity) -> tuple[Finding, ...]:
    """Those of `findings` that weigh `severity`, in their order."""
    return tuple(f for f in findings if f.severity is severity)

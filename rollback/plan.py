"""What a rollback would do, and what was found on the way to saying so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from rollback.errors import Refused
from rollback.journal import Json, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rollback.journal import Journal


TargetT_co = TypeVar("TargetT_co", covariant=True)


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


class Ended(Protocol):
    """How any way back ends."""

    @property
    def outcome(self) -> StrEnum:
        """The way it ended."""

    @property
    def sentence(self) -> str:
        """The outcome for a person."""

    @property
    def remedy(self) -> str:
        """What to do next; empty after success."""

    @property
    def seconds(self) -> float:
        """How long it took."""

    @property
    def commands(self) -> Sequence[str]:
        """What to type next."""

    @property
    def landed(self) -> bool:
        """Whether it has succeeded."""


@dataclass(frozen=True, slots=True)
class Verified(Generic[TargetT_co]):
    """What every look at the world afterwards has, whatever was rolled back.

    Attributes:
        target: what should be in force.
        findings: what was looked at; a ``refusal`` is a proof that it is not.
    """

    target: TargetT_co
    findings: tuple[Finding, ...]

    @property
    def landed(self) -> bool:
        """Whether everything that was looked at shows the target in force."""
        return not self.contradictions

    @property
    def contradictions(self) -> tuple[Finding, ...]:
        """What shows that it is not."""
        return of_severity(self.findings, Severity.REFUSAL)


def record(journal: Journal, plan: Plan, *, way: str = "", **told: Json) -> None:
    """Take a plan down in the journal, with all that was found.

    Args:
        journal: where to.
        plan: the plan.
        way: which way back it is of, as ``ecs``; what goes on with the journal looks at that.
        told: what else the record needs: ``asked`` is what the plan was asked for, so that it can be made again.

    Raises:
        JournalError: it can't be written.
    """
    journal.record(
        Kind.PLAN,
        plan.title,
        environment=plan.environment,
        way=way,
        findings=[
            {"check": f.check, "severity": f.severity.value, "seen": f.seen}
            | ({"remedy": f.remedy} if f.remedy else {})
            for f in plan.findings
        ],
        commands=list(plan.commands),
        **told,
    )


def conclude(journal: Journal, result: Ended, *, way: str) -> None:
    """Take down how a way back has ended.

    Raises:
        JournalError: it can't be written.
    """
    journal.record(
        Kind.OUTCOME,
        result.sentence,
        outcome=result.outcome.value,
        way=way,
        landed=result.landed,
        remedy=result.remedy,
        commands=list(result.commands),
        seconds=round(result.seconds, 3),
    )


def of_severity(findings: Iterable[Finding], severity: Severity) -> tuple[Finding, ...]:
    """Those of `findings` that weigh `severity`, in their order."""
    return tuple(f for f in findings if f.severity is severity)

"""Plans, results, verifications and lists as a person reads them, and as JSON for machines."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol

from rich.table import Table
from rich.text import Text

from rollback.plan import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from _typeshed import DataclassInstance
    from rich.console import Console

    from rollback.checklist import Checklist
    from rollback.plan import Finding, Plan, Verified


class Ended(Protocol):
    """How a rollback ended, whatever way back it was."""

    @property
    def sentence(self) -> str:
        """How."""

    @property
    def remedy(self) -> str:
        """What to do next."""

    @property
    def landed(self) -> bool:
        """Whether that is success."""

    @property
    def commands(self) -> Sequence[str]:
        """What to type next."""


_MARKS: Final = {
    Severity.OK: ("ok", "green"),
    Severity.WARNING: ("warning", "yellow"),
    Severity.REFUSAL: ("refused", "red"),
}


def as_json(told: DataclassInstance) -> str:
    """All of a plan, a result, a verification or a list, with times in ISO 8601 (UTC)."""
    return json.dumps(asdict(told), default=_plain, indent=2)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def print_plan(plan: Plan, console: Console) -> None:
    """Print what would be done, what was found, and how to do the same by hand."""
    console.print(Text(f"{plan.title} ({plan.environment})", style="bold"))
    _print_findings(plan.findings, console)
    if plan.refusals:
        console.print(Text("This plan can't be applied; nothing has been changed."))
    elif plan.commands:
        console.print(Text("By hand:"))
        _print_commands(plan.commands, console)


def print_verification(verification: Verified[object], console: Console) -> None:
    """Print what was seen after a rollback."""
    title = "has landed" if verification.landed else "has not landed"
    console.print(Text(f"{verification.target} {title}.", style="bold"))
    _print_findings(verification.findings, console)


def print_result(result: Ended, console: Console) -> None:
    """Print how a rollback ended and what to do next."""
    console.print(Text(result.sentence, style="green" if result.landed else "red"))
    if result.remedy:
        console.print(Text(result.remedy))
    _print_commands(result.commands, console)


def print_checklist(checklist: Checklist, console: Console) -> None:
    """Print how the list before or after a rollback stands: each item with its evidence, and what it takes."""
    done = len(checklist.lines) - len(checklist.missing)
    title = f"{checklist.phase.value.capitalize()} the rollback of {checklist.environment}"
    console.print(Text(f"{title}: {done} of {len(checklist.lines)} done", style="bold"))
    _print_findings(checklist.findings, console, _MARKS | {Severity.REFUSAL: ("missing", "red")})
    if checklist.override and checklist.missing:
        console.print(Text(f"{checklist.override.by} has decided to begin: {checklist.override.reason}"))


def _print_findings(
    findings: Iterable[Finding], console: Console, marks: Mapping[Severity, tuple[str, str]] = _MARKS
) -> None:
    for finding in findings:
        mark, style = marks[finding.severity]
        row = Table.grid(padding=(0, 2), pad_edge=False)
        row.add_column(width=9, justify="right")
        # An ARN that is longer than a line goes on in the next: what is cut off can't be looked up.
        row.add_column(ratio=1, overflow="fold")
        row.add_row(Text(mark, style=style), Text(finding.seen))
        if finding.remedy:
            row.add_row("", Text(finding.remedy))
        console.print(row)
        _print_commands(finding.commands, console, indent=11)


def _print_commands(commands: Iterable[str], console: Console, *, indent: int = 2) -> None:
    """Print commands whole and to the letter: what is copied from the screen must run."""
    for command in commands:
        console.print(Text(" " * indent + command, style="cyan"), soft_wrap=True)

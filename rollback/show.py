"""A plan and a verification as a person reads them, and as JSON for machines."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Final

from rich.markup import escape

from rollback.plan import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from rollback.ecs.result import Result
    from rollback.ecs.verification import Verification
    from rollback.plan import Finding, Plan

_MARKS: Final = {
    Severity.OK: "[green]ok     [/green]",
    Severity.WARNING: "[yellow]warning[/yellow]",
    Severity.REFUSAL: "[red]refused[/red]",
}


def as_json(told: Plan | Verification | Result) -> str:
    """All that was found, with times in ISO 8601 (UTC)."""
    return json.dumps(asdict(told), default=_plain, indent=2)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def print_plan(plan: Plan, console: Console) -> None:
    """Print what would be done, what was found, and how to do the same by hand."""
    console.print(f"[bold]{escape(plan.title)}[/bold]  ({escape(plan.environment)})")
    _print_findings(plan.findings, console)
    if plan.refusals:
        console.print("This plan can't be applied; nothing has been changed.")
    elif plan.commands:
        console.print("By hand:")
        _print_commands(plan.commands, console)


def print_verification(verification: Verification, console: Console) -> None:
    """Print what was seen after a rollback."""
    title = "has landed" if verification.landed else "has not landed"
    console.print(f"[bold]{escape(str(verification.target))} {title}.[/bold]")
    _print_findings(verification.findings, console)


def print_result(result: Result, console: Console) -> None:
    """Print how a rollback ended and what to do next."""
    style = "green" if result.landed else "red"
    console.print(f"[{style}]{escape(result.sentence)}[/{style}]")
    if result.remedy:
        console.print(escape(result.remedy))
    _print_commands(result.commands, console)


def _print_findings(findings: Iterable[Finding], console: Console) -> None:
    for finding in findings:
        console.print(f"  {_MARKS[finding.severity]}  {escape(finding.seen)}")
        if finding.remedy:
            console.print(f"           {escape(finding.remedy)}")
        _print_commands(finding.commands, console, indent=11)


def _print_commands(commands: Iterable[str], console: Console, *, indent: int = 2) -> None:
    for command in commands:
        # Not wrapped: what is copied from the screen must run.
        console.print(f"{' ' * indent}[cyan]{escape(command)}[/cyan]", soft_wrap=True)

"""Plans, lists, results and verifications: for people by `rollback.show`, for machines by a few stable fields."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from rollback import show

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from rollback.checklist.model import Checklist
    from rollback.cli.screen import Screen
    from rollback.environment import Environment
    from rollback.plan import Ended, Finding, Plan, Verified
    from rollback.record.model import Begun


def plan_of(plan: Plan, way: str) -> dict[str, Any]:
    """A plan, for a machine. What a way knows beside that may hold what no machine should."""
    return {
        "environment": plan.environment,
        "way": way,
        "title": plan.title,
        "applicable": not plan.refusals,
        "findings": findings_of(plan.findings),
        "commands": list(plan.commands),
    }


def findings_of(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Findings, for a machine."""
    return [
        {
            "check": each.check,
            "severity": each.severity.value,
            "seen": each.seen,
            "remedy": each.remedy,
            "commands": list(each.commands),
        }
        for each in findings
    ]


def result_of(ended: Ended) -> dict[str, Any]:
    """How it ended, for a machine."""
    return {
        "outcome": str(ended.outcome),
        "landed": ended.landed,
        "sentence": ended.sentence,
        "remedy": ended.remedy,
        "commands": list(ended.commands),
        "seconds": round(ended.seconds, 1),
    }


def checklist_of(listed: Checklist) -> dict[str, Any]:
    """A list, for a machine."""
    return {
        "complete": listed.complete,
        "missing": [line.item.value for line in listed.missing],
        "overridden": listed.override is not None,
        "items": findings_of(listed.findings),
    }


def verification_of(seen: Verified[object]) -> dict[str, Any]:
    """What was seen afterwards, for a machine."""
    return {"target": str(seen.target), "landed": seen.landed, "findings": findings_of(seen.findings)}


def begun_of(begun: Begun) -> dict[str, Any]:
    """Where a rollback stands, for a machine."""
    return {
        "environment": begun.environment,
        "way": begun.way,
        "planned": begun.planned,
        "stands": begun.stands.value,
        "sentence": begun.sentence,
        "journal": str(begun.path),
    }


def plan(screen: Screen, made: Plan) -> None:
    """A plan, for people."""
    show.print_plan(made, screen.out)
    screen.blank()


def go_on_by(place: Environment, journal: Path, *, verb: str) -> str:
    """The line that goes on with a journal, or takes it back."""
    return shlex.join(("rollback", verb, "--env", place.name, "--journal", str(journal)))

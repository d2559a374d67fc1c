"""The runbook as JSON, for machines. Its fields are explained in `docs/runbook-page.md`, and stay what they are within a format."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from rehearsal.report.chapter_views import ChapterPage, PlayView, RuleView, StepView
    from rehearsal.report.views import Reason, Row, Runbook, Verdict

FORMAT: Final = 1
"""Goes up when a field gets another meaning or goes; new ones may come at any time."""

_Object: TypeAlias = dict[str, Any]


def document(runbook: Runbook) -> str:
    """All of it but the evidence, which is in the kept runs; with a line feed at its end."""
    front = runbook.front
    whole = {
        "format": FORMAT,
        "generated": _time(front.generated),
        "runs": front.runs,
        "environments": [_verdict(each) for each in front.verdicts],
        "chapters": [_chapter(each) for each in runbook.chapters],
        "symptoms": [{"text": each.text, "chapter": each.slug} for each in runbook.symptoms],
        "troubles": list(front.troubles),
        "gone": list(front.gone),
    }
    return json.dumps(whole, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds").replace("+00:00", "Z")


def _verdict(verdict: Verdict) -> _Object:
    return {
        "environment": verdict.environment,
        "way_back": verdict.state,
        "why": verdict.why,
        "reasons": _reasons(verdict.reasons),
        "besides": _reasons(verdict.besides),
        "remedy": verdict.remedy or None,
        "oldest_rehearsal": _time(verdict.rehearsed),
        "last_drill": _time(verdict.drilled),
    }


def _reasons(reasons: Iterable[Reason]) -> list[_Object]:
    return [{"chapter": each.slug or None, "text": each.text} for each in reasons]


def _chapter(chapter: ChapterPage) -> _Object:
    return {
        "chapter": chapter.slug,
        "title": chapter.title,
        "uri": chapter.uri,
        "tag": chapter.tag or None,
        "prose": list(chapter.prose),
        "when_to_use": chapter.when_to_use or None,
        "symptoms": list(chapter.symptoms),
        "standing": [_row(each) for each in chapter.rows],
        "scenarios": [scenario for rule in chapter.rules for scenario in _scenarios(rule)],
    }


def _row(row: Row) -> _Object:
    return {
        "environment": row.environment,
        "standing": row.standing,
        "sentence": row.sentence,
        "last": _time(row.at),
        "stage": row.stage.name if row.stage else None,
        "drill": row.stage.live if row.stage else None,
        "played": row.played,
        "of": row.of,
        "skipped": row.skipped,
        "limit_days": row.limit_days,
        "overdue": row.overdue,
        "other_wording": row.other_text,
        "recoveries": [
            {
                "label": each.label,
                "last_seconds": each.last,
                "median_seconds": each.median,
                "budget_seconds": [each.from_seconds, each.to_seconds],
                "within": each.within,
            }
            for each in row.recoveries
        ],
        "trend": [
            {
                "at": _time(each.at),
                "stage": each.stage.name,
                "drill": each.stage.live,
                "standing": each.outcome,
                "played": each.played,
                "of": each.of,
            }
            for each in row.trend
        ],
    }


def _scenarios(rule: RuleView) -> list[_Object]:
    return [
        {
            "name": each.name,
            "rule": rule.name or None,
            "anchor": each.anchor,
            "tags": list(each.tags),
            "plays": [_play(play) for play in each.plays],
        }
        for each in rule.scenarios
    ]


def _play(play: PlayView) -> _Object:
    return {
        "environment": play.environment,
        "name": play.name,
        "example": dict(play.example),
        "outcome": play.outcome,
        "message": play.message or None,
        "at": _time(play.at),
        "stage": play.stage.name,
        "drill": play.stage.live,
        "seconds": round(play.seconds, 3),
        "other_wording": play.other_text,
        "timings": [
            {
                "label": each.label,
                "seconds": each.seconds,
                "budget_seconds": [each.from_seconds, each.to_seconds],
                "within": each.within,
            }
            for each in play.timings
        ],
        "steps": [_step(each) for each in play.steps],
    }


def _step(step: StepView) -> _Object:
    return {
        "keyword": step.keyword,
        "text": step.text,
        "outcome": step.outcome,
        "seconds": round(step.seconds, 3),
        "by_hand": [
            {"command": each.command, "expected": each.expected or None, "changes": each.changes}
            for each in step.by_hand
        ],
        "expected": list(step.expected),
        "refusals": [
            {"text": each.text, "remedy": each.remedy or None, "commands": list(each.commands)}
            for each in step.refusals
        ],
    }

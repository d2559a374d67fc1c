"""The runbook as one Markdown file for a wiki. What comes from a feature or a rehearsal becomes no markup."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rehearsal.report.phrases import ago, day, days
from rollback.clock import spoken
from rollback.record.markdown import bullets, code, plain, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rehearsal.report.chapter_views import (
        ChapterPage,
        PlayView,
        RuleView,
        ScenarioView,
        StepText,
        StepView,
    )
    from rehearsal.report.views import Reason, Row, Runbook, Verdict

_NO_ANCHOR: Final = re.compile(r"[^\w\- ]")
_NEVER: Final = "never"


def document(runbook: Runbook) -> str:
    """All of it, with a line feed at its end."""
    front = runbook.front
    titles = {chapter.slug: chapter.title for chapter in runbook.chapters}
    lines = [
        "# The runbook, as it was rehearsed",
        "",
        f"Made {day(front.generated)} from {front.runs} kept {'run' if front.runs == 1 else 'runs'}.",
        *_section("## Is the way back open?", _verdicts(front.verdicts, titles)),
        *_section("## Symptoms", _symptoms(runbook)),
        *_section("## What was rehearsed when", _rows(front.rows, chapter=True)),
        *_section("## What could not be read", bullets(front.troubles)),
        *_section("## No longer in the runbook", bullets(front.gone)),
    ]
    for chapter in runbook.chapters:
        lines += _chapter(chapter)
    return "\n".join(lines) + "\n"


def _section(heading: str, lines: Sequence[str]) -> list[str]:
    """A heading and what stands under it; nothing where that is nothing."""
    return ["", heading, "", *lines] if lines else []


def _verdicts(verdicts: Sequence[Verdict], titles: Mapping[str, str]) -> list[str]:
    rows = [(each.environment, f"{each.state}", each.why) for each in verdicts]
    lines = table(("Environment", "The way back is", "Why"), rows)
    for each in verdicts:
        told = [_reason(reason, titles) for reason in (*each.reasons, *each.besides)]
        if told:
            lines += _section(f"### {plain(each.environment)}", [f"- {reason}" for reason in told])
        if each.remedy:
            lines += ["", "To know more:", "", *code([each.remedy])]
    return lines


def _reason(reason: Reason, titles: Mapping[str, str]) -> str:
    title = titles.get(reason.slug, "")
    return f"{_link(title)}: {plain(reason.text)}" if title else plain(reason.text)


def _symptoms(runbook: Runbook) -> list[str]:
    return [f"- {plain(each.text)}: {_link(each.chapter)}" for each in runbook.symptoms]


def _link(title: str) -> str:
    """To the heading of a chapter, as GitHub and GitLab name it."""
    anchor = _NO_ANCHOR.sub("", " ".join(title.lower().split())).replace(" ", "-")
    return f"[{plain(title)}](#{anchor})"


def _rows(rows: Sequence[Row], *, chapter: bool) -> list[str]:
    if not rows:
        return []
    head = ("Environment", "How it stands", "Last", "Where", "Recovery")
    told = [
        (
            each.environment,
            each.sentence,
            f"{day(each.at)}, {ago(each.age_seconds or 0)}" if each.at else _NEVER,
            each.stage.words if each.stage else "",
            "; ".join(_recoveries(each)),
        )
        for each in rows
    ]
    if not chapter:
        return table(head, told)
    return table(("Chapter", *head), [(each.title, *cells) for each, cells in zip(rows, told, strict=True)])


def _recoveries(row: Row) -> Iterator[str]:
    for each in row.recoveries:
        late = "" if each.within else ", over its budget"
        yield f"{each.label} {spoken(each.last)} of {spoken(each.to_seconds)}{late}, median {spoken(each.median)}"
    if row.overdue:
        yield f"overdue: at least every {days(row.limit_days)}"


def _chapter(chapter: ChapterPage) -> list[str]:
    lines = ["", f"## {plain(chapter.title)}"]
    for paragraph in (chapter.when_to_use, *chapter.prose):
        if paragraph:
            lines += ["", plain(paragraph, longest=len(paragraph))]
    if chapter.symptoms:
        lines += ["", "Symptoms:", "", *bullets(chapter.symptoms)]
    lines += ["", *_rows(chapter.rows, chapter=False)] if chapter.rows else []
    if chapter.background:
        lines += ["", "Each scenario begins with:", "", *_steps(chapter.background)]
    for rule in chapter.rules:
        lines += _rule(rule)
    return lines


def _rule(rule: RuleView) -> Iterator[str]:
    if rule.name:
        yield from ("", f"### {plain(rule.name)}")
    for paragraph in rule.prose:
        yield from ("", plain(paragraph, longest=len(paragraph)))
    for scenario in rule.scenarios:
        yield from _scenario(scenario)


def _scenario(scenario: ScenarioView) -> Iterator[str]:
    yield from ("", f"#### {plain(scenario.name)}")
    for paragraph in scenario.prose:
        yield from ("", plain(paragraph, longest=len(paragraph)))
    yield from ("", *_steps(scenario.steps), "")
    yield from ("How it went:", "") if scenario.plays else ("Never rehearsed.",)
    yield from (f"- {_ended(play)}" for play in scenario.plays)
    first: dict[str, PlayView] = {}
    for play in scenario.plays:
        first.setdefault(play.environment, play)
    for environment, play in first.items():
        yield from _by_hand(environment, play.steps)
    refusals = dict.fromkeys(refusal for play in scenario.plays for refusal in play.refusals)
    if refusals:
        yield from ("", "What it says:", "")
    for refusal in refusals:
        yield f"- {plain(refusal.text)}{f' {plain(refusal.remedy)}' if refusal.remedy else ''}"


def _steps(steps: Sequence[StepText]) -> Iterator[str]:
    for step in steps:
        yield f"- {plain(step.keyword)} {plain(step.text)}"
        if step.details:
            yield ""
            yield from (f"  {line}" for line in code(step.details))
            yield ""


def _ended(play: PlayView) -> str:
    """How a play ended, and where and when that was."""
    other = ", with another wording" if play.other_text else ""
    why = f": {plain(play.message)}" if play.message else "."
    where = f"{play.stage.words}, {ago(play.age_seconds)}{other}"
    return f"{plain(play.name)} ({plain(play.environment)}): **{play.outcome}** in {spoken(play.seconds)}, {where}{why}"


def _by_hand(environment: str, steps: Sequence[StepView]) -> Iterator[str]:
    for step in steps:
        if not step.by_hand:
            continue
        yield from ("", f"{plain(step.keyword)} {plain(step.text)}, by hand in {plain(environment)}:", "")
        yield from code(line.command for line in step.by_hand)
        if step.expected:
            yield from ("", *(f"Expected: {plain(each)}" for each in step.expected))

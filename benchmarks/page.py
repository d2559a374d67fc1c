"""How long it takes to build the runbook's page of 200 kept runs with 60 scenarios each, and how big it gets.

The runs are written as real ones are, by `rehearsal.report.messages`, with as much evidence as a scenario usually has.
Every tenth has played an earlier wording of the features. Seconds of the processor: how fast the disk is is no cost of ours.
"""

from __future__ import annotations

import json
import re
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.harness import Answer, Figure, cost
from rehearsal.report.attachments import ROLLOUT, TIMING
from rehearsal.report.build import build
from rehearsal.report.envelopes import PREFIX
from rehearsal.report.features import read_features
from rehearsal.report.messages import Messages
from rehearsal.story import Attachment, ScenarioStory, StepStory
from rollback.environment import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.harness import Size
    from rehearsal.report.wording import Feature, Playable

ROOT: Final = Path(__file__).parents[1]
RUNS: Final = 200
SCENARIOS: Final = 60
SECONDS: Final = 5.0
MEGABYTES: Final = 2.0
CALLS: Final = 6
"""How many calls a step has made: with their parameters some 2.5 KB, as in the runbook's own runs."""
EARLIER: Final = 10
"""Each so many-th run has played another wording."""
BEGAN: Final = datetime(2026, 11, 1, 6, tzinfo=UTC)
_SECONDS: Final = re.compile(r'(?<="timestamp": \{"seconds": )\d+')
_MOMENTS: Final = ('{"testRunStarted"', '{"testCaseStarted"', '{"testRunFinished"')


def answer(_: Size) -> Answer:
    """Build the page."""
    with tempfile.TemporaryDirectory() as directory:
        history, out = Path(directory, "history"), Path(directory, "page")
        history.mkdir()
        size = sum(path.stat().st_size for path in _kept(history))
        environments = load(ROOT / "environments.toml")

        def whole() -> None:
            build(
                history,
                out,
                root=ROOT,
                features=ROOT / "features",
                environments=environments,
                now=BEGAN + timedelta(days=RUNS / 8),
            )

        taken = min((cost(whole) for _ in range(3)), key=lambda each: each.processor)
        largest = max(path.stat().st_size for path in out.rglob("*") if path.suffix == ".html")
        pages = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    return Answer(
        (
            Figure(
                f"the page of {RUNS} runs of {SCENARIOS} scenarios, processor time",
                taken.processor,
                "s",
                SECONDS,
            ),
            Figure("the same by the wall", taken.seconds, "s"),
            Figure("all of its files", pages / 1e6, "MB", MEGABYTES),
            Figure("the largest of them", largest / 1e6, "MB"),
        ),
        (f"The kept runs are {size / 1e6:.0f} MB. The least of three builds.",),
    )


def _kept(history: Path) -> Iterator[Path]:
    """The files of the runs: one is written, and the others are that at other times."""
    first = history / "first.ndjson"
    stories = list(islice(_stories(), SCENARIOS))
    messages = Messages(first, root=ROOT, about=_about())
    for story in stories:
        messages.scenario(story)
    messages.finish(success=True)
    lines = first.read_text(encoding="utf-8").splitlines(keepends=True)
    first.unlink()
    for number in range(RUNS):
        at = BEGAN + timedelta(hours=3 * number)
        path = history / f"{at:%Y%m%dT%H%M%SZ}-production-embedded-{number}.ndjson"
        path.write_text("".join(_at(lines, at, earlier=not number % EARLIER)), encoding="utf-8")
        yield path


def _at(lines: list[str], at: datetime, *, earlier: bool) -> Iterator[str]:
    seconds = str(int(at.timestamp()))
    for line in lines:
        if line.startswith(_MOMENTS):
            yield _SECONDS.sub(seconds, line)
        elif earlier and line.startswith('{"source"'):
            yield line.replace("Feature: ", "Feature: Once ", 1)
        else:
            yield line


def _about() -> dict[str, object]:
    return {"format": 1, "environment": "production", "stage": "embedded", "live": False, "seed": 0}


def _stories() -> Iterator[ScenarioStory]:
    found, _ = read_features(ROOT, ROOT / "features")
    for feature in found:
        for scenario in feature.scenarios:
            for playable in scenario.playables:
                yield _story(feature, playable, scenario.line, scenario.rule)


def _story(feature: Feature, playable: Playable, line: int, rule: str) -> ScenarioStory:
    steps = tuple(
        StepStory(
            each.keyword,
            each.text,
            0,
            each.details,
            outcome="passed",
            seconds=12.5,
            attachments=tuple(_evidence()) if each.kind != "Outcome" else (),
        )
        for each in playable.steps
    )
    story = ScenarioStory(
        nodeid=f"{feature.uri}::{playable.line}",
        path=feature.uri,
        chapter=feature.title,
        rule=rule,
        name=playable.name,
        line=line,
        tags=playable.tags,
        example=playable.example,
        steps=steps,
        outcome="passed",
    )
    return replace(story, attachments=tuple(_whole()))


def _evidence() -> Iterator[Attachment]:
    for number in range(CALLS):
        yield _attachment(
            f"{PREFIX}call+json",
            {
                "at": "2026-01-05T03:05:38.100000+00:00",
                "service": "ecs",
                "operation": ("DescribeServices", "UpdateService", "DescribeTasks")[number % 3],
                "region": "us-east-1",
                "params": {
                    "cluster": "cluster",
                    "services": ["service"] * 4,
                    "include": ["TAGS"] * 4,
                    "n": number,
                },
                "status": 200,
                "seconds": 0.1,
                "reads": number % 3 != 1,
                "line": f"aws ecs describe-services --region us-east-1 --cluster cluster --services service-{number}",
            },
        )
    yield _attachment(
        f"{PREFIX}note+json",
        {
            "kind": "plan",
            "text": "Roll the service back from 42 to 41.",
            "commands": [
                "aws ecs update-service --cluster cluster --service service --task-definition app:41"
            ],
        },
    )


def _whole() -> Iterator[Attachment]:
    yield _attachment(
        TIMING, {"label": "Emergency rollback", "seconds": 138.0, "from_seconds": 120, "to_seconds": 300}
    )
    samples = [
        {"t": 6.0 * each, "tasks": {"41": each // 6, "42": 4 - each // 6}, "http": {"ok": 10, "failed": 0}}
        for each in range(24)
    ]
    yield _attachment(ROLLOUT, {"samples": samples, "marks": [{"t": 0, "text": "We ask for 41."}]})


def _attachment(media: str, body: object) -> Attachment:
    return Attachment(media, json.dumps(body))

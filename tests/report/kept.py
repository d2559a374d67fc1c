"""Kept runs for tests: written as real ones are, of a runbook of two small features."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from rehearsal.report.features import parse
from rehearsal.report.messages import Messages
from rehearsal.story import Attachment, ScenarioStory, StepStory

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rehearsal.report.wording import Feature, Playable
    from rehearsal.story import Outcome

NOW: Final = datetime(2026, 11, 23, 12, tzinfo=UTC)
ROLLING: Final = "features/ecs/rolling.feature"
ROLLING_TEXT: Final = """\
@ecs
Feature: Roll back
  Use it when it hurts. It takes two minutes.

  Symptoms: errors since the deployment; tasks
  keep <restarting>.

  Background:
    Given the service runs

  Scenario Outline: It answers with errors, in <environment>
    When we roll back to <revision>
    Then it has landed

    Examples:
      | environment | revision |
      | production  | 41       |
      | staging     | 7        |

  Rule: What can't work is known before

    Scenario: The image is gone
      Given the image is gone
      When we try to roll back
      Then it is refused, since
        | why      |
        | no image |
"""
EXTRA: Final = "features/infrastructure/extra.feature"
EXTRA_TEXT: Final = """\
@infrastructure
Feature: On the provider

  @provider
  Scenario: A real one
    When we apply
"""
ENVIRONMENTS: Final = ("production", "staging")


def write_features(root: Path, texts: Mapping[str, str] | None = None) -> None:
    """Put the features below `root`."""
    for uri, text in (texts or {ROLLING: ROLLING_TEXT, EXTRA: EXTRA_TEXT}).items():
        path = root / uri
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def attachment(kind: str, body: object) -> Attachment:
    """One of ours."""
    return Attachment(f"application/vnd.rollback.{kind}+json", json.dumps(body))


def keep(
    root: Path,
    folder: Path,
    *,
    ago: timedelta = timedelta(hours=1),
    outcomes: Mapping[str, Outcome] | None = None,
    only: Sequence[str] = (),
    message: str = "",
    finished: bool = True,
    attachments: Mapping[str, Sequence[Attachment]] | None = None,
    seconds: float = 138.0,
    apart: timedelta = timedelta(),
    **about: Any,
) -> Path:
    """Keep a run of the features below `root` in `folder`.

    Args:
        root: the project.
        folder: where it is kept.
        ago: how long before `NOW` it began.
        outcomes: of scenarios, by a word of their name; the others have passed.
        only: words of which one is in the name of each that was played; all, where there is none.
        message: of the run's end.
        finished: whether it has an end.
        attachments: of the second step of scenarios, by a word of their name.
        seconds: how long each timed rollback took, of 120 to 300.
        apart: how long after one another its scenarios began.
        about: what is said of the run besides.
    """
    folder.mkdir(exist_ok=True)
    said = {"format": 1, "environment": "production", "stage": "embedded", "live": False, "seed": 0, **about}
    path = (
        folder
        / f"{(NOW - ago):%Y%m%dT%H%M%SZ}-{said['environment']}-{said['stage']}-{len(list(folder.iterdir()))}.ndjson"
    )
    messages = Messages(path, root=root, about=said)
    at = NOW - ago
    for uri in sorted(each.relative_to(root).as_posix() for each in root.rglob("*.feature")):
        feature = parse((root / uri).read_text("utf-8"), uri)
        for scenario in feature.scenarios:
            for playable in scenario.playables:
                named = playable.environment
                if only and not any(word in playable.name for word in only):
                    continue
                if named and about.get("environment", named) != named:
                    continue
                ends = (end for word, end in (outcomes or {}).items() if word in playable.name)
                outcome: Outcome = next(ends, "passed")
                extra = [
                    each
                    for word, some in (attachments or {}).items()
                    if word in playable.name
                    for each in some
                ]
                timing = attachment(
                    "timing",
                    {"label": "Rollback", "seconds": seconds, "from_seconds": 120, "to_seconds": 300},
                )
                story = _story(feature, playable, (scenario.line, scenario.rule), outcome, extra)
                messages.scenario(_with(story, (timing,) if outcome == "passed" else (), at))
                at += apart
    if finished:
        messages.finish(success=True, message=message)
    else:
        messages.close()
    _began(path, NOW - ago)
    return path


def _with(story: ScenarioStory, attachments: tuple[Attachment, ...], at: datetime) -> ScenarioStory:
    data = story.as_data() | {"began": at.timestamp(), "ended": at.timestamp()}
    data["attachments"] = [{"media_type": each.media_type, "body": each.body} for each in attachments]
    return ScenarioStory.from_data(data)


def _began(path: Path, at: datetime) -> None:
    """Move the run's beginning, which is taken from this machine's clock, to `at`."""
    lines = path.read_text("utf-8").splitlines(keepends=True)
    for number, line in enumerate(lines):
        message = json.loads(line)
        if "testRunStarted" in message:
            message["testRunStarted"]["timestamp"] = {"seconds": int(at.timestamp()), "nanos": 0}
            lines[number] = f"{json.dumps(message)}\n"
    path.write_text("".join(lines), encoding="utf-8")


def _story(
    feature: Feature,
    playable: Playable,
    place: tuple[int, str],
    outcome: Outcome,
    extra: Sequence[Attachment],
) -> ScenarioStory:
    message = {"failed": "It runs 42 & not <41>.", "skipped": "No provider is here."}.get(outcome, "")
    last = len(playable.steps) - 1
    steps = tuple(
        StepStory(
            step.keyword,
            step.text,
            0,
            step.details,
            outcome=outcome if number == last else "passed",
            seconds=1.5,
            attachments=tuple(extra) if number == min(1, last) else (),
        )
        for number, step in enumerate(playable.steps)
    )
    return ScenarioStory(
        nodeid=f"{feature.uri}::{playable.line}",
        path=feature.uri,
        chapter=feature.title,
        rule=place[1],
        name=playable.name,
        line=place[0],
        tags=playable.tags,
        example=playable.example,
        steps=steps,
        outcome=outcome,
        message=message,
    )

"""Puts the scenarios of a run together, of lines that may be damaged: what isn't known to have passed hasn't."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rehearsal.report import attachments
from rehearsal.report.envelopes import PREFIX, Result
from rehearsal.report.model import Played, PlayedStep

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from datetime import datetime

    from rehearsal.report.envelopes import Attachment, Case, Envelope, Pickle, Source
    from rehearsal.report.facts import Evidence, Rollout, StateVersion, Timing
    from rehearsal.report.model import Outcome
    from rehearsal.report.wording import Feature, Playable

_UNNEEDED: Final = tuple(
    f'{{"{kind}":'.encode() for kind in ("testStepStarted", "gherkinDocument", "hook", "meta")
)
_OURS: Final = f'{{"attachment": {{"mediaType": "{PREFIX}'.encode()
_ALWAYS: Final = (b"timing+json", b"run+json")
_ATTEMPT: Final = re.compile(rb'"testCaseStartedId": ?"([^"]*)"')
_TIME: Final = r'{"seconds": \d+, "nanos": \d+}'
_PASSED: Final = re.compile(
    (
        r'{"testStepFinished": {"testCaseStartedId": "([\w-]+)", "testStepId": "([\w-]+)", '
        rf'"testStepResult": {{"status": "PASSED", "duration": {_TIME}}}, "timestamp": {_TIME}}}}}\n'
    ).encode()
)
"""A step that has passed, as `rehearsal.report.messages` writes it: most lines of a run that are no attachments."""
_HAS_PASSED: Final = Result(status="PASSED")
_TAIL: Final = 400
"""How many bytes at the end of an attachment say what it belongs to."""
_OUTCOMES: Final[dict[str, Outcome]] = {"PASSED": "passed", "SKIPPED": "skipped"}
"""What isn't here has failed: it wasn't defined, was ambiguous, is pending or unknown."""
DAMAGED: Final = "Not every step of it is in the record, so how it ended is not known."


def is_wanted(line: bytes, attempts: Collection[str]) -> bool:
    """Whether a line has to be read, as far as its first and last words tell: most of a file are attachments.

    Args:
        line: as it was written.
        attempts: whose evidence is wanted.
    """
    if line.startswith(_UNNEEDED):
        return False
    if not line.startswith(_OURS) or line.startswith(_ALWAYS, len(_OURS)):
        return not line.isspace()
    if not attempts:
        return False
    found = _ATTEMPT.search(line, max(0, len(line) - _TAIL))
    return found is None or found[1].decode(errors="replace") in attempts


@dataclass(slots=True)
class _Attempt:
    """A scenario that is being played."""

    case: Case
    began: datetime
    results: dict[str, Result] = field(default_factory=dict)
    evidence: dict[str, list[Evidence]] = field(default_factory=dict)
    timings: list[Timing] = field(default_factory=list)
    rollout: Rollout | None = None
    versions: tuple[StateVersion, ...] = ()
    finished: bool = False

    @property
    def whole(self) -> bool:
        """Whether it is known how each of its steps ended."""
        return all(step.id in self.results for step in self.case.steps)

    @property
    def outcome(self) -> Outcome:
        outcomes = {_OUTCOMES.get(each.status, "failed") for each in self.results.values()}
        if "failed" in outcomes:
            return "failed"
        if not (self.finished and self.whole):
            return "cut short"
        return "skipped" if "skipped" in outcomes else "passed"

    @property
    def message(self) -> str:
        """The first that a step of the same outcome has said."""
        outcome = self.outcome
        said = (
            each.message
            for each in self.results.values()
            if each.message and _OUTCOMES.get(each.status, "failed") == outcome
        )
        return next(said, DAMAGED if self.finished and outcome == "cut short" else "")


class Playing:
    """Takes the messages of one run, in their order.

    Args:
        texts: gives the feature that was played, or None where it can't be read.
        attempts: whose steps and evidence are wanted.
    """

    def __init__(self, texts: Callable[[Source], Feature | None], attempts: Collection[str]) -> None:
        self._texts = texts
        self._wanted = attempts
        self._features: dict[str, tuple[Feature, dict[int, tuple[Playable, str]]]] = {}
        self._pickles: dict[str, Pickle] = {}
        self._cases: dict[str, Case] = {}
        self._attempts: dict[str, _Attempt] = {}

    def passed(self, line: bytes) -> bool:
        """Take a line in that says no more than that a step has passed, if it is one: reading all of it costs ten times as much.

        Raises:
            ValueError: as `take`.
        """
        if self._wanted or (found := _PASSED.fullmatch(line)) is None:
            return False
        self._of(found[1].decode()).results[found[2].decode()] = _HAS_PASSED
        return True

    def take(self, envelope: Envelope) -> None:
        """Take a message in.

        Raises:
            ValueError: a sentence: it speaks of something that isn't there, or holds what it shouldn't.
        """
        if (finished := envelope.step_finished) is not None:
            self._of(finished.attempt).results[finished.step] = finished.result
        elif (attachment := envelope.attachment) is not None:
            self._attach(attachment)
        elif (source := envelope.source) is not None:
            self._source(source)
        elif (pickle := envelope.pickle) is not None:
            self._pickles[pickle.id] = pickle
        elif (case := envelope.case) is not None:
            self._case(case)
        elif (started := envelope.case_started) is not None:
            if started.case not in self._cases:
                raise ValueError("It plays a case that isn't in the file")
            self._attempts[started.id] = _Attempt(self._cases[started.case], started.timestamp.moment)
        elif (ended := envelope.case_finished) is not None:
            self._of(ended.attempt).finished = True

    def scenarios(self, environment: str) -> Iterator[Played]:
        """What was played, for `environment` where an example doesn't name another; what can't be told is left out."""
        for name, attempt in self._attempts.items():
            pickle = self._pickles.get(attempt.case.pickle)
            feature, playables = self._features.get(pickle.uri if pickle else "", (None, {}))
            found = playables.get(pickle.location.line) if pickle else None
            if feature is None or found is None:
                continue
            playable, rule = found
            yield Played(
                uri=feature.uri,
                chapter=feature.title,
                rule=rule,
                name=playable.name,
                line=playable.line,
                tags=playable.tags,
                example=playable.example,
                environment=playable.environment or environment,
                steps=self._steps(attempt, playable) if name in self._wanted else (),
                timings=tuple(attempt.timings),
                rollout=attempt.rollout,
                versions=attempt.versions,
                outcome=attempt.outcome,
                message=attempt.message,
                began=attempt.began,
                seconds=sum(each.duration.length for each in attempt.results.values()),
                text=playable.text,
                attempt=name,
            )

    def _case(self, case: Case) -> None:
        """Take a case in that plays just the steps of its scenario: a damaged one may name another's."""
        pickle = self._pickles.get(case.pickle)
        played = [step.pickle_step for step in case.steps if step.pickle_step is not None]
        if pickle is None or played != [step.id for step in pickle.steps]:
            raise ValueError("It plays a scenario that isn't in the file as it plays it")
        self._cases[case.id] = case

    def _of(self, attempt: str | None) -> _Attempt:
        if (found := self._attempts.get(attempt or "")) is None:
            raise ValueError("It belongs to a scenario that isn't in the file")
        return found

    def _source(self, source: Source) -> None:
        if (feature := self._texts(source)) is None:
            raise ValueError(f"The text of {source.uri} isn't Gherkin, and its scenarios are left out")
        self._features[source.uri] = (
            feature,
            {
                each.line: (each, scenario.rule)
                for scenario in feature.scenarios
                for each in scenario.playables
            },
        )

    def _attach(self, attachment: Attachment) -> None:
        if not attachment.media.startswith(PREFIX) or attachment.attempt is None:
            return
        attempt = self._of(attachment.attempt)
        match attachment.media:
            case attachments.TIMING:
                attempt.timings.append(attachments.TimingBody.model_validate_json(attachment.body).fact())
            case attachments.ROLLOUT:
                attempt.rollout = attachments.RolloutBody.model_validate_json(attachment.body).fact()
            case attachments.VERSIONS:
                attempt.versions = attachments.VersionsBody.model_validate_json(attachment.body).facts()
            case media:
                found = attachments.evidence(media, attachment.body)
                if found is not None:
                    attempt.evidence.setdefault(attachment.step or "", []).append(found)

    def _steps(self, attempt: _Attempt, playable: Playable) -> tuple[PlayedStep, ...]:
        """The steps of the runbook among those of the case: hooks have said what they had to by the outcome."""
        played = [each for each in attempt.case.steps if each.pickle_step is not None]
        steps = []
        for words, step in zip(playable.steps, played, strict=False):
            result = attempt.results.get(step.id)
            outcome = _outcome_of(result)
            steps.append(
                PlayedStep(
                    keyword=words.keyword,
                    text=words.text,
                    details=words.details,
                    kind=words.kind,
                    outcome=outcome,
                    seconds=result.duration.length if result else 0.0,
                    message=result.message if result else "",
                    evidence=tuple(attempt.evidence.get(step.id, ())),
                )
            )
        return tuple(steps)


def _outcome_of(result: Result | None) -> Outcome:
    if result is None:
        return "cut short"
    outcome = _OUTCOMES.get(result.status, "failed")
    return "not reached" if outcome == "skipped" and not result.message else outcome

"""Writes a run as Cucumber Messages (protocol 34): a JSON object a line, whole scenarios at a time."""

from __future__ import annotations

import errno
import itertools
import json
import os
import platform
import re
import time
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from rehearsal.report.pickles import Pickles

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from rehearsal.report.pickles import Envelope
    from rehearsal.story import Attachment, Outcome, ScenarioStory, StepStory

PROTOCOL: Final = "34.2.0"
"""The version of https://github.com/cucumber/messages that is written."""
RUN: Final = "application/vnd.rollback.run+json"
"""The media type of what is said of the run as a whole."""

_STATUS: Final[dict[Outcome, str]] = {
    "passed": "PASSED",
    "failed": "FAILED",
    "skipped": "SKIPPED",
    "not reached": "SKIPPED",
}
_EXCEPTION: Final = re.compile(r"(\w+(?:\.\w+)*(?:Error|Exception|Interrupt|Refused)): ")
_BEFORE, _AFTER = "before", "after"


class Messages:
    """One run's file. Each scenario is on it when `scenario` returns, so that a run that is killed leaves a valid beginning.

    Args:
        path: the file, which must not be there yet.
        root: what the paths of stories are relative to.
        about: what is said of the run as a whole (the attachment `RUN`).

    Raises:
        OSError: it can't be written.
    """

    def __init__(self, path: Path, *, root: Path, about: Mapping[str, Any]) -> None:
        self.path = path
        self.scenarios = 0
        self._numbers = itertools.count(1)
        self._pickles = Pickles(root)
        self._file = path.open("xb", buffering=0)
        self._run = self._id("run")
        self._hooks = {_BEFORE: self._id("hook"), _AFTER: self._id("hook")}
        self._write(self._opening(about))

    def scenario(self, story: ScenarioStory, *, worker: str = "") -> None:
        """Write a scenario that is over, and its feature if this is the first of it.

        Args:
            story: what happened.
            worker: the process that has played it, where there are several.

        Raises:
            OSError: the file can't be written or the feature not be read.
            ValueError: the feature isn't what was played any more.
        """
        envelopes = self._pickles.read(story.path)
        envelopes.extend(self._played(story, worker))
        self._write(envelopes)
        self.scenarios += 1

    def finish(self, *, success: bool, message: str = "") -> None:
        """Write how the run has ended, and close the file.

        Args:
            success: whether nothing has failed.
            message: what else there is to say of the end, as that it was broken off.

        Raises:
            OSError: the file can't be written.
        """
        said = {"message": message} if message else {}
        finished = {
            "testRunStartedId": self._run,
            "success": success,
            "timestamp": _timestamp(time.time()),
        } | said
        try:
            self._write([{"testRunFinished": finished}])
        finally:
            self._file.close()

    def close(self) -> None:
        """Close the file as it is."""
        self._file.close()

    def _id(self, kind: str) -> str:
        return f"{kind}-{next(self._numbers)}"

    def _write(self, envelopes: list[Envelope]) -> None:
        """Append them at once, all or none: what a full disk has taken of them is taken away again."""
        lines = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in envelopes)
        # Half a character, as in a file name that isn't UTF-8, becomes its JSON escape.
        content = lines.encode(errors="backslashreplace")
        before = self._file.tell()
        try:
            if self._file.write(content) != len(content):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # noqa: TRY301 - a full disk
        except BaseException:
            self._file.truncate(before)
            raise

    def _opening(self, about: Mapping[str, Any]) -> list[Envelope]:
        meta = {
            "protocolVersion": PROTOCOL,
            "implementation": {"name": "rollback-rehearsal", "version": version("rollback-rehearsal")},
            "runtime": {"name": platform.python_implementation(), "version": platform.python_version()},
            "os": {"name": platform.system(), "version": platform.release()},
            "cpu": {"name": platform.machine()},
        }
        began = _timestamp(time.time())
        attachment = {
            "body": json.dumps(about, ensure_ascii=False),
            "contentEncoding": "IDENTITY",
            "mediaType": RUN,
            "testRunStartedId": self._run,
            "timestamp": began,
        }
        return [
            {"meta": meta},
            {"testRunStarted": {"id": self._run, "timestamp": began}},
            _hook(self._hooks[_BEFORE], "BEFORE_TEST_CASE", "Before the first step"),
            _hook(self._hooks[_AFTER], "AFTER_TEST_CASE", "After the last step"),
            {"attachment": attachment},
        ]

    def _played(self, story: ScenarioStory, worker: str) -> Iterator[Envelope]:
        pickle = self._pickles.of(story)
        case, attempt = self._id("case"), self._id("attempt")
        steps = [
            (
                self._id("step"),
                {"pickleStepId": each["id"], "stepDefinitionIds": [], "stepMatchArgumentsLists": []},
            )
            for each in pickle["steps"]
        ]
        around = {place: self._id("step") for place, said in _around(story).items() if said}
        hooks = {place: (id_, {"hookId": self._hooks[place]}) for place, id_ in around.items()}
        ordered = [*filter(None, [hooks.get(_BEFORE)]), *steps, *filter(None, [hooks.get(_AFTER)])]
        yield {
            "testCase": {
                "id": case,
                "testRunStartedId": self._run,
                "pickleId": pickle["id"],
                "testSteps": [{"id": id_} | what for id_, what in ordered],
            }
        }
        started = {"id": attempt, "testCaseId": case, "attempt": 0, "timestamp": _timestamp(story.began)}
        yield {"testCaseStarted": started | ({"workerId": worker} if worker else {})}
        if _BEFORE in around:
            yield from _step(
                attempt, around[_BEFORE], _result(story.outcome, 0, story.message), (story.began,) * 2
            )
        at = story.began
        last = len(steps) - 1
        for number, ((id_, _), step) in enumerate(zip(steps, story.steps, strict=True)):
            span = (step.began or at, step.ended or at)
            more = story.attachments if number == last else ()
            attached = (*step.attachments, *more)
            yield from _step(attempt, id_, _result_of(step, story), span, attached)
            at = span[1]
        if _AFTER in around:
            yield from _step(
                attempt, around[_AFTER], _result("failed", 0, story.aftermath), (story.ended,) * 2
            )
        yield {
            "testCaseFinished": {
                "testCaseStartedId": attempt,
                "timestamp": _timestamp(story.ended),
                "willBeRetried": False,
            }
        }


def _hook(id_: str, kind: str, name: str) -> Envelope:
    return {"hook": {"id": id_, "type": kind, "name": name, "sourceReference": {}}}


def _around(story: ScenarioStory) -> dict[str, str]:
    """What no step has said: why there was no first one, and what failed after the last."""
    blamed = any(step.outcome in {"failed", "skipped"} for step in story.steps)
    before = "" if story.outcome == "passed" or blamed or story.aftermath else story.message or story.outcome
    return {_BEFORE: before, _AFTER: story.aftermath}


def _step(
    attempt: str,
    step: str,
    result: Envelope,
    span: tuple[float, float],
    attachments: tuple[Attachment, ...] = (),
) -> Iterator[Envelope]:
    """A step and what belongs to it.

    Args:
        attempt: of which test case.
        step: its id.
        result: how it ended.
        span: when it began and ended.
        attachments: what belongs to it.
    """
    began, ended = map(_timestamp, span)
    ours = {"testCaseStartedId": attempt, "testStepId": step}
    yield {"testStepStarted": ours | {"timestamp": began}}
    for each in attachments:
        content = {"mediaType": each.media_type, "contentEncoding": "IDENTITY", "body": each.body}
        if each.name:
            content["fileName"] = each.name
        yield {"attachment": content | ours | {"timestamp": ended}}
    yield {"testStepFinished": ours | {"testStepResult": result, "timestamp": ended}}


def _result_of(step: StepStory, story: ScenarioStory) -> Envelope:
    said = story.message if step.outcome in {"failed", "skipped"} else ""
    if step.undefined:
        return _result("failed", 0, said) | {"status": "UNDEFINED"}
    return _result(step.outcome, step.seconds, said)


def _result(outcome: Outcome, seconds: float, message: str) -> Envelope:
    result: Envelope = {"status": _STATUS[outcome], "duration": _parts(seconds)}
    if message:
        result["message"] = message
    if outcome == "failed" and message:
        named = _EXCEPTION.match(message)
        kind = named[1] if named else "AssertionError"
        result["exception"] = {
            "type": kind,
            "message": message.removeprefix(f"{kind}: "),
            "stackTrace": message,
        }
    return result


def _parts(seconds: float) -> dict[str, int]:
    """Seconds as the protocol splits them."""
    whole, nanos = divmod(round(max(seconds, 0) * 1_000_000), 1_000_000)
    return {"seconds": whole, "nanos": nanos * 1000}


_timestamp = _parts
"""Seconds since 1970, likewise."""

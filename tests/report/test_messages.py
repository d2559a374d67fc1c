"""The writer by itself: what pytest-bdd hardly ever lets happen, and a disk that is full."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Any

import pytest

from rehearsal.report.messages import Messages
from rehearsal.story import Attachment, ScenarioStory, StepStory
from tests.report.official import of, results, valid

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FEATURE = "Feature: F\n Scenario Outline: S\n  Given <a>\n  Examples:\n   | a |\n   | x |\n   | x |\n"


class Full:
    """A file on a disk with room for some bytes more."""

    def __init__(self, file: Any, room: int) -> None:
        self._file, self._room = file, room

    def write(self, content: bytes) -> int:
        return int(self._file.write(content[: self._room]))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@pytest.fixture
def messages(tmp_path: Path) -> Iterator[Messages]:
    (tmp_path / "f.feature").write_text(FEATURE)
    made = Messages(tmp_path / "run.ndjson", root=tmp_path, about={"format": 1})
    yield made
    made.close()


def played(**step: Any) -> ScenarioStory:
    steps = (StepStory("Given", "x", 3, **step),)
    return ScenarioStory(
        nodeid="n",
        path="f.feature",
        chapter="F",
        name="S",
        line=2,
        example=(("a", "x"),),
        steps=steps,
        outcome=step["outcome"],
    )


def test_a_step_that_nothing_defines_is_undefined(messages: Messages) -> None:
    messages.scenario(played(outcome="failed", undefined=True))
    messages.close()
    assert results(valid(messages.path)) == {"S": [("x", "UNDEFINED")]}


def test_equal_rows_are_scenarios_of_their_own(messages: Messages) -> None:
    for _ in range(2):
        messages.scenario(played(outcome="passed"))
    messages.finish(success=True)
    cases = of(valid(messages.path), "testCase")
    assert len({each["pickleId"] for each in cases}) == 2


def test_what_belongs_to_a_step_is_attached_to_it(messages: Messages) -> None:
    messages.scenario(played(outcome="passed", attachments=(Attachment("a/b", "<&\udce4\n", "it"),)))
    messages.close()
    attached = of(valid(messages.path), "attachment")[-1]
    assert (attached["mediaType"], attached["fileName"]) == ("a/b", "it")
    assert attached["testStepId"] == of(valid(messages.path), "testCase")[0]["testSteps"][0]["id"]


def test_a_full_disk_takes_a_scenario_wholly_or_not_at_all(messages: Messages) -> None:
    messages.scenario(played(outcome="passed"))
    before = messages.path.read_bytes()
    messages._file = Full(messages._file, 100)  # type: ignore[assignment] # a disk that has been filled meanwhile
    with pytest.raises(OSError) as raised:  # noqa: PT011 - by its number
        messages.scenario(played(outcome="passed"))
    assert raised.value.errno == errno.ENOSPC
    assert messages.path.read_bytes() == before
    assert messages.scenarios == 1


def test_a_file_of_another_run_is_never_written_over(messages: Messages, tmp_path: Path) -> None:
    with pytest.raises(FileExistsError):
        Messages(messages.path, root=tmp_path, about={})

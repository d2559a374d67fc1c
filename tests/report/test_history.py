"""Reading kept runs: nothing in their files can hurt, and what is whole is kept."""

from __future__ import annotations

import json
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rehearsal.report import history
from rehearsal.report.facts import Call, Note
from rehearsal.report.features import read_features
from tests.report.kept import NOW, attachment, keep, write_features

if TYPE_CHECKING:
    from collections.abc import Callable

    from rehearsal.report.model import History

CALL = attachment("call", {"service": "ecs", "operation": "UpdateService", "reads": False, "status": 200})
NOTE = attachment(
    "note", {"at": "2026-01-05T03:05:00", "kind": "plan", "text": "Roll back.", "commands": ["aws x"]}
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with features."""
    found = tmp_path_factory.mktemp("project")
    write_features(found)
    return found


@pytest.fixture(scope="module")
def whole(root: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A run's file, with everything in it."""
    folder = tmp_path_factory.mktemp("whole")
    return keep(root, folder, attachments={"errors": [CALL, NOTE]}, outcomes={"image": "failed"}).read_bytes()


def put(folder: Path, content: bytes, name: str = "run.ndjson") -> History:
    """What is read of a folder with this file."""
    (folder / name).write_bytes(content)
    return history.read(folder)


def test_a_run_is_read_with_how_its_scenarios_ended_and_their_times(tmp_path: Path, whole: bytes) -> None:
    found = put(tmp_path, whole)
    assert not found.troubles
    (run,) = found.runs
    assert (run.environment, run.stage, run.live, run.cut_short) == ("production", "embedded", False, False)
    assert run.began == NOW - timedelta(hours=1)
    ends = {(each.name, each.environment): (each.outcome, len(each.timings)) for each in run.scenarios}
    assert ends == {
        ("It answers with errors, in production", "production"): ("passed", 1),
        ("It answers with errors, in staging", "staging"): ("passed", 1),
        ("The image is gone", "production"): ("failed", 0),
        ("A real one", "production"): ("passed", 1),
    }
    assert (
        next(each for each in run.scenarios if each.outcome == "failed").message == "It runs 42 & not <41>."
    )


def test_evidence_is_read_where_it_is_asked_for(tmp_path: Path, whole: bytes) -> None:
    run = put(tmp_path, whole).runs[0]
    wanted = next(each for each in run.scenarios if "production" in each.name)
    assert not wanted.steps
    (full,) = history.in_full(run.path, [wanted.attempt]).values()
    assert [step.text for step in full.steps] == ["the service runs", "we roll back to 41", "it has landed"]
    call, note = full.steps[1].evidence
    assert isinstance(call, Call)
    assert call.operation == "UpdateService"
    assert isinstance(note, Note)
    assert note.at is not None
    assert note.at.tzinfo is not None
    assert full.seconds == 4.5


def test_known_features_are_taken_as_read(tmp_path: Path, whole: bytes, root: Path) -> None:
    """The same comes out, whether the texts were known or are read again."""
    found, _ = read_features(root, root / "features")
    (tmp_path / "run.ndjson").write_bytes(whole)
    assert history.read(tmp_path, known=found) == history.read(tmp_path)


def test_a_folder_that_is_not_there_holds_no_run(tmp_path: Path) -> None:
    assert history.read(tmp_path / "nowhere").runs == ()


def test_a_file_that_ends_within_a_line_is_a_run_that_was_cut_short(tmp_path: Path, whole: bytes) -> None:
    lines = whole.splitlines(keepends=True)
    found = put(tmp_path, b"".join(lines[:-1]) + lines[-1][:20])
    assert found.troubles == ()
    assert found.runs[0].cut_short
    assert len(found.runs[0].scenarios) == 4


def test_a_scenario_without_its_end_was_cut_short(tmp_path: Path, whole: bytes) -> None:
    lines = whole.splitlines(keepends=True)
    last = max(number for number, line in enumerate(lines) if b'"testStepStarted"' in line)
    run = put(tmp_path, b"".join(lines[:last])).runs[0]
    assert run.scenarios[-1].outcome == "cut short"


@pytest.mark.parametrize(
    "message",
    [
        "The run was broken off.",
        "Failed without a story: x. The run is not kept whole in y: No space left on device.",
    ],
)
def test_a_run_that_was_broken_off_says_so(root: Path, tmp_path: Path, message: str) -> None:
    keep(root, tmp_path, message=message)
    assert history.read(tmp_path).runs[0].cut_short


def test_what_a_run_says_when_it_is_broken_off_is_known() -> None:
    """The words are the plug-in's, which nothing here may import: it needs pytest."""
    plugin = Path(history.__file__).with_name("plugin.py").read_text("utf-8")
    assert all(words in plugin for words in history.BROKEN_OFF)


def test_a_damaged_line_is_named_and_a_scenario_that_misses_it_has_not_passed(
    tmp_path: Path, whole: bytes
) -> None:
    lines = whole.splitlines(keepends=True)
    number = next(n for n, line in enumerate(lines) if b'"testStepFinished"' in line)
    lines[number] = b'{"testStepFinished": {"te\n'
    found = put(tmp_path, b"".join(lines))
    (trouble,) = found.troubles
    assert str(trouble) == (
        f"run.ndjson, line {number + 1}: It isn't a message of a rehearsal: it isn't JSON, so it was skipped."
    )
    ends = [each.outcome for each in found.runs[0].scenarios]
    assert ends.count("cut short") == 1
    assert len(ends) == 4


def test_a_case_that_names_another_scenario_is_no_play_of_that(tmp_path: Path, whole: bytes) -> None:
    """A damaged id must not lend the end of one scenario to another."""
    lines = whole.splitlines(keepends=True)
    cases = [json.loads(line)["testCase"] for line in lines if b'"testCase"' in line]
    passed, failed = cases[0]["pickleId"], cases[2]["pickleId"]
    place = next(n for n, line in enumerate(lines) if b'"testCase"' in line)
    lines[place] = lines[place].replace(f'"{passed}"'.encode(), f'"{failed}"'.encode())
    run = put(tmp_path, b"".join(lines)).runs[0]
    assert [each.outcome for each in run.scenarios if "image" in each.name] == ["failed"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "It is empty"),
        (b"PNG\r\n\x1a\n\x00\x00", "It isn't a rehearsal's"),
        (b"\x00" * 4000 + b"\n", "It isn't a rehearsal's"),
        (b"[1, 2]\n" * 99, "It isn't a rehearsal's"),
        (b'{"meta": {"protocolVersion": "34.2.0"}}\n', "It is empty"),
        (b'{"hello": 1}\n', "nothing in it says when it began"),
        (
            b'{"testRunStarted": {"timestamp": {"seconds": 5, "nanos": 0}}}\n',
            "nothing in it says for which environment",
        ),
        (
            b'{"testRunStarted": {"timestamp": {"seconds": 99999999999999, "nanos": 0}}}\n',
            "isn't a rehearsal's",
        ),
        (b"[" * 100_000 + b"\n", "It isn't a rehearsal's"),
    ],
)
def test_a_foreign_file_is_named_and_skipped(root: Path, tmp_path: Path, content: bytes, why: str) -> None:
    keep(root, tmp_path)
    found = put(tmp_path, content, "foreign.ndjson")
    assert len(found.runs) == 1
    (trouble,) = found.troubles
    assert trouble.path.name == "foreign.ndjson"
    assert why in trouble.why


def test_what_can_not_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder.ndjson").mkdir()
    (trouble,) = history.read(tmp_path).troubles
    assert "can't be read" in trouble.why


def test_a_newer_format_is_left_to_the_newer_version(root: Path, tmp_path: Path) -> None:
    keep(root, tmp_path, format=2)
    found = history.read(tmp_path)
    assert found.runs == ()
    assert "It is of format 2" in found.troubles[0].why


def test_a_run_from_the_future_has_no_age_and_is_skipped(root: Path, tmp_path: Path) -> None:
    keep(root, tmp_path, ago=timedelta(days=-2))
    found = history.read(tmp_path, now=NOW)
    assert found.runs == ()
    assert "still to come" in found.troubles[0].why


@pytest.mark.parametrize(
    "body",
    [
        {"service": "ecs"},
        {"service": "ecs", "operation": "X", "count": 0},
        {"service": "ecs", "operation": "X", "at": "yesterday"},
        {"service": "ecs", "operation": "X", "at": "0001-01-01T00:00:00+14:00"},
        ["ecs"],
    ],
)
def test_evidence_that_is_not_what_it_says_is_named_and_the_rest_is_kept(
    root: Path, tmp_path: Path, body: Any
) -> None:
    path = keep(root, tmp_path, attachments={"errors": [attachment("call", body), NOTE]})
    run = history.read(tmp_path).runs[0]
    attempts = [each.attempt for each in run.scenarios]
    full = history.in_full(path, attempts)[attempts[0]]
    assert full.outcome == "passed"
    assert [type(each) for each in full.steps[1].evidence] == [Note]


def damage() -> st.SearchStrategy[Callable[[bytes], bytes]]:
    """Ways in which a file gets damaged: cut, bytes changed, lines lost, doubled or moved, something put in between."""
    place = st.floats(0, 1)

    def cut(at: float) -> Callable[[bytes], bytes]:
        return lambda content: content[: int(at * len(content))]

    def change(at: float, to: bytes) -> Callable[[bytes], bytes]:
        return lambda content: content[: int(at * len(content))] + to + content[int(at * len(content)) + 1 :]

    def lines(order: list[float]) -> Callable[[bytes], bytes]:
        def reorder(content: bytes) -> bytes:
            found = content.splitlines(keepends=True)
            for at in order:
                if found:
                    line = found.pop(int(at * (len(found) - 1)))
                    found[int((1 - at) * len(found)) : 0] = [line] * int(at * 3)
            return b"".join(found)

        return reorder

    junk = st.binary(max_size=12) | st.sampled_from(
        [b"\n", b"NaN", b"1e999", b"\\ud800", b"null", b"-1", b'"']
    )
    return (
        st.builds(cut, place) | st.builds(change, place, junk) | st.builds(lines, st.lists(place, max_size=4))
    )


@settings(max_examples=50)
@given(ways=st.lists(damage(), min_size=1, max_size=3))
def test_however_a_file_is_damaged_it_is_read_and_nothing_gets_better(
    whole: bytes, ways: list[Callable[[bytes], bytes]]
) -> None:
    """Never an exception; no scenario that failed has passed, and what is read needs no line that isn't there."""
    content = whole
    for way in ways:
        content = way(content)
    with tempfile.TemporaryDirectory() as directory:
        found = put(Path(directory), content)
        for run in found.runs:
            history.in_full(run.path, [each.attempt for each in run.scenarios])
            passed = [each for each in run.scenarios if each.outcome == "passed"]
            assert len(passed) <= content.count(b'"testCaseFinished"')
            assert "The image is gone" not in {each.name for each in passed}
    assert len(found.runs) + bool(found.troubles) >= 1
    assert len(found.troubles) <= 1


@settings(max_examples=30)
@given(number=st.integers(0, 10_000), junk=st.binary(min_size=1, max_size=30))
def test_a_line_put_in_between_takes_nothing_from_the_others(whole: bytes, number: int, junk: bytes) -> None:
    lines = whole.splitlines(keepends=True)
    lines.insert(number % len(lines), b"?" + junk.replace(b"\n", b"").replace(b"\r", b"") + b"\n")
    with tempfile.TemporaryDirectory() as directory:
        found = put(Path(directory), b"".join(lines))
    assert [each.outcome for each in found.runs[0].scenarios] == ["passed", "passed", "failed", "passed"]
    assert len(found.troubles) == 1


def test_any_json_is_a_line_that_is_taken_or_named(tmp_path: Path, whole: bytes) -> None:
    """Valid JSON of the wrong shape in every place where a message has something."""
    lines = whole.splitlines(keepends=True)
    anything: tuple[object, ...] = (None, 3, "x", [], {})
    for wrong in anything:
        for kind in ("testRunStarted", "source", "pickle", "testCase", "testCaseStarted", "testStepFinished"):
            strange = json.dumps({kind: wrong}).encode() + b"\n"
            found = put(tmp_path, b"".join([*lines[:10], strange, *lines[10:]]))
            assert len(found.runs[0].scenarios) == 4

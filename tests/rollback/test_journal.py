from __future__ import annotations

import gc
import json
import os
import stat
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rehearsal.clock import VirtualClock
from rollback.errors import JournalError
from rollback.journal import Entry, Journal, Kind, read

if TYPE_CHECKING:
    from pathlib import Path

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
each_anew = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)


def written(path: Path, entries: int) -> list[Entry]:
    """A journal of so many entries, closed again."""
    with Journal.create(path, VirtualClock()) as journal:
        return [journal.record(Kind.DECISION, f"entry {n}", ümläut="日本 \n", n=n) for n in range(entries)]


def test_what_was_recorded_is_read_back(path: Path, journal: Journal, clock: VirtualClock) -> None:
    clock.sleep(1.2345)
    recorded = [
        journal.record(Kind.CALL, "ecs:UpdateService", parameters={"service": "a"}),
        journal.record(Kind.OUTCOME, "done"),
    ]
    assert read(path) == recorded
    assert [entry.number for entry in recorded] == [1, 2]
    assert recorded[0].at.isoformat(timespec="microseconds") == "2026-01-05T03:00:01.234000+00:00"


def test_each_entry_is_a_line_of_json_for_any_tool(path: Path) -> None:
    written(path, 2)
    assert [json.loads(line)["number"] for line in path.read_text().splitlines()] == [1, 2]


@each_anew
@given(detail=st.dictionaries(st.text(min_size=1), json_values, max_size=5), what=st.text())
def test_any_detail_survives(tmp_path: Path, detail: dict[str, object], what: str) -> None:
    path = tmp_path / "any.jsonl"
    path.unlink(missing_ok=True)
    with Journal.create(path, VirtualClock()) as journal:
        recorded = journal.record(Kind.OBSERVATION, what, **detail)  # type: ignore[arg-type]
    assert read(path) == [recorded]


def test_half_a_character_survives(path: Path, journal: Journal) -> None:
    """A file name that isn't UTF-8 comes with surrogates, which UTF-8 can't hold."""
    name = os.fsdecode(b"caf\xe9")
    journal.record(Kind.COMMAND, name)
    assert read(path)[0].what == name


# On disk, before anything else happens.


def test_an_entry_is_synced_before_it_is_told_and_before_record_returns(
    path: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    sync = os.fsync

    def noted(descriptor: int) -> None:
        order.append(f"synced {len(read(path))}")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    journal.subscribe(lambda entry: order.append(f"told {entry.number}"))
    journal.record(Kind.CALL, "one")
    order.append("returned")
    journal.record(Kind.CALL, "two")
    assert order == ["synced 1", "told 1", "returned", "synced 2", "told 2"]


def test_the_name_of_a_new_journal_is_synced_too(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_ino))
    with Journal.create(path, VirtualClock()):
        assert synced == [path.parent.stat().st_ino]


def test_it_keeps_no_entries(journal: Journal) -> None:
    entry = journal.record(Kind.CALL, "x", parameters={"service": "a"})
    assert [holder for holder in gc.get_referrers(entry) if isinstance(holder, list | dict | tuple)] == []


def test_only_its_owner_reads_it(path: Path) -> None:
    before = os.umask(0)
    try:
        written(path, 1)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_listener_that_records_leaves_no_gap(path: Path, journal: Journal) -> None:
    def listener(entry: Entry) -> None:
        if entry.kind is Kind.CALL:
            journal.record(Kind.DECISION, "heard of it")

    journal.subscribe(listener)
    journal.record(Kind.CALL, "one")
    journal.record(Kind.CALL, "two")
    assert [entry.number for entry in read(path)] == [1, 2, 3, 4]


# Beginning one, and going on with one.


def test_an_existing_journal_is_never_begun_anew(path: Path) -> None:
    recorded = written(path, 2)
    with pytest.raises(JournalError, match=r"rollback\.jsonl can't be written: File exists\."):
        Journal.create(path, VirtualClock())
    assert read(path) == recorded


def test_the_sentence_names_the_file_that_stands_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match=r"/file/a\.jsonl can't be written: File exists \(.*/file\)"):
        Journal.create(tmp_path / "file" / "a.jsonl", VirtualClock())


def test_its_directory_is_made(tmp_path: Path) -> None:
    written(tmp_path / "a" / "b" / "c.jsonl", 1)
    assert len(read(tmp_path / "a" / "b" / "c.jsonl")) == 1


def test_an_opened_journal_goes_on_with_the_numbers(path: Path, clock: VirtualClock) -> None:
    written(path, 3)
    with Journal.open(path, clock) as journal:
        assert journal.record(Kind.DECISION, "later").number == 4
    assert [entry.number for entry in read(path)] == [1, 2, 3, 4]


@pytest.mark.parametrize("cut", [1, 5, 20, 200])
def test_a_torn_line_is_left_standing_and_the_journal_goes_on(
    path: Path, clock: VirtualClock, cut: int
) -> None:
    recorded = written(path, 3)
    torn = path.read_bytes()[:-cut]
    path.write_bytes(torn)
    for n in range(2):  # torn once, opened twice
        with Journal.open(path, clock) as journal:
            journal.record(Kind.DECISION, f"later {n}")
    assert path.read_bytes().startswith(torn)
    entries = read(path)
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
    assert [entry.what for entry in entries[-2:]] == ["later 0", "later 1"]
    assert entries[:-2] == recorded[: len(entries) - 2]


def test_opening_a_journal_that_is_not_there_makes_nothing(tmp_path: Path, clock: VirtualClock) -> None:
    with pytest.raises(JournalError, match="No such file"):
        Journal.open(tmp_path / "new" / "a.jsonl", clock)
    assert not (tmp_path / "new").exists()


def test_opening_something_else_changes_nothing_and_lets_go_of_it(path: Path, clock: VirtualClock) -> None:
    path.write_text("groceries:\nmilk")
    with pytest.raises(JournalError, match="line 1 is not an entry"):
        Journal.open(path, clock)
    assert path.read_text() == "groceries:\nmilk"
    path.write_text("")
    with Journal.open(path, clock) as journal:
        assert journal.record(Kind.CALL, "first").number == 1


def test_a_closed_journal_says_so(journal: Journal) -> None:
    journal.close()
    with pytest.raises(JournalError, match="is closed"):
        journal.record(Kind.CALL, "late")


# Reading.


@each_anew
@given(where=st.integers(min_value=0))
def test_a_journal_cut_anywhere_reads_as_a_prefix(tmp_path: Path, where: int) -> None:
    path = tmp_path / "whole.jsonl"
    recorded = read(path) if path.exists() else written(path, 4)
    content = path.read_bytes()
    cut = tmp_path / "cut.jsonl"
    cut.write_bytes(content[: where % (len(content) + 1)])
    entries = read(cut)
    assert entries == recorded[: len(entries)]
    assert len(entries) >= cut.read_bytes().count(b"\n")


def test_the_nuls_that_a_power_cut_leaves_are_a_torn_line(path: Path) -> None:
    recorded = written(path, 2)
    path.write_bytes(path.read_bytes() + b"\0" * 40)
    assert read(path) == recorded


@pytest.mark.parametrize(
    "foreign",
    [
        b"milk\n",
        b"milk",
        b"\xff\xfe\x00\n",
        b"[1, 2]\n",
        b"12\n",
        b"null\n",
        b'"text"\n',
        b'{"kind": "call"}\n',
        b'{ "number": 1, "at": "2026-01-05T03:00:00+00:00", "kind": "poem", "what": "x"}\n',
        b'{ "number": "1", "at": "2026-01-05T03:00:00+00:00", "kind": "call", "what": "x"}\n',
        b'{ "number": 1, "at": "2026-01-05T03:00:00", "kind": "call", "what": "x"}\n',
        b'{ "number": 1, "at": "2026-01-05T03:00:00+00:00", "kind": "call", "what": "x", "detail": [1]}\n',
        b"[" * 5000 + b"\n",
    ],
)
def test_a_foreign_line_is_named_by_file_and_line(path: Path, foreign: bytes) -> None:
    written(path, 2)
    path.write_bytes(path.read_bytes() + foreign)
    with pytest.raises(
        JournalError, match=r"rollback\.jsonl, line 3 is not an entry of a journal\."
    ) as caught:
        read(path)
    assert caught.value.remedy


@pytest.mark.parametrize("lost", [0, 1])
def test_a_journal_that_lacks_an_entry_is_not_believed(path: Path, lost: int) -> None:
    written(path, 3)
    lines = path.read_bytes().splitlines(keepends=True)
    del lines[lost]
    path.write_bytes(b"".join(lines))
    with pytest.raises(
        JournalError, match=f"line {lost + 1} holds entry {lost + 2}, but entry {lost + 1} should"
    ):
        read(path)


def test_a_damaged_entry_is_not_taken_for_a_torn_one(path: Path) -> None:
    written(path, 3)
    first, second, third = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + second.replace(b'"kind"', b"\0kind\0") + third)
    with pytest.raises(JournalError, match="holds entry 3, but entry 2 should follow"):
        read(path)


def test_a_directory_and_a_missing_file_are_each_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="Is a directory"):
        read(tmp_path)
    with pytest.raises(JournalError, match="No such file"):
        read(tmp_path / "no\nsuch")
    with pytest.raises(JournalError, match=r"no\\nsuch"):
        read(tmp_path / "no\nsuch")


# What processes tell it.


def test_a_command_line_is_recorded_as_it_could_be_typed(
    path: Path, journal: Journal, tmp_path: Path
) -> None:
    journal.command(["git", "commit", "-m", "two words"], tmp_path)
    journal.exited(["git", "commit"], 1, 0.12345)
    command, exited = read(path)
    assert command.what == "git commit -m 'two words'"
    assert command.detail == {"args": ["git", "commit", "-m", "two words"], "cwd": str(tmp_path)}
    assert exited.detail == {"code": 1, "seconds": 0.123}


def test_a_token_in_a_url_is_not_recorded(path: Path, journal: Journal) -> None:
    journal.command(["git", "push", "https://x-access-token:hunter2@git.example/a.git", "HEAD"], None)
    assert "hunter2" not in path.read_text()
    assert "git.example/a.git" in path.read_text()

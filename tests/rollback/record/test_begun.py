from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rollback.errors import JournalError
from rollback.journal import Journal, Kind, read
from rollback.record import Stands, attempts, begun, report
from tests.rollback.builders import ENVIRONMENT
from tests.rollback.record.tale import UPDATE, Tale

if TYPE_CHECKING:
    from pathlib import Path

    from rehearsal.clock import VirtualClock


def put(journal: Journal, tale: Tale) -> None:
    for entry in tale.entries:
        journal.record(entry.kind, entry.what, **entry.detail)


@pytest.mark.parametrize(
    ("tale", "stands", "said"),
    [
        (Tale().planned(), Stands.UNCHANGED, "It was planned, and nothing was changed."),
        (Tale().planned().saved(), Stands.UNCHANGED, "It was about to begin, and nothing was changed."),
        (Tale().planned().saved().asked(), Stands.IN_DOUBT, "whether that has been done"),
        (
            Tale().planned().saved().asked().add(Kind.ANSWER, UPDATE, failed="ReadTimeoutError"),
            Stands.IN_DOUBT,
            "whether that has been done",
        ),
        (Tale().planned().saved().asked().answered(), Stands.UNDERWAY, "which was answered"),
        (Tale().rolled_back(), Stands.LANDED, "Rolled back."),
        (Tale().planned().saved().asked().ended(landed=False, told="Failed."), Stands.ENDED, "Failed."),
        (Tale().rolled_back().planned(), Stands.UNCHANGED, "It was planned"),
    ],
    ids=["planned", "saved", "asked", "unheard", "answered", "landed", "failed", "planned-again"],
)
def test_it_says_where_a_rollback_stands(
    journal: Journal, path: Path, tale: Tale, stands: Stands, said: str
) -> None:
    put(journal, tale)
    found = begun(path)
    assert (found.way, found.environment, found.stands) == ("ecs", "testing", stands)
    assert said in found.sentence
    assert found.planned == "Roll service-test back from app:42 to app:41."


def test_a_message_to_the_team_and_a_look_of_git_change_nothing(journal: Journal, path: Path) -> None:
    put(journal, Tale().planned("revert").saved("revert"))
    journal.record(Kind.REQUEST, "POST to the webhook", notified="begins")
    journal.command(["git", "rev-parse", "HEAD"], None)
    assert begun(path).stands is Stands.UNCHANGED
    journal.command(["git", "push", "origin", "x:y"], None)
    assert begun(path).stands is Stands.IN_DOUBT
    journal.exited(["git", "push"], 0, 1.0)
    assert begun(path).stands is Stands.UNDERWAY


def test_the_answer_to_another_command_is_none_of_what_was_pushed(journal: Journal, path: Path) -> None:
    """Whoever goes on runs git again, and its ends name only the program."""
    put(journal, Tale().planned("revert").saved("revert"))
    journal.command(["git", "--git-dir=/x", "push", "origin", "x:y"], None)
    journal.record(Kind.DECISION, "Going on.", resumes=True)
    journal.command(["git", "fetch"], None)
    journal.exited(["git", "fetch"], 0, 1.0)
    assert begun(path).stands is Stands.IN_DOUBT
    assert "after git push origin x:y went out" in begun(path).sentence
    changed = [m.told for m in report(ENVIRONMENT, read(path)).timeline if m.what == "changed"]
    assert changed == ["git push origin x:y: how that ended is not in the journal"]


def test_a_rollback_and_its_undo_are_two_and_one_gone_on_with_is_one() -> None:
    tale = Tale().planned().saved().asked().planned().saved().asked().ended().rolled_back()
    assert [each.landed for each in attempts(tale.entries)] == [True, True]


def test_another_way_back_is_another_attempt() -> None:
    tale = Tale().planned("ecs").planned("revert").saved("revert")
    assert [(each.way, each.saved is not None) for each in attempts(tale.entries)] == [
        ("ecs", False),
        ("revert", True),
    ]


def test_a_torn_last_line_doesn_t_hide_the_rest(journal: Journal, path: Path) -> None:
    put(journal, Tale().planned().saved().asked())
    with path.open("ab") as file:
        file.write(b'{"number": 4, "at": "2026-01-0')
    assert begun(path).stands is Stands.IN_DOUBT


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "tells of no rollback"),
        (b"Dear diary\n", "is not an entry of a journal"),
        (
            b'{"number": 2, "at": "2026-01-05T12:00:00+00:00", "kind": "plan", "what": "x"}\n',
            "some are missing",
        ),
    ],
    ids=["empty", "foreign", "missing"],
)
def test_what_is_no_journal_is_a_sentence(path: Path, content: bytes, said: str) -> None:
    path.write_bytes(content)
    with pytest.raises(JournalError, match=said):
        begun(path)


def test_a_journal_of_looks_only_tells_of_no_rollback(path: Path, clock: VirtualClock) -> None:
    with Journal.create(path, clock) as journal:
        journal.record(Kind.OBSERVATION, "Looked.")
    assert len(read(path)) == 1
    with pytest.raises(JournalError, match="tells of no rollback"):
        begun(path)

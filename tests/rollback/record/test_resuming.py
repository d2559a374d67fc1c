"""What has to be so before a journal is gone on with, whatever its way back is."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from rollback import record
from rollback.errors import JournalError, Outdated, Refused
from rollback.journal import Journal, Kind, read
from rollback.record import WAYS, Way
from tests.rollback.builders import ENVIRONMENT
from tests.rollback.record.tale import Tale

if TYPE_CHECKING:
    from pathlib import Path

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.plan import Ended
    from rollback.record import Begun


@dataclass
class Spy:
    """A way back that does nothing but take down what it is asked."""

    asked: list[str]

    def resume(self, _: Environment, access: Access, begun: Begun) -> Ended:
        self.asked.append(f"resume {begun.stands}")
        assert read(access.journal.path)[-1].kind is Kind.DECISION
        return None  # type: ignore[return-value] # nobody looks at it

    def undo(self, _: Environment, __: Access, begun: Begun) -> Ended:
        self.asked.append(f"undo {begun.stands}")
        return None  # type: ignore[return-value] # nobody looks at it


@pytest.fixture
def spy(monkeypatch: pytest.MonkeyPatch) -> Spy:
    made = Spy([])
    monkeypatch.setitem(WAYS, "ecs", Way("ecs", "emergency rollback", made.resume, made.undo))
    return made


def put(journal: Journal, tale: Tale) -> None:
    for entry in tale.entries:
        journal.record(entry.kind, entry.what, **entry.detail)


def in_doubt(access: Access, way: str = "ecs") -> Begun:
    put(access.journal, Tale().planned(way).saved(way).asked())
    return record.begun(access.journal.path)


def test_it_is_handed_to_its_way_after_that_was_written_down(access: Access, spy: Spy) -> None:
    begun = in_doubt(access)
    record.resume(ENVIRONMENT, access, begun)
    record.undo(ENVIRONMENT, access, record.begun(begun.path))
    assert spy.asked == ["resume in doubt", "undo in doubt"]


def test_of_another_environment_is_refused(access: Access, spy: Spy) -> None:
    begun = in_doubt(access)
    for act in (record.resume, record.undo):
        with pytest.raises(JournalError, match="This journal is of testing, not of other"):
            act(replace(ENVIRONMENT, name="other"), access, begun)
    assert spy.asked == []


def test_of_an_unknown_way_is_refused(access: Access) -> None:
    begun = in_doubt(access, "by magic")
    with pytest.raises(JournalError, match='a way back that isn\'t known here, "by magic"'):
        record.resume(ENVIRONMENT, access, begun)


def test_that_has_landed_can_only_be_undone(access: Access, spy: Spy) -> None:
    put(access.journal, Tale().rolled_back())
    begun = record.begun(access.journal.path)
    with pytest.raises(Refused, match="It has landed already"):
        record.resume(ENVIRONMENT, access, begun)
    record.undo(ENVIRONMENT, access, begun)
    assert spy.asked == ["undo landed"]


def test_a_plan_looked_at_later_doesn_t_hide_what_can_be_undone(access: Access, spy: Spy) -> None:
    put(access.journal, Tale().rolled_back().planned())
    record.undo(ENVIRONMENT, access, record.begun(access.journal.path))
    assert spy.asked == ["undo landed"]


def test_that_changed_nothing_has_nothing_to_undo(access: Access, spy: Spy) -> None:
    put(access.journal, Tale().planned())
    with pytest.raises(Refused, match="There is nothing to undo"):
        record.undo(ENVIRONMENT, access, record.begun(access.journal.path))
    assert spy.asked == []


def test_that_has_gone_on_since_it_was_read_is_refused(access: Access, spy: Spy) -> None:
    begun = in_doubt(access)
    put(access.journal, Tale().ended())
    with pytest.raises(Outdated, match="has gone on since it was read: Rolled back"):
        record.resume(ENVIRONMENT, access, begun)
    assert spy.asked == []


class TestFromAnotherJournal:
    @pytest.fixture
    def left(self, access: Access, tmp_path: Path) -> Path:
        """A journal that somebody has left behind."""
        path = tmp_path / "left.jsonl"
        with Journal.create(path, access.clock) as journal:
            put(journal, Tale().planned().saved().asked())
        return path

    def test_it_is_taken_over_with_what_was_planned_and_saved(
        self, access: Access, spy: Spy, left: Path
    ) -> None:
        record.resume(ENVIRONMENT, access, record.begun(left))
        assert spy.asked == ["resume in doubt"]
        assert [e.kind for e in read(access.journal.path)][:2] == [Kind.PLAN, Kind.SAVED]
        again = record.begun(access.journal.path)
        assert again.stands is record.Stands.IN_DOUBT
        assert again.sentence.startswith("It was taken over from another journal, by which it was in doubt")
        assert read(left)[-1].what == f"Gone on with in another journal, {access.journal.path.name}."

    def test_while_somebody_writes_it_nobody_else_goes_on_with_it(
        self, access: Access, spy: Spy, left: Path
    ) -> None:
        with (
            Journal.open(left, access.clock),
            pytest.raises(JournalError, match="Another process is writing the journal"),
        ):
            record.resume(ENVIRONMENT, access, record.begun(left))
        assert spy.asked == []
        assert read(access.journal.path) == []


def test_on_a_full_disk_nothing_is_begun(access: Access, spy: Spy, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = in_doubt(access)

    def full(*_: object) -> int:
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as disk:
        disk.setattr(os, "write", full)
        with pytest.raises(JournalError, match="No space left on device"):
            record.resume(ENVIRONMENT, access, begun)
    assert spy.asked == []

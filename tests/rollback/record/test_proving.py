from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import requests

from rollback import record
from rollback.checklist import Item, Shown
from rollback.errors import RollbackError
from rollback.journal import Kind, read
from tests.rollback.builders import ENVIRONMENT
from tests.rollback.record.tale import Tale

if TYPE_CHECKING:
    from pathlib import Path

    from rollback.access import Access
    from rollback.checklist import Evidence


def put(access: Access, tale: Tale) -> None:
    for entry in tale.entries:
        access.journal.record(entry.kind, entry.what, **entry.detail)


def look(access: Access, item: Item) -> Evidence:
    return record.proofs(ENVIRONMENT, access)[item]()


@pytest.fixture
def report_at(access: Access, tmp_path: Path) -> Path:
    put(access, Tale().answers(200).rolled_back())
    return tmp_path / "report.md"


def test_a_report_of_this_journal_proves_that_there_is_one(access: Access, report_at: Path) -> None:
    assert look(access, Item.REPORT).shown is Shown.OPEN
    record.write(ENVIRONMENT, access, report_at)
    found = look(access, Item.REPORT)
    assert found.shown is Shown.PROVEN
    assert str(report_at) in found.seen
    report_at.write_text(report_at.read_text() + "\nWhat we have learnt: nothing yet.\n")
    assert look(access, Item.REPORT).shown is Shown.PROVEN


def test_one_that_is_gone_or_of_another_journal_proves_nothing(access: Access, report_at: Path) -> None:
    record.write(ENVIRONMENT, access, report_at)
    report_at.write_text("# Another incident\n")
    assert "is not the report of this journal" in look(access, Item.REPORT).seen
    report_at.unlink()
    assert "can't be read" in look(access, Item.REPORT).seen


def test_one_from_before_the_end_proves_nothing(access: Access, report_at: Path) -> None:
    record.write(ENVIRONMENT, access, report_at)
    access.journal.record(Kind.OUTCOME, "Undone.", landed=True)
    assert "is from before the end" in look(access, Item.REPORT).seen


def test_what_is_there_is_never_overwritten(access: Access, report_at: Path) -> None:
    report_at.write_text("mine")
    before = read(access.journal.path)
    with pytest.raises(RollbackError, match=r"can't be written to .*: File exists"):
        record.write(ENVIRONMENT, access, report_at)
    assert report_at.read_text() == "mine"
    assert read(access.journal.path) == before


def test_a_full_disk_leaves_no_half_report(
    access: Access, report_at: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, os.strerror(28))

    record_now = read(access.journal.path)
    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        with pytest.raises(RollbackError, match="No space left on device"):
            record.write(ENVIRONMENT, access, report_at)
    assert not report_at.exists()
    assert read(access.journal.path) == record_now


def test_no_post_mortem_is_proven_only_where_none_is_due(access: Access, report_at: Path) -> None:
    del report_at
    assert look(access, Item.POST_MORTEM).shown is Shown.PROVEN
    put(access, Tale().planned().saved().ended(landed=False))
    found = look(access, Item.POST_MORTEM)
    assert found.shown is Shown.OPEN
    assert "A rollback has not landed" in found.seen


def test_what_was_not_measured_proves_nothing(access: Access) -> None:
    put(access, Tale().rolled_back())
    assert look(access, Item.POST_MORTEM).shown is Shown.OPEN


def test_where_no_users_are_no_report_is_owed(access: Access) -> None:
    nobody = replace(ENVIRONMENT, checklist=replace(ENVIRONMENT.checklist, incident_report=False))
    assert Item.REPORT not in record.proofs(nobody, access)


class Broken(requests.Session):
    """An application that doesn't answer."""

    def get(self, *_: object, **__: object) -> requests.Response:
        raise requests.ConnectTimeout


def test_an_application_that_doesn_t_answer_is_measured_and_stops_no_wait(access: Access) -> None:
    broken = replace(access, http=Broken())
    measured = record.measure(ENVIRONMENT, broken)
    assert (measured.asked, measured.failed) == (3, 3)
    began = access.clock.monotonic()
    record.watching(ENVIRONMENT, broken).clock.sleep(60)
    assert access.clock.monotonic() - began == 60


def test_who_opens_a_journal_is_taken_down(access: Access) -> None:
    entry = record.opened(ENVIRONMENT, access)
    assert entry.detail["opened_by"]
    assert entry.detail["host"]

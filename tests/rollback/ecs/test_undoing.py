from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rollback.ecs import SavedPoint, saved_point
from rollback.errors import JournalError, RollbackError
from rollback.journal import Kind, read
from tests.rollback.builders import ENVIRONMENT, app

if TYPE_CHECKING:
    from pathlib import Path

    from rollback.journal import Journal


def save(
    journal: Journal,
    revision: str,
    *,
    environment: str = "testing",
    service: str = "service-test",
    way: str = "ecs",
) -> None:
    journal.record(Kind.SAVED, "saved", way=way, environment=environment, service=service, revision=revision)


def test_it_is_where_the_service_was_before_the_last_change(journal: Journal, path: Path) -> None:
    save(journal, "app:43")
    save(journal, "app:42")
    journal.record(Kind.CALL, "ecs:UpdateService", parameters={"service": "service-test"})
    journal.record(Kind.INTERRUPTED, "Interrupted.")
    expected = SavedPoint(environment="testing", service="service-test", revision=app(42))
    assert saved_point(ENVIRONMENT, read(path)) == expected


def test_it_knows_what_was_to_land_and_the_copy_that_was_made(journal: Journal, path: Path) -> None:
    """Of an earlier rollback in the same journal it takes no copy."""
    journal.record(Kind.DECISION, "app:39 was copied as app:42.", copy="app:42")
    journal.record(
        Kind.SAVED,
        "saved",
        way="ecs",
        environment="testing",
        service="service-test",
        revision="app:42",
        target="app:41",
        replaced=["ecs-svc/1"],
        copied=True,
    )
    assert saved_point(ENVIRONMENT, read(path)).copy is None
    journal.record(Kind.DECISION, "app:41 was copied as app:43.", copy="app:43")
    save(journal, "app:1", way="state")
    assert saved_point(ENVIRONMENT, read(path)) == SavedPoint(
        environment="testing",
        service="service-test",
        revision=app(42),
        target=app(41),
        replaced=("ecs-svc/1",),
        copied=True,
        copy=app(43),
    )


def test_a_journal_of_no_change_has_none(journal: Journal, path: Path) -> None:
    journal.record(Kind.PLAN, "a plan only")
    with pytest.raises(JournalError, match=r"tells of no change to a service\. There is nothing to undo\."):
        saved_point(ENVIRONMENT, read(path))


@pytest.mark.parametrize(("environment", "service"), [("other", "service-test"), ("testing", "other")])
def test_a_journal_of_another_place_is_refused(
    journal: Journal, path: Path, environment: str, service: str
) -> None:
    """Two environments may give their services the same name, in clusters or accounts of their own."""
    save(journal, "app:42", environment=environment, service=service)
    with pytest.raises(
        JournalError, match=f"This journal is of {service} in {environment}, not of service-test in testing"
    ):
        saved_point(ENVIRONMENT, read(path))


def test_another_service_later_in_the_journal_is_not_passed_over(journal: Journal, path: Path) -> None:
    save(journal, "app:42")
    save(journal, "app:42", service="other")
    with pytest.raises(JournalError, match="This journal is of other"):
        saved_point(ENVIRONMENT, read(path))
    assert saved_point(replace(ENVIRONMENT, service="other"), read(path)).service == "other"


def test_a_saved_revision_that_is_none_is_a_sentence(journal: Journal, path: Path) -> None:
    journal.record(Kind.SAVED, "saved", environment="testing", service="service-test")
    with pytest.raises(RollbackError, match="is not a task definition revision"):
        saved_point(ENVIRONMENT, read(path))

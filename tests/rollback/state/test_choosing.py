"""Which version is meant by what a person says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollback.errors import Refused
from rollback.state.choosing import choose
from rollback.state.model import Damage, Listing, Row, StateHead, StoredVersion

NOW = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
AN_HOUR = timedelta(hours=1)


def row(version_id: str, at: datetime, serial: int | None = None, *, marker: bool = False) -> Row:
    head = None if serial is None else StateHead("1.11.4", serial, "lineage")
    version = StoredVersion(version_id, at, 10, '"e"', latest=False, delete_marker=marker)
    return Row(version, head=head, damage=None if head or marker else Damage.EMPTY)


ROWS = (
    row("ddddddd-4", NOW - 1 * AN_HOUR, 9),
    row("damaged-3", NOW - 2 * AN_HOUR),
    row("deleted-2", NOW - 3 * AN_HOUR, marker=True),
    row("aaaaaaa-2", NOW - 4 * AN_HOUR, 7),
    row("aaaaaaa-1", NOW - 30 * AN_HOUR, 6),
    row("aaaaaaa-0", NOW - 31 * AN_HOUR, 6),
)
LISTING = Listing("bucket", "key", ROWS)


def chosen(choice: str) -> str:
    return choose(LISTING, choice, now=NOW).version.id


def refused(choice: str, listing: Listing = LISTING) -> Refused:
    with pytest.raises(Refused) as raised:
        choose(listing, choice, now=NOW)
    return raised.value


@pytest.mark.parametrize(
    ("choice", "version"),
    [
        ("aaaaaaa-1", "aaaaaaa-1"),
        ("  damaged-3 ", "damaged-3"),
        ("ddddddd", "ddddddd-4"),
        ("serial 9", "ddddddd-4"),
        ("Serial  7", "aaaaaaa-2"),
        ("before 14:05", "ddddddd-4"),
        ("before 14:05:30", "ddddddd-4"),
        ("before 14:05 UTC", "ddddddd-4"),
        ("before 14:00:01", "ddddddd-4"),
        ("before 14:00", "damaged-3"),
        ("before 15:00", "ddddddd-4"),
        ("before 12:00", "aaaaaaa-2"),
        ("before 2026-01-05 14:05", "ddddddd-4"),
        ("before 2026-01-05T12:00Z", "aaaaaaa-2"),
        ("before 2026-01-04 9:30", "aaaaaaa-1"),
        ("BEFORE 9:30", "aaaaaaa-1"),
    ],
)
def test_what_is_said_means_one_version(choice: str, version: str) -> None:
    assert chosen(choice) == version


def test_a_time_without_a_day_is_the_last_such_moment() -> None:
    """At 15:00, 15:01 was yesterday."""
    assert chosen("before 15:01") == "aaaaaaa-1"


def test_versions_of_one_beginning_are_named_and_none_is_guessed() -> None:
    error = refused("aaaaaaa")
    assert "3 versions begin with" in error.sentence
    assert all(name in error.remedy for name in ("aaaaaaa-0", "aaaaaaa-1", "aaaaaaa-2"))


def test_a_serial_that_was_stored_twice_is_named_by_its_versions() -> None:
    error = refused("serial 6")
    assert "2 versions have the serial 6" in error.sentence
    assert "aaaaaaa-0" in error.remedy
    assert "aaaaaaa-1" in error.remedy
    assert "aaaaaaa-2" not in error.remedy


def test_a_serial_that_is_not_there_names_the_nearest() -> None:
    error = refused("serial 8")
    assert "No version has the serial 8" in error.sentence
    assert "serial 9" in error.remedy
    assert "serial 7" in error.remedy


def test_the_serial_of_a_version_that_breaks_off_is_not_chosen() -> None:
    cut = replace(ROWS[0], damage=Damage.TRUNCATED)
    error = refused("serial 9", Listing("bucket", "key", (cut, *ROWS[1:])))
    assert "No version has the serial 9" in error.sentence


def test_where_no_version_can_be_read_no_serial_is_near() -> None:
    assert "No version can be read" in refused("serial 9", Listing("bucket", "key", ROWS[1:3])).remedy


def test_before_the_first_version_there_was_none() -> None:
    error = refused("before 2026-01-01 00:00")
    assert "No version is older" in error.sentence
    assert "aaaaaaa-0" in error.remedy


def test_while_the_state_was_deleted_there_is_nothing_to_choose() -> None:
    error = refused("before 12:30")
    assert "deleted-2" in error.sentence
    assert "aaaaaaa-2" in error.remedy


def test_a_moment_to_come_is_told_with_the_time_in_utc() -> None:
    error = refused("before 2026-01-05 16:00")
    assert "still to come" in error.sentence
    assert "2026-01-05 15:00:00" in error.remedy


@pytest.mark.parametrize("choice", ["before 25:00", "before 12:61", "before 2026-02-30 12:00"])
def test_a_moment_that_does_not_exist_is_refused(choice: str) -> None:
    assert "names no moment" in refused(choice).sentence


@pytest.mark.parametrize(
    "choice", ["", "7", "latest", "serial", "serial -1", "before noon", "aaaaa", "zzzzzzzzz", "\x1b[2J"]
)
def test_anything_else_is_refused_with_what_can_be_said(choice: str) -> None:
    error = refused(choice)
    assert "has no version" in error.sentence
    assert "serial 7" in error.remedy
    assert "ddddddd-4" in error.remedy
    assert "\x1b" not in str(error)


def test_of_no_versions_none_can_be_chosen() -> None:
    assert (
        "no version of key in the bucket bucket" in refused("serial 1", Listing("bucket", "key", ())).sentence
    )


@given(st.datetimes(datetime(2026, 1, 3), datetime(2026, 1, 5, 14, 59)))  # noqa: DTZ001 - as a person types it
def test_before_a_moment_means_the_last_version_that_is_older(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    at = moment.replace(tzinfo=UTC)
    older = [each for each in ROWS if each.version.at < at]
    choice = f"before {moment:%Y-%m-%d %H:%M:%S}"
    if older and not older[0].version.delete_marker:
        assert chosen(choice) == older[0].version.id
    else:
        refused(choice)

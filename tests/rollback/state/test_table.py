"""The table of versions: everything that tells them apart, and no value."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from rollback.state.model import Damage, Listing, Row, StateHead, StoredVersion
from rollback.state.table import size, table
from rollback.state.versions import listed
from tests.rollback.state.shelf import SECRET, Shelf, resource, state

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.environment import Environment

AT = datetime(2026, 1, 5, 14, 5, 9, tzinfo=UTC)
ID = "Zq3.abcdefghijklmnopqrstuvwxyz01"


def printed(listing: Listing, *, width: int = 200, every_address: bool = False) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    console.print(table(listing, every_address=every_address))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def version(*, latest: bool = False, marker: bool = False, version_id: str = ID) -> StoredVersion:
    return StoredVersion(
        version_id, AT, 0 if marker else 21_503_520, '"e"', latest=latest, delete_marker=marker
    )


def shown(row: Row, *, every_address: bool = False) -> str:
    return " ".join(printed(Listing("bucket", "key", (row,)), every_address=every_address).split())


def test_a_row_says_all_that_a_person_chooses_by() -> None:
    head = StateHead("1.11.4", 41, "1f2e3d4c-aaaa")
    row = Row(version(latest=True), head, 12, 1, 1, compared_with="x", added=("a.b",), removed=("c.d[0]",))
    text = shown(row)
    for each in (
        ID,
        "2026-01-05",
        "14:05:09",
        "41",
        "12",
        "21.5 MB",
        "1f2e3d4c",
        "1.11.4",
        "current",
        "+a.b",
        "-c.d[0]",
        "1 deposed",
    ):
        assert each in text


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (Row(version(marker=True)), "delete marker: the state was deleted"),
        (Row(version(), damage=Damage.TRUNCATED), "it breaks off"),
        (Row(version(), trouble="These credentials may not call s3:GetObject."), "may not call s3:GetObject"),
        (
            Row(version(), StateHead("1.11.4", 1, "l"), 1, 0, 0, compared_with="x"),
            "same resources as the one before",
        ),
    ],
)
def test_what_is_special_about_a_version_is_said(row: Row, words: str) -> None:
    assert words in shown(row)


def test_many_changes_are_counted_unless_all_are_asked_for() -> None:
    row = Row(version(), StateHead("1.11.4", 1, "l"), 9, added=tuple(f"a.n{each}" for each in range(9)))
    assert "+6 more" in shown(row)
    assert "+a.n8" not in shown(row)
    assert "+a.n8" in shown(row, every_address=True)
    assert "more" not in shown(row, every_address=True)


@pytest.mark.parametrize("width", [60, 80, 200])
def test_nothing_that_a_person_chooses_by_is_cut_short(width: int) -> None:
    """On 80 columns an id as long as moto's stands in one line; on fewer it is folded, and all of it is there."""
    uuid = "0f52361d-82f1-440d-8e5c-6dd2ddda17a3"
    head = StateHead("1.11.4", 123456, "1f2e3d4c-aaaa")
    text = printed(Listing("bucket", "key", (Row(version(version_id=uuid), head, 10_000),)), width=width)
    lines = text.splitlines()
    assert max(len(line) for line in lines) <= width
    until = next(line for line in lines if "stored" in line).index("stored")
    assert uuid in "".join(line[:until].strip() for line in lines)
    assert width < 80 or any(uuid in line for line in lines)
    for each in ("2026-01-05", "14:05:09", "123456", "1f2e3d4c", "10000", "21.5 MB", "1.11.4"):
        assert each in text
    assert "…" not in text


def test_what_acts_on_a_terminal_or_on_rich_is_shown_to_the_letter() -> None:
    head = StateHead("\x1b[31m1.11", 1, "[red]abcd")
    text = shown(Row(version(), head, 1, compared_with="x", added=('a.b["[bold]\x1b[2J"]',)))
    assert "\x1b" not in text
    assert "[bold]" in text
    assert "[red]abc" in text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (21_503_520, "21.5 MB"), (3 * 10**12, "3000.0 GB")],
)
def test_a_size_is_said_as_a_person_reads_it(count: int, text: str) -> None:
    assert size(count) == text


def test_no_value_of_a_real_listing_is_shown(shelf: Shelf, environment: Environment, access: Access) -> None:
    shelf.put(state(1, resource("a")))
    shelf.put(state(2, resource("a"), resource("b", "key")))
    shelf.put(state(3, resource("a"))[:-30])
    text = printed(listed(environment, access), width=250)
    assert '+terraform_data.b["key"]' in text
    assert SECRET not in text

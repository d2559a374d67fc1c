"""The versions of the state as a table that a person can choose from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from rollback._text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rollback.state.model import Listing, Row

SHOWN: Final = 3
"""How many addresses of a change are shown, unless all are asked for."""
LINEAGE: Final = 8
"""How much of a lineage is shown; who restores one compares the whole."""
_SCALE: Final = 1000.0
_UNITS: Final = ("B", "kB", "MB", "GB")


def table(listing: Listing, *, every_address: bool = False) -> Table:
    """The versions, newest first, with what distinguishes them and no value; it fits into 80 columns.

    Args:
        listing: the versions.
        every_address: show all addresses that were added and removed, however many.
    """
    title = Text(f"Versions of {printable(listing.key)} in {printable(listing.bucket)}", style="bold")
    shown = Table(
        title=title,
        title_justify="left",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_edge=False,
    )
    shown.add_column("version id\nwhat is to know", overflow="fold", ratio=1)
    shown.add_column("stored\n(UTC)", no_wrap=True)
    shown.add_column("serial\nlineage", no_wrap=True, justify="right")
    shown.add_column("resources\nsize", no_wrap=True, justify="right")
    shown.add_column("\nTerraform", no_wrap=True)
    for row in listing.rows:
        shown.add_row(*_cells(row, every_address=every_address), style=_style(row))
    return shown


def _cells(row: Row, *, every_address: bool) -> tuple[Text, ...]:
    version, head = row.version, row.head
    cells = (
        (version.id, *_told(row, every_address=every_address)),
        (f"{version.at:%Y-%m-%d}", f"{version.at:%H:%M:%S}"),
        (str(head.serial), head.lineage[:LINEAGE]) if head else (),
        (
            "" if row.resources is None else str(row.resources),
            "" if version.delete_marker else size(version.size),
        ),
        ("", head.terraform_version) if head else (),
    )
    return tuple(Text("\n".join(printable(line) for line in lines)) for lines in cells)


def _told(row: Row, *, every_address: bool) -> list[str]:
    told = ["current"] if row.version.latest else []
    if row.version.delete_marker:
        told.append("delete marker: the state was deleted")
    if row.damage:
        told.append(f"it {row.damage}")
    if row.trouble:
        told.append(row.trouble.rstrip("."))
    if row.deposed:
        told.append(f"{row.deposed} deposed")
    told += _change("+", row.added, every_address=every_address)
    told += _change("-", row.removed, every_address=every_address)
    if row.compared_with and not row.added and not row.removed:
        told.append("same resources as the one before")
    return told


def _change(sign: str, addresses: Sequence[str], *, every_address: bool) -> list[str]:
    most = len(addresses) if every_address else SHOWN
    named = [f"{sign}{address}" for address in addresses[:most]]
    more = len(addresses) - len(named)
    return [*named, f"{sign}{more} more"] if more else named


def size(count: int) -> str:
    """A number of bytes as a person reads it."""
    amount = float(count)
    for unit in _UNITS:
        if amount < _SCALE or unit == _UNITS[-1]:
            break
        amount /= _SCALE
    return f"{amount:.0f} {unit}" if unit == _UNITS[0] else f"{amount:.1f} {unit}"


def _style(row: Row) -> str:
    if row.version.delete_marker or row.damage or row.trouble:
        return "red"
    return "bold" if row.version.latest else ""

"""Reading the versions from the newest to the chosen one, each of them once and one at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rollback.errors import AwsError
from rollback.state.document import read_head, read_state
from rollback.state.model import Damage, StateHead, Unparsable
from rollback.state.result import Was
from rollback.state.versions import fetch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.state.model import StateFile, StoredVersion


@dataclass(slots=True)
class Reading:
    """What was read on the way to the chosen version.

    Attributes:
        chosen: its content.
        state: what it says; None where it is no state.
        damage: why it is none.
        current: the content of the current one; None where there is none.
        current_state: what that says; None where it is no state.
        current_damage: why it is none.
        newest: the newest that is a state, up to the chosen one.
        highest: the highest serial that was seen.
        newer: the addresses in what is newer than the chosen one.
        unread: how many newer ones can't be read.
    """

    chosen: bytes = field(default=b"", repr=False)
    state: StateFile | None = None
    damage: Damage | None = None
    current: bytes | None = field(default=None, repr=False)
    current_state: StateFile | None = None
    current_damage: Damage | None = None
    newest: StateHead | None = None
    highest: int = 0
    newer: set[str] = field(default_factory=set)
    unread: int = 0

    @property
    def orphans(self) -> tuple[str, ...]:
        """What newer versions have and the chosen one lacks, sorted."""
        return tuple(sorted(self.newer - set(self.state.addresses))) if self.state else ()


def read_down_to(
    environment: Environment,
    access: Access,
    versions: Sequence[StoredVersion],
    chosen: StoredVersion,
    *,
    kept: Mapping[str, bytes],
) -> Reading:
    """Read the current version, those between, and the chosen one.

    Args:
        environment: whose state.
        access: the hands.
        versions: all of them, newest first.
        chosen: one of them.
        kept: contents that were read already, by the version's id.

    Raises:
        AwsError: the current or the chosen version can't be fetched; one between them that can't is counted.
    """
    reading = Reading()
    for version in versions:
        if not version.delete_marker:
            _read(environment, access, version, reading, kept=kept, is_chosen=version.id == chosen.id)
        if version.id == chosen.id:
            break
    return reading


def was(version: StoredVersion | None, damage: Damage | None) -> Was:
    """What stands at the state's key."""
    if version is None or version.delete_marker:
        return Was.DELETED
    return Was.DAMAGED if damage else Was.WHOLE


def _read(
    environment: Environment,
    access: Access,
    version: StoredVersion,
    reading: Reading,
    *,
    kept: Mapping[str, bytes],
    is_chosen: bool,
) -> None:
    try:
        content = kept[version.id] if version.id in kept else fetch(environment, access, version)
    except AwsError:
        if is_chosen or version.latest:
            raise
        reading.unread += 1
        return
    state, damage = _parsed(content)
    if is_chosen:
        reading.chosen, reading.state, reading.damage = content, state, damage
    else:
        _note_newer(content, state, reading)
    if version.latest:
        reading.current, reading.current_state, reading.current_damage = content, state, damage
    if state is not None:
        reading.highest = max(reading.highest, state.serial)
        reading.newest = reading.newest or StateHead(state.terraform_version, state.serial, state.lineage)


def _note_newer(content: bytes, state: StateFile | None, reading: Reading) -> None:
    if state is not None:
        reading.newer.update(state.addresses)
        return
    reading.unread += 1
    # What breaks off may still say its serial, which nothing that comes after it may have.
    head = read_head(content)
    if head is not None:
        reading.highest = max(reading.highest, head.serial)


def _parsed(content: bytes) -> tuple[StateFile | None, Damage | None]:
    try:
        return read_state(content), None
    except Unparsable as unparsable:
        return None, unparsable.damage

"""The saved point on disk and in the journal, before anything is changed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from rollback.errors import JournalError, Outdated
from rollback.journal import Kind
from rollback.state.places import object_key
from rollback.state.result import WAY, Before, SavedPoint, Was, Way, Writing
from rollback.terraform import files
from rollback.terraform.files import on_disk, room

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.journal import Entry

KEPT_FOR: Final = timedelta(days=30)
"""How long the private copies of a restore that has ended are kept; S3 keeps the versions as well."""
_ROOM: Final = "saved"
_UNFINISHED: Final = "unfinished"
"""A file beside the copies of a restore that has not ended, as far as is known here."""


def save(
    environment: Environment, access: Access, before: Before, writing: Writing, orphans: Sequence[str]
) -> SavedPoint:
    """Keep the plan's private files for a month, and take down where the state is and what is about to be written.

    Raises:
        Outdated: the plan's files are gone.
        RollbackError: the disk or the journal can't be written.
    """
    lock = str(uuid4())
    now = access.clock.now()
    place = room(access, _ROOM, files.stamped(now, lock))
    saved = SavedPoint(
        environment=environment.name,
        bucket=environment.state_bucket,
        key=object_key(environment),
        lock=lock,
        created=now,
        before=replace(before, file=_moved(before.file, place)),
        writing=replace(writing, file=_moved(writing.file, place)),
        orphans=tuple(orphans),
    )
    with on_disk():
        files.write(place / _UNFINISHED, b"")
    record(access, saved)
    return saved


def ended(saved: SavedPoint) -> None:
    """Note that nothing of a restore is left to be finished: its copies may be swept away one day."""
    for file in filter(None, (saved.before.file, saved.writing.file)):
        with suppress(OSError):
            Path(file).with_name(_UNFINISHED).unlink(missing_ok=True)


def sweep(access: Access) -> None:
    """Remove the private copies of restores that ended long ago; those of one that has not ended stay.

    Raises:
        RollbackError: the disk doesn't let itself be read.
    """
    with on_disk():
        files.sweep(room(access, _ROOM), access.clock.now(), kept_for=KEPT_FOR, unless=_UNFINISHED)


def record(access: Access, saved: SavedPoint) -> None:
    """Write the saved point into the journal."""
    before, writing = saved.before, saved.writing
    access.journal.record(
        Kind.SAVED,
        f"The state is at version {before.version or 'none'}: {before.was}.",
        way=WAY,
        environment=saved.environment,
        bucket=saved.bucket,
        key=saved.key,
        lock=saved.lock,
        created=saved.created.isoformat(),
        before={
            "was": before.was.value,
            "version": before.version,
            "etag": before.etag,
            "serial": before.serial,
            "digest": before.digest,
            "stale": before.stale,
            "file": before.file,
        },
        writing={
            "way": writing.way.value,
            "chosen": writing.chosen,
            "serial": writing.serial,
            "lineage": writing.lineage,
            "file": writing.file,
            "sha256": writing.sha256,
        },
        orphans=list(saved.orphans),
    )


def saved_point(environment: Environment, entries: Sequence[Entry]) -> SavedPoint:
    """What was about to be done, as a journal tells of its last restore.

    Raises:
        JournalError: it tells of none, or of another environment's.
    """
    for entry in reversed(entries):
        if entry.kind is not Kind.SAVED or "writing" not in entry.detail:
            continue
        try:
            saved = _read(entry.detail)
        except (KeyError, TypeError, ValueError):
            raise JournalError(
                "What this journal has saved can't be read.", remedy="Look at the state's versions."
            ) from None
        must_be_of(environment, saved)
        return saved
    raise JournalError("This journal tells of no restore of the state.", remedy="There is nothing to undo.")


def must_be_of(environment: Environment, saved: SavedPoint) -> None:
    """Refuse the saved point of another environment's state.

    Raises:
        JournalError: it is another's.
    """
    here = (environment.name, environment.state_bucket, object_key(environment))
    if (saved.environment, saved.bucket, saved.key) != here:
        raise JournalError(
            f"This is of {saved.key} in {saved.bucket} ({saved.environment}), "
            f"not of {here[2]} in {here[1]} ({here[0]}).",
            remedy="Name the environment that it belongs to.",
        )


def _moved(file: str, place: Path) -> str:
    """A file of the plan, where no later plan sweeps it away before a month is over."""
    if not file:
        return ""
    kept = place / Path(file).name
    with on_disk():
        try:
            Path(file).rename(kept)
        except FileNotFoundError:
            raise Outdated(
                "The private files of this plan are gone; it was applied already, or is too old.",
                remedy="Make a new plan. Nothing has been changed.",
            ) from None
    return str(kept)


def _read(detail: Mapping[str, Any]) -> SavedPoint:
    before, writing = detail["before"], detail["writing"]
    return SavedPoint(
        environment=str(detail["environment"]),
        bucket=str(detail["bucket"]),
        key=str(detail["key"]),
        lock=str(detail["lock"]),
        created=datetime.fromisoformat(detail["created"]).astimezone(UTC),
        before=Before(
            was=Was(before["was"]),
            version=str(before["version"]),
            etag=str(before["etag"]),
            serial=int(before["serial"]),
            digest=str(before["digest"]),
            stale=bool(before["stale"]),
            file=str(before["file"]),
        ),
        writing=Writing(
            way=Way(writing["way"]),
            chosen=str(writing["chosen"]),
            serial=int(writing["serial"]),
            lineage=str(writing["lineage"]),
            file=str(writing["file"]),
            sha256=str(writing["sha256"]),
        ),
        orphans=tuple(str(each) for each in detail["orphans"]),
    )

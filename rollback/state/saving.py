"""The saved point on disk and in the journal, before anything is changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from rollback.errors import JournalError, Outdated
from rollback.journal import Kind
from rollback.state.places import object_key
from rollback.state.result import Before, SavedPoint, Was, Way, Writing
from rollback.terraform.files import on_disk, room

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.journal import Entry


def save(
    environment: Environment, access: Access, before: Before, writing: Writing, orphans: Sequence[str]
) -> SavedPoint:
    """Keep the plan's private files for good, and take down where the state is and what is about to be written.

    Raises:
        Outdated: the plan's files are gone.
        RollbackError: the disk or the journal can't be written.
    """
    lock = str(uuid4())
    saved = SavedPoint(
        environment=environment.name,
        bucket=environment.state_bucket,
        key=object_key(environment),
        lock=lock,
        created=access.clock.now(),
        before=replace(before, file=_moved(access, before.file, lock)),
        writing=replace(writing, file=_moved(access, writing.file, lock)),
        orphans=tuple(orphans),
    )
    record(access, saved)
    return saved


def record(access: Access, saved: SavedPoint) -> None:
    """Write the saved point into the journal."""
    before, writing = saved.before, saved.writing
    access.journal.record(
        Kind.SAVED,
        f"The state is at version {before.version or 'none'}: {before.was}.",
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


def _moved(access: Access, file: str, lock: str) -> str:
    """A file of the plan, where no later plan sweeps it away."""
    if not file:
        return ""
    with on_disk():
        place = room(access, "saved", lock) / Path(file).name
        try:
            Path(file).rename(place)
        except FileNotFoundError:
            raise Outdated(
                "The private files of this plan are gone; it was applied already, or is too old.",
                remedy="Make a new plan. Nothing has been changed.",
            ) from None
    return str(place)


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

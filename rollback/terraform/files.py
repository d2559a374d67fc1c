"""Directories and files that only this user may look into: plans and states hold secrets."""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from rollback._text import printable
from rollback.terraform.program import TerraformError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from rollback.access import Access
    from rollback.git import File

KEPT_FOR: Final = timedelta(hours=24)
"""How long a plan that nobody applied is kept."""
ERRORED: Final = "errored.tfstate"
"""Where Terraform leaves a state that it could not store (Terraform's documentation, "State Storage and Locking")."""

_STAMP: Final = "%Y%m%dT%H%M%S"
_STAMPED: Final = re.compile(r"(?P<at>\d{8}T\d{6})-[0-9a-f-]{16,36}")
_NOT_A_NAME: Final = frozenset({"", ".", "..", ".git"})


def room(access: Access, *names: str) -> Path:
    """A private directory below `access.directory` that is there afterwards.

    Raises:
        TerraformError: it can't be made, or belongs to somebody else.
    """
    with on_disk():
        place = private(access.directory / "terraform")
        for name in names:
            place = private(place / name)
        return place


def private(directory: Path) -> Path:
    """Make `directory`, where need be, and let only this user look into it.

    Raises:
        TerraformError: it belongs to somebody else.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    if directory.is_symlink() or directory.stat().st_uid != os.geteuid():
        raise TerraformError(
            f"{printable(directory)} belongs to somebody else, so no plan is kept there.",
            remedy="Use a directory of your own.",
        )
    directory.chmod(0o700)
    return directory


def new_place(access: Access) -> Path:
    """A new private directory that is swept away by a later plan."""
    rooms = room(access, "work")
    sweep(rooms, access.clock.now())
    return private(rooms / stamped(access.clock.now(), secrets.token_hex(8)))


def stamped(at: datetime, name: str) -> str:
    """The name of a directory that `sweep` knows the age of; `name` is a hexadecimal number or a UUID."""
    return f"{at.strftime(_STAMP)}-{name}"


def sweep(rooms: Path, now: datetime, *, kept_for: timedelta = KEPT_FOR, unless: str = ERRORED) -> None:
    """Remove what is too old to be applied, apart from a state that Terraform left behind.

    Args:
        rooms: the directory of those that are removed.
        now: the clock's time.
        kept_for: how old they may become.
        unless: the name of a file on account of which one is kept, however old.
    """
    for place in rooms.iterdir():
        told = _STAMPED.fullmatch(place.name)
        if not told:
            continue
        at = datetime.strptime(told["at"], _STAMP).replace(tzinfo=UTC)
        if now - at > kept_for and not any(place.rglob(unless)):
            remove(place)


def touch(directory: Path) -> None:
    """Note that a directory has been used just now."""
    with suppress(OSError):
        os.utime(directory)


def keep_newest(rooms: Path, most: int) -> None:
    """Remove all but those directories that were used last."""
    found = sorted(rooms.iterdir(), key=lambda each: each.stat().st_mtime, reverse=True)
    for old in found[most:]:
        remove(old)


def remove(place: Path) -> None:
    """Remove a directory with all that is in it; what can't be removed stays."""
    shutil.rmtree(place, ignore_errors=True)


def write(path: Path, content: bytes, *, executable: bool = False) -> None:
    """Write a new file that only this user may read."""
    descriptor = os.open(
        path,
        os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC,
        0o700 if executable else 0o600,
    )
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def unpack(files: Iterable[File], root: Path) -> None:
    """Write the files of a commit below `root`, links last, so that none of them leads a file elsewhere.

    Raises:
        TerraformError: one would lie outside.
    """
    links = []
    for file in files:
        parts = PurePosixPath(file.path).parts
        if not parts or file.path.startswith("/") or _NOT_A_NAME & {part.lower() for part in parts}:
            raise _outside(file.path)
        if file.is_link:
            links.append(file)
            continue
        path = root.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write(path, file.content, executable=file.executable)
    for link in links:
        leads = os.fsdecode(link.content)
        if leads.startswith("/") or os.path.normpath(PurePosixPath(link.path).parent / leads).startswith(
            ".."
        ):
            raise _outside(link.path)
        path = root / link.path
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.symlink_to(leads)


def _outside(path: str) -> TerraformError:
    return TerraformError(
        f"The commit holds {printable(path)!r}, which leads out of the repository.",
        remedy="Look who made that commit, and go back to another.",
    )


@contextmanager
def on_disk() -> Iterator[None]:
    """Tell what the disk says as a sentence."""
    try:
        yield
    except OSError as error:
        where = printable(error.filename or "the directory for plans")
        reason = os.strerror(error.errno or errno.EIO)
        raise TerraformError(
            f"Terraform's files can't be kept in {where}: {reason}.",
            remedy="Let it be a directory of yours, on a disk of this machine that has room.",
        ) from None

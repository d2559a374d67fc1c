"""Making the hands on a live environment, and the private place where their journals are."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rollback._text import printable, quoted
from rollback.access import Access
from rollback.aws import Aws
from rollback.clock import SystemClock
from rollback.errors import JournalError
from rollback.github.client import GitHub
from rollback.http import HttpSession
from rollback.journal import Journal
from rollback.live.session import Session
from rollback.process import Processes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rollback.clock import Clock
    from rollback.environment import Environment

_PURPOSE: Final = re.compile(r"[a-z][a-z0-9-]{0,30}")
_SAME_SECOND: Final = 100
"""So many journals may begin within one second."""


def hands(
    environment: Environment,
    *,
    purpose: str,
    profile: str | None = None,
    journal: Path | None = None,
    directory: Path | None = None,
    clock: Clock | None = None,
) -> Access:
    """The hands on a live environment. Nothing is asked yet: `rollback.live.check` does that.

    They work in the region that this machine is set to, and in the environment's where it is set to none: so a wrong
    one is noticed, and not papered over.

    Args:
        environment: the place.
        purpose: what they are for, in the journal's name, as ``incident`` or ``drill``.
        profile: the AWS profile; without one, what the AWS CLI would use.
        journal: where to record; one that exists is gone on with. Without it, a new one in `directory`.
        directory: what is kept between runs; this user's own if nothing else is said.
        clock: the time; this machine's if nothing else is said.

    Raises:
        NotReady: there is no such profile, or the AWS configuration can't be read.
        JournalError: the journal can't be written, or the directory isn't this user's own.
    """
    clock = clock or SystemClock()
    session = Session(region=environment.region, profile=profile)
    place = _private(directory or state_directory())
    opened = _journal(environment, purpose, journal, place, clock)
    http = HttpSession(opened, clock)
    repository = environment.repository
    return Access(
        aws=Aws(session, region=session.region, journal=opened, clock=clock),
        http=http,
        processes=Processes(opened, clock, env=session.variables),
        github=GitHub(
            HttpSession(opened, clock),
            repository,
            token=os.environ.get(repository.token_variable, ""),
            clock=clock,
            journal=opened,
        ),
        directory=_private(place / "kept"),
        clock=clock,
        journal=opened,
    )


def state_directory(variables: Mapping[str, str] = os.environ) -> Path:
    """Where what outlives a run is kept for this user (XDG Base Directory Specification: a relative path is ignored)."""
    told = variables.get("XDG_STATE_HOME", "")
    base = Path(told) if told.startswith("/") else Path.home() / ".local" / "state"
    return base / "rollback"


def journals(environment: Environment, directory: Path | None = None) -> tuple[Path, ...]:
    """The journals of an environment, the newest first, by the time in their names."""
    place = (directory or state_directory()) / "journals"
    found = [path for path in place.glob("*.jsonl") if _NAMED.fullmatch(path.stem)]
    mine = [path for path in found if path.stem.partition("-")[2].startswith(f"{environment.name}.")]
    return tuple(sorted(mine, key=lambda path: path.stem, reverse=True))


_NAMED: Final = re.compile(r"\d{8}T\d{6}Z-[a-z0-9_-]+\.[a-z0-9-]+(\.\d+)?")


def _journal(
    environment: Environment, purpose: str, journal: Path | None, place: Path, clock: Clock
) -> Journal:
    if journal is not None:
        return Journal.open(journal, clock) if journal.exists() else Journal.create(journal, clock)
    if not _PURPOSE.fullmatch(purpose):
        raise JournalError(
            f"A journal can't be named for {quoted(purpose)}.",
            remedy="Say what it is for in one word of small letters, as incident.",
        )
    inside = _private(place / "journals")
    stem = f"{clock.now():%Y%m%dT%H%M%SZ}-{environment.name}.{purpose}"
    for count in range(1, _SAME_SECOND):
        path = inside / (f"{stem}.jsonl" if count == 1 else f"{stem}.{count}.jsonl")
        if not path.exists():
            return Journal.create(path, clock)
    raise JournalError(
        f"{printable(inside)} holds a journal for every name of this second.", remedy="Try again."
    )


def _private(directory: Path) -> Path:
    """Make the directory this user's own, with nobody else let in.

    Raises:
        JournalError: it is somebody else's, or can't be made.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        seen = directory.stat()
        if seen.st_uid != os.geteuid():
            raise JournalError(
                f"{printable(directory)} belongs to another user, who could read and change what is recorded there.",
                remedy="Set XDG_STATE_HOME to a directory of your own.",
            )
        if seen.st_mode & 0o077:
            directory.chmod(0o700)
    except OSError as error:
        raise JournalError(
            f"{printable(directory)} can't be used for the journal: {error.strerror}.",
            remedy="Set XDG_STATE_HOME to a directory that you may write to.",
        ) from error
    return directory

"""Where a command works, with which hands, and who may: all that is known before anything is planned."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from rollback._text import printable
from rollback.cli.codes import Mistyped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollback.access import Access
    from rollback.cli.parameters import Asked
    from rollback.cli.screen import Screen
    from rollback.environment import Environment, Environments
    from rollback.record.model import Begun

FILE: Final = Path("environments.toml")


def environments(asked: Asked) -> Environments:
    """All environments of the file.

    Raises:
        ConfigurationError: it can't be read, or something in it is wrong.
    """
    from rollback.environment import load  # noqa: PLC0415 - pydantic, which --help need not import

    return load(asked.environments or FILE)


def environment(asked: Asked, screen: Screen) -> Environment:
    """The one that was named; else the file's default, which is said, and never taken by who isn't asked again.

    Raises:
        ConfigurationError: there is none of that name.
        Mistyped: none was named, and nobody is going to be asked.
    """
    known = environments(asked)
    if asked.env:
        return known.get(asked.env)
    names = ", ".join(known.names)
    if asked.yes:
        raise Mistyped(
            "--yes without --env: the default environment is never taken without asking.",
            remedy=f"Name it: --env {known.default.name}. The environments are {names}.",
        )
    screen.tell(
        f"No --env, so this is {known.default.name}, the default of {printable(known.path.name)}.",
        style="yellow",
    )
    return known.default


def environment_of(begun: Begun, asked: Asked, screen: Screen) -> Environment:
    """The environment of a journal, unless one was named.

    Raises:
        ConfigurationError: the file knows none of that name.
    """
    if asked.env:
        return environment(asked, screen)
    return environments(asked).get(begun.environment)


def hands(place: Environment, asked: Asked, *, purpose: str, journal: Path | None = None) -> Access:
    """The hands on it; tests put others in this place.

    Raises:
        NotReady: there is no such profile, or the AWS configuration can't be read.
        JournalError: the journal can't be written.
    """
    from rollback import live  # noqa: PLC0415 - botocore, which --help need not import

    return live.hands(place, purpose=purpose, profile=asked.profile or None, journal=journal or asked.journal)


@contextmanager
def looking(place: Environment, asked: Asked, *, journal: Path | None = None) -> Iterator[Access]:
    """Hands that only look, and whose journal is kept only where one is named.

    Raises:
        NotReady, JournalError: as `hands`.
    """
    from rollback.live.readonly import read_only  # noqa: PLC0415 - likewise

    with TemporaryDirectory(prefix="rollback-", ignore_cleanup_errors=True) as directory:
        access = hands(place, asked, purpose="look", journal=journal or Path(directory) / "look.jsonl")
        only = read_only(access)
        try:
            yield only
        finally:
            only.aws.close()
            closed(access)


@contextmanager
def working(
    place: Environment, asked: Asked, *, purpose: str, journal: Path | None = None
) -> Iterator[Access]:
    """Hands that may change things, with a journal that stays.

    Raises:
        NotReady, JournalError: as `hands`.
    """
    access = hands(place, asked, purpose=purpose, journal=journal)
    try:
        yield access
    finally:
        closed(access)


def closed(access: Access) -> None:
    """Let go of clients, sessions and the journal."""
    access.aws.close()
    access.http.close()
    access.journal.close()


def journals(place: Environment) -> tuple[Path, ...]:
    """This user's journals of an environment, the newest first."""
    from rollback.live.hands import journals as kept  # noqa: PLC0415 - likewise

    return kept(place)


def webhook_variables() -> dict[str, str]:
    """The environment variables, where the address of the team's webhook is."""
    return dict(os.environ)

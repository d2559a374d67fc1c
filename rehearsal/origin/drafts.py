"""Commits before they are made, and how git fast-import is told of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who commits: as git names them, and their login at GitHub."""

    name: str
    email: str
    login: str

    def __post_init__(self) -> None:
        if not self.name.strip() or any(c in "<>\n\0" for c in self.name + self.email):
            raise ValueError(f"git can't name {self.name!r} <{self.email!r}> as an author.")


DEVELOPER: Final = Person("Robin Vega", "robin@example.com", "robin-vega")
"""Who commits where nobody is named."""
WEB_FLOW: Final = Person("GitHub", "noreply@github.com", "web-flow")
"""Who commits what is merged at GitHub; the author is the person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A commit that is about to be made.

    Attributes:
        ref: the reference that it moves or makes, as ``refs/heads/main``.
        parents: object names, or positions in the same list of drafts; none for a root commit.
        message: the whole message.
        files: what it changes against its first parent: the new text by path, None where the file goes.
        author: who wrote it.
        committer: who committed it.
        at: when.
    """

    ref: str
    parents: tuple[str | int, ...]
    message: str
    files: Mapping[str, str | None] = field(default_factory=dict)
    author: Person = DEVELOPER
    committer: Person = DEVELOPER
    at: datetime


def message_of(subject: str, body: str = "") -> str:
    """A commit message, as git words it."""
    return f"{subject.strip()}\n\n{body.strip()}\n" if body.strip() else f"{subject.strip()}\n"


def signature(person: Person, at: datetime) -> str:
    """A person and a time, as a commit has them (UTC)."""
    return f"{person.name} <{person.email}> {int(at.timestamp())} +0000"


def stream(drafts: Sequence[Draft]) -> bytes:
    """The input of ``git fast-import`` that makes `drafts` and prints their object names, a line each."""
    parts = [part for number, draft in enumerate(drafts) for part in _commit(draft, number)]
    parts += [f"get-mark :{number + 1}\n".encode() for number in range(len(drafts))]
    return b"".join([*parts, b"done\n"])


def check_path(path: str) -> None:
    """See that a file of the repository may be called `path`.

    Raises:
        ValueError: it is absolute, leaves the repository, or can't be told to git.
    """
    parts = path.split("/")
    if any(part in {"", ".", ".."} or part.lower() == ".git" for part in parts):
        raise ValueError(f"No file of a repository can be called {path!r}: name it from its root.")
    if any(c in '\n\0"\\' for c in path):
        raise ValueError(f"No file of the stage's repository may be called {path!r}.")


def _commit(draft: Draft, number: int) -> Iterator[bytes]:
    yield f"commit {draft.ref}\nmark :{number + 1}\n".encode()
    yield f"author {signature(draft.author, draft.at)}\n".encode()
    yield f"committer {signature(draft.committer, draft.at)}\n".encode()
    yield _data(draft.message)
    for position, parent in enumerate(draft.parents):
        name = f":{parent + 1}" if isinstance(parent, int) else parent
        yield f"{'merge' if position else 'from'} {name}\n".encode()
    # Sorted: what becomes a directory goes before anything in it comes.
    for path, text in sorted(draft.files.items(), key=lambda file: file[0]):
        check_path(path)
        if text is None:
            yield f"D {path}\n".encode()
        else:
            yield f"M 100644 inline {path}\n".encode() + _data(text)
    yield b"\n"


def _data(text: str) -> bytes:
    encoded = text.encode()
    return b"data %d\n%s\n" % (len(encoded), encoded)

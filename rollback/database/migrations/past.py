"""The migrations of a commit as a whole: what stands on what, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from rollback._text import printable
from rollback.database.migrations.model import Head, Unreadable
from rollback.database.migrations.reading import read_head

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_VERSIONS: Final = "versions"
_ASIDE: Final = frozenset({"env.py", "__init__.py", "script.py.mako", "alembic.ini", "README", ".gitkeep"})
"""What alembic keeps beside its revisions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The migrations of one commit.

    Attributes:
        heads: its revisions, each with the files that claim it, in the order of their paths.
        unreadable: the files that should hold one, and don't.
        others: files that aren't alembic's: their paths.
        blobs: the object name of each file's content, by its path.
    """

    heads: Mapping[str, tuple[Head, ...]] = field(default_factory=dict)
    unreadable: tuple[Unreadable, ...] = ()
    others: tuple[str, ...] = ()
    blobs: Mapping[str, str] = field(default_factory=dict)

    @property
    def newest(self) -> tuple[str, ...]:
        """The revisions on which none stands: what alembic calls its heads."""
        stood_on = {down for heads in self.heads.values() for head in heads for down in head.down}
        return tuple(revision for revision in self.heads if revision not in stood_on)

    def troubles(self) -> Iterator[str]:
        """What is wrong with it, a sentence each."""
        yield from (f"{printable(each.path)} can't be read: {each.why}" for each in self.unreadable)
        for revision, heads in self.heads.items():
            name = printable(revision)
            if len(heads) > 1:
                yield f"{name} is claimed by {' and '.join(printable(head.path) for head in heads)}."
            for below in dict.fromkeys(each for head in heads for each in (*head.down, *head.depends)):
                if below not in self.heads:
                    yield f"{name} stands on {printable(below)}, which no file holds: there is a gap."
        if circle := self.circle():
            yield f"{' -> '.join(printable(each) for each in (*circle, circle[0]))} is a circle: none of them is first."
        elif len(self.newest) > 1:
            yield (
                f"There are {len(self.newest)} heads, {', '.join(printable(each) for each in self.newest)}: "
                "alembic can't tell which one to upgrade to."
            )

    def circle(self) -> tuple[str, ...]:
        """Revisions that stand on each other in a circle, or none."""
        left = set(self.heads) - set(self.ordered())
        if not left:
            return ()
        # Each of these stands on another of them, so that going down comes back in the end.
        walked = [min(left)]
        while True:
            below = next(each for each in self._below(walked[-1]) if each in left)
            if below in walked:
                return tuple(walked[walked.index(below) :])
            walked.append(below)

    def ordered(self) -> tuple[str, ...]:
        """The revisions, each after all that it stands on, without those in a circle or on one."""
        waiting = {each: {down for down in self._below(each) if down in self.heads} for each in self.heads}
        above: dict[str, list[str]] = {}
        for each, downs in waiting.items():
            for down in downs:
                above.setdefault(down, []).append(each)
        ready = [each for each, downs in waiting.items() if not downs]
        for each in ready:  # which grows
            for higher in above.get(each, ()):
                waiting[higher].discard(each)
                if not waiting[higher]:
                    ready.append(higher)
        return tuple(ready)

    def _below(self, revision: str) -> tuple[str, ...]:
        return tuple(down for head in self.heads[revision] for down in (*head.down, *head.depends))


def scripts(paths: Iterable[str]) -> frozenset[str]:
    """Those of `paths` that alembic takes for revisions: the Python files of its directories ``versions``.

    Where there is no such directory, all Python files but ``env.py``.
    """
    python = [path for path in map(PurePosixPath, paths) if path.suffix == ".py" and path.name not in _ASIDE]
    below = [path for path in python if _VERSIONS in path.parts[:-1]]
    return frozenset(str(path) for path in below or python)


def past(
    blobs: Mapping[str, str], contents: Mapping[str, bytes], known: dict[tuple[str, str], Head | Unreadable]
) -> Past:
    """The migrations among the files of a commit.

    Args:
        blobs: the object names of the files' contents, by their paths.
        contents: what they hold, at least the Python ones, by their object names.
        known: what has been read already, by path and object name; it is added to.
    """
    ours = scripts(blobs)
    heads: dict[str, tuple[Head, ...]] = {}
    unreadable = []
    for path in sorted(ours):
        key = path, blobs[path]
        if key not in known:
            known[key] = read_head(path, contents[blobs[path]])
        read = known[key]
        if isinstance(read, Unreadable):
            unreadable.append(read)
        else:
            heads[read.revision] = (*heads.get(read.revision, ()), read)
    others = sorted(path for path in blobs if path not in ours and not _aside(PurePosixPath(path)))
    return Past(heads=heads, unreadable=tuple(unreadable), others=tuple(others), blobs=blobs)


def _aside(path: PurePosixPath) -> bool:
    return path.name in _ASIDE or path.suffix in {".md", ".rst", ".txt", ".ini", ".mako"}

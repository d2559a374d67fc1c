"""Which migrations lie between two commits, and whether the older code runs on the schema of the newer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rollback.database.migrations.model import Effect, Head, Migration, Operation, Unreadable, worst
from rollback.database.migrations.past import Past, past
from rollback.database.migrations.reading import read, same_upgrade
from rollback.database.migrations.statements import read_sql

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rollback.environment import Repository
    from rollback.git import Copy


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """What a rollback goes over on its way from one commit to another.

    Attributes:
        taken: the migrations that the target doesn't hold, the newest first; the schema has them.
        wanted: those that only the target holds, the oldest first; the schema may lack them.
        edited: those that both hold, and that do one thing here and another there.
        troubles_here: what is wrong with the migrations of the commit it starts from, a sentence each.
        troubles_there: the same of the target.
    """

    taken: tuple[Migration, ...] = ()
    wanted: tuple[Migration, ...] = ()
    edited: tuple[Migration, ...] = ()
    troubles_here: tuple[str, ...] = ()
    troubles_there: tuple[str, ...] = ()

    @property
    def effect(self) -> Effect:
        """What the schema has become for the target."""
        return worst((*(each.effect for each in self.taken), *(Effect.UNKNOWN for _ in self.edited)))

    @property
    def keepable(self) -> tuple[str, ...]:
        """The files that a revert has to leave where they are, and may: those of migrations that only widen."""
        if self.edited or not self.effect.safe:
            return ()
        return tuple(each.head.path for each in self.taken)

    @property
    def empty(self) -> bool:
        """Whether there is no migration between the two."""
        return not (self.taken or self.wanted or self.edited)


def crossing(copy: Copy, repository: Repository, *, here: str, there: str) -> Crossing:
    """The migrations between what has been deployed and where a rollback goes.

    Args:
        copy: of the repository.
        repository: which of its paths hold migrations.
        here: the whole name of the commit or tree whose migrations the schema has.
        there: that of the target.

    Raises:
        CopyDamaged: a file isn't there.
    """
    before, after = (copy.matching(each, repository.migrations) for each in (here, there))
    if before == after and not before:
        return Crossing()
    wanted = {sha for path, sha in (*before.items(), *after.items()) if path.endswith(".py")}
    moved = {path for path in {*before, *after} if before.get(path) != after.get(path)}
    wanted |= {files[path] for files in (before, after) for path in moved if path in files}
    contents = copy.contents(wanted)
    known: dict[tuple[str, str], Head | Unreadable] = {}
    one, other = past(before, contents, known), past(after, contents, known)
    return Crossing(
        taken=_only(one, other, contents)[::-1],
        wanted=_only(other, one, contents),
        edited=tuple(_edited(one, other, contents)),
        troubles_here=tuple(one.troubles()),
        troubles_there=tuple(other.troubles()),
    )


def _only(one: Past, other: Past, contents: dict[str, bytes]) -> tuple[Migration, ...]:
    """What only `one` holds, the oldest first."""
    order = {revision: number for number, revision in enumerate(one.ordered())}
    alone = sorted(
        (each for each in one.heads if each not in other.heads), key=lambda each: order.get(each, -1)
    )
    found = [
        _whole(head, contents[one.blobs[head.path]]) for revision in alone for head in one.heads[revision]
    ]
    found += (_unread(each) for each in one.unreadable if other.blobs.get(each.path) != one.blobs[each.path])
    found += (_foreign(path, contents[one.blobs[path]]) for path in one.others if path not in other.blobs)
    return tuple(found)


def _edited(one: Past, other: Past, contents: dict[str, bytes]) -> Iterable[Migration]:
    for revision, heads in one.heads.items():
        head, there = heads[0], other.heads.get(revision)
        if there is None:
            continue
        ours, theirs = one.blobs[head.path], other.blobs[there[0].path]
        if ours != theirs and not same_upgrade(contents[ours], contents[theirs]):
            yield _whole(head, contents[ours])
    for path in one.others:
        if path in other.blobs and one.blobs[path] != other.blobs[path]:
            yield _foreign(path, contents[one.blobs[path]])


def _whole(head: Head, content: bytes) -> Migration:
    migration = read(head.path, content)
    return _unread(migration, head) if isinstance(migration, Unreadable) else migration


def _unread(file: Unreadable, head: Head | None = None) -> Migration:
    """A migration of which it can't be told what it does."""
    what = f"can't be read ({file.why.rstrip('.')})"
    return Migration(
        head=head or Head(path=file.path, revision=file.path), operations=(Operation(Effect.UNKNOWN, what),)
    )


def _foreign(path: str, content: bytes) -> Migration:
    """A file that isn't alembic's: SQL is read, and nothing else."""
    head = Head(path=path, revision=path)
    if not path.endswith(".sql"):
        return Migration(
            head=head, operations=(Operation(Effect.UNKNOWN, "is in a form that isn't read here"),)
        )
    return Migration(head=head, operations=read_sql(content.decode(errors="replace")))

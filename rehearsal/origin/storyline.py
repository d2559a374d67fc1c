"""Writing a history before it happens, so that git makes all of it in one go."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rehearsal.origin.drafts import WEB_FLOW, Draft, Person, message_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from rehearsal.origin.repository import Bare


@dataclass(frozen=True, slots=True)
class Point:
    """A commit of the storyline, made or not yet: its place in it, and the files that are in it."""

    number: int
    files: Mapping[str, str] = field(repr=False)


class Storyline:
    """Commits in the order in which they were made. `happen` has git make those that are new.

    Merges are worked out here, without git, from the files alone; what would need a closer look (both sides
    have changed the same file) has no place in a storyline.
    """

    def __init__(self, bare: Bare) -> None:
        self._bare = bare
        self._drafts: list[Draft] = []
        self._made: list[str] = []

    def commit(
        self,
        ref: str,
        on: Point | None,
        files: Mapping[str, str | None],
        *,
        subject: str,
        author: Person,
        at: datetime,
        body: str = "",
    ) -> Point:
        """Commit on top of `on`, or at the beginning, and have `ref` point there."""
        parents = (on,) if on else ()
        return self._add(
            ref, parents, files, message_of(subject, body), author=author, committer=author, at=at
        )

    def merge(
        self,
        ref: str,
        on: Point,
        head: Point,
        *,
        since: Point,
        squash: bool,
        subject: str,
        body: str,
        author: Person,
        at: datetime,
    ) -> Point:
        """Merge what has happened from `since` to `head` on top of `on`, by a merge commit or as one commit."""
        parents = (on,) if squash else (on, head)
        message = message_of(subject, body)
        return self._add(
            ref, parents, _changes(on, head, since), message, author=author, committer=WEB_FLOW, at=at
        )

    def happen(self) -> None:
        """Have git make what is new."""
        self._made += self._bare.make(self._drafts)
        self._drafts.clear()

    def sha(self, point: Point) -> str:
        """The object name of a commit that has happened."""
        return self._made[point.number]

    def _add(
        self,
        ref: str,
        parents: tuple[Point, ...],
        files: Mapping[str, str | None],
        message: str,
        *,
        author: Person,
        committer: Person,
        at: datetime,
    ) -> Point:
        self._drafts.append(
            Draft(
                ref=ref,
                parents=tuple(self._name(parent) for parent in parents),
                message=message,
                files=files,
                author=author,
                committer=committer,
                at=at,
            )
        )
        before = parents[0].files if parents else {}
        after = {path: text for path, text in {**before, **files}.items() if text is not None}
        return Point(len(self._made) + len(self._drafts) - 1, after)

    def _name(self, point: Point) -> str | int:
        """A parent as a draft has it."""
        made = len(self._made)
        return self._made[point.number] if point.number < made else point.number - made


def _changes(on: Point, head: Point, since: Point) -> dict[str, str | None]:
    """What a merge changes on `on`.

    Raises:
        ValueError: both sides have changed the same file.
    """
    changed = {
        path: head.files.get(path)
        for path in sorted(since.files.keys() | head.files.keys())
        if since.files.get(path) != head.files.get(path)
    }
    for path in changed:
        if on.files.get(path) != since.files.get(path):
            raise ValueError(f"Both sides of a merge in the storyline have changed {path}.")
    return changed

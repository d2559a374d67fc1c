"""How a team works on its repository: commits on the branch, and pull requests that are merged to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from rehearsal.origin.drafts import DEVELOPER, Person
from rehearsal.origin.storyline import Point, Storyline

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rehearsal.origin.repository import Bare

_REVIEW: Final = timedelta(hours=3)
"""How long a pull request is open."""
_STEP: Final = timedelta(minutes=10)
"""The time between two commits of a pull request."""


class Kind(StrEnum):
    """How a pull request is merged."""

    MERGE = "merge"
    SQUASH = "squash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """A pull request that was merged; times are UTC.

    Attributes:
        number: as people say it.
        title: what it is about.
        head: the branch it was made on, which is gone.
        head_sha: its last commit.
        base: the branch it was merged to.
        base_sha: where that was when it was opened.
        author: who opened and merged it.
        created_at: when it was opened.
        merged_at: when it was merged.
        merge_commit: the commit on the base branch.
        commits: how many it had.
        kind: how it was merged.
    """

    number: int
    title: str
    head: str
    head_sha: str
    base: str
    base_sha: str
    author: Person
    created_at: datetime
    merged_at: datetime
    merge_commit: str
    commits: int
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A pull request before it is merged.

    Attributes:
        title: what it is about.
        head: the branch it is made on.
        at: when it is merged.
        kind: how.
        author: who opens and merges it.
        base: the branch it is merged to; empty for the default one.
    """

    title: str
    head: str
    at: datetime
    kind: Kind = Kind.MERGE
    author: Person = DEVELOPER
    base: str = ""


@dataclass(frozen=True, slots=True)
class _Done:
    """A pull request whose commits have no object names yet: where it began and ended, and its merge."""

    proposal: Proposal
    since: Point
    head: Point
    merged: Point
    commits: int


class Past:
    """The line of commits that is being written, on the branch `branch`.

    Attributes:
        line: the storyline itself.
        numbered: how many pull requests there were.
    """

    def __init__(self, bare: Bare, branch: str, *, owner: str) -> None:
        self.line = Storyline(bare)
        self._branch = branch
        self._owner = owner
        self._tip: Point | None = None
        self._pulls: list[_Done] = []

    @property
    def tip(self) -> Point:
        """The newest commit of the line."""
        if self._tip is None:
            raise LookupError("Nothing has been committed yet.")
        return self._tip

    @property
    def numbered(self) -> int:
        """How many pull requests there were."""
        return len(self._pulls)

    def commit(
        self,
        subject: str,
        files: Mapping[str, str | None],
        at: datetime,
        *,
        author: Person = DEVELOPER,
        body: str = "",
    ) -> Point:
        """Commit on the line itself."""
        ref = f"refs/heads/{self._branch}"
        self._tip = self.line.commit(ref, self._tip, files, subject=subject, body=body, author=author, at=at)
        return self._tip

    def pull(self, proposal: Proposal, steps: Sequence[Mapping[str, str | None]]) -> Point:
        """Merge a pull request that has a commit for each of `steps` on top of the line."""
        head = self.tip
        ref = f"refs/pull/{self.numbered + 1}/head"
        for number, files in enumerate(steps):
            subject = f"Test it: {proposal.title}" if number else proposal.title
            at = proposal.at - _REVIEW + number * _STEP
            head = self.line.commit(ref, head, files, subject=subject, author=proposal.author, at=at)
        merged = self.merge(proposal, head, on=self.tip, commits=len(steps))
        if not proposal.base or proposal.base == self._branch:
            self._tip = merged
        return merged

    def merge(self, proposal: Proposal, head: Point, *, on: Point, commits: int) -> Point:
        """Merge what `head` has on top of the line to another branch, which is at `on`."""
        number = self.numbered + 1
        squashed = proposal.kind is Kind.SQUASH
        merged = self.line.merge(
            f"refs/heads/{proposal.base or self._branch}",
            on,
            head,
            since=self.tip,
            squash=squashed,
            subject=f"{proposal.title} (#{number})"
            if squashed
            else f"Merge pull request #{number} from {self._owner}/{proposal.head}",
            body="" if squashed else proposal.title,
            author=proposal.author,
            at=proposal.at,
        )
        self._pulls.append(_Done(proposal, on, head, merged, commits))
        return merged

    def pulls(self) -> tuple[Merged, ...]:
        """All pull requests, once they have happened."""
        return tuple(
            Merged(
                number=number,
                title=done.proposal.title,
                head=done.proposal.head,
                head_sha=self.line.sha(done.head),
                base=done.proposal.base or self._branch,
                base_sha=self.line.sha(done.since),
                author=done.proposal.author,
                created_at=done.proposal.at - _REVIEW + done.commits * _STEP,
                merged_at=done.proposal.at,
                merge_commit=self.line.sha(done.merged),
                commits=done.commits,
                kind=done.proposal.kind,
            )
            for number, done in enumerate(self._pulls, start=1)
        )

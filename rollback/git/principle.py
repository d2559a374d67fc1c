"""The runbook's key principle: infrastructure and application changes live in separate pull requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rollback._text import printable, quoted
from rollback.git.errors import GitError, UnknownCommit
from rollback.git.history import changed
from rollback.git.kinds import Kinds, kinds_of
from rollback.git.run import Git
from rollback.process import literal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rollback.environment import Repository
    from rollback.process import Processes

_MOST_SHOWN: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequestCheck:
    """Whether a change keeps to one side.

    Attributes:
        base: the commit that it departs from, which is the merge base of the two that were named.
        head: its last commit.
        kinds: the paths it changes, by side.
    """

    base: str
    head: str
    kinds: Kinds

    @property
    def mixed(self) -> bool:
        """Whether it changes both sides."""
        return self.kinds.mixed

    @property
    def sentence(self) -> str:
        """What was found, and what to do about it."""
        kinds = self.kinds
        if kinds.mixed:
            return (
                f"This change mixes infrastructure ({_shown(kinds.infrastructure)}) and application "
                f"({_shown(kinds.application)}), so that one revert can't undo just one of them: "
                "make it two pull requests."
            )
        if kinds.infrastructure:
            return f"This change is to the infrastructure only ({_shown(kinds.infrastructure)})."
        if kinds.application:
            return f"This change is to the application only ({_shown(kinds.application)})."
        return "This change is to neither the infrastructure nor the application."


def check_pull_request(
    repository: Repository, processes: Processes, checkout: Path, *, base: str, head: str
) -> PullRequestCheck:
    """Whether what `head` changes since it departed from `base` mixes infrastructure and application.

    Args:
        repository: whose lists say which path is whose.
        processes: how to run git.
        checkout: any directory of a checkout that has both; it is only read.
        base: the branch that it is meant for, as git names it there: ``origin/main``.
        head: its last commit, as ``HEAD``.

    Raises:
        GitError: one of them isn't there, or the checkout doesn't reach back to where they departed.
    """
    git = Git(processes, None, checkout)
    first, last = (_commit(git, text, what) for text, what in ((base, "base"), (head, "head")))
    common = git.run("merge-base", first, last, ok=(0, 1)).text.split()
    if not common:
        raise GitError(
            f"{quoted(base)} and {quoted(head)} have no commit in common, as far as this checkout reaches back.",
            remedy="Fetch the whole history: with actions/checkout, `fetch-depth: 0`.",
        )
    return PullRequestCheck(
        base=common[0], head=last, kinds=kinds_of(changed(git, common[0], last), repository)
    )


def _commit(git: Git, text: str, what: str) -> str:
    word = literal(text, what=what)
    found = git.run(
        "rev-parse", "--verify", "--quiet", "--end-of-options", f"{word}^{{commit}}", ok=(0, 1)
    ).text.split()
    if not found:
        raise UnknownCommit(
            f"The {what} {quoted(word)} is not a commit of this checkout.",
            remedy="Fetch it first: with actions/checkout, `fetch-depth: 0`.",
        )
    return found[-1]


def _shown(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - _MOST_SHOWN} more" if len(paths) > _MOST_SHOWN else ""
    return ", ".join(printable(path) for path in paths[:_MOST_SHOWN]) + more

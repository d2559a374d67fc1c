"""From what was asked for to the commits on the branch."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rollback._text import quoted
from rollback.git import AmbiguousCommit, NotACommit, NotOnBranch, UnknownCommit
from rollback.plan import Finding, ok, refusal, warning
from rollback.revert import by_hand
from rollback.revert.change import NamedCommit, NamedPullRequest, NamedRange

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.git import Commit, Copy
    from rollback.github.model import PullRequest
    from rollback.revert.change import Change


@dataclass(frozen=True, slots=True)
class Found:
    """The commits that a change consists of, the oldest first; none where it can't be reverted."""

    commits: tuple[Commit, ...]
    findings: tuple[Finding, ...]
    pull_request: PullRequest | None = None


def find(environment: Environment, access: Access, copy: Copy, tip: Commit, change: Change) -> Found:
    """Find the commits of `change` on the environment's branch, whose newest commit is `tip`.

    Raises:
        GitHubError: GitHub doesn't tell about the pull request.
        GitError: git fails otherwise than by not finding a commit.
    """
    try:
        match change:
            case NamedPullRequest():
                return _pull_request(environment, access, copy, tip, change)
            case NamedRange():
                return _range(environment, copy, tip, change)
            case NamedCommit():
                return _on_branch(environment, copy, tip, copy.commit(change.name))
    except (AmbiguousCommit, NotACommit, NotOnBranch, UnknownCommit) as error:
        return Found(
            (), (refusal("change-known", error.sentence, error.remedy, by_hand.history(environment)),)
        )


def _on_branch(environment: Environment, copy: Copy, tip: Commit, commit: Commit) -> Found:
    if not copy.holds(tip, commit):
        seen = (
            f"The commit {commit.short} ({quoted(commit.subject)}) is not on {environment.branch}, "
            f"so it can't be what is wrong in {environment.name}."
        )
        return Found(
            (),
            (
                refusal(
                    "change-on-branch",
                    seen,
                    f"Choose one of the commits of {environment.branch}.",
                    by_hand.history(environment),
                ),
            ),
        )
    return Found((commit,), (ok("change-on-branch", _told(environment, commit)),))


def _range(environment: Environment, copy: Copy, tip: Commit, change: NamedRange) -> Found:
    last = copy.commit(change.last)
    commits = copy.between(copy.commit(change.after), last, tip)[1:]
    if not commits:
        empty = refusal(
            "change-known",
            f"There is no commit after {change.after} up to {change.last}.",
            "Name the commit before the first one that you want to revert, then the last one.",
            by_hand.history(environment),
        )
        return Found((), (empty,))
    return Found(commits, tuple(ok("change-on-branch", _told(environment, commit)) for commit in commits))


def _pull_request(
    environment: Environment, access: Access, copy: Copy, tip: Commit, change: NamedPullRequest
) -> Found:
    pull = access.github.pull_request(change.number)
    named = f"Pull request #{pull.number} ({quoted(pull.title)})"
    if not pull.merged:
        still = "is still open" if pull.state == "open" else "was closed without being merged"
        not_merged = refusal(
            "pull-request-merged",
            f"{named} {still}, so nothing of it can have been deployed.",
            "Find the change that was: read the branch's history.",
            by_hand.history(environment),
        )
        return Found((), (not_merged,), pull)
    found = _on_branch(environment, copy, tip, copy.commit(pull.merge_commit))
    if not found.commits:
        elsewhere = refusal(
            "pull-request-merged",
            f"{named} was merged into {pull.base}, and {environment.branch} doesn't hold it (yet).",
            f"Revert what {environment.branch} holds, or work on the environment that {pull.base} is deployed to.",
            by_hand.history(environment),
        )
        return Found((), (elsewhere,), pull)
    (commit,) = found.commits
    findings = (ok("pull-request-merged", f"{named} was merged as {commit.short}."), *_shape(pull, commit))
    return Found(found.commits, findings, pull)


def _shape(pull: PullRequest, commit: Commit) -> tuple[Finding, ...]:
    """Whether the one commit is all of the pull request.

    GitHub Docs, "About merge methods": a squash leaves one commit, whose subject by default ends in the
    number; "rebase and merge" leaves each commit for itself, and merge_commit_sha names only the last of them.
    """
    said = re.search(rf"(?<!\w)#{pull.number}(?!\w)", commit.message)
    if commit.is_merge or pull.commits <= 1 or said:
        return ()
    return (
        refusal(
            "pull-request-whole",
            f"Pull request #{pull.number} had {pull.commits} commits, and {commit.short} is neither a merge nor says that "
            "it is all of them: it was probably rebased, and reverting its last commit would leave the others.",
            f"Name its commits as a range: the commit before the first of them, two dots, {commit.short}.",
        ),
    )


def _told(environment: Environment, commit: Commit) -> str:
    return (
        f"{commit.short} ({quoted(commit.subject)}, by {commit.author}, {commit.at:%Y-%m-%d %H:%M} UTC) "
        f"is on {environment.branch}."
    )


def shape_of(commit: Commit) -> Finding:
    """How many parents it has, and so against which it is reverted."""
    if not commit.parents:
        return refusal(
            "parents",
            f"{commit.short} is the first commit of all: there is nothing before it to go back to.",
            "Choose a later one.",
        )
    if len(commit.parents) > 2:  # noqa: PLR2004 - a merge of two is the usual one
        return warning(
            "parents",
            f"{commit.short} joins {len(commit.parents) - 1} branches at once; its revert takes all of them back (-m 1).",
            "Make sure that you want that.",
        )
    if commit.is_merge:
        return ok(
            "parents",
            f"{commit.short} is a merge of {len(commit.parents)} parents: it is reverted against the first (-m 1), "
            "the branch it was merged into.",
        )
    return ok("parents", f"{commit.short} has one parent, so it is reverted as it is.")

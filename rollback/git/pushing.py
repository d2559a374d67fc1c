"""A push that never overwrites anything, and knows whether it has arrived."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rollback._text import printable, quoted
from rollback.git.errors import BranchMoved, GitError, PushRefused, PushUncertain
from rollback.git.explaining import disk_full, redacted, remote_error, remote_words
from rollback.git.history import is_ancestor
from rollback.process import Stopped

if TYPE_CHECKING:
    from rollback.git.model import Commit
    from rollback.git.run import Git
    from rollback.process import Completed

PUSH_SECONDS: Final = 300.0
"""What a push may take, with the hooks of the remote."""

_MOVED: Final = re.compile(
    r"fetch first|non-fast-forward|stale info|needs force|already exists|cannot lock ref|incorrect old value"
    r"|failed to update ref"
)
_AGAIN: Final = "Plan again from where the branch is now; nothing was pushed."


def remote_tip(git: Git, remote: str, branch: str) -> str:
    """Where the branch is at the remote now; nothing where there is none."""
    asked = git.talk("ls-remote", "--heads", "--", remote, f"refs/heads/{branch}", remote=remote)
    for line in asked.stdout.decode(errors="surrogateescape").splitlines():
        sha, _, ref = line.partition("\t")
        if ref == f"refs/heads/{branch}":
            return sha
    return ""


def push(git: Git, remote: str, commit: Commit, branch: str, *, known: bool, onto: str) -> None:
    """Put `commit` onto `branch`, which must be at `onto`, or be new.

    Args:
        git: the copy.
        remote: where to.
        commit: what.
        branch: onto which.
        known: whether the branch was there when the copy was fetched.
        onto: the commit that it, or the first of several, was made on.

    Raises:
        BranchMoved: the branch is elsewhere now, or gone.
        PushRefused: a hook or a rule says no.
        PushUncertain: the answer was lost, and the remote can't be asked.
        GitError: it can't be reached, or doesn't let us in; nothing has arrived.
    """
    now = remote_tip(git, remote, branch)
    if now == commit.sha:
        return
    if now != (onto if known or now else ""):
        raise _moved(branch, remote, now)
    try:
        done = git.attempt(
            *(
                "push",
                "--porcelain",
                "--no-verify",
                "--no-signed",
                "--no-follow-tags",
                "--recurse-submodules=no",
            ),
            *("--", remote, f"{commit.sha}:refs/heads/{branch}"),
            seconds=PUSH_SECONDS,
        )
    except Stopped as stopped:
        _look(
            git,
            remote,
            commit,
            branch,
            GitError(stopped.sentence, remedy="Check the network, then try again."),
        )
        return
    status, summary = _status(done, branch)
    if done.code == 0 and status in {" ", "*", "="}:
        return
    if status == "!" and "[remote failure]" not in summary:
        raise _refusal(done, summary, remote, branch)
    _look(git, remote, commit, branch, remote_error(done, remote, git.directory))


def _status(done: Completed, branch: str) -> tuple[str, str]:
    """The flag and the summary of the branch in ``--porcelain`` output (git-push(1)), or nothing."""
    for line in done.stdout.decode(errors="surrogateescape").splitlines():
        flag, *rest = line.split("\t")
        if len(rest) == 2 and rest[0].endswith(f":refs/heads/{branch}"):  # noqa: PLR2004 - from:to and summary
            return flag, rest[1]
    return "", ""


def _refusal(done: Completed, summary: str, remote: str, branch: str) -> GitError:
    """Why the remote, or git by what the remote has, didn't take it."""
    if full := disk_full(done):
        return full
    if _MOVED.search(summary):
        return _moved(branch, remote, "elsewhere")
    reason = remote_words(done) or printable(redacted(summary))
    return PushRefused(
        f"{printable(redacted(remote))} refused the push to {quoted(branch)}: {reason.rstrip('.')}.",
        remedy="Go through a pull request, or have the rule lifted; nothing was changed there.",
    )


def _moved(branch: str, remote: str, now: str) -> BranchMoved:
    place = printable(redacted(remote))
    if not now:
        return BranchMoved(f"The branch {quoted(branch)} of {place} is gone.", remedy=_AGAIN)
    where = f"is at {now[:10]} now" if now != "elsewhere" else "has moved just now"
    return BranchMoved(f"The branch {quoted(branch)} of {place} {where}: somebody was faster.", remedy=_AGAIN)


def _look(git: Git, remote: str, commit: Commit, branch: str, error: GitError) -> None:
    """Look whether it has arrived although the answer didn't.

    Raises:
        PushUncertain: that can't be told.
        GitError: it hasn't.
    """
    try:
        now = remote_tip(git, remote, branch)
        arrived = now == commit.sha or (bool(now) and _under(git, remote, commit, branch, now))
    except (GitError, Stopped) as unseen:
        raise PushUncertain(
            f"Whether the push of {commit.short} to {quoted(branch)} has arrived is not known: {error.sentence} "
            f"And it can't be looked at: {unseen.sentence}",
            remedy=f"Look before you try again: `git ls-remote --heads {printable(redacted(remote))}`.",
        ) from None
    if not arrived:
        raise error


def _under(git: Git, remote: str, commit: Commit, branch: str, tip: str) -> bool:
    """Whether somebody has already built on it."""
    git.talk(
        "fetch",
        "--quiet",
        "--no-tags",
        "--no-write-fetch-head",
        "--",
        remote,
        f"refs/heads/{branch}",
        remote=remote,
    )
    return is_ancestor(git, commit.sha, tip)

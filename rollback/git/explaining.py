"""What git complains of, told in a sentence: who said no, and what to do about it.

Git has no error codes besides 0, 1 and 128, so its words are what there is; `LC_ALL=C` keeps them English.
"""

from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING, Final

from rollback._text import printable
from rollback.git.errors import CopyDamaged, DiskFull, GitError, RemoteDenied, RemoteUnreachable

if TYPE_CHECKING:
    from pathlib import Path

    from rollback.process import Completed

_USER_IN_URL: Final = re.compile(r"(?<=://)[^/\s]*@")
_TOKEN: Final = re.compile(
    r"\b(?:gh[a-z]_\w{10,}|github_pat_\w{10,})|(?<=[Bb]asic )\S{6,}|(?<=[Bb]earer )\S{6,}"
)
_MOST_LINES: Final = 6
_LONGEST_LINE: Final = 300

_DISK: Final = re.compile(r"No space left on device|[Dd]isk quota exceeded|File too large|died of signal 25")
_UNWRITABLE: Final = re.compile(r"Read-only file system|insufficient permission for adding an object")
_DENIED: Final = re.compile(
    r"could not read (?:Username|Password)|Authentication failed|Permission denied|[Rr]epository not found"
    r"|returned error: (?:401|403|404)|repository '.*' not found|does not appear to be a git repository"
    r"|Permission to \S+ denied|Invalid username or|[Aa]ccess denied|[Ww]rite access to repository not granted"
)
_UNREACHABLE: Final = re.compile(
    r"[Cc]ould ?n[o']t (?:resolve|connect)|Failed to connect|unable to access|Could not read from remote repository"
    r"|Connection (?:refused|reset|timed out|closed)|Operation (?:timed out|too slow)|hung up unexpectedly|early EOF"
    r"|RPC failed|Host key verification failed|unexpected disconnect|transfer closed|Network is unreachable"
    r"|No route to host|unable to look up|protocol error|bad line length|expected flush|invalid server response"
    r"|not valid: is this a git repository|[Uu]nable to find remote helper|unsupported protocol"
)
_DAMAGED: Final = re.compile(
    r"not a git repository|bad (?:object|tree|pack)|\bcorrupt|unable to read|missing (?:blob|tree|commit|object)"
    r"|could not (?:read|open|parse)|Could not read [0-9a-f]{40}|[Ff]ailed to (?:read|traverse|unpack)|inflate"
    r"|is empty|unable to (?:find|map|parse|resolve|open)|file .* is not a|too (?:short|small)|did not send all"
    r"|not? (?:point to )?a valid|broken|bad signature|invalid object|bad ref|index file|\.lock': File exists"
    r"|does not match|unable to create|packfile|commit-graph"
)
_SAYS_NOTHING: Final = re.compile(
    r"fatal: Could not read from remote repository|Please make sure you have the correct access|and the repository exists"
)
LOCKED: Final = re.compile(r"\.lock': File exists")
"""What a git that was killed leaves in the way of the next one."""


def redacted(text: str) -> str:
    """`text` without what may be a secret: users and passwords in URLs, tokens."""
    return _TOKEN.sub("***", _USER_IN_URL.sub("***@", text))


def lines_of(completed: Completed) -> list[str]:
    """What git complained of, line by line, redacted and fit for a terminal; a progress line only as it ended."""
    lines = (line.split("\r")[-1].strip() for line in completed.error_text.split("\n"))
    return [printable(redacted(line))[:_LONGEST_LINE] for line in lines if line]


def remote_words(completed: Completed) -> str:
    """What the remote itself had to say, on one line; empty where it said nothing."""
    said = [
        line.removeprefix("remote:").strip() for line in lines_of(completed) if line.startswith("remote:")
    ]
    said = [re.sub(r"^(?:error|fatal): ", "", line) for line in said if line]
    return " ".join(said[:_MOST_LINES])


def complaint(completed: Completed) -> str:
    """The line of git's own that says most, without a full stop."""
    lines = [line for line in lines_of(completed) if not line.startswith(("remote:", "hint:", "warning:"))]
    telling = [line for line in lines if not _SAYS_NOTHING.match(line)] or lines
    told = [line for line in telling if line.startswith(("fatal:", "error:", "ERROR:"))] or telling
    last = told[0] if told else f"exit code {completed.code}, and no word"
    return re.sub(r"^(?:fatal|error): ", "", last).rstrip(".")


def disk_full(completed: Completed) -> DiskFull | None:
    """The refusal of this machine's disk, if it was that; what the remote says of its own is something else."""
    if completed.code == -signal.SIGXFSZ or _DISK.search(_own_words(completed)):
        return DiskFull(
            f"There is no room left for git to write in: {complaint(completed)}.",
            remedy="Make room on the disk that holds the copy of the repository, then start again; nothing was pushed.",
        )
    return None


def local_error(completed: Completed, copy: Path | None) -> GitError:
    """Why a command that needs nobody else has failed.

    Args:
        completed: how it ended.
        copy: the copy of the repository that it worked on; None where it was none.
    """
    if full := disk_full(completed):
        return full
    words = _own_words(completed)
    if copy and _UNWRITABLE.search(words):
        return GitError(
            f"The copy of the repository in {printable(copy)} can't be written: {complaint(completed)}.",
            remedy="Let it be on a disk of this machine that this user may write to.",
        )
    if copy and (_DAMAGED.search(words) or f"{copy}/config" in words):
        return CopyDamaged(
            f"The copy of the repository in {printable(copy)} is damaged: {complaint(completed)}.",
            remedy="Start again: it is made anew then.",
        )
    return GitError(f"git {_command(completed)} failed: {complaint(completed)}.")


def remote_error(completed: Completed, remote: str, copy: Path | None) -> GitError:
    """Why a command that talks to the remote has failed.

    Args:
        completed: how it ended.
        remote: the remote's URL.
        copy: as for `local_error`.
    """
    own = local_error(completed, copy)
    if isinstance(own, DiskFull) or (copy and _UNWRITABLE.search(own.sentence)):
        return own
    place, said, text = printable(redacted(remote)), remote_words(completed), completed.error_text
    words = f"{complaint(completed)}. The remote says: {said}" if said else complaint(completed)
    words = words.rstrip(".")
    if _DENIED.search(text):
        return RemoteDenied(
            f"{place} doesn't let us in: {words}.",
            remedy="Check that it is the right repository, and that git's credentials for it are valid and may do this.",
        )
    if _UNREACHABLE.search(text):
        return RemoteUnreachable(
            f"{place} can't be reached: {words}.",
            remedy="Check the network and the remote's own status page, then try again.",
        )
    if isinstance(own, CopyDamaged):
        return own
    return GitError(f"git {_command(completed)} with {place} failed: {words}.")


def _own_words(completed: Completed) -> str:
    """What git here complained of, without what it passes on from the remote."""
    return "\n".join(line for line in completed.error_text.splitlines() if not line.startswith("remote:"))


def _command(completed: Completed) -> str:
    """Which of git's commands it was."""
    return next((arg for arg in completed.args[1:] if not arg.startswith("-")), "")

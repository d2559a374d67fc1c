"""The copy of the remote on this machine's disk: made on first use, fetched on later ones, never believed to be whole."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
import shutil
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rollback._text import printable, quoted
from rollback.git.errors import DiskFull, GitError, RemoteDenied, RemoteUnreachable
from rollback.git.explaining import LOCKED, redacted
from rollback.git.objects import parsed
from rollback.git.run import DAMAGED, REMOTE_SECONDS, Git, must_be_new_enough
from rollback.process import Stopped, literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollback.environment import Repository
    from rollback.git.model import Commit
    from rollback.process import Processes

FIRST_SECONDS: Final = 900.0
"""What getting all of a repository may take."""
_MOST_PACKS: Final = 50
_MOST_LOOSE: Final = 40  # in one of 256 directories
_FORMATS: Final = ("sha1", "sha256")
_OTHER_FORMAT: Final = re.compile(r"mismatched algorithms")

_TIP: Final = "%(objectname) %(raw:size) %(refname)%0a%(raw)"

_SETTINGS: Final = """\
[core]
\thooksPath = /dev/null
\tattributesFile = /dev/null
\tlogAllRefUpdates = false
[gc]
\tauto = 0
[maintenance]
\tauto = false
[fetch]
\trecurseSubmodules = false
\tfsckObjects = false
\tshowForcedUpdates = false
[http]
\tlowSpeedLimit = 1
\tlowSpeedTime = 60
[merge]
\tdefault = text
\tconflictStyle = merge
\trenames = true
\trenameLimit = 7000
\tdirectoryRenames = conflict
\trenormalize = false
[diff]
\trenames = true
\tignoreSubmodules = none
[i18n]
\tcommitEncoding = UTF-8
\tlogOutputEncoding = UTF-8
[push]
\tpushOption =
\tgpgSign = false
\tfollowTags = false
\trecurseSubmodules = no
[submodule]
\trecurse = false
[user]
\tuseConfigOnly = true
"""
"""What a person's own settings would otherwise change about the outcome; they override theirs. `directoryRenames`
and the rest of `merge` are git's own defaults, so that a revert comes out as `git revert` makes it."""


def kept(
    repository: Repository, processes: Processes, directory: Path, *, at_most_seconds: float = FIRST_SECONDS
) -> tuple[Git, dict[str, Commit]]:
    """The copy of `repository` under `directory`, as the remote is now, and the last commit of each branch.

    Args:
        repository: which.
        processes: what runs git.
        directory: under which it is kept.
        at_most_seconds: after which the remote is not waited for any longer, where it would be waited for longer.

    Raises:
        GitError: the remote or the disk says no.
    """
    with _on_disk(directory):
        rooms = _private(directory / "git")
        remote = literal(repository.remote, what="remote")
        place = rooms / _name_of(repository)
        with _alone(place.with_suffix(".lock")):
            if _usable(place, remote):
                with suppress(_Useless):
                    return _refreshed(
                        Git(processes, place), place, remote, min(REMOTE_SECONDS, at_most_seconds)
                    )
            return _anew(place, processes, remote, min(FIRST_SECONDS, at_most_seconds))


def _usable(place: Path, remote: str) -> bool:
    """Whether there is a copy with our own settings, which another version of this may have written otherwise."""
    try:
        settings = (place / "config").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        return False
    return settings.endswith(_settings(remote)) and not (place / DAMAGED).exists()


class _Useless(Exception):
    """The copy can't be brought up to date, for a reason of its own."""


def _refreshed(git: Git, place: Path, remote: str, seconds: float) -> tuple[Git, dict[str, Commit]]:
    """The copy, brought up to date."""
    try:
        try:
            _fetch(git, remote, seconds)
        except GitError as error:
            if not LOCKED.search(error.sentence):
                raise
            for lock in place.rglob("*.lock"):
                lock.unlink(missing_ok=True)  # of a git that was killed: nobody else writes here now
            _fetch(git, remote, seconds)
        _tidy(git, place)
        return git, _tips(git)
    except (RemoteUnreachable, RemoteDenied, DiskFull):
        raise
    except GitError as error:
        raise _Useless from error


def _name_of(repository: Repository) -> str:
    """A name for the copy that two remotes never share, and that says to a person which it is."""
    word = re.sub(r"[^A-Za-z0-9]+", "-", repository.name)[:60].strip("-")
    return f"{word}-{hashlib.sha256(repository.remote.encode()).hexdigest()[:12]}.git"


def _anew(place: Path, processes: Processes, remote: str, seconds: float) -> tuple[Git, dict[str, Commit]]:
    """Make the copy beside its place, and put it there only once it is whole."""
    must_be_new_enough(processes)
    for left in place.parent.glob(f"{place.name}.new-*"):
        _remove(left)  # of a process that was killed
    temporary = Path(tempfile.mkdtemp(prefix=f"{place.name}.new-", dir=place.parent))
    try:
        for object_format in _FORMATS:
            directory = temporary / object_format
            git = _empty(directory, processes, remote, object_format)
            try:
                _fetch(git, remote, seconds)
            except GitError as error:
                if object_format == _FORMATS[0] and _OTHER_FORMAT.search(error.sentence):
                    continue
                raise
            tips = _tips(git)
            _remove(place)
            directory.rename(place)
            return Git(processes, place), tips
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    raise AssertionError  # the last format has ended in one way or the other


def _empty(directory: Path, processes: Processes, remote: str, object_format: str) -> Git:
    """A repository with nothing in it, with no hooks and with settings of its own."""
    Git(processes, None).run(
        *("init", "--quiet", "--bare", "--template=", "--initial-branch=nothing"),
        *(f"--object-format={object_format}", "--", str(directory)),
    )
    with (directory / "config").open("a", encoding="utf-8") as file:
        file.write(_settings(remote))
    return Git(processes, directory)


def _settings(remote: str) -> str:
    """What the copy's own settings end in.

    The remote is there for a person's `includeIf "hasconfig:remote.*.url:..."`; it is never fetched from by that name.
    """
    return f'{_SETTINGS}[remote "origin"]\n\turl = "{remote}"\n'


def _remove(path: Path) -> None:
    """Have nothing there any more, whatever it was."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _fetch(git: Git, remote: str, seconds: float) -> None:
    """Have all branches as the remote has them, and no others."""
    try:
        git.talk(
            *(
                "fetch",
                "--quiet",
                "--prune",
                "--no-tags",
                "--force",
                "--no-auto-maintenance",
                "--no-write-fetch-head",
            ),
            *("--no-recurse-submodules", "--write-commit-graph", "--", remote, "+refs/heads/*:refs/heads/*"),
            remote=remote,
            seconds=seconds,
        )
    except Stopped as stopped:
        raise RemoteUnreachable(
            f"{printable(redacted(remote))} did not send what was asked for: {stopped.sentence}",
            remedy="Check the network, then start again.",
        ) from None


def _tips(git: Git) -> dict[str, Commit]:
    """The last commit of each branch."""
    listed = git.run("for-each-ref", f"--format={_TIP}", "refs/heads/").stdout
    tips, at = {}, 0
    while at < len(listed):
        end = listed.index(b"\n", at)
        sha, size, name = listed[at:end].decode(errors="surrogateescape").split(" ", 2)
        at = end + 1 + int(size)
        tips[name.removeprefix("refs/heads/")] = parsed(sha, listed[end + 1 : at])
        at += 1
    return tips


def _tidy(git: Git, place: Path) -> None:
    """Keep many small fetches from making the copy slow; most times there is nothing to do."""
    objects = place / "objects"
    for left in (objects / "pack").glob("tmp_*"):
        left.unlink(missing_ok=True)  # of a git that was killed: nobody else writes here now
    loose = len(list((objects / "17").glob("*")))  # which git gc also takes for a sample
    if loose > _MOST_LOOSE or len(list((objects / "pack").glob("*.pack"))) > _MOST_PACKS:
        git.run("repack", "-d", "-q", "--geometric=2", seconds=REMOTE_SECONDS)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Wait until no other process works on the copy, and keep others waiting; a process that dies lets go."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _private(directory: Path) -> Path:
    """A directory that only this user can look into."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    if directory.is_symlink() or directory.stat().st_uid != os.geteuid():
        raise GitError(
            f"{printable(directory)} belongs to somebody else, so no copy of the repository is kept there.",
            remedy="Use a directory of your own.",
        )
    directory.chmod(0o700)
    return directory


@contextmanager
def _on_disk(directory: Path) -> Iterator[None]:
    """Tell what the disk says as a sentence."""
    try:
        yield
    except OSError as error:
        where = printable(error.filename or directory)
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise DiskFull(
                f"There is no room left for a copy of the repository in {where}: {os.strerror(error.errno)}.",
                remedy="Make room there, then start again; nothing was pushed.",
            ) from None
        reason = os.strerror(error.errno) if error.errno else quoted(str(error))
        raise GitError(
            f"The copy of the repository can't be kept in {where}: {reason}.",
            remedy="Let it be a directory on a disk of this machine that this user may write to.",
        ) from None

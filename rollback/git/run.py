"""The one function that runs git."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rollback.git.errors import CopyDamaged, GitTooOld
from rollback.git.explaining import local_error, remote_error

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from rollback.git.errors import GitError
    from rollback.process import Completed, Processes

LOCAL_SECONDS: Final = 120.0
"""What a command that works on this machine's disk alone may take."""
REMOTE_SECONDS: Final = 300.0
"""What talking to the remote may take once there is a copy."""

DAMAGED: Final = "damaged"
"""The file in a copy that says that it must be made anew."""

_USAGE: Final = 129
"""How git ends that doesn't know an option."""
_NEEDED: Final = (2, 38)
_VERSION: Final = re.compile(r"git version (\d+)\.(\d+)")

_ENVIRONMENT: Final[Mapping[str, str | None]] = {
    "LC_ALL": "C",  # complaints in English, whatever LANGUAGE says
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_PAGER": "cat",
    # What would lead to another repository, another index, other objects (git rev-parse --local-env-vars).
    "GIT_DIR": None,
    "GIT_WORK_TREE": None,
    "GIT_IMPLICIT_WORK_TREE": None,
    "GIT_INDEX_FILE": None,
    "GIT_OBJECT_DIRECTORY": None,
    "GIT_ALTERNATE_OBJECT_DIRECTORIES": None,
    "GIT_QUARANTINE_PATH": None,
    "GIT_COMMON_DIR": None,
    "GIT_NAMESPACE": None,
    "GIT_GRAFT_FILE": None,
    "GIT_SHALLOW_FILE": None,
    "GIT_REPLACE_REF_BASE": None,
    "GIT_PREFIX": None,
    "GIT_INTERNAL_SUPER_PREFIX": None,
    "GIT_CONFIG": None,
    "GIT_ATTR_SOURCE": None,
    "GIT_EXTERNAL_DIFF": None,
    "GIT_DIFF_OPTS": None,
    # How paths are read.
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_GLOB_PATHSPECS": None,
    "GIT_NOGLOB_PATHSPECS": None,
    "GIT_ICASE_PATHSPECS": None,
}


@dataclass(frozen=True, slots=True)
class Git:
    """Git on one repository.

    Attributes:
        processes: what runs it.
        directory: the repository itself, that is its git directory; None where git finds it from `checkout`.
        checkout: where it runs; None where that doesn't matter.
    """

    processes: Processes
    directory: Path | None
    checkout: Path | None = None

    def run(
        self,
        *args: str,
        ok: Collection[int] = (0,),
        stdin: bytes | None = None,
        seconds: float = LOCAL_SECONDS,
        env: Mapping[str, str | None] | None = None,
    ) -> Completed:
        """Run git on this machine's disk alone.

        Args:
            args: the command and its arguments.
            ok: the exit codes that are an answer.
            stdin: what it reads.
            seconds: after which it is stopped.
            env: variables to set, or with None to remove, over those every git gets.

        Raises:
            GitError: it ended otherwise; the sentence has git's own complaint.
            NotStarted: there is no git.
            Stopped: it took too long.
        """
        done = self._run(args, stdin, seconds, env)
        if done.code not in ok:
            if done.code == _USAGE:
                must_be_new_enough(self.processes)
            raise self._judged(local_error(done, self.directory))
        return done

    def talk(self, *args: str, remote: str, seconds: float = REMOTE_SECONDS) -> Completed:
        """Run git to talk to the remote.

        Args:
            args: the command and its arguments.
            remote: who it talks to, for the sentence.
            seconds: after which it is stopped.

        Raises:
            GitError: it didn't end well; the sentence has git's own complaint and the remote's.
            NotStarted: there is no git.
            Stopped: it took too long.
        """
        done = self.attempt(*args, seconds=seconds)
        if done.code:
            raise self._judged(remote_error(done, remote, self.directory))
        return done

    def attempt(self, *args: str, seconds: float = REMOTE_SECONDS) -> Completed:
        """Run git, however it ends."""
        return self._run(args, None, seconds, None)

    def _judged(self, error: GitError) -> GitError:
        """Have a damaged copy made anew the next time."""
        if isinstance(error, CopyDamaged) and self.directory:
            with suppress(OSError):
                (self.directory / DAMAGED).touch()
        return error

    def _run(
        self, args: tuple[str, ...], stdin: bytes | None, seconds: float, env: Mapping[str, str | None] | None
    ) -> Completed:
        where = () if self.directory is None else (f"--git-dir={self.directory}",)
        return self.processes.run(
            ("git", *where, *args),
            timeout_seconds=seconds,
            cwd=self.checkout or self.directory,
            stdin=stdin,
            env={**_ENVIRONMENT, **(env or {})},
        )


def must_be_new_enough(processes: Processes) -> None:
    """Refuse a git that can't merge without a working tree.

    Raises:
        GitTooOld: it is older than 2.38.
        NotStarted: there is none.
    """
    said = Git(processes, None).run("version").text
    found = _VERSION.match(said)
    if not found or (int(found[1]), int(found[2])) < _NEEDED:
        known = said.strip()[:60] or "a git that doesn't say its version"
        raise GitTooOld(
            f"Here is {known}, but a revert is tried by what git 2.38 brought: `git merge-tree --write-tree`.",
            remedy="Install git 2.38 or newer, or have PATH lead to it.",
        )

"""Running git for the stage itself, as on a machine without any git settings."""

from __future__ import annotations

import functools
import os
import re
import subprocess
from typing import TYPE_CHECKING, Final

from rollback.errors import RollbackError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

OLDEST: Final = (2, 38)
"""The first git with ``merge-tree --write-tree``, with which branches are merged without a working tree."""
_REAL_SECONDS: Final = 120
"""How long a git command on a local repository may really take before something on the stage is broken."""


class GitFailed(Exception):
    """git did not do what the stage asked of it.

    Attributes:
        code: its exit code.
        stdout: what it printed.
        complaint: what it complained about.
    """

    def __init__(self, args: Sequence[str], code: int, stdout: bytes, stderr: bytes) -> None:
        self.code = code
        self.stdout = stdout
        self.complaint = stderr.decode(errors="replace").strip()
        super().__init__(f"git {' '.join(args)} ended with exit code {code}: {self.complaint}")


def environ(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without what it says of git, and with `extra`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
        "TZ": "UTC",
        **(extra or {}),
    }


def git(
    repository: Path,
    *args: str,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    fails: bool = False,
) -> bytes:
    """Run a git command on the bare `repository`; returns what it printed.

    Args:
        repository: where it is.
        args: the command and its arguments.
        stdin: what it reads.
        env: variables on top of `environ`.
        fails: whether an exit code other than 0 is an answer as well.

    Raises:
        GitFailed: it ended with another exit code than 0.
    """
    require_git()
    done = subprocess.run(  # noqa: S603 - an argument list, and never a shell
        ["git", f"--git-dir={repository}", *args],  # noqa: S607 - the git that PATH names is the one rehearsed
        input=stdin,
        capture_output=True,
        check=False,
        env=environ(env),
        timeout=_REAL_SECONDS,
    )
    if done.returncode and not fails:
        raise GitFailed(args, done.returncode, done.stdout, done.stderr)
    return done.stdout


@functools.cache
def require_git() -> None:
    """See once in a process that there is a git that is new enough.

    Raises:
        RollbackError: there is none, or it is too old.
    """
    needed = ".".join(str(part) for part in OLDEST)
    remedy = f"Install git {needed} or newer, or have PATH lead to it."
    try:
        said = subprocess.run(
            ["git", "version"],  # noqa: S607 - as above
            capture_output=True,
            check=True,
            env=environ(),
            timeout=_REAL_SECONDS,
        ).stdout.decode(errors="replace")
    except (OSError, subprocess.CalledProcessError):
        raise RollbackError("The stage's repository needs git, which was not found.", remedy=remedy) from None
    found = re.search(r"(\d+)\.(\d+)", said)
    if not found or (int(found[1]), int(found[2])) < OLDEST:
        version = found[0] if found else said.strip()
        raise RollbackError(
            f"The stage's repository needs git {needed} or newer, and this is {version}.", remedy=remedy
        )

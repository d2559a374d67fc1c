"""A remote that is served, and git clients that know nothing of this machine's settings."""

from __future__ import annotations

import os
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from rehearsal.clock import VirtualClock
from rehearsal.origin.drafts import Person
from rehearsal.origin.git_config import git_config
from rehearsal.origin.repository import Bare
from rehearsal.origin.server import LOOPBACK, server
from rehearsal.origin.smart_http import GitHttp

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rehearsal.origin.push import Push

NAME: Final = "owner/shop"
REMOTE: Final = "https://github.com/owner/shop.git"
OPERATOR: Final = Person("Olu Perez", "olu@example.com", "olu")


@dataclass(frozen=True, slots=True)
class Said:
    """What a git command came to."""

    code: int
    out: str
    err: str


class House:
    """A bare repository with one commit behind the server of this process, for as long as a block lasts."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.clock = VirtualClock()
        self.bare = Bare(directory / "origin.git", self.clock)
        self.first = self.bare.commit("main", "First", {"app/a.py": "a = 1\n", "README.md": "# Shop\n"})
        self.pushes: list[Push] = []
        self.remote = GitHttp(self.bare, self.pushes.append, name=NAME, actor=OPERATOR.login)
        self.variables = git_config(
            directory / "gitconfig",
            remote=REMOTE,
            port=server().port,
            repository=NAME,
            identity=OPERATOR,
        )
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._stack.enter_context(server().answering({LOOPBACK: self.remote.respond}))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def environ(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment of a client, as `rollback.process.Processes` makes it of the variables."""
        merged = {**os.environ, **self.variables, **(extra or {})}
        return {name: value for name, value in merged.items() if value is not None}

    def git(self, *args: str, at: Path | None = None, extra: Mapping[str, str] | None = None) -> Said:
        """Run git as a client, whatever it comes to."""
        done = subprocess.run(  # noqa: S603 - an argument list, and never a shell
            ["git", *args],  # noqa: S607 - the git that PATH names
            cwd=at or self.directory,
            env=self.environ(extra),
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=60,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def well(self, *args: str, at: Path | None = None) -> str:
        """What git prints, which must go well."""
        said = self.git(*args, at=at)
        assert said.code == 0, said.err
        return said.out

    def clone(self, name: str, *options: str) -> Path:
        """A clone of the remote."""
        path = self.directory / name
        self.well("clone", "--quiet", *options, REMOTE, str(path))
        return path

    def commits(self, clone: Path, path: str, text: str) -> str:
        """Commit a file in a clone; returns the object name."""
        (clone / path).parent.mkdir(parents=True, exist_ok=True)
        (clone / path).write_text(text)
        self.well("add", path, at=clone)
        self.well("commit", "--quiet", "-m", f"Change {path}", at=clone)
        return self.well("rev-parse", "HEAD", at=clone).strip()

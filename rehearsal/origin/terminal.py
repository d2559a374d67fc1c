"""Somebody's own checkout of the repository, in which they type commands by hand."""

from __future__ import annotations

import hashlib
import os
import shlex
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

_REAL_SECONDS: Final = 60
"""How long a command on loopback may really take before something on the stage is broken."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A command that was typed, and what came of it."""

    line: str
    code: int
    output: str


class Terminal:
    """A clone of the remote, made and used by the real git, over the stage's HTTP.

    Args:
        directory: where the checkout is made.
        remote: the URL that people have.
        branch: what is checked out.
        variables: with which git finds the stage and nothing else.
    """

    def __init__(
        self, directory: Path, *, remote: str, branch: str, variables: Mapping[str, str | None]
    ) -> None:
        environ = {**os.environ, **variables}
        self.directory = directory
        self._environ = {name: value for name, value in environ.items() if value is not None}
        self._run(
            ("git", "clone", "--quiet", "--branch", branch, "--", remote, str(directory)), directory.parent
        )

    def use(self, variables: Mapping[str, str | None]) -> None:
        """Set more variables, or with None remove them, for what is typed from now on."""
        environ = {**self._environ, **variables}
        self._environ = {name: value for name, value in environ.items() if value is not None}

    def type(self, line: str) -> Typed:
        """Type a command as it is printed for people, in the checkout."""
        return self._run(shlex.split(line), self.directory)

    def type_all(self, lines: Sequence[str]) -> None:
        """Type commands one after another; each must succeed.

        Raises:
            AssertionError: one failed.
        """
        for line in lines:
            typed = self.type(line)
            if typed.code:
                raise AssertionError(f"`{line}` failed with exit code {typed.code}: {typed.output}")

    def become(self, state: str) -> None:
        """Bring the checkout into a state that people's checkouts get into."""
        prepare: Mapping[str, Callable[[], None]] = {
            "dirty": self._become_dirty,
            "shallow": self._become_shallow,
            "on no branch": lambda: self.type_all(["git checkout --quiet --detach HEAD~1"]),
            "amidst a conflict": self._become_conflicted,
        }
        prepare[state]()

    def fingerprint(self) -> str:
        """Everything in the checkout, the repository's own files as well, as one short word."""
        seen = hashlib.sha256()
        for path in sorted(self.directory.rglob("*")):
            if path.is_file():
                seen.update(str(path.relative_to(self.directory)).encode())
                seen.update(path.read_bytes())
        return seen.hexdigest()

    def _become_dirty(self) -> None:
        (self.directory / "README.md").write_text("not finished\n", encoding="utf-8")
        (self.directory / "untracked.txt").write_text("mine\n", encoding="utf-8")

    def _become_shallow(self) -> None:
        # GIT_ALLOW_PROTOCOL lets nothing but HTTP in, so that the remote itself is asked for less.
        self.type_all(["git fetch --quiet --depth=1 origin HEAD", "git reset --quiet --hard FETCH_HEAD"])

    def _become_conflicted(self) -> None:
        readme = self.directory / "README.md"
        self.type_all(["git checkout --quiet -b mine HEAD~1"])
        readme.write_text("mine\n", encoding="utf-8")
        self.type_all(["git commit --quiet --all --message=Mine", "git checkout --quiet -b theirs HEAD~1"])
        readme.write_text("theirs\n", encoding="utf-8")
        self.type_all(["git commit --quiet --all --message=Theirs"])
        if not self.type("git merge mine").code:
            raise AssertionError("The checkout should be amidst a conflict, and isn't.")

    def _run(self, args: Sequence[str], directory: Path) -> Typed:
        ran = subprocess.run(  # noqa: S603 - what a person types, on loopback
            args,
            cwd=directory,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_REAL_SECONDS,
            check=False,
        )
        return Typed(shlex.join(args), ran.returncode, ran.stdout.decode(errors="replace"))

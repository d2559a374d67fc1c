"""A team with a remote, a checkout that pushes to it, and an operator whose git knows neither of them by path."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, cast

from rehearsal.clock import VirtualClock
from rollback.access import Access
from rollback.git import Copy
from rollback.process import Processes
from tests.rollback.builders import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rollback.environment import Repository

_FOREIGN: Final = tuple(name for name in os.environ if name.startswith("GIT_"))


class Notes:
    """Keeps every command line that was run."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def command(self, args: Sequence[str], cwd: Path | None) -> None:  # noqa: ARG002 - the recorder's signature
        self.lines.append(" ".join(args))

    def exited(self, args: Sequence[str], code: int, seconds: float) -> None:
        pass


class House:
    """The team's side is `remote` and `checkout`; the operator's is `access`, and `settings` their git's own."""

    def __init__(self, root: Path, *, object_format: str = "sha1") -> None:
        self.root = root
        self.remote = root / "remote.git"
        self.checkout = root / "checkout"
        self.settings = root / "gitconfig"
        self.notes = Notes()
        self.clock = VirtualClock()
        self.repository: Repository = REPOSITORY
        self.env: dict[str, str | None] = {
            **dict.fromkeys(_FOREIGN),
            "GIT_CONFIG_GLOBAL": str(self.settings),
            "GIT_CONFIG_NOSYSTEM": "1",
            "HOME": str(root),
        }
        self.directory = root / "kept"
        self._ticks = 0
        self.set_up(name="Ann Operator", email="ann@team.example")
        for where, more in ((self.remote, ("--bare",)), (self.checkout, ())):
            self.run(
                "init", "-q", "-b", "main", f"--object-format={object_format}", *more, str(where), cwd=root
            )

    def set_up(self, *more: str, name: str = "", email: str = "") -> None:
        """Write the operator's own git settings."""
        person = f"[user]\n\tname = {name}\n\temail = {email}\n" if name else ""
        leads = f'[url "file://{self.remote}"]\n\tinsteadOf = {self.repository.remote}\n'
        self.settings.write_text(person + leads + "\n".join(more) + "\n")

    # The team.

    def run(self, *args: str, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
        """Run git as a member of the team."""
        environ = {k: v for k, v in os.environ.items() if k not in _FOREIGN}
        environ |= {
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_COUNT": "2",
            "GIT_CONFIG_KEY_0": "gc.auto",
            "GIT_CONFIG_VALUE_0": "0",
            "GIT_CONFIG_KEY_1": "core.fsync",
            "GIT_CONFIG_VALUE_1": "none",
        }
        for who in ("AUTHOR", "COMMITTER"):
            environ |= {f"GIT_{who}_NAME": "Bob", f"GIT_{who}_EMAIL": "bob@team.example"}
            environ[f"GIT_{who}_DATE"] = f"@{1767600000 + self._ticks} +0000"
        done = subprocess.run(  # noqa: S603 - an argument list of our own
            ["git", *args],  # noqa: S607 - that of PATH, as a person has it
            cwd=cwd or self.checkout,
            env={**environ, **(env or {})},
            check=True,
            capture_output=True,
        )
        return done.stdout.decode(errors="surrogateescape").strip()

    def commit(
        self,
        message: str = "Change",
        files: Mapping[str, str | bytes | None] | None = None,
        *,
        push: bool = True,
    ) -> str:
        """Commit in the checkout; None deletes a file. Without any, the commit is empty."""
        self._ticks += 60
        for name, content in (files or {}).items():
            path = self.checkout / name
            if content is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.run("add", "-A")
        self.run("commit", "-q", "--allow-empty", "--no-verify", "-m", message)
        return self._made(push=push)

    def merge(self, branch: str, message: str = "", *options: str, push: bool = True) -> str:
        """Merge a branch, always by a merge commit."""
        self._ticks += 60
        self.run("merge", "-q", "--no-ff", "-m", message or f"Merge branch '{branch}'", *options, branch)
        return self._made(push=push)

    def revert(self, *options: str, push: bool = True) -> str:
        """Revert as a person would."""
        self._ticks += 60
        self.run("revert", "--no-edit", *options)
        return self._made(push=push)

    def branch(self, name: str, start: str = "HEAD") -> None:
        """Begin a branch in the checkout."""
        self.run("switch", "-q", "-c", name, start)

    def switch(self, name: str) -> None:
        self.run("switch", "-q", name)

    def push(self, *refs: str) -> None:
        self.run("push", "-q", str(self.remote), *(refs or ("HEAD",)))

    def _made(self, *, push: bool) -> str:
        if push:
            self.push()
        return self.run("rev-parse", "HEAD")

    def at_remote(self, ref: str = "refs/heads/main") -> str:
        """Where a ref of the remote is; nothing where there is none."""
        return self.run("for-each-ref", "--format=%(objectname)", ref, cwd=self.remote)

    def hook(self, name: str, script: str) -> None:
        """Have the remote run a hook."""
        path = self.remote / "hooks" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    # The operator.

    @property
    def processes(self) -> Processes:
        return Processes(self.notes, self.clock, env=self.env)

    @property
    def access(self) -> Access:
        """What git needs of the hands; it touches no other."""
        nothing = cast(Any, None)
        return Access(
            aws=nothing,
            http=nothing,
            github=nothing,
            journal=nothing,
            processes=self.processes,
            directory=self.directory,
            clock=self.clock,
        )

    def copy(self, **changes: Any) -> Copy:
        """What the operator fetches."""
        return Copy.fetched(replace(self.repository, **changes), self.access)

    @property
    def commands(self) -> list[str]:
        """Which of git's commands were run for the operator."""
        return [line.split("--git-dir=")[-1].split(" ")[1] for line in self.notes.lines]

    @property
    def kept(self) -> Path:
        """Where the one copy is."""
        (found,) = (self.directory / "git").glob("*.git")
        return found

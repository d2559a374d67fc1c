"""A person's shell: bash, into which the printed lines are pasted one after another."""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_SECONDS = 300.0
"""How long a line may really take before something on the stage is broken."""
_DONE = "=== it has been done ==="


class Failed(AssertionError):
    """A line ended with another code than 0, and the shell with it, as ``-e`` has it."""


class Shell:
    """``bash -euo pipefail`` in a directory. Use it as a context manager.

    Args:
        directory: where it begins.
        variables: what was exported in it.
        before: is told each line before it is typed.
    """

    def __init__(
        self, directory: Path, variables: Mapping[str, str], *, before: Callable[[str], None]
    ) -> None:
        self.typed: list[str] = []
        self._before = before
        self._process = subprocess.Popen(
            ["/bin/bash", "--noprofile", "--norc", "-euo", "pipefail"],
            cwd=directory,
            env={"PATH": path(), "HOME": str(directory.parent), **variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def paste_all(self, lines: Sequence[str]) -> str:
        """Paste lines one after another; returns what the last one has printed."""
        said = ""
        for line in lines:
            said = self.paste(line)
        return said

    def paste(self, line: str) -> str:
        """Paste a line, and wait for its end; returns what it prints.

        Raises:
            Failed: it did not end well.
        """
        self._before(line)
        self.typed.append(line)
        assert self._process.stdin is not None
        # A program of the line must not read what is pasted next; a comment alone can't stand in braces.
        self._process.stdin.write(f"{{ :\n{line}\n}} </dev/null\nprintf '%s\\n' '{_DONE}'\n".encode())
        self._process.stdin.flush()
        return self._until_done(line)

    def _until_done(self, line: str) -> str:
        assert self._process.stdout is not None
        said, end = b"", time.monotonic() + _SECONDS
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while not said.endswith(f"{_DONE}\n".encode()):
                if not selector.select(max(0.0, end - time.monotonic())):
                    raise Failed(f"`{line}` has not ended after {_SECONDS:.0f} s: {_text(said)}")
                read = os.read(self._process.stdout.fileno(), 65536)
                if not read:
                    code = self._process.wait()
                    raise Failed(f"`{line}` failed with exit code {code}: {_text(said)}")
                said += read
        return _text(said).removesuffix(f"{_DONE}\n")


def path() -> str:
    """PATH, with what is installed beside this Python first: the AWS CLI that the suite asks for."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])


def _text(said: bytes) -> str:
    return said.decode(errors="replace")

"""Starting the serving process, and seeing that it ends with who started it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final, Self

from rehearsal.serving.control import Control
from rollback.errors import ConfigurationError

_COMES_UP: Final = 180.0
"""How many real seconds it may take until it is ready."""
_ENDS: Final = 20.0
"""How many it may take to end."""
_ROOT: Final = Path(__file__).parents[2]


class ServingProcess:
    """``python -m rehearsal.serving`` as a child of this process, which ends with it however it ends.

    The child reads its standard input, and stops where that is closed: also when this process is killed.

    Args:
        environments: the file that describes the environments.
        arguments: more of the command line, as ``--speed=60``.

    Raises:
        ConfigurationError: it didn't come up; the sentence is the last that it said.
    """

    def __init__(self, environments: Path, *arguments: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - this Python, our own module
            [
                *(sys.executable, "-m", "rehearsal.serving", "--while-stdin-is-open"),
                *("--environments", str(environments), *arguments),
            ],
            env={**os.environ, "PYTHONPATH": _path()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            ready = json.loads(self._first_line())
        except BaseException:
            self.close()
            raise
        self.control = Control(ready["control"], ready["token"])

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it, and wait until it has ended. Doing it again does nothing."""
        process = self._process
        if hasattr(self, "control"):
            self.control.close()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
        try:
            process.wait(_ENDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _first_line(self) -> str:
        lines: SimpleQueue[str] = SimpleQueue()
        stdout, stderr = self._process.stdout, self._process.stderr
        if stdout is None or stderr is None:
            raise RuntimeError("The child has no streams.")
        Thread(target=lambda: lines.put(stdout.readline()), name="stage-ready", daemon=True).start()
        try:
            line = lines.get(timeout=_COMES_UP)
        except Empty:
            line = ""
        if line:
            return line
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_ENDS)
        self._process.kill()
        said = stderr.read().strip().splitlines()
        raise ConfigurationError(
            said[-1] if said else f"The served stage did not come up within {_COMES_UP:.0f} s.",
            remedy="Start it yourself to see why: python -m rehearsal.serving",
        )


def _path() -> str:
    """Where the child finds this very package, however this process came to it."""
    return os.pathsep.join([str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])

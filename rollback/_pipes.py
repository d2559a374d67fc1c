"""The pipes of a running program, and its end."""

from __future__ import annotations

import os
import select
import selectors
import signal
import subprocess
import sys
from contextlib import suppress
from typing import IO, Final

from rollback.clock import SystemClock

_CHUNK: Final = 64 * 1024
_LINGER_SECONDS: Final = 0.25
_REAL: Final = SystemClock()
"""A program takes real time, also where the clock of the rollback is virtual and would never reach a timeout."""


class TooMuch(Exception):
    """More was printed than is kept."""


class Pipes:
    """The pipes of a running process: none may fill up while another one is waited for."""

    def __init__(self, process: subprocess.Popen[bytes], stdin: bytes | None, limit: int) -> None:
        self.stdout = bytearray()
        self.stderr = bytearray()
        self._process = process
        self._unsent = memoryview(stdin or b"")
        self._room = limit
        self._discard = False
        self._selector = selectors.DefaultSelector()
        self._register(process.stdout, selectors.EVENT_READ, self.stdout)
        self._register(process.stderr, selectors.EVENT_READ, self.stderr)
        self._register(process.stdin, selectors.EVENT_WRITE, None)

    def pump(self, seconds: float) -> None:
        """Read and write until the process has ended.

        A descendant that has made itself a daemon (as ssh does for ControlPersist) may hold the pipes open for
        hours: once the process itself is gone and nothing comes any more, they are let go.

        Raises:
            subprocess.TimeoutExpired: it has not ended after `seconds`.
            TooMuch: it printed more than the limit.
        """
        deadline = _REAL.monotonic() + seconds
        while self._selector.get_map():
            left = deadline - _REAL.monotonic()
            if left <= 0:
                raise subprocess.TimeoutExpired(self._process.args, seconds)
            ready = self._selector.select(min(left, _LINGER_SECONDS))
            for key, _ in ready:
                self._move(key)
            if not ready and self._process.poll() is not None:
                break
        self._end(max(0.0, deadline - _REAL.monotonic()))

    def _end(self, seconds: float) -> None:
        """Wait for it; Popen.wait looks again and again, with pauses that are as long as a short program."""
        deadline = _REAL.monotonic() + seconds
        if sys.platform == "linux":
            with suppress(OSError):  # an old kernel
                descriptor = os.pidfd_open(self._process.pid)
                try:
                    poll = select.poll()
                    poll.register(descriptor, select.POLLIN)
                    poll.poll(seconds * 1000)
                finally:
                    os.close(descriptor)
        self._process.wait(max(0.0, deadline - _REAL.monotonic()))

    def stop(self, grace_seconds: float) -> None:
        """End the process and everything in its group: ask first, then kill."""
        self._signal(signal.SIGTERM)
        self._discard = True
        try:
            with suppress(subprocess.TimeoutExpired):
                self.pump(grace_seconds)
        finally:
            self._signal(signal.SIGKILL)
            self._process.wait()

    def close(self) -> None:
        """Let go of all of them."""
        self._selector.close()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe:
                pipe.close()

    def _register(self, pipe: IO[bytes] | None, event: int, kept: bytearray | None) -> None:
        if pipe:
            self._selector.register(pipe, event, kept)

    def _move(self, key: selectors.SelectorKey) -> None:
        kept: bytearray | None = key.data
        if kept is None:
            self._send(key)
        elif chunk := os.read(key.fd, _CHUNK):
            self._keep(kept, chunk)
        else:
            self._selector.unregister(key.fileobj)

    def _keep(self, kept: bytearray, chunk: bytes) -> None:
        if self._discard:
            return
        kept += chunk
        self._room -= len(chunk)
        if self._room < 0:
            raise TooMuch

    def _send(self, key: selectors.SelectorKey) -> None:
        """Write no more than a pipe that is ready takes without blocking."""
        try:
            self._unsent = self._unsent[os.write(key.fd, self._unsent[: select.PIPE_BUF]) :]
        except BrokenPipeError:
            self._unsent = self._unsent[:0]  # it doesn't want to read the rest
        if not self._unsent and self._process.stdin:
            self._selector.unregister(key.fileobj)
            self._process.stdin.close()

    def _signal(self, number: signal.Signals) -> None:
        # macOS says "not permitted" of a group in which all have ended.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

"""What wakes the game up: a line that was typed, a player's request, the stage's time. In between it sleeps."""

from __future__ import annotations

import os
import selectors
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody has said something.

    Attributes:
        who: the player, or empty for whoever sits at the game's own terminal.
        words: what they have said.
        answer: where the answer goes; None where it is printed.
    """

    who: str
    words: str
    answer: Future[str] | None = None


class Inbox:
    """Takes from any thread, gives to one. Ctrl-C comes through.

    Args:
        stdin: the file descriptor of what is typed; None where nobody can type.
    """

    def __init__(self, stdin: int | None = None) -> None:
        self._selector = selectors.DefaultSelector()
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._reading, False)
        os.set_blocking(self._writing, False)
        self._selector.register(self._reading, selectors.EVENT_READ)
        self._stdin = stdin
        self._typed = b""
        self._waiting: deque[Said] = deque()
        self._over = ""
        self._lock = Lock()
        if stdin is not None:
            try:
                self._selector.register(stdin, selectors.EVENT_READ)
            except OSError:  # a file: nobody sits there
                self._stdin = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()
        os.close(self._reading)
        os.close(self._writing)

    def wake(self) -> None:
        """Have the game look around."""
        with suppress(BlockingIOError, OSError):  # it is awake already, or over
            os.write(self._writing, b"!")

    def put(self, said: Said) -> None:
        """Pass something on; where it is over, that is the answer."""
        with self._lock:
            if not self._over:
                self._waiting.append(said)
        if self._over and said.answer is not None:
            said.answer.set_result(self._over)
        self.wake()

    def end(self, sentence: str) -> None:
        """Nobody reads any more: answer everybody who waits, and who comes later, with `sentence`."""
        with self._lock:
            self._over = sentence
        for said in self.said():
            if said.answer is not None:
                said.answer.set_result(sentence)

    def wait(self) -> None:
        """Sleep until something has happened."""
        for key, _ in self._selector.select():
            if key.fd == self._reading:
                with suppress(BlockingIOError):
                    os.read(self._reading, 4096)
            else:
                self._read_typed()

    def said(self) -> Iterator[Said]:
        """What was said meanwhile, in order; each once."""
        while self._waiting:
            yield self._waiting.popleft()

    def _read_typed(self) -> None:
        if self._stdin is None:
            return
        try:
            content = os.read(self._stdin, 4096)
        except OSError:
            content = b""
        if not content:
            self._selector.unregister(self._stdin)
            self._stdin = None
            return
        *whole, self._typed = (self._typed + content).split(b"\n")
        self._waiting.extend(Said("", line.decode(errors="replace").strip()) for line in whole)

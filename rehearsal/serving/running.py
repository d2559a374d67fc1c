"""One serving process, from its start to a signal: for ``python -m rehearsal.serving`` and for the sandbox."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from threading import Event, Thread, main_thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Stopped(BaseException):
    """Somebody wants the process to end."""


@contextmanager
def until_stopped(*, while_stdin_is_open: bool = False) -> Iterator[Event]:
    """Within this block Ctrl-C, SIGTERM or the end of standard input end the block, wherever it is; then nobody asks twice.

    Args:
        while_stdin_is_open: whether the end of standard input counts.

    Yields:
        What to wait on when there is nothing left to do.
    """

    def stop(*_: object) -> None:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)
        raise Stopped

    before = {each: signal.signal(each, stop) for each in (signal.SIGINT, signal.SIGTERM)}
    if while_stdin_is_open:
        Thread(target=_watch_stdin, name="stage-stdin", daemon=True).start()
    try:
        yield Event()
    except Stopped:
        pass
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _watch_stdin() -> None:
    # Not by way of sys.stdin, whose lock nobody may hold when the interpreter ends.
    while os.read(0, 1024):
        pass
    # Raised in this thread it would not wake the one that waits.
    if (ident := main_thread().ident) is not None:
        signal.pthread_kill(ident, signal.SIGTERM)

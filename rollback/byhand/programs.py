"""A program of a rollback as the line that runs it again: git, terraform, and what else was run."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from rollback.journal import without_users

if TYPE_CHECKING:
    from collections.abc import Sequence


def command_line(args: Sequence[str], directory: str | None = None) -> str:
    """The line that runs a program as it was run, to be pasted into a shell.

    Args:
        args: the program and its arguments; users and passwords of URLs in them are hidden, as in the journal.
        directory: where it ran; the shell that the line is pasted into stays where it is.
    """
    line = shlex.join(without_users(args))
    return f"(cd {shlex.quote(directory)} && {line})" if directory else line

"""How a command ends, as a number for whoever has called it. docs/cli.md explains them."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from rollback.errors import (
    AccessDenied,
    ConfigurationError,
    CredentialsExpired,
    JournalError,
    Outdated,
    ReadOnly,
    Refused,
    RollbackError,
)

if TYPE_CHECKING:
    from rollback.plan import Ended

_LOST = "lost sight of"
"""The outcome that every way back has for what nobody has seen the end of."""


class Exit(IntEnum):
    """The exit codes."""

    OK = 0
    NOT_LANDED = 1
    USAGE = 2
    REFUSED = 3
    CREDENTIALS = 4
    IN_DOUBT = 5
    INTERRUPTED = 130


class Mistyped(RollbackError):
    """The command line doesn't say what it must, or says what can't be."""


class Forbidden(RollbackError):
    """The environment's policy doesn't allow it like this; nothing has been changed."""


class NotConfirmed(RollbackError):
    """Nobody has said yes; nothing has been changed."""


def code_of(error: RollbackError) -> Exit:
    """The exit code for an error before anything was changed."""
    from rollback.lease.model import LeaseError  # noqa: PLC0415 - pydantic, which --help need not import
    from rollback.live.troubles import NotReady  # noqa: PLC0415 - botocore, likewise

    if isinstance(error, NotReady):
        return Exit.USAGE if error.trouble.of_usage else Exit.CREDENTIALS
    # An error of no kind of its own is about what was asked for.
    if isinstance(error, ConfigurationError | JournalError | Mistyped) or type(error) is RollbackError:
        return Exit.USAGE
    if isinstance(error, Refused | Outdated | ReadOnly | NotConfirmed | LeaseError):
        return Exit.REFUSED
    if isinstance(error, Forbidden | CredentialsExpired | AccessDenied):
        return Exit.CREDENTIALS
    return Exit.NOT_LANDED


def code_of_end(ended: Ended) -> Exit:
    """The exit code for how a rollback has ended."""
    if ended.landed:
        return Exit.OK
    return Exit.IN_DOUBT if str(ended.outcome) == _LOST else Exit.NOT_LANDED

"""Making the operator's terraform fail, from outside: its commands, and what it asks of AWS over loopback.

A command fails before it has done anything or after it has done all, or it is killed at one of its requests, as by
``kill -9``: then its lock stays. Whoever started it gets a KeyboardInterrupt, as from a terminal that was closed.

Use::

    calls = record(stage)                                      # commands and requests, in their order
    inject(stage, CommandFault(CommandKind.FAILS_AFTER, "state push"))
    inject(stage, RequestFault(RequestKind.KILLED_BEFORE, "s3:PutObject", key=environment.state_key))
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from rehearsal.embedded import EmbeddedStage
    from rehearsal.origin.network import Command
    from rehearsal.served import Asked
    from rollback.process import Completed

_GROUPS: Final = frozenset({"state", "workspace", "providers"})
"""The words after which a second one belongs to the command."""


class CommandKind(StrEnum):
    """What happens to a command."""

    FAILS_BEFORE = "fails before it begins"
    FAILS_AFTER = "fails after its effect"
    KILLED_BEFORE = "killed before it begins"
    KILLED_AFTER = "killed after its effect"


class RequestKind(StrEnum):
    """What happens to a request that a command sends."""

    UNAVAILABLE = "service unavailable"
    DENIED = "access denied"
    CUT_BEFORE = "connection cut before the effect"
    CUT_AFTER = "connection cut after the effect"
    KILLED_BEFORE = "the command is killed before the effect"
    KILLED_AFTER = "the command is killed after the effect"


@dataclass(frozen=True, slots=True)
class CommandFault:
    """What goes wrong with a command.

    Attributes:
        kind: what happens.
        command: as ``plan`` or ``state push``; empty for any.
        occurrence: 1 for the first such command since the fault was injected.
        times: at how many of them it strikes; None for all from there on.
    """

    kind: CommandKind
    command: str = ""
    occurrence: int = 1
    times: int | None = 1


@dataclass(frozen=True, slots=True)
class RequestFault:
    """What goes wrong with a request.

    Attributes:
        kind: what happens.
        operation: as ``s3:PutObject`` or ``dynamodb:PutItem``; empty for any.
        key: the object's key, or the LockID in the lock table; empty for any.
        occurrence: 1 for the first such request since the fault was injected, retries included.
        times: at how many of them it strikes; None for all from there on.
    """

    kind: RequestKind
    operation: str = ""
    key: str = ""
    occurrence: int = 1
    times: int | None = 1


@dataclass(frozen=True, slots=True)
class Recorded:
    """A command that was begun, or a request that came.

    Attributes:
        what: as ``terraform state push`` or ``s3:PutObject app/terraform.tfstate``.
        occurrence: 1 for the first such one.
    """

    what: str
    occurrence: int

    def __str__(self) -> str:
        return f"{self.what}#{self.occurrence}"


def inject(stage: EmbeddedStage, fault: CommandFault | RequestFault) -> None:
    """Have `fault` happen to the terraform of every access of `stage`, until the stage is closed.

    The first that was injected stands outermost.
    """
    if isinstance(fault, CommandFault):
        stage.running.interceptors.append(_CommandStruck(fault))
    else:
        stage.requests.append(_RequestStruck(stage, fault))


def record(stage: EmbeddedStage) -> list[Recorded]:
    """A list that grows with each terraform command of `stage` and each request of one, in their order."""
    seen: list[Recorded] = []
    counts: Counter[str] = Counter()

    def note(what: str) -> None:
        counts[what] += 1
        seen.append(Recorded(what, counts[what]))

    def command(begun: Command, proceed: Callable[[], Completed]) -> Completed:
        if word := command_word(begun.args):
            note(f"terraform {word}")
        return proceed()

    def request(asked: Asked, proceed: Callable[[], Iterable[bytes]]) -> Iterable[bytes]:
        note(f"{asked.operation} {asked.key}".rstrip())
        return proceed()

    stage.running.interceptors.append(command)
    stage.requests.append(request)
    return seen


def command_word(args: Sequence[str]) -> str:
    """The command of a command line of terraform, as ``state push``; empty where it is another program's."""
    program, *rest = args
    if rest[:1] == ["-P"] and rest[1:2] and rest[1].endswith("library.py"):
        rest = rest[2:]
    elif program.rpartition("/")[2] not in {"terraform", "tofu"}:
        return ""
    words = [word for word in rest if not word.startswith("-")]
    return " ".join(words[: 2 if words[:1] and words[0] in _GROUPS else 1])


@dataclass(slots=True)
class _Turn:
    """Whose turn it is to be struck."""

    occurrence: int
    times: int | None
    seen: int = 0

    def comes(self) -> bool:
        self.seen += 1
        return self.seen >= self.occurrence and (
            self.times is None or self.seen < self.occurrence + self.times
        )


class _CommandStruck:
    """A command fault on its stage."""

    def __init__(self, fault: CommandFault) -> None:
        self._fault = fault
        self._turn = _Turn(fault.occurrence, fault.times)

    def __call__(self, command: Command, proceed: Callable[[], Completed]) -> Completed:
        word = command_word(command.args)
        if not word or self._fault.command not in {"", word} or not self._turn.comes():
            return proceed()
        match self._fault.kind:
            case CommandKind.FAILS_BEFORE:
                return command.instead(1, b"Error: the stage lets it fail\n")
            case CommandKind.FAILS_AFTER:
                return command.ended(proceed, 1, b"Error: the stage lets it fail\n")
            case CommandKind.KILLED_BEFORE:
                command.begun()
            case CommandKind.KILLED_AFTER:
                proceed()
        raise KeyboardInterrupt


class _RequestStruck:
    """A request fault on its stage."""

    def __init__(self, stage: EmbeddedStage, fault: RequestFault) -> None:
        self._stage = stage
        self._fault = fault
        self._turn = _Turn(fault.occurrence, fault.times)

    def __call__(self, asked: Asked, proceed: Callable[[], Iterable[bytes]]) -> Iterable[bytes]:
        if not self._is_meant(asked) or not self._turn.comes():
            return proceed()
        match self._fault.kind:
            case RequestKind.UNAVAILABLE:
                return _refuse(asked, 503, "ServiceUnavailable", "Service is unable to handle request.")
            case RequestKind.DENIED:
                return _refuse(asked, 403, "AccessDenied", f"Not authorized to perform: {asked.operation}")
            case RequestKind.CUT_AFTER | RequestKind.KILLED_AFTER:
                list(proceed())
        if self._fault.kind in {RequestKind.KILLED_BEFORE, RequestKind.KILLED_AFTER}:
            self._stage.running.kill()
        asked.cut()
        return []

    def _is_meant(self, asked: Asked) -> bool:
        fault = self._fault
        return fault.operation in {"", asked.operation} and fault.key in {"", asked.key}


def _refuse(asked: Asked, status: int, code: str, message: str) -> Iterable[bytes]:
    """An error in the protocol of the service: S3's and STS's XML, or DynamoDB's JSON."""
    if asked.operation.startswith("dynamodb:"):
        name = "AccessDeniedException" if status == 403 else "ServiceUnavailable"  # noqa: PLR2004
        body = f'{{"__type":"com.amazonaws.dynamodb.v20120810#{name}","message":"{message}"}}'
        kind = "application/x-amz-json-1.0"
    else:
        error = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
        s3 = asked.operation.startswith("s3:")
        body = f"<?xml version='1.0'?>{error if s3 else f'<ErrorResponse>{error}</ErrorResponse>'}"
        kind = "application/xml"
    return asked.answer(status, kind, body.encode())

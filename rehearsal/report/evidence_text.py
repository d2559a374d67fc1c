"""Evidence as a page tells it: what was asked, and what answered; only as much as a page has room for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rehearsal.report.facts import Call, Command, Request
from rollback.clock import spoken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rehearsal.report.chapter_views import StepView
    from rehearsal.report.facts import Evidence, Note

_AROUND: Final = 120
"""How many characters of markup stand around what is told."""

_ERROR: Final = 400


@dataclass(frozen=True, slots=True)
class Told:
    """A piece of evidence, for a person.

    Attributes:
        what: the call, the program, the kind of note.
        answer: what came of it.
        line: what was asked, in full; empty where `what` says it all.
        bad: whether the answer is an error.
    """

    what: str
    answer: str
    line: str = ""
    bad: bool = False


class Room:
    """How much evidence there is still room for, in the scenario that is being told."""

    def __init__(self, characters: int) -> None:
        self._left = characters

    def taken(self, step: StepView) -> Iterator[Told]:
        """The evidence of `step` that there is room for, and a word about the rest."""
        for place, piece in enumerate(step.evidence):
            told = tell(piece)
            self._left -= _AROUND + len(told.what) + len(told.answer) + len(told.line)
            if self._left < 0:
                yield Told("…", f"and {len(step.evidence) - place} more, which the run's messages have")
                break
            yield told
        if step.left_out:
            yield Told("", step.left_out)


def tell(piece: Evidence) -> Told:
    """What a page says of `piece`."""
    if isinstance(piece, Call):
        return _call(piece)
    if isinstance(piece, Command):
        return _command(piece)
    if isinstance(piece, Request):
        return _request(piece)
    return _note(piece)


def _call(call: Call) -> Told:
    what = f"{call.service} {call.operation}, {'looks' if call.reads else 'changes'}"
    status = f"HTTP {call.status}" if call.status is not None else "no answer"
    bad = bool(call.error) or call.status is None or call.status >= _ERROR
    answer = _joined(call.error, status, _times(call.count), _took(call.seconds))
    return Told(what, answer, call.line or call.params, bad=bad)


def _command(command: Command) -> Told:
    ended = f"exit code {command.exit}" if command.exit is not None else "ended by a signal, or not at all"
    answer = _joined(ended, _times(command.count), _took(command.seconds))
    return Told("Program", answer, command.line, bad=command.exit is None)


def _request(request: Request) -> Told:
    status = f"HTTP {request.status}" if request.status is not None else "no answer"
    bad = request.status is None or request.status >= _ERROR
    answer = _joined(status, _times(request.count), _took(request.seconds))
    return Told("HTTP", answer, f"{request.method} {request.url}", bad=bad)


def _note(note: Note) -> Told:
    return Told(note.kind.capitalize(), _joined(note.text, note.remedy, by=" "))


def _times(count: int) -> str:
    return f"{count} times" if count > 1 else ""


def _took(seconds: float) -> str:
    return spoken(seconds) if seconds >= 1 else ""


def _joined(*words: str, by: str = ", ") -> str:
    return by.join(filter(None, words))

"""What a person types to do a step by hand, and what answers: of what the step itself has planned, called and run."""

from __future__ import annotations

import shlex
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Final

from rehearsal.report.chapter_views import Line, Refusal
from rehearsal.report.facts import Call, Command, Note
from rollback.byhand import aws_command
from rollback.commands import what_writes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rehearsal.report.model import PlayedStep

_ACTS: Final = frozenset({"Action"})
_LOOKS: Final = frozenset({"Action", "Outcome"})
_READS: Final = ("describe-", "list-", "get-", "head-", "wait", "ls")
"""What an operation of the AWS CLI begins with that only looks."""
_LOOK_ONLY: Final = frozenset({"cd", "curl", "dig", "openssl"})
_FEW: Final = 6
"""How many lines that only look are told; the others are in the evidence."""
_WORDS: Final = {"aws": 3, "git": 2, "terraform": 2, "tofu": 2}
"""How many words of a line say what it does, by its program."""
_GOOD: Final = 400
"""HTTP's first status that says that something went wrong."""


def lines_of(step: PlayedStep) -> tuple[Line, ...]:
    """What to type for `step`: what its plans say; without one, what it called and ran itself.

    A step that only sets the scene is nobody's to do, so it has none, unless it made a plan.
    """
    answers = _answers(step.evidence)
    planned = [command for note in _notes(step, "plan") for command in note.commands]
    if planned:
        lines = tuple(
            Line(command=command, expected=answers.get(_does(command), ""), changes=_changes(command))
            for command in dict.fromkeys(planned)
        )
        return _seen_at_last(lines, [note.text for note in _notes(step, "outcome")])
    done = [each for each in step.evidence if isinstance(each, (Call, Command)) and _typed(each)]
    acts = {each.line: each for each in done if isinstance(each, Command) or not each.reads}
    looks = {each.line: each for each in done if isinstance(each, Call) and each.reads}
    if acts and step.kind in _ACTS:
        return tuple(map(_line, acts.values()))
    if step.kind in _LOOKS:
        return tuple(map(_line, islice(looks.values(), _FEW)))
    return ()


def _seen_at_last(lines: tuple[Line, ...], ended: Sequence[str]) -> tuple[Line, ...]:
    """The same lines; who looks after the last change is to see what the step has ended with."""
    last = max((number for number, line in enumerate(lines) if line.changes), default=len(lines))
    return tuple(
        replace(line, expected=ended[-1]) if ended and number > last else line
        for number, line in enumerate(lines)
    )


def expected_of(step: PlayedStep) -> tuple[str, ...]:
    """What was seen to come of it: how it ended or, where nothing did, what was last observed."""
    ended = [note.text for note in _notes(step, "outcome")]
    seen = [note.text for note in _notes(step, "observation")]
    return tuple(dict.fromkeys(ended or seen[-1:]))


def refusals_of(step: PlayedStep) -> tuple[Refusal, ...]:
    """What was refused in it, each once."""
    found = (
        Refusal(text=note.text, remedy=note.remedy, commands=note.commands)
        for note in _notes(step, "refusal")
    )
    return tuple(dict.fromkeys(found))


def _notes(step: PlayedStep, kind: str) -> Sequence[Note]:
    return [each for each in step.evidence if isinstance(each, Note) and each.kind == kind]


def _answers(evidence: Iterable[object]) -> dict[tuple[str, ...], str]:
    """What each kind of line was last answered."""
    return {
        aws_command(each.service, each.operation) if isinstance(each, Call) else _does(each.line): _expected(
            each
        )
        for each in evidence
        if isinstance(each, (Call, Command))
    }


def _does(line: str) -> tuple[str, ...]:
    """What a line does, whatever its options are."""
    words = [word for word in line.split() if not word.startswith("-")]
    return tuple(words[: _WORDS.get(words[0], 1)]) if words else ()


def _typed(each: Call | Command) -> bool:
    """Whether its line is one that a person can type."""
    return isinstance(each, Command) or each.line.startswith("aws ")


def _line(each: Call | Command) -> Line:
    return Line(command=each.line, expected=_expected(each), changes=_changes(each.line))


def _expected(each: Call | Command) -> str:
    if isinstance(each, Command):
        return "" if each.exit is None else f"exit code {each.exit}"
    if each.error:
        return f"refused: {each.error}"
    return "" if each.status is None else "exit code 0" if each.status < _GOOD else f"HTTP {each.status}"


def _changes(line: str) -> bool:
    """Whether a line may change something: only what is known to look doesn't."""
    try:
        words = tuple(shlex.split(line))
    except ValueError:
        return True
    program, operation = words[0] if words else "", words[2] if len(words) > 2 else ""  # noqa: PLR2004 - aws SERVICE OPERATION
    if program == "aws":
        return not operation.startswith(_READS)
    return program not in _LOOK_ONLY and bool(what_writes(words))

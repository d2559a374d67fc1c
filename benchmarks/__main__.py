"""``python -m benchmarks``: measure, show a table, and fail if a bound is missed."""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from dataclasses import fields
from typing import TYPE_CHECKING, Final, cast

from rich.console import Console
from rich.table import Table

from benchmarks.harness import Answer, Figure, Size, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

QUESTIONS: Final[Mapping[str, str]] = {
    "plain": "What does a rehearsal cost beside its own AWS calls?",
    "cold": "What does `pytest -k ecs` cost in a fresh process?",
    "knowing": "How soon does a rollback know its end?",
    "calls": "How many API calls does it make besides polls?",
    "many": "Do a thousand rehearsals in one process stay cheap?",
    "revert": "What does planning a revert cost in a large repository?",
    "listing": "How long does listing 200 versions of a big state take?",
    "chapter": "What does a scenario of the revert chapters cost beyond its git and moto calls?",
    "infrastructure": "What does a state chapter cost beyond its terraform and moto calls?",
    "migrations": "How soon is it known which of 2,000 migrations lie between two commits?",
    "logs": "What does watching a million log events hold?",
    "starting": "How soon is the command line there?",
    "journal": "What does a journal entry cost besides fsync?",
    "page": "How long does building the page of 200 runs take?",
}
"""The modules of this package that answer a question, and what they are asked."""

STYLES: Final = {Verdict.KEPT: "green", Verdict.MISSED: "bold red", Verdict.SHOWN: "dim"}


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", choices=QUESTIONS, help="answer one question")
    for each in fields(Size):
        parser.add_argument(
            f"--{each.name}", type=_positive, default=each.default, metavar="N", help="default: %(default)s"
        )
    return parser.parse_args(given)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def answered(question: str, size: Size) -> Answer:
    """Measure what one question asks."""
    answer = cast("Callable[[Size], Answer]", importlib.import_module(f"benchmarks.{question}").answer)
    return answer(size)


def table(answers: Mapping[str, Answer]) -> Table:
    """All figures under their questions."""
    shown = Table(title="How good", title_justify="left")
    shown.add_column("figure")
    for column in ("measured", "at most"):
        shown.add_column(column, justify="right")
    shown.add_column("verdict")
    for question, answer in answers.items():
        shown.add_section()
        shown.add_row(f"[bold]{QUESTIONS[question]}[/]")
        for figure in answer.figures:
            bound = "" if figure.bound is None else written(figure.bound, figure.unit)
            verdict = f"[{STYLES[figure.verdict]}]{figure.verdict}[/]"
            shown.add_row(figure.what, written(figure.value, figure.unit), bound, verdict)
        for note in answer.notes:
            shown.add_row(f"[dim italic]{note}[/]")
    return shown


def written(value: float, unit: str) -> str:
    """A value as a person reads it: whole where it is counted, else to two digits."""
    number = f"{value:.2f}".removesuffix(".00")
    return f"{number} {unit}".rstrip()


def missed(answers: Mapping[str, Answer]) -> list[Figure]:
    """The figures that are over their bound."""
    return [
        figure for answer in answers.values() for figure in answer.figures if figure.verdict is Verdict.MISSED
    ]


def main(given: Sequence[str] | None = None) -> int:
    """Measure and show; 1 if a bound is missed."""
    asked = arguments(given)
    size = Size(**{each.name: getattr(asked, each.name) for each in fields(Size)})
    console = Console(width=None if sys.stdout.isatty() else 130)
    began = time.monotonic()
    answers: dict[str, Answer] = {}
    for question in [asked.only] if asked.only else QUESTIONS:
        console.print(f"[dim]{QUESTIONS[question]}[/]")
        answers[question] = answered(question, size)
    console.print(table(answers))
    console.print(f"Measured in {(time.monotonic() - began) / 60:.1f} minutes.")
    return 1 if missed(answers) else 0


if __name__ == "__main__":
    sys.exit(main())

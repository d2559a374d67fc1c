"""What Terraform complains of, told in a sentence: who said no, and what to do about it.

Terraform has no error codes besides 0, 1 and 2, so its words are what there is. Its details may hold values of the
state or of variables: they are looked at, and only what is known to be harmless is passed on.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from rollback._text import printable
from rollback.terraform.complaints import KNOWN, OF_THE_BACKEND, PREVENTED, DestroyPrevented, Diagnostic
from rollback.terraform.program import TerraformError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollback.process import Completed
    from rollback.terraform.program import Program

_FRAME: Final = " \t│╷╵"
_ERROR: Final = "Error: "
_ADDRESS: Final = re.compile(
    r"(?:module\.)?[\w.-]+(?:\[(?:\d+|\"[^\"\\]*\")\])?(?:\.[\w.-]+(?:\[(?:\d+|\"[^\"\\]*\")\])?)*"
)


def diagnostics(completed: Completed) -> tuple[Diagnostic, ...]:
    """The errors of a command, from its `-json` lines where it printed such, and from its words where not."""
    return tuple(_from_json(completed.text)) or tuple(_from_words(completed.error_text))


def explain(completed: Completed, program: Program, *, doing: str) -> TerraformError:
    """Why a command failed.

    Args:
        completed: how it ended.
        program: which Terraform it was.
        doing: what it was doing, as ``plan``.
    """
    found = diagnostics(completed)
    for error, pattern, tell in KNOWN:
        for diagnostic in found:
            if error in OF_THE_BACKEND and diagnostic.address:
                continue  # what AWS said of a resource
            if match := pattern.search(diagnostic.text):
                sentence, remedy = tell(match, diagnostic, program)
                if error is DestroyPrevented:
                    return DestroyPrevented(sentence, remedy=remedy, addresses=_prevented(found))
                return error(sentence, remedy=remedy)
    if not found:
        return TerraformError(
            f"`{program.shown} {doing}` ended with exit code {completed.code}, and said nothing that is known here.",
            remedy="Run it by hand, and read what it says.",
        )
    where = f" ({printable(found[0].address)})" if _ADDRESS.fullmatch(found[0].address) else ""
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    return TerraformError(
        f"`{program.shown} {doing}` failed: {found[0].shown}{where}{more}.",
        remedy="Run it by hand to read all of it; what it prints may hold secrets.",
    )


def _from_json(text: str) -> Iterator[Diagnostic]:
    for line in text.splitlines():
        if '"diagnostic"' not in line:
            continue
        try:
            told = json.loads(line)
        except ValueError:
            continue
        diagnostic = told.get("diagnostic") if isinstance(told, dict) else None
        if isinstance(diagnostic, dict) and diagnostic.get("severity") == "error":
            detail = " ".join(str(diagnostic.get("detail", "")).split())
            yield Diagnostic(str(diagnostic.get("summary", "")), detail, str(diagnostic.get("address", "")))


def _from_words(text: str) -> Iterator[Diagnostic]:
    """Of what is printed for people: a summary that may go over several lines, an empty line, and the rest."""
    summary: list[str] = []
    detail: list[str] = []
    in_error, in_summary = False, False
    for raw in [*text.splitlines(), _ERROR]:
        line = raw.strip(_FRAME)
        if line.startswith(("Error: ", "Warning: ")) or raw == _ERROR:
            if in_error:
                yield Diagnostic(" ".join(summary), " ".join(detail))
            in_error = in_summary = line.startswith(_ERROR)
            summary, detail = [line.removeprefix(_ERROR)], []
        elif not line:
            in_summary = False
        else:
            (summary if in_summary else detail).append(line)


def _prevented(found: tuple[Diagnostic, ...]) -> tuple[str, ...]:
    named = (PREVENTED.search(each.text) for each in found)
    return tuple(dict.fromkeys(match["address"] for match in named if match))

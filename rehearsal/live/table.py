"""What was found of an environment's readiness, as a person reads it at the end of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.text import Text

from rehearsal.telling import Teller, console_for
from rollback.plan import Severity

if TYPE_CHECKING:
    from rehearsal.story import Outcome
    from rollback.readiness import Line, Readiness

_OUTCOMES: Final[dict[Severity, Outcome]] = {
    Severity.OK: "passed",
    Severity.WARNING: "skipped",
    Severity.REFUSAL: "failed",
}


def tell(found: Readiness, color: str) -> None:
    """Print each thing with its mark, how it is, and what to do about it where something is; then the verdict."""
    teller = Teller(console_for(color))
    teller.show()
    teller.heading(f"Readiness of {found.environment}, {found.at:%Y-%m-%d %H:%M} UTC")
    teller.show()
    for line in found.lines:
        _line(teller, line)
    teller.show()
    teller.show(Text(found.sentence, style="bold green" if found.ready else "bold red"))


def _line(teller: Teller, line: Line) -> None:
    mark = teller.mark(_OUTCOMES[line.severity])
    teller.show(Text(line.says, style="bold" if not line.holds else ""), mark=mark)
    teller.show(Text(line.seen, style="dim"), indent=4)
    if line.severity is not Severity.OK:
        for remedy in line.remedies:
            teller.show(Text(remedy), indent=4)
        for command in line.commands:
            teller.out(Text(f"    {command}", style="cyan"))

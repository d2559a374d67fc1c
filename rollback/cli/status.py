"""How an environment is: who works on it, what the last rollback came to, what runs; and whether it could be rolled back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.table import Table
from rich.text import Text

from rollback.cli import place, printing
from rollback.cli.codes import Exit, code_of
from rollback.cli.screen import error_of
from rollback.errors import RollbackError
from rollback.plan import Severity

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.cli.parameters import Asked
    from rollback.cli.screen import Screen
    from rollback.environment import Environment
    from rollback.readiness import Readiness
    from rollback.record.model import Begun

_MARKS: Final = {
    Severity.OK: ("ready", "green"),
    Severity.WARNING: ("mind", "yellow"),
    Severity.REFUSAL: ("missing", "red"),
}


def status(
    where: Environment, begun: Begun | None, asked: Asked, screen: Screen, told: dict[str, Any]
) -> Exit:
    """Show it; returns 0, or 5 where a rollback broke off and nobody has gone on with it.

    What is on this machine is shown also where AWS can't be asked.
    """
    table = Table.grid(padding=(0, 2), pad_edge=False)
    table.add_column(width=13, style="dim")
    table.add_column(ratio=1, overflow="fold")
    code = Exit.OK
    told |= {"environment": where.name}
    try:
        with place.looking(where, asked) as access, screen.busy("Looking"):
            rows = _seen(where, access, told)
    except RollbackError as error:
        rows = [("AWS", f"{error.sentence} {error.remedy}".strip())]
        told |= {"error": error_of(error)}
        code = code_of(error)
    screen.out.print(Text(f"{where.service} ({where.name})", style="bold"))
    for name, says in rows:
        table.add_row(name, Text(says))
    lines = _last(where, begun, table, told)
    screen.out.print(table)
    if lines:
        from rollback.record import Stands  # noqa: PLC0415 - all of the ways back

        if begun is not None and begun.stands in {Stands.IN_DOUBT, Stands.UNDERWAY}:
            code = Exit.IN_DOUBT
        screen.blank()
        for says, line in lines:
            screen.indented(says)
            screen.commands([line])
    told |= {"exit_code": int(code)}
    return code


def _last(
    where: Environment, begun: Begun | None, table: Table, told: dict[str, Any]
) -> list[tuple[str, str]]:
    """The last rollback of this user on this machine; returns what can be done about it."""
    from rollback.record import Stands, is_taken_back  # noqa: PLC0415 - likewise

    told["last"] = printing.begun_of(begun) if begun else None
    if begun is None:
        table.add_row("last rollback", Text("None is known on this machine."))
        return []
    table.add_row("last rollback", Text(begun.planned))
    style = {Stands.LANDED: "green", Stands.IN_DOUBT: "red", Stands.UNDERWAY: "red"}.get(
        begun.stands, "yellow"
    )
    table.add_row("stands", Text(f"{begun.stands}. {begun.sentence}", style=style))
    lines = []
    if begun.stands is not Stands.LANDED:
        lines.append(("To go on with it:", printing.go_on_by(where, begun.path, verb="resume")))
    if is_taken_back(begun):
        table.add_row("left to do", Text("Nothing: the rollback was taken back."))
    else:
        lines.append(("To take it back:", printing.go_on_by(where, begun.path, verb="undo")))
    told["next"] = [line for _, line in lines]
    return lines


def _seen(where: Environment, access: Access, told: dict[str, Any]) -> list[tuple[str, str]]:
    """What AWS says.

    Raises:
        NotReady: these are not the right credentials.
    """
    from rollback import lease, live  # noqa: PLC0415 - likewise
    from rollback.ecs import look  # noqa: PLC0415 - likewise

    live.check(where, access, seconds=0).must_be_ready()
    rows = []
    try:
        service = look.service(where, access)
        rows.append(("runs", f"{service.running} of {service.desired} tasks, {service.runs}"))
        busy = service.in_progress
        rows.append(("deployment", f"{busy.revision} is in progress" if busy else "none is in progress"))
        told |= {"runs": str(service.revision), "running": service.running, "desired": service.desired}
    except RollbackError as error:
        rows.append(("runs", str(error)))
    try:
        held = lease.look(where, access)
        by = None if held.over else held.holder
        article = "an" if by and by.purpose is lease.Purpose.INCIDENT else "a"
        says = (
            f"{by.told} for {article} {by.purpose}, since {by.since:%Y-%m-%d %H:%M} UTC" if by else "nobody"
        )
        told |= {"lease": says if by else None}
        rows.append(("works here", says))
    except RollbackError as error:
        rows.append(("works here", str(error)))
    return rows


def readiness(where: Environment, asked: Asked, screen: Screen, told: dict[str, Any]) -> Exit:
    """Show whether the environment could be rolled back right now.

    Raises:
        NotReady: there is no such profile, or the AWS configuration can't be read.
        JournalError: the journal can't be written.
    """
    from rollback import readiness as ready  # noqa: PLC0415 - likewise

    with place.looking(where, asked, journal=asked.journal) as access, screen.busy("Making every plan"):
        found = ready.look(where, access, variables=place.webhook_variables())
    _print_readiness(found, screen)
    told |= readiness_of(found)
    return Exit(found.exit_code)


def readiness_of(found: Readiness) -> dict[str, Any]:
    """An environment's readiness, for a machine."""
    return {
        "environment": found.environment,
        "at": found.at.isoformat(),
        "ready": found.ready,
        "sentence": found.sentence,
        "lines": [
            {
                "probe": line.probe,
                "says": line.says,
                "severity": line.severity.value,
                "seen": line.seen,
                "findings": printing.findings_of(line.findings),
                "seconds": line.seconds,
            }
            for line in found.lines
        ],
        "exit_code": found.exit_code,
    }


def _print_readiness(found: Readiness, screen: Screen) -> None:
    for line in found.lines:
        mark, style = _MARKS[line.severity]
        well = line.severity is Severity.OK
        row = Table.grid(padding=(0, 2), pad_edge=False)
        row.add_column(width=7, justify="right")
        row.add_column(ratio=1, overflow="fold")
        row.add_row(Text(mark, style=style), Text(line.says, style="bold"))
        row.add_row("", Text(line.seen, style="dim" if well else ""))
        for remedy in line.remedies:
            row.add_row("", Text(remedy))
        screen.out.print(row)
        screen.commands(() if well else line.commands, indent=9)
    screen.blank()
    screen.out.print(Text(found.sentence, style="bold green" if found.ready else "bold red"))

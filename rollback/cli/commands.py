"""What each command does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rollback import show
from rollback._text import printable
from rollback.cli import applying, asking, place, printing
from rollback.cli.codes import Exit, Mistyped
from rollback.cli.doing import Doing, interruptible
from rollback.cli.ways import way_of
from rollback.errors import JournalError, Outdated, RollbackError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rollback.cli.parameters import Asked
    from rollback.cli.screen import Screen
    from rollback.cli.ways import Way
    from rollback.environment import Environment
    from rollback.plan import Ended
    from rollback.record import Ahead
    from rollback.record.model import Begun

    Told = dict[str, Any]

_PLANS: Final = 3
"""How many plans are made of what nobody is asked about, while a deployment is on its way."""
_LONGEST: Final = 3600.0
"""For how long credentials should last where it isn't known which way is gone."""


def of_a_way(way: Way, verb: str, asked: Asked, screen: Screen, told: Told) -> Exit:
    """Run one of a way's four commands; returns the exit code.

    Raises:
        RollbackError: before anything was changed.
    """
    verbs: dict[str, Callable[[Way, Asked, Screen, Told], Exit]] = {
        "plan": _plan,
        "apply": _apply,
        "verify": _verify,
        "undo": _undo,
    }
    return verbs[verb](way, asked, screen, told)


def _plan(way: Way, asked: Asked, screen: Screen, told: Told) -> Exit:
    where = place.environment(asked, screen)
    from rollback import live  # noqa: PLC0415 - after what costs nothing has been found right

    with place.working(where, asked, purpose="plan") as access:
        live.check(where, access, seconds=0).must_be_ready()
        plan = applying.planned(way, Doing(where, access, asked, screen, told))
        told |= {"journal": str(access.journal.path)}
    code = Exit.REFUSED if plan.refusals else Exit.OK
    told |= {"exit_code": int(code)}
    return code


def _apply(way: Way, asked: Asked, screen: Screen, told: Told) -> Exit:
    where = place.environment(asked, screen)
    asking.must_be_allowed(where, asked)
    words = applying.said(asked)
    with interruptible(), place.working(where, asked, purpose=_purpose(asked)) as access:
        doing = Doing(where, access, asked, screen, told)
        try:
            return applying.apply(way, doing, words)
        except KeyboardInterrupt:
            return doing.interrupted()


def _verify(way: Way, asked: Asked, screen: Screen, told: Told) -> Exit:
    begun = _begun(asked, screen, way=way, needed=False)
    where = place.environment_of(begun, asked, screen) if begun else place.environment(asked, screen)
    from rollback import live  # noqa: PLC0415 - likewise

    with place.looking(where, asked) as access:
        live.check(where, access, seconds=0).must_be_ready()
        with screen.busy("Looking whether it has landed"):
            seen = way.verify(where, access, begun, asked.own)
    show.print_verification(seen, screen.out)
    code = Exit.OK if seen.landed else Exit.NOT_LANDED
    told |= {"verification": printing.verification_of(seen), "exit_code": int(code)}
    return code


def _undo(way: Way | None, asked: Asked, screen: Screen, told: Told) -> Exit:
    return _again("undo", way, asked, screen, told)


def _resume(asked: Asked, screen: Screen, told: Told) -> Exit:
    return _again("resume", None, asked, screen, told)


def _again(verb: str, way: Way | None, asked: Asked, screen: Screen, told: Told) -> Exit:
    """Go on with a journal, or take back what it tells of."""
    begun = _begun(asked, screen, way=way, needed=True, unfinished=verb == "resume")
    if begun is None:
        raise AssertionError  # it was needed
    where = place.environment_of(begun, asked, screen)
    asking.must_be_allowed(where, asked)
    from rollback import record  # noqa: PLC0415 - likewise

    known = way_of(begun.way)
    seconds = known.seconds(where) if known else _LONGEST
    with (
        interruptible(),
        place.working(where, asked, purpose=_purpose(asked), journal=begun.path) as access,
    ):
        doing = Doing(where, access, asked, screen, told)
        doing.must_be_ready(seconds)
        _print_begun(screen, begun)
        ahead = _ahead(verb, doing, record.begun(begun.path))
        what = "Go on with it" if verb == "resume" else "Take it back"
        question = f"{what} in {where.name} ({where.account}, {where.region})"
        # What somebody has seen and said yes to is done as they saw it; what was said beforehand is planned when it is done.
        seen = ahead if asking.must_say_yes(where, asked, screen, question) else None
        does = record.resume if verb == "resume" else record.undo

        def do() -> Ended:
            with doing.at_work(seconds) as hands:
                if seen is not None:
                    return does(where, hands, record.begun(begun.path), ahead=seen)
                return _patiently(screen, lambda: does(where, hands, record.begun(begun.path)))

        try:
            return doing.finish(do)
        except KeyboardInterrupt:
            return doing.interrupted()


def _patiently(screen: Screen, do: Callable[[], Ended]) -> Ended:
    """Do what was agreed to beforehand; where the world moves between plan and apply, it is planned again.

    Raises:
        RollbackError: as `do`, and Outdated where it keeps moving.
    """
    for _ in range(_PLANS - 1):
        try:
            return do()
        except Outdated as error:
            screen.tell(f"Planning again: {error.sentence}")
    return do()


def _ahead(verb: str, doing: Doing, begun: Begun) -> Ahead:
    """What would be done now, shown: the plan where its way can make one, else a sentence.

    Raises:
        Refused: there is something against it.
        RollbackError: it can't be looked at.
    """
    from rollback import record  # noqa: PLC0415 - likewise

    looks = record.ahead_of_resume if verb == "resume" else record.ahead_of_undo
    with doing.screen.busy("Looking at everything that the plan needs"):
        ahead = looks(doing.place, doing.access, begun)
    if ahead.plan is None:
        doing.screen.line(ahead.sentence)
        doing.screen.blank()
    else:
        printing.plan(doing.screen, ahead.plan)
        doing.told["plan"] = printing.plan_of(ahead.plan, begun.way)
        ahead.plan.must_be_applicable()
    return ahead


def _status(asked: Asked, screen: Screen, told: Told) -> Exit:
    from rollback.cli import status  # noqa: PLC0415 - likewise

    begun = _begun(asked, screen, way=None, needed=False)
    where = place.environment_of(begun, asked, screen) if begun else place.environment(asked, screen)
    return status.status(where, begun, asked, screen, told)


def _readiness(asked: Asked, screen: Screen, told: Told) -> Exit:
    from rollback.cli import status  # noqa: PLC0415 - likewise

    return status.readiness(place.environment(asked, screen), asked, screen, told)


def _report(asked: Asked, screen: Screen, told: Told) -> Exit:
    """Print the report, or write it; the journal itself stays as it is unless it is written."""
    from rollback import record  # noqa: PLC0415 - likewise
    from rollback.journal import read  # noqa: PLC0415 - likewise

    begun = _begun(asked, screen, way=None, needed=True)
    if begun is None:
        raise AssertionError  # it was needed
    where = place.environment_of(begun, asked, screen)
    output = asked.own.get("output")
    if output:
        with place.working(where, asked, purpose="report", journal=begun.path) as access:
            made = record.write(where, access, Path(output))
        screen.tell(f"Written to {printable(output)}.")
    else:
        made = record.report(where, read(begun.path))
        if not screen.machine:
            screen.out.print(made.markdown(), end="", soft_wrap=True)
    told |= {"markdown": made.markdown(), "post_mortem": made.due.sentence, "exit_code": int(Exit.OK)}
    return Exit.OK


def _environments(asked: Asked, screen: Screen, told: Told) -> Exit:
    known = place.environments(asked)
    wanted = [known.get(asked.env)] if asked.env else list(known)
    fields = ("name", "short", "branch", "account", "region", "service")
    rows = [{field: str(getattr(each, field)) for field in fields} for each in wanted]
    told["answer"] = rows
    if not screen.machine:
        widths = {field: max(len(field), *(len(row[field]) for row in rows)) for field in fields}
        for row in ({field: field for field in fields}, *rows):
            line = "  ".join(row[field].ljust(widths[field]) for field in fields)
            screen.line(line.rstrip(), style="dim" if row["name"] == "name" else "")
    return Exit.OK


OTHERS: Final[dict[str, Callable[[Asked, Screen, Told], Exit]]] = {
    "resume": _resume,
    "undo": lambda asked, screen, told: _undo(None, asked, screen, told),
    "status": _status,
    "readiness": _readiness,
    "report": _report,
    "environments": _environments,
}
"""The commands that are of no way, by their names."""


def _purpose(asked: Asked) -> str:
    return "drill" if asked.drill else "incident"


def _print_begun(screen: Screen, begun: Begun) -> None:
    from rich.text import Text  # noqa: PLC0415 - likewise

    screen.out.print(Text(f"{begun.planned} ({begun.environment})", style="bold"))
    screen.indented(begun.sentence)
    screen.path("Journal", begun.path)
    screen.blank()


def _begun(
    asked: Asked, screen: Screen, *, way: Way | None, needed: bool, unfinished: bool = False
) -> Begun | None:
    """What the journal tells that was named, or the newest one of the environment that tells of a change.

    Raises:
        JournalError: it can't be read, or tells of another way; or none is here and one is needed.
    """
    from rollback import record  # noqa: PLC0415 - likewise

    if asked.journal is not None:
        found = record.begun(asked.journal)
        if way is not None and found.way != way.name:
            other = way_of(found.way)
            raise JournalError(
                f"The journal {printable(asked.journal)} is of another way back: {found.planned}",
                remedy=f"Use {other.typed}." if other else "",
            )
        return found
    where = place.environment(asked, screen)
    found_here = _newest(where, way, unfinished=unfinished)
    if found_here is None and needed:
        what = "rollback" if way is None else f"rollback by `{way.typed}`"
        left = " that could be gone on with" if unfinished else ""
        raise Mistyped(
            f"No journal of a {what} of {where.name}{left} is here.",
            remedy="Name it with --journal FILE; it may be on the machine of whoever began.",
        )
    return found_here


def _newest(where: Environment, way: Way | None, *, unfinished: bool) -> Begun | None:
    from rollback import record  # noqa: PLC0415 - likewise

    for path in place.journals(where):
        try:
            begun = record.begun(path)
        except RollbackError:  # one that only looked, or is damaged
            continue
        if begun.attempt.saved is None or (way is not None and begun.way != way.name):
            continue
        if unfinished and begun.stands is record.Stands.LANDED:
            continue
        return begun
    return None

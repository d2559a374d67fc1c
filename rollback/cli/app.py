"""What `rollback` offers. What a command does is imported when it is run, so that asking for help costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import typer
from typer.core import TyperGroup

from rollback.cli.codes import Exit
from rollback.cli.parameters import (
    CHANGING,
    GATE,
    HANDS,
    JOURNAL,
    MACHINE,
    OLD_JOURNAL,
    PLACE,
    Asked,
    Parameter,
    command,
)
from rollback.cli.ways import WAYS
from rollback.errors import RollbackError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rollback.cli.screen import Screen
    from rollback.cli.ways import Way

    Command = Callable[[Asked, Screen, dict[str, Any]], Exit]


class _InOrder(TyperGroup):
    """Commands as they are needed at night: the ways back first, then what goes on with them."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - as typer calls it
        """Their names."""
        first = list(dict.fromkeys(way.words[0] for way in WAYS))
        return sorted(self.commands, key=lambda name: first.index(name) if name in first else len(first))


GROUP: Final = "rollback.commands"
"""The entry points that add commands to these."""
_SAYS: Final = {
    "plan": "What it would do, and whether it can be done; changes nothing.",
    "apply": "Do it, after the list before and your yes.",
    "verify": "Look whether it has landed; changes nothing.",
    "undo": "Take it back to where the journal says it was.",
}


def build() -> typer.Typer:
    """The whole command line."""
    app = _group("Roll a service on AWS ECS back, and prove that it has landed.")
    for group in {way.words[0]: None for way in WAYS if len(way.words) > 1}:
        app.add_typer(_group("The ways back of the database."), name=group)
    for way in WAYS:
        parent = next(
            (each.typer_instance for each in app.registered_groups if each.name == way.words[0]), app
        )
        if parent is None:
            raise AssertionError  # it was just added
        below = _group(way.says)
        for verb, says, parameters in _verbs(way):
            _add(below, verb, says, parameters, _of_a_way(way, verb))
        parent.add_typer(below, name=way.words[-1])
    for name, says, parameters in _OTHERS:
        _add(app, name, says, parameters, _of_all(name))
    _add_theirs(app)
    return app


def run() -> int:
    """Run the command of this process; returns the exit code."""
    try:
        build()(prog_name="rollback")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(Exit.USAGE if end.code else Exit.OK)
    return int(Exit.OK)


def _group(says: str) -> typer.Typer:
    return typer.Typer(
        cls=_InOrder,
        help=says,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )


def _verbs(way: Way) -> Iterable[tuple[str, str, tuple[Parameter, ...]]]:
    yield "plan", _SAYS["plan"], (*way.options, *HANDS, JOURNAL)
    yield "apply", _SAYS["apply"], (*way.options, *GATE, *CHANGING, *HANDS, JOURNAL)
    yield "verify", _SAYS["verify"], (*way.look, *HANDS, OLD_JOURNAL)
    yield "undo", _SAYS["undo"], (*CHANGING, *HANDS, OLD_JOURNAL)


_OTHERS: Final = (
    (
        "resume",
        "Go on with a rollback that broke off.",
        (*CHANGING, *HANDS, OLD_JOURNAL),
    ),
    ("undo", "Take the last rollback back.", (*CHANGING, *HANDS, OLD_JOURNAL)),
    ("status", "Who works here, what runs, what came of it.", (*HANDS, OLD_JOURNAL)),
    ("readiness", "Could we roll back right now? Only looks.", (*HANDS, JOURNAL)),
    (
        "report",
        "The incident report of a journal.",
        (
            Parameter("output", "Where to write it; without it, standard output.", "FILE"),
            *PLACE,
            MACHINE,
            OLD_JOURNAL,
        ),
    ),
    ("environments", "The environments of the file.", (*PLACE, MACHINE)),
)


def _of_a_way(way: Way, verb: str) -> Command:
    def do(asked: Asked, screen: Screen, told: dict[str, Any]) -> Exit:
        from rollback.cli import commands  # noqa: PLC0415 - the reason of this module

        return commands.of_a_way(way, verb, asked, screen, told)

    return do


def _of_all(name: str) -> Command:
    def do(asked: Asked, screen: Screen, told: dict[str, Any]) -> Exit:
        from rollback.cli import commands  # noqa: PLC0415 - likewise

        return commands.OTHERS[name](asked, screen, told)

    return do


def _add(app: typer.Typer, name: str, says: str, parameters: Iterable[Parameter], do: Command) -> None:
    """Add a command that ends with an exit code and one sentence, whatever happens in it."""

    def typed(options: dict[str, Any]) -> None:
        from rollback.cli.screen import Screen  # noqa: PLC0415 - rich, which takes its time

        asked = Asked.of(options)
        screen = Screen(machine=asked.json)
        raise typer.Exit(ended(lambda told: do(asked, screen, told), screen))

    app.command(name)(command(typed, parameters, help=says))


def ended(do: Callable[[dict[str, Any]], Exit], screen: Screen) -> int:
    """Run a command; an error becomes one sentence, and Ctrl-C no traceback."""
    told: dict[str, Any] = {}
    try:
        code = do(told)
    except RollbackError as error:
        from rollback.cli.doing import code_and_words  # noqa: PLC0415 - likewise

        code = code_and_words(error, screen, told)
    except KeyboardInterrupt:
        screen.tell("Interrupted; nothing has been changed.")
        code = Exit.INTERRUPTED
        told |= {"exit_code": int(code)}
    screen.answer(told.pop("answer", told))
    return int(code)


def _add_theirs(app: typer.Typer) -> None:
    """What other packages add, as the sandbox; one that can't be imported is left out, since nothing here needs it."""
    from importlib.metadata import entry_points  # noqa: PLC0415 - with its only use

    for point in entry_points(group=GROUP):
        try:
            found = point.load()
        except ImportError:
            continue
        app.command(point.name)(found)

"""Asking whoever is at the keyboard, and knowing when nobody is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.text import Text

from rollback._text import quoted
from rollback.cli.codes import Forbidden, Mistyped, NotConfirmed

if TYPE_CHECKING:
    from rollback.cli.parameters import Asked
    from rollback.cli.screen import Screen
    from rollback.environment import Environment

_NOTHING = "Nothing has been changed."


def somebody_is_there() -> bool:
    """Whether a person can be asked."""
    return sys.stdin is not None and sys.stdin.isatty()


def must_be_allowed(place: Environment, asked: Asked) -> None:
    """See, before anything is asked of AWS, whether this may be begun like this at all.

    A drill is for the drill policy to allow. An incident is never forbidden, but where the policy wants the service's
    name typed, ``--yes`` doesn't stand for that, since it is typed by habit.

    Raises:
        Forbidden: the policy says no, or another name was typed.
        Mistyped: nobody is there to ask, and nothing was said beforehand.
    """
    policy = place.drill
    if asked.drill and not policy.allowed:
        raise Forbidden(
            f"The drill policy of {place.name} allows none (drill.allowed in environments.toml).",
            remedy=f"{_NOTHING} Practise in another environment; for an incident, leave --drill out.",
        )
    if asked.drill and asked.preempt:
        raise Mistyped("--preempt is for an incident, and --drill is none.", remedy="Leave one of them out.")
    if asked.confirm and asked.confirm != place.service:
        raise Forbidden(_typo(place, asked.confirm), remedy=_NOTHING)
    if policy.confirm and not asked.confirm and (asked.yes or not somebody_is_there()):
        why = "--yes isn't enough" if asked.yes else "there is no terminal to ask at"
        raise Forbidden(
            f"{place.name} wants the name of its service typed (drill.confirm in environments.toml); {why}.",
            remedy=f"{_NOTHING} Add --confirm {place.service}.",
        )
    if not policy.confirm and not asked.yes and not asked.confirm and not somebody_is_there():
        raise Mistyped(
            "There is no terminal to ask at, and this changes something.",
            remedy=f"{_NOTHING} Say --yes beforehand.",
        )


def must_say_yes(place: Environment, asked: Asked, screen: Screen, what: str) -> bool:
    """Ask, unless that was answered beforehand; returns whether somebody was asked.

    Args:
        place: where.
        asked: what was typed.
        screen: where to ask.
        what: what is about to be done, as a question without its mark.

    Raises:
        Forbidden: another name was typed than that of the service.
        NotConfirmed: somebody says no, or is gone.
    """
    if asked.confirm or (asked.yes and not place.drill.confirm):
        return False
    if place.drill.confirm:
        screen.err.print(Text(f"{what}?"))
        answer = _answer(screen, f"Type {place.service} to go on: ")
        if answer != place.service:
            raise Forbidden(_typo(place, answer), remedy=_NOTHING)
    elif _answer(screen, f"{what}? [y/N] ").lower() not in {"y", "yes"}:
        raise NotConfirmed("You have not said yes.", remedy=_NOTHING)
    return True


def _answer(screen: Screen, question: str) -> str:
    screen.err.print(Text(question, style="bold"), end="")
    try:
        return input().strip()
    except EOFError:
        raise NotConfirmed("Nobody has answered.", remedy=_NOTHING) from None


def _typo(place: Environment, typed: str) -> str:
    return f"{quoted(typed)} is not the name of the service of {place.name}, which is {place.service}."

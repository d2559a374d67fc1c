"""The options of a game day, and its hooks where one is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from rehearsal.gameday.day import Asked

NAME: Final = "rollback-game-day"
FASTEST: Final = 1000.0
MOST_PLAYERS: Final = 9


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of a game day, in a group of their own."""
    group = parser.getgroup("rollback-game-day", "game days: the suite breaks a stage, and a person mends it")
    group.addoption(
        "--game-day",
        action="store_true",
        help="serve a stage, break it, and watch until a person has mended it; one scenario of those selected",
    )
    group.addoption(
        "--speed",
        dest="rollback_speed",
        type=float,
        metavar="N",
        help="how many seconds of a game day pass in a real one; 0: only where somebody says wait (default: 1)",
    )
    group.addoption(
        "--players",
        dest="rollback_players",
        type=int,
        metavar="N",
        help="how many play a game day together, each with credentials of their own (default: 1)",
    )
    group.addoption(
        "--surprise",
        action="store_true",
        help="a game day's scenario is drawn by --seed, and isn't named before the end",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Hold a game day, where one is asked for, or refuse what makes no sense."""
    asked = _asked(config)
    if asked is None:
        return
    from rehearsal.gameday.day import GameDay, hushed  # noqa: PLC0415 - few runs are game days

    hushed(config)
    config.pluginmanager.register(GameDay(config, asked), NAME)


def _asked(config: pytest.Config) -> Asked | None:
    option = config.option
    if not option.game_day:
        for name, given in (
            ("--speed", option.rollback_speed),
            ("--players", option.rollback_players),
            ("--surprise", option.surprise or None),
        ):
            if given is not None:
                raise pytest.UsageError(f"{name} is for a game day: add --game-day.")
        return None
    speed = 1.0 if option.rollback_speed is None else option.rollback_speed
    players = 1 if option.rollback_players is None else option.rollback_players
    if not 0 <= speed <= FASTEST:
        raise pytest.UsageError(f"--speed is from 0 to {FASTEST:.0f}, and not {speed:g}.")
    if not 1 <= players <= MOST_PLAYERS:
        raise pytest.UsageError(f"--players is from 1 to {MOST_PLAYERS}, and not {players}.")
    if option.stage not in {None, "embedded"}:
        raise pytest.UsageError("A game day serves a stage of its own: leave --stage out.")
    if option.narrate:
        raise pytest.UsageError("--narrate would tell what a game day keeps to itself: leave it out.")
    if getattr(option, "numprocesses", None) or getattr(option, "dist", "no") != "no":
        raise pytest.UsageError("A game day is one process: take away -n and --dist.")
    from rehearsal.gameday.day import Asked  # noqa: PLC0415 - few runs are game days

    return Asked(speed=speed, players=players, surprise=option.surprise, seed=option.seed)

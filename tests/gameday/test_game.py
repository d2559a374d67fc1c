"""Games, played by a script over what a player is given, on stages whose time passes when somebody says so."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NoReturn, cast
from urllib.error import HTTPError

import pytest

from rehearsal.gameday.game import HELD
from rehearsal.gameday.score import Ending

if TYPE_CHECKING:
    from tests.gameday.conftest import EmptyHouse, Setting


def test_who_rolls_back_wrongly_and_then_rightly_has_recovered_it(broken: Setting) -> None:
    """Noticed at the first look, decided at the last before the first change, and over when it holds."""
    table = broken.table()
    (player,) = table.players
    played = table.played_by(
        lambda: player.says("wait/30"),
        player.browses,
        lambda: player.says("wait/20"),
        player.looks,
        lambda: player.says("wait/10"),
        lambda: player.rolls_to(40),
        lambda: player.says("wait/60"),
        lambda: player.rolls_to(41),
        lambda: player.says("wait/300"),
    )
    assert played.ending is Ending.RECOVERED
    moments = played.moments
    assert (moments.detected, moments.decided, moments.acted) == (30, 50, 60)
    assert moments.recovered is not None
    assert 150 < moments.recovered == played.seconds < 420
    family = table.house.world.stage.environment.family
    assert [(each.what, each.about, each.changed) for each in played.deeds] == [
        ("GET /version", "", False),
        ("ecs:DescribeServices", "", False),
        ("ecs:UpdateService", f"{family}:40", True),
        ("ecs:UpdateService", f"{family}:41", True),
    ]
    assert {each.who for each in played.deeds} == {"operator"}


def test_two_players_are_told_apart(broken: Setting) -> None:
    """Each has keys and an address of their own, so that it is known who looked, who changed and who asked."""
    table = broken.table(2)
    one, two = table.players
    played = table.played_by(
        one.looks, lambda: two.says("hint"), lambda: two.rolls_to(41), lambda: one.says("wait/200")
    )
    assert played.ending is Ending.RECOVERED
    assert [(each.who, each.changed) for each in played.deeds] == [("player-1", False), ("player-2", True)]
    assert [each.who for each in played.hints] == ["player-2"]
    assert two.variables["GIT_CONFIG_VALUE_2"] == "x-rehearsal-player: player-2"
    assert one.variables["AWS_ACCESS_KEY_ID"] != two.variables["AWS_ACCESS_KEY_ID"]


def test_what_holds_for_a_moment_only_is_not_believed(nothing: Setting) -> None:
    """Ten seconds of bliss are no recovery; and when it stays, the time stops where it began to."""
    began = nothing.house.world.clock.monotonic()

    def holds() -> None:
        passed = nothing.house.world.clock.monotonic() - began
        assert 50 <= passed < 60 or passed >= 80

    nothing.holds = holds
    table = nothing.table()
    played = table.played_by(lambda: table.players[0].says("wait/200"))
    assert (played.ending, played.seconds) == (Ending.RECOVERED, 80)
    believed = [passed for waiting, passed, _ in table.told.stood if waiting.startswith("the proof")]
    assert believed == [50, 55, 80, 85, 90]
    assert table.clock.monotonic() == 80 + HELD


def test_the_world_rests_while_it_is_looked_at(nothing: Setting) -> None:
    """Else a look might see half of two moments, where time passes by itself."""
    seen: list[bool] = []
    nothing.holds = lambda: seen.append(cast("EmptyHouse", nothing.house).resting)
    table = nothing.table()
    assert table.game.play().ending is Ending.RECOVERED
    assert set(seen) == {True}
    assert table.players[0].says("hint") == "The game is over.\n"


def test_hints_come_in_order_and_run_out(nothing: Setting) -> None:
    table = nothing.table()
    (player,) = table.players
    answers: list[str] = []
    played = table.played_by(*[lambda: answers.append(player.says("hint"))] * 4)
    hints = ["Look.", "It is that chapter.", "Type this."]
    assert [each.partition("points. ")[2].strip() for each in answers[:3]] == hints
    assert "costs nothing" in answers[3]
    assert [each.text for each in played.hints] == hints


def test_who_gives_up_is_told_what_was_wrong(nothing: Setting) -> None:
    table = nothing.table()
    played = table.played_by(lambda: table.players[0].says("give-up"))
    assert played.ending is Ending.GIVEN_UP
    assert played.wrong == (
        "the service runs revision 41 on every task (AssertionError: It runs revision 42.)",
    )


def test_where_nobody_does_anything_it_ends_at_the_deadline(nothing: Setting) -> None:
    """When the budget is used up that is said once, and at the budget's deadline it is over."""
    table = nothing.table()
    played = table.played_by(lambda: table.players[0].says("wait/3600"))
    assert (played.ending, played.seconds) == (Ending.TOO_LATE, 600)
    assert (played.moments.detected, played.moments.acted, played.deeds) == (None, None, ())
    assert [each for each in table.told.said if "used up" in each] == [
        "The budget of 5 min is used up. It goes on until 10 min have passed."
    ]


def test_a_clock_that_somebody_else_moves_wakes_the_game(nothing: Setting) -> None:
    """Nobody has to ask: the stage's own time is enough to end it."""
    table = nothing.table()
    played = table.played_by(lambda: table.house.advance(700))
    assert played.ending is Ending.TOO_LATE


def test_ctrl_c_is_an_end_with_a_debrief(nothing: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    table = nothing.table()

    def interrupted() -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(table.inbox, "wait", interrupted)
    played = table.game.play()
    assert played.ending is Ending.BROKEN_OFF
    assert played.wrong


def test_the_same_can_be_typed_where_the_game_was_started(nothing: Setting) -> None:
    """Enter alone is a hint, and what isn't known is explained."""
    reading, writing = os.pipe()
    table = nothing.table(stdin=reading)
    os.write(writing, b"\nstatus\nwhat?\nwait -3\nwait 10\ngive up\n")
    played = table.game.play()
    os.close(writing)
    os.close(reading)
    assert played.ending is Ending.GIVEN_UP
    hint, status, unknown, wrong, waited, _ = table.told.said
    assert hint.endswith("Look.")
    assert (
        status
        == "0 s since the page, 5 min of the budget left. 1 of 1 things that must hold don't. Hints: 1."
    )
    assert unknown.startswith("hint (or just Enter)")
    assert wrong.startswith("Say for how many seconds")
    assert waited.startswith("10 s since the page")
    assert [each.who for each in played.hints] == [""]


def test_the_end_of_what_is_typed_ends_nothing(nothing: Setting) -> None:
    reading, writing = os.pipe()
    os.close(writing)
    table = nothing.table(stdin=reading)
    played = table.played_by(lambda: table.players[0].says("wait/10"))
    os.close(reading)
    assert (played.ending, played.seconds) == (Ending.GIVEN_UP, 10)


def test_nobody_else_is_let_in(nothing: Setting) -> None:
    """The address is the secret: without a player's there is neither hint nor end."""
    table = nothing.table()
    (player,) = table.players
    player.variables["GAME"] = player.variables["GAME"].rpartition("/")[0] + "/somebody"
    refused: list[int] = []

    def tries() -> None:
        with pytest.raises(HTTPError) as raised:
            player.says("hint")
        refused.append(raised.value.code)
        raised.value.close()

    played = table.played_by(tries)
    assert refused == [404]
    assert played.hints == ()

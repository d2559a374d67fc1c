"""What a game day is asked for, and what it refuses before anything is served."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.plugin.project import Project

pytest_plugins = ["pytester"]
FEATURE = """
@ecs
Feature: The way back

  @gameday
  Scenario: The first
    Given the service is steady
    When we roll back to revision 41
    Then it works

  Scenario: Not for a person
    Given the service is steady
    Then it works

  @gameday
  Scenario Outline: In <environment>
    Given the service is steady
    When we roll back to revision 41
    Then it works

    Examples:
      | environment |
      | staging     |
      | production  |
"""


@pytest.fixture
def features(project: Project) -> Project:
    project.write("features/way.feature", FEATURE)
    return project


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--speed", "3"], "--speed is for a game day: add --game-day."),
        (["--players", "2"], "--players is for a game day: add --game-day."),
        (["--surprise"], "--surprise is for a game day: add --game-day."),
        (["--game-day", "--speed", "-1"], "--speed is from 0 to 1000, and not -1."),
        (["--game-day", "--speed", "nan"], "--speed is from 0 to 1000, and not nan."),
        (["--game-day", "--players", "0"], "--players is from 1 to 9, and not 0."),
        (["--game-day", "--stage", "server"], "leave --stage out"),
        (["--game-day", "--stage", "live", "--env", "staging"], "leave --stage out"),
        (["--game-day", "--narrate"], "leave it out"),
        (["--game-day", "-n", "2"], "A game day is one process"),
        (["--game-day", "-k", "person"], "None of the 1 tests selected is fit for a game day in staging."),
    ],
)
def test_what_makes_no_sense_is_a_sentence(features: Project, arguments: list[str], sentence: str) -> None:
    result = features.run(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert sentence in " ".join([*result.outlines, *result.errlines])
    assert "Traceback" not in result.stderr.str()


def test_what_is_fit_can_be_listed(features: Project) -> None:
    """Only what is tagged, and of an outline only the environment that is played."""
    listed = features.collected("--game-day")
    assert [each.rpartition("::")[2] for each in listed] == ["test_the_first", "test_in_environment[staging]"]


def test_an_environment_is_never_the_real_one(features: Project) -> None:
    """`--env` alone means the environment itself, but on a game day it only says whose names the stage takes."""
    listed = features.collected("--game-day", "--env", "prod")
    assert [each.rpartition("::")[2] for each in listed] == [
        "test_the_first",
        "test_in_environment[production]",
    ]
    result = features.run("--game-day", "--env", "prod")
    assert result.ret == pytest.ExitCode.OK
    assert "live" not in (result.stdout.str() + result.stderr.str()).lower()


def test_a_folder_that_cant_be_written_is_a_sentence_before_the_game(features: Project) -> None:
    features.write("runbook/game-days", "A file, where the folder should be.")
    result = features.run("--game-day", "-k", "first", "-o", "addopts=--import-mode=importlib")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert re.search(r"The debrief can't be written to .*game-days: ", " ".join(result.errlines))


def test_nobody_is_asked_to_mend_what_the_tool_cant(features: Project) -> None:
    """The tool plays first, and where that fails no person is called."""
    features.steps(
        """
        from pytest_bdd import given, parsers, then, when

        @given("the service is steady")
        def _():
            pass

        @when(parsers.parse("we roll back to revision {number:d}"))
        def _(number):
            raise ValueError("It can't be done.")

        @then("it works")
        def _():
            pass
        """
    )
    result = features.run("--game-day", "-k", "first")
    result.assert_outcomes(failed=1, skipped=1, deselected=3)
    assert "It can't be done." in result.stdout.str()

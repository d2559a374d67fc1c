"""A feature is a test module: whatever selects tests selects scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.plugin.project import Project

pytest_plugins = ["pytester"]

ROLLBACK = """
    @ecs
    Feature: Emergency rollback

      Background:
        Given the service is steady

      Scenario: The plain way
        When we roll back to revision 41
        Then it works

      @live
      Scenario Outline: To a named revision
        Given revision <number> was deployed
        Then it works

        Examples:
          | environment | number |
          | staging     | 41     |
          | prod        | 42     |

        @readiness
        Examples: more
          | number | environment |
          | 43     | production  |

      Rule: Refusals come first
        @terraform
        Scenario: the plain way!
          Then it works
    """
CERTIFICATE = """
    @certificate
    Feature: Trouble with HTTPS
      Scenario: The certificate has expired
        Given the service is steady
    """

PLAIN = "features/ecs/rollback.feature::test_the_plain_way"
STAGING = "features/ecs/rollback.feature::test_to_a_named_revision[staging-41]"
PROD = "features/ecs/rollback.feature::test_to_a_named_revision[prod-42]"
PRODUCTION = "features/ecs/rollback.feature::test_to_a_named_revision[43-production]"
REFUSAL = "features/ecs/rollback.feature::test_the_plain_way_1"
EXPIRED = "features/tls/expiry.feature::test_the_certificate_has_expired"
ECS = [PLAIN, STAGING, PROD, PRODUCTION, REFUSAL]


@pytest.fixture(autouse=True)
def _features(project: Project) -> None:
    project.write("features/ecs/rollback.feature", ROLLBACK)
    project.write("features/tls/expiry.feature", CERTIFICATE)
    project.write("tests/test_other.py", "def test_other(): pass")


def test_each_scenario_and_each_example_is_a_test_in_the_order_of_the_file(project: Project) -> None:
    assert project.collected("features") == [*ECS, EXPIRED]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["features/tls"], [EXPIRED]),
        (["features/ecs/rollback.feature"], ECS),
        ([STAGING], [STAGING]),
        (["features/ecs/rollback.feature::test_to_a_named_revision"], [STAGING, PROD, PRODUCTION]),
        (["-k", "https"], [EXPIRED]),
        (["-k", "Emergency"], ECS),
        (["-k", "tls"], [EXPIRED]),
        (["-k", "expiry"], [EXPIRED]),
        (["-k", "Expired"], [EXPIRED]),
        (["-k", "certificate"], [EXPIRED]),
        (["-k", "plain_way"], [PLAIN, REFUSAL]),
        (["-k", "staging"], [STAGING]),
        (["-m", "ecs"], ECS),
        (["-m", "live"], [STAGING, PROD, PRODUCTION]),
        (["-m", "live and not readiness"], [STAGING, PROD]),
        (["-m", "terraform"], [REFUSAL]),
    ],
)
def test_a_path_a_word_or_a_tag_selects_what_it_says(
    project: Project, arguments: list[str], expected: list[str]
) -> None:
    assert project.collected(*arguments) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("staging", [PLAIN, STAGING, REFUSAL]),
        ("prod", [PLAIN, PROD, PRODUCTION, REFUSAL]),
        ("production", [PLAIN, PROD, PRODUCTION, REFUSAL]),
    ],
)
def test_env_leaves_out_the_examples_of_other_environments(
    project: Project, name: str, expected: list[str]
) -> None:
    assert project.collected("features/ecs", f"--env={name}", "--stage=embedded") == expected


def test_what_env_leaves_out_is_counted_as_deselected(project: Project) -> None:
    assert project.run("features/ecs", "--env=prod", "--stage=embedded").parseoutcomes() == {
        "passed": 4,
        "deselected": 1,
    }


def test_all_that_is_collected_is_played(project: Project) -> None:
    assert project.run("features").parseoutcomes() == {"passed": 6}


def test_it_works_from_a_directory_below(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.path / "features")

    assert project.run("ecs").parseoutcomes() == {"passed": 5}


@pytest.mark.nightly
def test_workers_play_the_same_scenarios(project: Project) -> None:
    result = project.run_apart("-n", "2", "features")

    assert result.parseoutcomes() == {"passed": 6}
    assert "environment: staging (default), stage: embedded" in result.outlines


def test_a_report_points_at_the_line_of_the_scenario(project: Project) -> None:
    reports = project.pytester.inline_run("features").getreports("pytest_runtest_logreport")

    calls = {report.nodeid: report.location[:2] for report in reports if report.when == "call"}
    assert calls[PLAIN] == ("features/ecs/rollback.feature", 6)
    assert calls[PROD] == ("features/ecs/rollback.feature", 11)
    assert calls[EXPIRED] == ("features/tls/expiry.feature", 2)


def test_nothing_selected_is_an_error_of_its_own(project: Project) -> None:
    assert project.run("-k", "nothing").ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_other_tests_are_collected_beside_the_features(project: Project) -> None:
    assert project.run().parseoutcomes() == {"passed": 7}

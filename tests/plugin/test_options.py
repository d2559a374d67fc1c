"""What a run can be asked for, and what it says when it can't have it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rehearsal import stage
from rehearsal.localstack import finding
from rehearsal.tags import TAGS
from rollback.environment import load
from rollback.errors import ConfigurationError

if TYPE_CHECKING:
    from tests.plugin.project import Project

pytest_plugins = ["pytester"]
REPOSITORY = Path(__file__).parents[2]

FEATURE = """
    Feature: Emergency rollback
      Scenario: The plain way
        Given the service is steady
    """
FAILING = """
    from pytest_bdd import given

    @given("the service is steady")
    def _():
        assert False, "it shakes"
    """


@pytest.fixture(autouse=True)
def _feature(project: Project) -> None:
    project.write("features/ecs/rollback.feature", FEATURE)


def header(result: pytest.RunResult) -> list[str]:
    return [line for line in result.outlines if line.startswith(("environment:", "account:"))]


def refused(result: pytest.RunResult) -> str:
    """The one sentence with which a run was refused before it began."""
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert not any("collected" in line or "passed" in line for line in result.outlines)
    [line] = [line for line in result.errlines if line]
    return line


def test_the_header_says_where_the_run_plays(project: Project) -> None:
    assert header(project.run()) == [
        "environment: staging (default), stage: embedded",
        "account: 111122223333, region: eu-central-1, seed: 0",
    ]


def test_the_header_says_what_was_chosen(project: Project) -> None:
    assert header(project.run("--env", "prod", "--stage", "embedded", "--seed", "7")) == [
        "environment: production, stage: embedded",
        "account: 444455556666, region: eu-central-1, seed: 7",
    ]


def test_the_default_is_marked_only_where_it_was_not_chosen(project: Project) -> None:
    assert (
        header(project.run("--env=staging", "--stage=embedded"))[0] == "environment: staging, stage: embedded"
    )


SUGGESTION = 'environments.toml knows no environment "prdo". Did you mean "prod"? The environments are staging, production (prod).'


def test_an_unknown_environment_is_refused_with_a_suggestion(project: Project) -> None:
    assert refused(project.run("--env=prdo")) == f"ERROR: {project.path}/{SUGGESTION}"


def test_an_unknown_environment_is_refused_even_if_no_feature_is_near(project: Project) -> None:
    project.write("tests/test_other.py", "def test_other(): pass")

    assert refused(project.run("--env=prdo", "tests")).endswith(SUGGESTION)


def test_workers_do_not_come_up_for_an_unknown_environment(project: Project) -> None:
    assert refused(project.run_apart("-n", "2", "--env=prdo", "--stage=embedded")).endswith(SUGGESTION)


def test_a_narrated_run_is_refused_in_the_same_words(project: Project) -> None:
    assert refused(project.run("--narrate", "--env=prdo")).endswith(SUGGESTION)


def test_a_broken_file_is_refused(project: Project) -> None:
    project.write("environments.toml", "default = 'staging'")

    sentence = refused(project.run())
    assert sentence.startswith(f"ERROR: {project.path}/environments.toml")
    assert "environments" in sentence.removeprefix(f"ERROR: {project.path}/environments.toml")


def test_a_missing_file_is_refused(project: Project) -> None:
    assert f"{project.path}/nowhere.toml is not there" in refused(project.run("--environments=nowhere.toml"))


@pytest.mark.parametrize("option", ["--help", "--version", "--markers"])
def test_a_question_is_answered_even_if_the_file_is_broken(project: Project, option: str) -> None:
    project.write("environments.toml", "[")

    assert project.run(option).ret == pytest.ExitCode.OK


def test_tests_that_are_no_features_need_no_environments(project: Project) -> None:
    (project.path / "environments.toml").unlink()
    project.write("tests/test_other.py", "def test_other(): pass")

    result = project.run("tests")
    assert result.parseoutcomes() == {"passed": 1}
    assert header(result) == []


def test_a_feature_that_pytest_would_not_collect_needs_no_environments(project: Project) -> None:
    project.write("tests/test_other.py", "def test_other(): pass")
    (project.path / "features").rename(project.path / ".features")
    (project.path / "environments.toml").unlink()

    assert project.run().parseoutcomes() == {"passed": 1}


def test_the_path_of_the_file_is_taken_from_where_the_run_is_started(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project.path / "environments.toml").rename(project.path / "features" / "mine.toml")
    monkeypatch.chdir(project.path / "features")

    assert project.run("--environments=mine.toml").parseoutcomes() == {"passed": 1}


def test_the_settings_may_name_the_file_from_where_they_are(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("environments.toml", (project.path / "environments.toml").read_text("utf-8"))
    (project.path / "environments.toml").rename(project.path / "places.toml")
    settings = project.path / "pyproject.toml"
    settings.write_text(settings.read_text("utf-8") + 'environments = "places.toml"\n', "utf-8")
    monkeypatch.chdir(project.path / "features")

    assert project.run().parseoutcomes() == {"passed": 1}


@pytest.mark.parametrize("option", ["--stage=nowhere", "--seed=seven"])
def test_other_bad_values_are_refused_by_pytest_itself(project: Project, option: str) -> None:
    result = project.run(option)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*: error: argument {option.partition('=')[0]}: invalid *"])


def test_the_options_stand_in_a_group_of_their_own(project: Project) -> None:
    text = project.run("--help").stdout.str()

    group = text[text.index("rehearsing rollbacks:") :].split("\n\n")[0]
    options = (
        "--env=NAME",
        "--stage={embedded,server,localstack,live}",
        "--confirm=SERVICE",
        "--profile=NAME",
        "--seed=N",
    )
    for option in (*options, "--narrate", "--environments=PATH"):
        assert option in group


def test_every_stage_that_can_be_asked_for_can_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "found", lambda: "http://127.0.0.1:4566")
    environments = load(REPOSITORY / "environments.toml")
    for name in stage.STAGES:
        assert callable(stage.stage_factory(name, environments))


def test_a_stage_that_another_process_plays_wants_the_file_that_it_reads() -> None:
    with pytest.raises(ConfigurationError, match="'server' can't be opened without a file of environments"):
        stage.stage_factory("server")


def test_the_markers_explain_every_tag(project: Project) -> None:
    lines = project.run("--markers").outlines

    for tag, meaning in TAGS.items():
        assert f"@pytest.mark.{tag}: {meaning}" in lines


def test_a_failing_run_says_how_to_repeat_it(project: Project) -> None:
    project.steps(FAILING)

    result = project.run("--seed=7", "--env=prod", "--environments=environments.toml", "--stage=embedded")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "=* rehearse again =*",
            (
                "pytest features/ecs/rollback.feature::test_the_plain_way --env=prod "
                "--environments=environments.toml --stage=embedded --seed=7"
            ),
        ]
    )


def test_a_failure_after_the_steps_is_repeated_too(project: Project) -> None:
    project.steps(
        """
        import pytest
        from pytest_bdd import given

        @pytest.fixture
        def untidy():
            yield
            raise RuntimeError("a thread is left")

        @given("the service is steady")
        def _(untidy):
            pass
        """
    )

    assert "pytest features/ecs/rollback.feature::test_the_plain_way --seed=0" in project.run().outlines


def test_what_to_repeat_can_be_typed_where_the_run_was_started(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.steps(FAILING.replace("steady", "very steady"))
    project.write(
        "features/ecs/rollback.feature",
        """
        Feature: Emergency rollback
          Scenario Outline: The plain way
            Given the service is <how>

            Examples:
              | how         |
              | very steady |
        """,
    )
    monkeypatch.chdir(project.path / "features" / "ecs")

    result = project.run()
    assert "pytest 'rollback.feature::test_the_plain_way[very steady]' --seed=0" in result.outlines


def test_a_passing_run_says_nothing_of_repeating(project: Project) -> None:
    assert "rehearse again" not in project.run().stdout.str()


def test_hypothesis_is_not_loaded_only_to_say_nothing(project: Project) -> None:
    project.steps(
        """
        import sys
        from pytest_bdd import given

        @given("the service is steady")
        def _():
            pass

        def pytest_unconfigure():
            print("hypothesis" in sys.modules)
        """
    )

    assert project.run_apart().outlines[-1] == "False"


def test_hypothesis_may_report_on_other_tests(project: Project) -> None:
    project.write(
        "conftest.py",
        """
        pytest_plugins = ["rehearsal.plugin"]

        def pytest_unconfigure(config):
            print(config.pluginmanager.hasplugin("hypothesispytest"))
        """,
    )
    project.write("tests/test_other.py", "def test_other(): pass")

    assert project.run_apart("tests").outlines[-1] == "True"

"""A feature that would not be rehearsed as it reads is not rehearsed at all."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.plugin.mistakes_in_form import IN_FORM
from tests.plugin.mistakes_in_steps import IN_STEPS
from tests.plugin.project import Project

if TYPE_CHECKING:
    from pathlib import Path

pytest_plugins = ["pytester"]

STEPS = """
from pytest_bdd import given, parsers, step, then, when

@given("the service is steady")
def _():
    pass

@given(parsers.parse("revision {number:d} was deployed"))
def _(number):
    pass

@given(parsers.parse("revision {number:d} was {what}"))
def _(number, what):
    pass

@when("we roll back")
async def _():
    pass

@when("we wait")
async def _():
    yield

@then("these tasks run")
def _(datatable):
    pass

@then("the journal says")
def _(docstring):
    pass

@then("it works")
def _():
    pass
"""


@pytest.fixture(autouse=True)
def _steps(project: Project) -> None:
    project.steps(STEPS)


def problems(result: pytest.RunResult) -> list[str]:
    """What is said of each feature that was not collected."""
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert "Traceback" not in result.stdout.str()
    return [line for line in result.outlines if line.startswith("features/")]


CASES = IN_STEPS | IN_FORM


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A project with a feature for each case, and what pytest says of it: failing to collect takes pytest long."""
    project = Project(tmp_path_factory.mktemp("strictness"))
    project.steps(STEPS)
    for number, (feature, _) in enumerate(CASES.values()):
        project.write(f"features/case{number}.feature", feature)
    said = subprocess.run(
        [sys.executable, "-m", "pytest"], cwd=project.path, capture_output=True, text=True, check=False
    )
    assert said.returncode == pytest.ExitCode.INTERRUPTED
    assert "Traceback" not in said.stdout
    return project.path, said.stdout.splitlines()


@pytest.mark.parametrize("case", CASES)
def test_collection_fails_with_one_sentence_that_names_file_and_line(
    everything: tuple[Path, list[str]], case: str
) -> None:
    path, said = everything
    file = f"features/case{[*CASES].index(case)}.feature"
    expected = CASES[case][1].replace("DIR", str(path))

    assert [line for line in said if line.startswith(file)] == [f"{file}:{expected}"]


TWO_PROBLEMS = """
    @esc
    Feature: F
      Scenario: S
        Given xyz
    """
TWO_SENTENCES = [
    "features/f.feature:1: The tag @esc is not registered. Did you mean @ecs?",
    'features/f.feature:4: The step "Given xyz" has no definition.',
]
EMPTY = "features/g.feature:1: The file is empty: a feature begins with Feature: and its name."


def test_all_problems_of_all_features_are_told_at_once(project: Project) -> None:
    project.write("features/f.feature", TWO_PROBLEMS)
    project.write("features/g.feature", "")

    assert problems(project.run()) == [*TWO_SENTENCES, EMPTY]


def test_they_are_told_where_tests_are_only_listed(project: Project) -> None:
    project.write("features/f.feature", TWO_PROBLEMS)

    assert problems(project.run("--collect-only", "-q")) == TWO_SENTENCES


def test_they_fail_a_run_that_prints_nothing(project: Project) -> None:
    project.write("features/f.feature", TWO_PROBLEMS)

    assert project.run("-p", "no:terminal").ret == pytest.ExitCode.INTERRUPTED


@pytest.mark.nightly
def test_workers_tell_them_once(project: Project) -> None:
    project.write("features/f.feature", TWO_PROBLEMS)
    project.write("features/g.feature", "")

    result = project.run_apart("-n", "2")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert [line for line in result.outlines if line.startswith("features/")] == [*TWO_SENTENCES, EMPTY]


def test_a_file_that_is_not_text_is_told_too(project: Project) -> None:
    project.write("features/f.feature", "").write_bytes(b"Feature: \xff")

    [sentence] = problems(project.run())
    assert sentence.startswith("features/f.feature:1: The feature can't be read as UTF-8: ")


def test_a_scenario_that_pytest_drops_for_any_other_reason_fails_the_collection_too(project: Project) -> None:
    project.write("features/f.feature", "Feature: F\n Scenario: S\n  Given the service is steady")

    assert problems(project.run("-o", "python_functions=check_*")) == [
        "features/f.feature:1: The feature tells 1 scenarios, but 0 would be rehearsed."
    ]


def test_definitions_count_only_where_they_can_be_seen(project: Project) -> None:
    project.write("features/f.feature", "Feature: F\n Scenario: S\n  Given the stage is set")
    project.write("features/below/f.feature", "Feature: G\n Scenario: S\n  Given the stage is set")
    project.write(
        "features/below/conftest.py",
        """
        from pytest_bdd import given

        @given("the stage is set")
        def _():
            pass
        """,
    )

    [sentence] = problems(project.run())
    assert sentence.startswith('features/f.feature:3: The step "Given the stage is set" has no definition.')


def test_a_definition_that_is_imported_twice_is_still_one(project: Project) -> None:
    project.write("common.py", "from pytest_bdd import then\n\n@then('it is over')\ndef _():\n    pass\n")
    project.write("features/conftest.py", "from common import *\n")
    project.write("conftest.py", 'pytest_plugins = ["rehearsal.plugin"]\nfrom common import *\n')
    project.write("features/f.feature", "Feature: F\n Scenario: S\n  Then it is over")

    assert project.run("-o", "pythonpath=.").parseoutcomes() == {"passed": 1}


def test_the_same_sentence_for_two_keywords_is_no_contradiction(project: Project) -> None:
    project.steps(
        """
        from pytest_bdd import given, then

        @given("it works")
        def _():
            pass

        @then("it works")
        def _():
            pass
        """
    )
    project.write("features/f.feature", "Feature: F\n Scenario: S\n  Given it works\n  Then it works")

    assert project.run().parseoutcomes() == {"passed": 1}


def test_each_text_is_matched_once_however_many_scenarios_say_it(project: Project) -> None:
    project.steps(
        """
        import pytest
        from pytest_bdd import given, parsers

        class Counting(parsers.string):
            asked = 0

            def is_matching(self, name):
                type(self).asked += 1
                return super().is_matching(name)

        @given(Counting("it works"))
        def _():
            pass

        def pytest_collection_finish():
            print("asked", Counting.asked)
        """
    )
    scenarios = "".join(f" Scenario: {number}\n  Given it works\n" for number in range(20))
    for name in ("f", "g"):
        project.write(f"features/{name}.feature", f"Feature: {name}\n{scenarios}")

    assert "asked 1" in project.run("--collect-only").outlines

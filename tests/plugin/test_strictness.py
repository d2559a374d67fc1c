"""A feature that would not be rehearsed as it reads is not rehearsed at all."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

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


CASES = {
    "the same name twice": (
        """
        Feature: F
          Scenario: Same
            Given the service is steady
          Scenario: Other
            Given the service is steady
          Scenario: Same
            Given the service is steady
        """,
        (
            '6: The scenario in line 2 is called "Same" too, and only one of them would be rehearsed. '
            "Give each a name of its own."
        ),
    ),
    "the same name in two rules": (
        """
        Feature: F
          Rule: One
            Scenario: Same
              Given the service is steady
          Rule: Two
            Scenario: Same
              Given the service is steady
        """,
        (
            '6: The scenario in line 3 is called "Same" too, and only one of them would be rehearsed. '
            "Give each a name of its own."
        ),
    ),
    "an async step": (
        """
        Feature: F
          Scenario: S
            When we roll back
        """,
        (
            '3: The step "When we roll back" is played by an async function (conftest.py:17), which nobody would '
            "await. Make it a plain one."
        ),
    ),
    "an async generator": (
        """
        Feature: F
          Scenario: S
            When we wait
        """,
        (
            '3: The step "When we wait" is played by an async function (conftest.py:21), which nobody would await. '
            "Make it a plain one."
        ),
    ),
    "two definitions for a step": (
        """
        Feature: F
          Scenario: S
            Given revision 41 was deployed
        """,
        (
            '3: The step "Given revision 41 was deployed" matches 2 definitions: '
            '"Given revision {number:d} was deployed" (conftest.py:9) and '
            '"Given revision {number:d} was {what}" (conftest.py:13). Reword one.'
        ),
    ),
    "a step without a definition": (
        """
        Feature: F
          Scenario: S
            Given the service was steady
        """,
        (
            '3: The step "Given the service was steady" has no definition. '
            'Did you mean "Given the service is steady" (conftest.py:5)?'
        ),
    ),
    "a step without anything like it": (
        """
        Feature: F
          Scenario: S
            Given xyz
        """,
        '3: The step "Given xyz" has no definition.',
    ),
    "a step behind the wrong keyword": (
        """
        Feature: F
          Scenario: S
            Given the service is steady
            And it works
        """,
        (
            '4: The step "Given it works" has no definition. There is one for another keyword: '
            '"Then it works" (conftest.py:33).'
        ),
    ),
    "a step of the background": (
        """
        Feature: F
          Background:
            Given xyz
          Scenario: S
            Given the service is steady
          Scenario: T
            Given the service is steady
        """,
        '3: The step "Given xyz" has no definition.',
    ),
    "a step that only one example makes": (
        """
        Feature: F
          Scenario Outline: S
            Given the service is <how>
            Examples:
              | how    |
              | steady |
              | shaky  |
        """,
        (
            '3: The step "Given the service is shaky" has no definition. '
            'Did you mean "Given the service is steady" (conftest.py:5)?'
        ),
    ),
    "a tag of the feature": (
        """
        @esc
        Feature: F
          Scenario: S
            Given the service is steady
        """,
        "1: The tag @esc is not registered. Did you mean @ecs?",
    ),
    "a tag of a rule": (
        """
        Feature: F
          @whatever
          Rule: R
            Scenario: S
              Given the service is steady
        """,
        "2: The tag @whatever is not registered. New tags belong into rehearsal/tags.py.",
    ),
    "a tag of a scenario": (
        """
        Feature: F
          @ecs @issue:12
          Scenario: S
            Given the service is steady
        """,
        "2: The tag @issue:12 is not registered. New tags belong into rehearsal/tags.py.",
    ),
    "a tag of examples": (
        """
        Feature: F
          Scenario Outline: S
            Given the service is <how>
            @lives
            Examples:
              | how    |
              | steady |
        """,
        "4: The tag @lives is not registered. Did you mean @live?",
    ),
    "a placeholder without a column": (
        """
        Feature: F
          Scenario Outline: S
            Given the service is <hwo>
            Examples:
              | how    |
              | steady |
        """,
        "3: The step uses <hwo>, but the examples in line 4 have no such column. Did you mean <how>?",
    ),
    "a placeholder in a name": (
        """
        Feature: F
          Scenario Outline: S in <environment>
            Given the service is <how>
            Examples:
              | how    |
              | steady |
        """,
        "2: The name uses <environment>, but the examples in line 4 have no such column.",
    ),
    "a placeholder in a background": (
        """
        Feature: F
          Background:
            Given the service is <how>
          Scenario Outline: S
            Given the service is <how>
            Examples:
              | how    |
              | steady |
        """,
        "3: The background uses <how>, but examples fill in only the steps of their own scenario.",
    ),
    "a placeholder in a table": (
        """
        Feature: F
          Scenario Outline: S
            Given the service is <how>
            Then these tasks run
              | <revision> |
            Examples:
              | how    |
              | steady |
        """,
        "4: The step uses <revision>, but the examples in line 6 have no such column.",
    ),
    "a placeholder in a text": (
        """
        Feature: F
          Scenario Outline: S
            Given the service is <how>
            Then the journal says
              \"\"\"
              <revision>
              \"\"\"
            Examples:
              | how    |
              | steady |
        """,
        "4: The step uses <revision>, but the examples in line 8 have no such column.",
    ),
    "a table that nobody reads": (
        """
        Feature: F
          Scenario: S
            Given the service is steady
              | 41 |
        """,
        (
            '3: The step "Given the service is steady" brings a table that its definition (conftest.py:5) doesn\'t '
            "look at. Remove it, or take it as the argument datatable."
        ),
    ),
    "a text that nobody reads": (
        """
        Feature: F
          Scenario: S
            Given the service is steady
              \"\"\"
              or so
              \"\"\"
        """,
        (
            '3: The step "Given the service is steady" brings a text that its definition (conftest.py:5) doesn\'t '
            "look at. Remove it, or take it as the argument docstring."
        ),
    ),
    "an outline without examples": (
        """
        Feature: F
          Scenario Outline: S
            Given the service is <how>
        """,
        '2: The outline "S" has no examples.',
    ),
    "examples without rows": (
        """
        Feature: F
          Scenario Outline: S
            Given the service is <how>
            Examples:
              | how |
        """,
        '4: The examples of "S" have no rows, so nothing would be rehearsed.',
    ),
    "examples without anything": (
        """
        Feature: F
          Scenario Outline: S
            Given the service is steady
            Examples:
        """,
        '4: The examples of "S" have no rows, so nothing would be rehearsed.',
    ),
    "the same example twice": (
        """
        Feature: F
          Scenario Outline: S
            Given the service is <how>
            Examples:
              | how    |
              | steady |
            Examples: again
              | how    |
              | steady |
        """,
        "9: This example reads like the one in line 6, steady.",
    ),
    "the same column twice": (
        """
        Feature: F
          Scenario Outline: S
            Given the service is <how>
            Examples:
              | how   | how    |
              | shaky | steady |
        """,
        "4: The examples have two columns called how.",
    ),
    "an unknown environment": (
        """
        Feature: F
          Scenario Outline: S
            Given the service is steady
            Examples:
              | environment |
              | staging     |
              | stagin      |
        """,
        (
            '7: DIR/environments.toml knows no environment "stagin". Did you mean "staging"? '
            "The environments are staging, production (prod)."
        ),
    ),
    "a scenario without steps": (
        """
        Feature: F
          Background:
            Given the service is steady
          Scenario: S
        """,
        '4: The scenario "S" has no steps, so it can\'t fail.',
    ),
    "a keyword that is misspelt": (
        """
        Feature: F
          Scenario: S
            Givven the service is steady
        """,
        '2: The scenario "S" has no steps, so it can\'t fail. Its text is read as a description.',
    ),
    "a first step that follows nothing": (
        """
        Feature: F
          Scenario: S
            And the service is steady
        """,
        '3: The first step, "And the service is steady", has to be a Given, a When or a Then.',
    ),
    "a feature without scenarios": (
        "Feature: F\n",
        "1: The feature has no scenario, so nothing in it would be rehearsed.",
    ),
    "a feature without a name": (
        """
        Feature:
          Scenario: S
            Given the service is steady
        """,
        "1: The feature has no name.",
    ),
    "a scenario without a name": (
        """
        Feature: F
          Scenario:
            Given the service is steady
        """,
        "2: The scenario has no name.",
    ),
    "an empty file": ("", "1: The file is empty: a feature begins with Feature: and its name."),
    "something that isn't Gherkin": (
        "Hello\n",
        '1: "Hello" can\'t stand here; what can: Feature:, a tag.',
    ),
    "a text without an end": (
        """
        Feature: F
          Scenario: S
            Given the service is steady
              \"\"\"
        """,
        '5: The end can\'t stand here; what can: a text between """.',
    ),
    "a table with a hole": (
        """
        Feature: F
          Scenario: S
            Then these tasks run
              | 1 | 2 |
              | 3 |
        """,
        "5: This isn't Gherkin: inconsistent cell count within the table.",
    ),
    "a language that isn't one": (
        "# language: xx\nFeature: F\n",
        "1: This isn't Gherkin: Language not supported: xx.",
    ),
}


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

"""What happened in a scenario is written down as it happened, whatever went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rehearsal.recording import story_of
from rehearsal.story import ScenarioStory, StepStory, Timing

if TYPE_CHECKING:
    from tests.plugin.project import Project

pytest_plugins = ["pytester"]

STEPS = """
    import pytest
    from pytest_bdd import given, parsers, then, when

    from rehearsal.clock import VirtualClock

    class Budget:
        from_seconds = 120
        to_seconds = 300

    @pytest.fixture
    def clock(story):
        clock = VirtualClock()
        clock.sleep(1000)
        story.clock(clock)
        return clock

    @pytest.fixture
    def broken():
        raise RuntimeError("no stage")

    @pytest.fixture
    def untidy():
        yield
        raise RuntimeError("a thread is left")

    @given(parsers.parse("{seconds:d} s pass"))
    def _(clock, seconds):
        clock.sleep(seconds)

    @when("we roll back")
    def _(clock, story):
        clock.sleep(130)
        story.timing("Emergency rollback", 130, Budget)

    @then("it works")
    def _():
        assert True

    @then("it fails")
    def _(clock):
        clock.sleep(7)
        assert 40 == 41, "one task still answers v40"

    @then("it is skipped")
    def _(clock):
        clock.sleep(7)
        pytest.skip("there is no terraform")

    @then("it breaks")
    def _(broken):
        pass

    @given("it leaves things behind")
    @then("it leaves things behind")
    def _(untidy):
        pass

    @then("these tasks run")
    def _(datatable):
        pass

    @then("the journal says")
    def _(docstring):
        pass
    """


def told(project: Project, scenario: str) -> ScenarioStory:
    """The story of a feature's only scenario."""
    project.steps(STEPS)
    project.write("features/f.feature", scenario)
    reports = project.pytester.inline_run("features").getreports("pytest_runtest_logreport")
    *_, last = [story for report in reports if (story := story_of(report))]
    return last


def outcomes(story: ScenarioStory) -> list[tuple[str, float]]:
    return [(step.outcome, step.seconds) for step in story.steps]


def test_a_scenario_that_passes_is_told_with_all_that_it_says(project: Project) -> None:
    story = told(
        project,
        """
        @ecs
        Feature: Emergency rollback
          Background:
            Given 60 s pass
          Rule: In time
            @live
            Scenario Outline: Back to <revision>
              When we roll back
              Then it works

              @readiness
              Examples:
                | environment | revision |
                | staging     | 41       |
        """,
    )

    assert story == ScenarioStory(
        nodeid="features/f.feature::test_back_to_revision[staging-41]",
        path="features/f.feature",
        chapter="Emergency rollback",
        rule="In time",
        name="Back to 41",
        line=7,
        tags=("ecs", "live", "readiness"),
        example=(("environment", "staging"), ("revision", "41")),
        steps=(
            StepStory("Given", "60 s pass", 4, outcome="passed", seconds=60.0),
            StepStory("When", "we roll back", 8, outcome="passed", seconds=130.0),
            StepStory("Then", "it works", 9, outcome="passed"),
        ),
        timings=(Timing("Emergency rollback", 130, 120, 300),),
        outcome="passed",
        real_seconds=story.real_seconds,
    )
    assert story.seconds == 190
    assert story.real_seconds > 0


def test_a_failed_assertion_ends_the_step_and_what_follows_is_not_reached(project: Project) -> None:
    story = told(project, "Feature: F\n Scenario: S\n  Given 5 s pass\n  Then it fails\n  And it works\n")

    assert outcomes(story) == [("passed", 5), ("failed", 7), ("not reached", 0)]
    assert story.outcome == "failed"
    assert story.failed_step == story.steps[1]
    assert story.message.splitlines()[0] == "one task still answers v40"
    assert story.place.startswith("conftest.py:")


def test_a_skip_ends_the_step_although_nobody_is_told_of_it(project: Project) -> None:
    story = told(
        project, "Feature: F\n Scenario: S\n  Given 5 s pass\n  Then it is skipped\n  And it works\n"
    )

    assert outcomes(story) == [("passed", 5), ("skipped", 7), ("not reached", 0)]
    assert (story.outcome, story.message) == ("skipped", "there is no terraform")


def test_a_fixture_that_a_step_asks_for_fails_the_step(project: Project) -> None:
    story = told(project, "Feature: F\n Scenario: S\n  Given 5 s pass\n  Then it breaks\n")

    assert outcomes(story) == [("passed", 5), ("failed", 0)]
    assert story.message == "RuntimeError: no stage"


def test_a_background_that_fails_fails_the_scenario(project: Project) -> None:
    story = told(
        project,
        "Feature: F\n Background:\n  Given 1 s pass\n  Then it fails\n Scenario: S\n  Given 5 s pass\n",
    )

    assert outcomes(story) == [("passed", 1), ("failed", 7), ("not reached", 0)]


def test_a_fixture_of_the_whole_project_fails_the_scenario_before_its_steps(project: Project) -> None:
    project.write(
        "features/conftest.py",
        "import pytest\n\n@pytest.fixture(autouse=True)\ndef _stage():\n    raise RuntimeError('no stage')\n",
    )
    story = told(project, "Feature: F\n Scenario: S\n  Given 5 s pass\n")

    assert outcomes(story) == [("not reached", 0)]
    assert (story.outcome, story.message) == ("failed", "RuntimeError: no stage")


def test_a_skip_before_the_steps_is_told_with_its_reason(project: Project) -> None:
    project.write(
        "features/conftest.py",
        "import pytest\n\n@pytest.fixture(autouse=True)\ndef _stage():\n    pytest.skip('no docker')\n",
    )
    story = told(project, "Feature: F\n Scenario: S\n  Given 5 s pass\n")

    assert outcomes(story) == [("not reached", 0)]
    assert (story.outcome, story.message) == ("skipped", "no docker")


def test_a_fixture_that_fails_afterwards_fails_a_scenario_whose_steps_have_passed(project: Project) -> None:
    story = told(project, "Feature: F\n Scenario: S\n  Then it leaves things behind\n")

    assert outcomes(story) == [("passed", 0)]
    assert (story.outcome, story.message, story.aftermath) == ("failed", "", "RuntimeError: a thread is left")
    assert story.place.startswith("conftest.py:")


def test_what_fails_afterwards_does_not_hide_what_failed_before(project: Project) -> None:
    story = told(
        project,
        "Feature: F\n Scenario: S\n  Given it leaves things behind\n  Then it fails\n  And it works\n",
    )

    assert outcomes(story) == [("passed", 0), ("failed", 7), ("not reached", 0)]
    assert story.message.splitlines()[0] == "one task still answers v40"
    assert story.aftermath == "RuntimeError: a thread is left"


def test_a_scenario_that_is_expected_to_fail_says_so(project: Project) -> None:
    story = told(project, "Feature: F\n @xfail\n Scenario: S\n  Then it fails\n")

    assert outcomes(story) == [("failed", 7)]
    assert (story.outcome, story.message) == ("skipped", "expected to fail")


def test_tables_and_texts_are_part_of_their_step(project: Project) -> None:
    story = told(
        project,
        """
        Feature: F
          Scenario: S
            Then these tasks run
              | revision | tasks |
              | 41       | 4     |
            And the journal says
              \"\"\"
              We went back.
              It took 3 minutes.
              \"\"\"
        """,
    )

    assert story.steps[0].details == ("| revision | tasks |", "| 41       | 4     |")
    assert story.steps[1].details == ("We went back.", "It took 3 minutes.")


def test_a_test_that_is_no_scenario_may_ask_for_the_story_too(project: Project) -> None:
    project.write(
        "test_other.py",
        """
        from rehearsal.clock import VirtualClock

        def test_other(story):
            story.clock(VirtualClock())
        """,
    )

    reports = project.pytester.inline_run("test_other.py").getreports("pytest_runtest_logreport")
    assert [report.outcome for report in reports] == ["passed", "passed", "passed"]
    assert [story_of(report) for report in reports] == [None, None, None]

"""With `--narrate` a person can follow the rehearsal, and know at its end how it went."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.narrate import InOrder
from tests.plugin.narration import CERTIFICATE, NARRATION, ROLLBACK, STEPS

if TYPE_CHECKING:
    from tests.plugin.project import Project

pytest_plugins = ["pytester"]


@pytest.fixture(autouse=True)
def _features(project: Project) -> None:
    project.steps(STEPS)
    project.write("features/ecs/rollback.feature", ROLLBACK)
    project.write("features/certificate.feature", CERTIFICATE)


def narration(result: pytest.RunResult) -> str:
    """What was told, without this machine's own times."""
    return re.sub(r"(?<=in )\d+\.\d+", "T", result.stdout.str()) + "\n"


def test_the_run_is_told_to_a_person(project: Project) -> None:
    assert narration(project.run("--narrate")) == NARRATION


def test_workers_are_told_of_as_if_there_were_none(project: Project) -> None:
    assert narration(project.run_apart("--narrate", "-n", "2")) == NARRATION


@pytest.mark.parametrize("option", ["-v", "-vv", "-q"])
def test_pytest_does_not_talk_in_between_whatever_it_is_asked_for(project: Project, option: str) -> None:
    told = narration(project.run("--narrate", option))

    assert told.splitlines()[:-1] == NARRATION.splitlines()[:-1]


def test_the_exit_code_is_the_one_of_pytest(project: Project) -> None:
    assert project.run("--narrate").ret == pytest.ExitCode.TESTS_FAILED
    assert project.run("--narrate", "features/certificate.feature").ret == pytest.ExitCode.OK
    assert project.run("--narrate", "-k", "nothing").ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_a_run_that_went_well_ends_with_one_line_for_each_chapter(project: Project) -> None:
    _, summary = narration(project.run("--narrate", "features/certificate.feature")).split("Summary ")

    assert summary.splitlines()[1:] == [
        "",
        "chapter                                    rehearsed  failed  skipped  simulated",
        "A certificate                                      1       0        0        1 h",
        "",
        "1 scenario rehearsed: 1 h of simulated time in T s.",
        "1 passed in Ts",
    ]


def test_an_output_without_unicode_gets_plain_marks(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    project.write("features/certificate.feature", CERTIFICATE.replace("It has expired", "È già scaduto"))

    told = narration(project.run_apart("--narrate"))
    assert told.isascii()
    for line in (
        "A certificate ------------------------------------------------------------------",
        "  ? gi? scaduto",
        "    + Given the service has run for 3600 seconds                             1 h",
        "    x Then it fails",
        "    . And it works",
        "    - Then it is skipped",
        "x Emergency rollback                   2  2 min 10 s  5 min 10 s  2 min to 5 min",
    ):
        assert line in told.splitlines()


def test_a_message_cannot_steer_the_terminal(project: Project) -> None:
    project.steps(STEPS.replace("one task", "\\x1b[2Jone task"))

    assert "      ?[2Jone task still answers v40" in project.run("--narrate", "-k", "it_fails").outlines


def test_no_line_is_wider_than_the_terminal(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")

    lines = project.run("--narrate").outlines
    assert max(len(line) for line in lines if "pytest" not in line) == 60
    assert all(line == line.rstrip() or line == "Summary " for line in lines)


def test_a_wide_terminal_is_not_filled(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")

    assert max(len(line) for line in project.run("--narrate", "features/certificate.feature").outlines) == 100


def test_colours_are_for_terminals(project: Project) -> None:
    assert "\x1b[" not in project.run("--narrate").stdout.str()
    assert "\x1b[32m✓\x1b[0m" in project.run("--narrate", "--color=yes").stdout.str()


def test_what_was_played_has_been_told_even_if_the_process_dies(project: Project) -> None:
    project.steps(STEPS.replace('pytest.fail("one task still answers v40")', "__import__('os')._exit(3)"))

    told = project.run_apart("--narrate").outlines
    assert told[-1] == "  is wrapped"
    assert "    ✓ When we roll back in 310 seconds                                5 min 10 s" in told


def test_who_interrupts_the_run_sees_in_which_step(project: Project) -> None:
    project.steps(STEPS.replace('pytest.fail("one task still answers v40")', "raise KeyboardInterrupt"))

    result = project.run_apart("--narrate", "-k", "it_fails")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert "    ✗ Then it fails" in result.outlines


def test_a_feature_that_cannot_be_collected_is_told_instead(project: Project) -> None:
    project.write("features/certificate.feature", CERTIFICATE.replace("Given the", "Given a"))

    result = project.run("--narrate")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    sentence = (
        'features/certificate.feature:3: The step "Given a service has run for 3600 seconds" has no definition. '
        'Did you mean "Given the service has run for {seconds:d} seconds" (conftest.py:23)?'
    )
    told = result.outlines
    at = told.index("  ✗ features/certificate.feature")
    assert " ".join(line.strip() for line in told[at + 1 : at + 4]) == sentence
    assert "Summary" not in result.stdout.str()


def test_tests_of_another_kind_are_told_of_only_where_they_fail(project: Project) -> None:
    project.write(
        "tests/test_other.py",
        """
        def test_good():
            pass

        def test_bad():
            assert 1 == 2, "one is not two"

        def test_worse(nothing):
            pass
        """,
    )

    told = narration(project.run("--narrate", "features/certificate.feature", "tests"))
    assert (
        "\n"
        "  ✗ tests/test_other.py::test_bad\n"
        "    one is not two\n"
        "    assert 1 == 2\n"
        "\n"
        "  ✗ tests/test_other.py::test_worse\n"
        "    fixture 'nothing' not found\n"
    ) in told
    assert "test_good" not in told
    assert "1 failed, 2 passed, 1 error in Ts" in told


def test_what_fails_afterwards_is_told_after_what_failed_before(project: Project) -> None:
    project.write(
        "features/certificate.feature",
        """
        Feature: A certificate
          Scenario: It has expired
            Then it leaves things behind
            And it fails
            And it works
        """,
    )

    told = project.run("--narrate", "features/certificate.feature").outlines
    at = told.index("    ✗ And it fails")
    assert told[at + 1 : at + 7] == [
        "      one task still answers v40",
        "      features/certificate.feature:4, conftest.py:39",
        "    · And it works",
        "    ✗ It failed after its last step.",
        "      RuntimeError: a thread is left",
        "",
    ]
    at = told.index("✗ It has expired")
    assert told[at + 2 : at + 4] == ["  one task still answers v40", "  RuntimeError: a thread is left"]


def test_no_advice_is_given_that_narration_cannot_follow(project: Project) -> None:
    project.steps(
        STEPS.replace('pytest.fail("one task still answers v40")', 'assert {"a": 1, "b": 2} == {"a": 1}')
    )

    told = project.run("--narrate", "-k", "it_fails").stdout.str()
    assert "Left contains 1 more item" in told
    assert "-v" not in told


def test_a_scenario_that_fails_before_its_first_step_says_so(project: Project) -> None:
    project.write(
        "features/conftest.py",
        "import pytest\n\n@pytest.fixture(autouse=True)\ndef _stage():\n    raise RuntimeError('no stage')\n",
    )

    told = project.run("--narrate", "features/certificate.feature").outlines
    at = told.index("  It has expired")
    assert told[at + 1 : at + 5] == [
        "    ✗ It failed outside of its steps.",
        "      RuntimeError: no stage",
        "      features/certificate.feature:2, features/conftest.py:5",
        "    · Given the service has run for 3600 seconds",
    ]


def test_a_long_message_is_cut_short(project: Project) -> None:
    project.steps(STEPS.replace('"one task still answers v40"', '"\\n".join(f"line {n}" for n in range(40))'))

    told = [line.strip() for line in project.run("--narrate", "-k", "it_fails").outlines]
    at = told.index("line 0")
    assert told[at + 10 : at + 13] == [
        "line 10",
        "... and 29 lines more",
        "features/ecs/rollback.feature:14, conftest.py:39",
    ]


def test_a_run_that_stops_early_tells_how_far_it_came(project: Project) -> None:
    told = narration(project.run("--narrate", "-x"))

    assert "It fails with a name" in told
    assert "  Refused" not in told
    assert "4 scenarios rehearsed, 1 failed: 1 h 9 min of simulated time" in told


def test_listing_tests_tells_nothing_of_a_rehearsal(project: Project) -> None:
    told = project.run("--narrate", "--collect-only").stdout.str()

    assert "features/certificate.feature::test_it_has_expired" in told
    assert "Summary" not in told


def test_a_run_that_may_not_use_the_terminal_keeps_quiet(project: Project) -> None:
    result = project.run("--narrate", "-p", "no:terminal")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert result.stdout.str() == ""


def test_without_it_pytest_speaks_as_ever(project: Project) -> None:
    told = project.run().stdout.str()

    assert "test session starts" in told
    assert "FAILURES" in told
    assert "✓" not in told


def report(nodeid: str, when: Literal["setup", "call", "teardown"]) -> pytest.TestReport:
    return pytest.TestReport(nodeid, ("f", 1, nodeid), {}, "passed", None, when)


@given(st.permutations(range(6)), st.integers(0, 6))
def test_reports_are_told_in_order_whenever_they_come(coming: list[int], complete: int) -> None:
    in_order = InOrder()
    in_order.expect([str(number) for number in range(6)])
    told = []
    for number in coming[:complete]:
        for when in ("setup", "call", "teardown"):
            told += list(in_order.release(report(str(number), when)))
            assert len(told) % 3 == 0, "a test is told as a whole"
    told += list(in_order.rest())

    assert [(each.nodeid, each.when) for each in told] == [
        (str(number), when) for number in sorted(coming[:complete]) for when in ("setup", "call", "teardown")
    ]

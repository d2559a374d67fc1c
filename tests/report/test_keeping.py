"""What a run leaves behind: whole messages, whatever became of the run."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.plugin.project import SETTINGS, Project
from tests.report.official import Message, evidence, of, results, valid

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
PACKAGES = "CUCUMBER_PACKAGES"
SECRET = "tr0ub4dor"  # noqa: S105 - what must not be found
STEPS = f"""
    import os, signal
    from datetime import UTC, datetime
    import pytest
    from pytest_bdd import given, parsers, then, when

    from rehearsal.clock import VirtualClock
    from rollback.journal import Journal, Kind

    @pytest.fixture
    def journal(tmp_path):
        with Journal.create(tmp_path / "journal.jsonl", VirtualClock()) as made:
            yield made

    @pytest.fixture
    def untidy():
        yield
        raise RuntimeError("a thread is left")

    @pytest.fixture
    def broken():
        raise RuntimeError("no stage")

    @pytest.fixture(autouse=True)
    def _early(request):
        if "readiness" in request.node.keywords:
            pytest.skip("not today")

    @given(parsers.parse("revision {{number:d}} runs"))
    def _(number):
        pass

    @when("we roll back")
    def _(journal):
        for _ in range(3):
            journal.record(Kind.ANSWER, "ecs:DescribeServices", status=200, seconds=0.1, parameters={{"cluster": "c"}})
        journal.command(["git", "push", "https://somebody:{SECRET}@example.com/x"], None)
        journal.record(Kind.OBSERVATION, "It said password='{SECRET}'.")

    @then("it works")
    def _():
        pass

    @then("it fails")
    def _():
        assert 40 == 41, "one task still answers v40"

    @then("it is skipped")
    def _():
        pytest.skip("there is no terraform")

    @then("it leaves things behind")
    def _(untidy):
        pass

    @then("it breaks")
    def _(broken):
        pass

    @then("it is killed")
    def _():
        os.kill(os.getpid(), signal.SIGKILL)

    @then("somebody presses Ctrl-C")
    def _():
        raise KeyboardInterrupt
    """
FEATURE = """
    @ecs
    Feature: Ways to end
      Background:
        Given revision 41 runs

      Scenario: Passed
        When we roll back
        Then it works

      Scenario: Failed
        Then it fails
        And it works

      Scenario: Skipped
        Then it is skipped

      Scenario: Untidy
        Then it leaves things behind

      Scenario: Broken
        Then it breaks

      @readiness
      Scenario: Left out
        Then it works

      Rule: For each
        Scenario Outline: To <revision>
          Given revision <revision> runs

          Examples:
            | revision |
            | 39       |
            | 40       |
    """
ENDINGS = {
    "Passed": ["PASSED", "PASSED", "PASSED"],
    "Failed": ["PASSED", "FAILED", "SKIPPED"],
    "Skipped": ["PASSED", "SKIPPED"],
    "Untidy": ["PASSED", "PASSED", "FAILED"],
    "Broken": ["PASSED", "FAILED"],
    "Left out": ["SKIPPED", "SKIPPED", "SKIPPED"],
    "To 39": ["PASSED", "PASSED"],
    "To 40": ["PASSED", "PASSED"],
}


def prepared(project: Project) -> Project:
    project.write("pyproject.toml", SETTINGS.replace(', "--no-report"', ""))
    project.steps(STEPS)
    project.write("features/ends.feature", FEATURE)
    return project


def kept(folder: Path) -> list[Message]:
    """The messages of the only run in a report."""
    [path] = (folder / "history").glob("*.ndjson")
    return valid(path)


def run_apart(directory: Path, *arguments: str) -> int:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:hypothesispytest",
        *arguments,
    ]
    surroundings = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=directory, env=surroundings, capture_output=True, check=False)  # noqa: S603
    return done.returncode


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> list[Message]:
    """What one run of scenarios that end in all ways has left."""
    directory = tmp_path_factory.mktemp("ends")
    prepared(Project(directory))
    assert run_apart(directory, "-p", "pytest_bdd.plugin", "features") == pytest.ExitCode.TESTS_FAILED
    return kept(directory / "runbook")


def statuses(messages: list[Message]) -> dict[str, list[str]]:
    return {name: [status for _, status in steps] for name, steps in results(messages).items()}


def test_every_message_is_one_of_the_protocol_and_the_run_has_begun_and_ended(
    messages: list[Message],
) -> None:
    kinds = [next(iter(message)) for message in messages]
    assert kinds[:2] == ["meta", "testRunStarted"]
    assert kinds[-1] == "testRunFinished"
    assert not messages[-1]["testRunFinished"]["success"]


def test_each_scenario_ends_as_it_did(messages: list[Message]) -> None:
    """What failed before the first step or after the last is a hook's, so that nothing that failed looks well."""
    assert statuses(messages) == ENDINGS
    said = {each["testStepResult"].get("message", "") for each in of(messages, "testStepFinished")}
    assert said >= {
        "there is no terraform",
        "RuntimeError: a thread is left",
        "RuntimeError: no stage",
        "not today",
    }
    assert any(each.startswith("one task still answers v40") for each in said)


def test_an_id_is_given_once(messages: list[Message]) -> None:
    ids = [
        each["id"]
        for kind in ("pickle", "testCase", "testCaseStarted", "hook", "testRunStarted")
        for each in of(messages, kind)
    ]
    ids += [step["id"] for each in of(messages, "testCase") for step in each["testSteps"]]
    assert len(ids) == len(set(ids))


def test_the_run_says_what_it_was_asked_to_rehearse(messages: list[Message]) -> None:
    [about] = evidence(messages, "run")
    assert (about["environment"], about["stage"], about["live"], about["seed"]) == (
        "staging",
        "embedded",
        False,
        0,
    )
    assert about["budgets"]["emergency"] == [120, 300]


def test_what_the_journals_tell_travels_with_the_step(messages: list[Message]) -> None:
    """What was asked three times is told once."""
    [call] = evidence(messages, "call")
    assert (call["operation"], call["params"], call["count"]) == ("DescribeServices", {"cluster": "c"}, 3)
    [command] = evidence(messages, "command")
    assert command["line"] == "git push 'https://***@example.com/x'"


def test_no_secret_is_kept(messages: list[Message]) -> None:
    assert SECRET not in str(messages)
    assert any("***" in note["text"] for note in evidence(messages, "note"))


def test_workers_send_and_one_process_writes(tmp_path: Path) -> None:
    """Under pytest-xdist the same scenarios are in one file, with who has played them."""
    prepared(Project(tmp_path))
    run_apart(tmp_path, "-p", "pytest_bdd.plugin", "-p", "xdist.plugin", "-n", "1", "features")
    found = kept(tmp_path / "runbook")
    assert statuses(found) == ENDINGS
    assert {each["workerId"] for each in of(found, "testCaseStarted")} == {"gw0"}
    assert len(evidence(found, "call")) == 1


def test_a_run_that_is_killed_leaves_what_was_over_by_then(tmp_path: Path) -> None:
    project = prepared(Project(tmp_path))
    project.write("features/killed.feature", "Feature: K\n Scenario: Killed\n  Then it is killed\n")
    assert run_apart(tmp_path, "-p", "pytest_bdd.plugin", "features") == -signal.SIGKILL
    found = kept(tmp_path / "runbook")
    assert statuses(found) == ENDINGS
    assert not of(found, "testRunFinished")


def test_ctrl_c_leaves_the_scenario_as_far_as_it_came(project: Project) -> None:
    prepared(project).write(
        "features/ends.feature",
        "Feature: F\n Scenario: S\n  Given revision 41 runs\n  Then somebody presses Ctrl-C\n  And it works\n",
    )
    played = project.pytester.inline_run("features", no_reraise_ctrlc=True)
    assert played.ret == pytest.ExitCode.INTERRUPTED
    found = kept(project.path / "runbook")
    assert statuses(found) == {"S": ["PASSED", "FAILED", "SKIPPED"]}
    assert of(found, "testRunFinished")[0]["message"] == "The run was broken off."


@pytest.mark.parametrize("arguments", [("-k", "nothing"), ("--no-report",), ("--collect-only",)])
def test_a_run_with_nothing_to_keep_leaves_nothing(project: Project, arguments: tuple[str, ...]) -> None:
    prepared(project).run("features", "-p", "no:cacheprovider", *arguments)
    assert not (project.path / "runbook").exists()


def test_a_run_of_tests_alone_leaves_nothing(project: Project) -> None:
    prepared(project).write("test_it.py", "def test_it():\n    pass\n")
    assert project.run("test_it.py").ret == pytest.ExitCode.OK
    assert not (project.path / "runbook").exists()


def test_a_folder_that_cant_be_written_is_said_before_the_first_test(project: Project) -> None:
    prepared(project).write("taken", "a file")
    result = project.run("features", "--report", "taken")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["*The run can't be kept in *taken/history: Not a directory.*--report*--no-report.*"]
    )
    assert not result.outlines


def test_where_it_is_kept_can_be_settled_once_and_said_anew(project: Project) -> None:
    one = "Feature: F\n Scenario: S\n  Then it works\n"
    prepared(project).write("features/ends.feature", one)
    project.write("pyproject.toml", SETTINGS.replace(', "--no-report"', "") + 'report = "docs/book"\n')
    project.run("features")
    project.run("features", "--report", "elsewhere")
    assert statuses(kept(project.path / "docs/book")) == statuses(kept(project.path / "elsewhere"))
    assert (project.path / "elsewhere/index.html").exists()


def test_a_feature_that_cant_be_read_is_named_at_the_end(project: Project) -> None:
    prepared(project).write("features/broken.feature", "Nothing\n")
    project.write("features/ends.feature", "Feature: F\n Scenario: S\n  Then it works\n")
    project.run("features", "--continue-on-collection-errors")
    [ended] = of(kept(project.path / "runbook"), "testRunFinished")
    assert not ended["success"]
    assert "features/broken.feature" in ended["message"]


def test_the_official_formatter_shows_it(messages: list[Message], tmp_path: Path) -> None:
    """Where node is, and CUCUMBER_PACKAGES names a `node_modules` with the two packages: nothing is downloaded for it."""
    packages, node = Path(os.environ.get(PACKAGES, "")), shutil.which("node")
    schema = packages / "@cucumber/messages/messages.schema.json"
    if node is None or not os.environ.get(PACKAGES) or not schema.exists():
        pytest.skip(
            f"no node, or {PACKAGES} names no node_modules with @cucumber/messages and html-formatter"
        )
    validator = Draft202012Validator(json.loads(schema.read_text(encoding="utf-8")))
    assert [error.message for each in messages for error in validator.iter_errors(each)] == []
    source, page = tmp_path / "run.ndjson", tmp_path / "run.html"
    source.write_text("".join(f"{json.dumps(each)}\n" for each in messages), encoding="utf-8")
    script = str(Path(__file__).with_name("render.mjs"))
    subprocess.run([node, script, str(packages), str(source), str(page)], check=True)  # noqa: S603 - a list of ours
    assert "Ways to end" in page.read_text(encoding="utf-8")

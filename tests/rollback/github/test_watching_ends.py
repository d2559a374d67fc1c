from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

from rollback.github import RunOutcome
from rollback.journal import read
from tests.rollback.github.payloads import DEPLOY, OTHER, SHA, run
from tests.rollback.github.script import NOT_FOUND, TOKEN, Reply, Script
from tests.rollback.github.timeline import RUN, Timeline, deployed, ended, fine, the_tests, told, watched

if TYPE_CHECKING:
    from pathlib import Path

    from rollback.access import Access

OURS = f"GET /actions/runs/{RUN}"
LOG = "GET /actions/jobs/5000000001/logs"


def test_a_failure_names_job_and_step_and_shows_the_last_lines(
    hands: Access, script: Script, path: Path
) -> None:
    ended(script, "failure", the_tests("completed", "failure"), deployed("completed", "skipped"))
    lines = [
        *map(str, range(50)),
        f"token {TOKEN}",
        "##[error]Process completed with exit code 1.",
        "Cleaning up",
    ]
    script.on(LOG, Reply(200, "\n".join(f"2026-01-05T03:00:00.0Z {line}" for line in lines).encode()))
    found = watched(hands)
    assert (found.outcome, found.failed_job, found.failed_step) == (RunOutcome.FAILED, "test", "Test")
    assert "job test, step Test failed" in found.sentence
    assert found.log == (
        *map(str, range(42, 50)),
        "token ***",
        "##[error]Process completed with exit code 1.",
    )
    assert "/job/5000000001" in found.remedy
    journaled = [entry.detail["log"] for entry in read(path) if "log" in entry.detail]
    assert journaled == [list(found.log)]
    assert TOKEN not in path.read_text()


@pytest.mark.parametrize(
    "answer", [NOT_FOUND, Reply(403, {"message": "No"}), Reply(502), requests.ConnectionError()]
)
def test_a_failure_without_its_log_is_a_failure(
    hands: Access, script: Script, answer: Reply | Exception
) -> None:
    ended(script, "failure", the_tests("completed", "failure"))
    script.on(LOG, answer)
    found = watched(hands)
    assert (found.outcome, found.failed_job, found.log) == (RunOutcome.FAILED, "test", ())


def test_the_job_that_failed_is_named_and_not_the_one_that_was_cancelled_for_it(
    hands: Access, script: Script
) -> None:
    ended(script, "failure", deployed("completed", "cancelled"), the_tests("completed", "failure"))
    assert watched(hands).failed_job == "test"


def test_a_job_that_ran_into_its_time_limit_has_failed(hands: Access, script: Script) -> None:
    ended(script, "failure", the_tests("completed", "timed_out"))
    assert "ran into its time limit" in watched(hands).sentence


@pytest.mark.parametrize("conclusion", ["startup_failure", "stale", "timed_out", "invented_next_year"])
def test_a_conclusion_that_is_not_success_is_a_failure(
    hands: Access, script: Script, conclusion: str
) -> None:
    ended(script, conclusion)
    found = watched(hands)
    assert found.outcome is RunOutcome.FAILED
    assert conclusion.replace("_", " ") in found.sentence


def test_a_run_that_a_newer_push_has_dropped_says_so(hands: Access, script: Script) -> None:
    line = ended(script, "cancelled")
    line.others = [
        run(id=RUN + 5, head_sha=OTHER, created_at="2026-01-05T03:00:40Z", html_url="https://newer.example")
    ]
    found = watched(hands)
    assert found.outcome is RunOutcome.CANCELLED
    assert f"{OTHER[:10]} was pushed later, and run {RUN + 5} is for that" in found.sentence
    assert "https://newer.example" in found.remedy


@pytest.mark.parametrize(
    "other",
    [
        {"created_at": "2026-01-05T02:00:00Z"},
        {"path": ".github/workflows/other.yml", "created_at": "2026-01-05T03:30:00Z"},
        {"head_branch": "staging", "created_at": "2026-01-05T03:30:00Z"},
        {"head_sha": SHA, "event": "workflow_dispatch", "created_at": "2026-01-05T03:30:00Z"},
    ],
)
def test_a_run_that_was_cancelled_without_a_newer_one_was_cancelled_by_somebody(
    hands: Access, script: Script, other: dict[str, str]
) -> None:
    ended(script, "cancelled").others = [run(**{"id": RUN + 5, "head_sha": OTHER, **other})]
    assert "by somebody" in watched(hands).sentence


@pytest.mark.parametrize("conclusion", ["skipped", "neutral"])
def test_a_run_that_has_done_nothing_is_no_success(hands: Access, script: Script, conclusion: str) -> None:
    ended(script, conclusion)
    found = watched(hands)
    assert found.outcome is RunOutcome.SKIPPED
    assert "nothing was deployed" in found.remedy


@pytest.mark.parametrize(
    "held", [{"status": "waiting"}, {"status": "completed", "conclusion": "action_required"}]
)
def test_a_run_that_waits_for_an_approval_until_the_deadline_names_it(
    hands: Access, script: Script, path: Path, held: dict[str, str]
) -> None:
    Timeline(script, runs={0: held}, jobs={0: [the_tests("completed", "success")]})
    script.on(f"{OURS}/pending_deployments", Reply(200, [{"environment": {"id": 1, "name": "production"}}]))
    status = held["status"]
    found = watched(hands, deadline=300)
    assert (found.outcome, found.seconds) == (RunOutcome.WAITING, 300)
    assert "still waits for the approval" in found.sentence
    assert found.remedy.startswith("Have it approved at https://github.example/team/app/actions/runs/")
    if status == "waiting":
        assert "of a deployment to production after 5 min" in found.sentence
        assert sum('waits for an approval of "production"' in each for each in told(path)) == 1


def test_a_run_that_is_approved_in_time_is_followed_to_its_end(hands: Access, script: Script) -> None:
    line = fine(script)
    line.runs |= {60: {"status": "waiting"}, 120: {"status": "in_progress"}}
    script.on(f"{OURS}/pending_deployments", Reply(403, {"message": "No"}))
    assert watched(hands).outcome is RunOutcome.SUCCEEDED


def test_a_run_that_is_not_done_at_the_deadline_goes_on_by_itself(hands: Access, script: Script) -> None:
    fine(script)
    found = watched(hands, deadline=100)
    assert (found.outcome, found.seconds) == (RunOutcome.TIMED_OUT, 100)
    assert "still in progress, at job deploy after 1 min 40 s" in found.sentence


def test_a_run_that_is_run_again_is_followed_into_its_new_attempt(
    hands: Access, script: Script, path: Path
) -> None:
    """Whatever the first attempt has come to, and although it is over between two looks."""
    line = fine(script)
    line.runs |= {
        63: {"status": "in_progress", "run_attempt": 2},
        160: {"status": "completed", "conclusion": "success", "run_attempt": 2},
    }
    found = watched(hands)
    assert found.outcome is RunOutcome.SUCCEEDED
    assert found.run is not None
    assert found.run.attempt == 2
    assert any("is run again: attempt 2" in each for each in told(path))
    assert script.asked[-1].where.endswith("/attempts/2/jobs")


def test_a_run_that_does_not_appear_was_not_started(hands: Access, script: Script) -> None:
    Timeline(script)
    found = watched(hands, limit=92)
    assert (found.outcome, found.seconds, found.run) == (RunOutcome.NOT_STARTED, 92, None)
    assert found.sentence.startswith(
        f"No run of {DEPLOY} for {SHA[:10]} on main was started within 1 min 32 s: "
    )
    for reason in ("path filter", "trigger", "GITHUB_TOKEN", "Actions are off"):
        assert reason in found.sentence
    assert "start it by hand on main" in found.remedy


def test_a_run_that_appears_at_the_limit_is_followed(hands: Access, script: Script) -> None:
    line = fine(script)
    line.runs = {since + 83: changes for since, changes in line.runs.items()}
    assert watched(hands, limit=90).outcome is RunOutcome.SUCCEEDED


@pytest.mark.parametrize("state", ["disabled_manually", "disabled_inactivity"])
def test_a_disabled_workflow_is_named_as_the_reason(hands: Access, script: Script, state: str) -> None:
    Timeline(script)
    script.on("GET /actions/workflows/deploy.yml", Reply(200, {"state": state}))
    found = watched(hands)
    assert f"the workflow is {state.replace('_', ' ')}" in found.sentence
    assert "Enable it" in found.remedy


def test_a_workflow_that_is_not_there_is_named_as_the_reason(hands: Access, script: Script) -> None:
    Timeline(script)
    script.on("GET /actions/workflows/deploy.yml", NOT_FOUND)
    assert f"GitHub knows no workflow {DEPLOY}" in watched(hands).sentence


@pytest.mark.parametrize(
    ("message", "skips"),
    [
        ("Revert it [skip ci]", True),
        ("Revert it\n\n[ci skip]", True),
        ("[no ci] x", True),
        ("x [skip actions]", True),
        ("x [actions skip]", True),
        ("x\n\n\nskip-checks:true", True),
        ("x\n\n\nskip-checks: true\nSigned-off-by: y", True),
        ("x skip ci", False),
        ("mention skip-checks: true in a line", False),
    ],
)
def test_a_message_that_skips_workflows_is_named_as_the_reason(
    hands: Access, script: Script, message: str, *, skips: bool
) -> None:
    Timeline(script)
    script.on(f"GET /commits/{SHA}", Reply(200, {"commit": {"message": message}}))
    assert ("tells GitHub to skip workflows" in watched(hands).sentence) is skips


def test_where_the_reason_can_not_be_asked_the_likely_ones_are_told(hands: Access, script: Script) -> None:
    Timeline(script)
    script.on("GET /actions/workflows/deploy.yml", Reply(502))
    found = watched(hands)
    assert found.outcome is RunOutcome.NOT_STARTED
    assert "path filter" in found.sentence

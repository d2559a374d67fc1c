from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest
import requests

from rollback.github import Run, RunOutcome
from rollback.github.outcome import Sought
from rollback.github.shapes import Run as RunShape
from rollback.github.watching import CADENCE, interval, ours
from rollback.journal import Kind, read
from tests.rollback.builders import REPOSITORY
from tests.rollback.github.payloads import DEPLOY, OTHER, SHA, run, runs
from tests.rollback.github.script import NOT_FOUND, Asked, Reply, Script
from tests.rollback.github.timeline import RUN, Timeline, deployed, ended, fine, the_tests, told, watched

if TYPE_CHECKING:
    from pathlib import Path

    from rehearsal.clock import VirtualClock
    from rollback.access import Access

LIST = "GET /actions/runs"
OURS = f"GET /actions/runs/{RUN}"
JOBS = f"GET /actions/runs/{RUN}/attempts/1/jobs"


def test_a_run_is_followed_to_success(hands: Access, script: Script) -> None:
    fine(script)
    found = watched(hands)
    assert found.outcome is RunOutcome.SUCCEEDED
    assert found.succeeded
    assert 160 <= found.seconds <= 170
    assert found.sentence == f"Run {RUN} of Deploy for {SHA[:10]} has succeeded."
    assert found.run is not None
    assert found.run.conclusion == "success"


def test_each_change_of_a_job_and_step_is_told_once_and_in_order(
    hands: Access, script: Script, path: Path
) -> None:
    fine(script)
    watched(hands)
    assert told(path) == [
        f"Run {RUN} of Deploy has been started for {SHA[:10]}: https://github.example/team/app/actions/runs/{RUN}",
        f"Run {RUN} of Deploy: queued.",
        "Job test, step Checkout: success.",
        "Job test, step Test: in progress.",
        "Job test: queued.",
        f"Run {RUN} of Deploy: in progress.",
        "Job test: in progress.",
        "Job test, step Test: success.",
        "Job test: success.",
        "Job deploy: in progress.",
        f"Run {RUN} of Deploy: success.",
        "Job deploy: success.",
    ]
    changes = [entry.detail for entry in read(path) if "job" in entry.detail]
    assert changes[0] == {"job": "test", "step": "Checkout", "status": "success"}


def test_it_looks_often_at_first_and_less_later(hands: Access, script: Script) -> None:
    Timeline(script, runs={0: {"status": "in_progress"}})
    watched(hands, deadline=150)
    assert script.times(OURS) == [*range(5, 121, 5), 130, 140, 150]
    assert [interval(second) for second in (0, 119, 120, 9999)] == [5, 5, 10, 10]
    assert CADENCE[0] == (120, 5)


def test_a_job_that_was_skipped_in_a_successful_run_is_told(hands: Access, script: Script) -> None:
    """The condition of a job may have kept the deployment from happening."""
    ended(script, "success", the_tests("completed", "success"), deployed("completed", "skipped"))
    assert watched(hands).sentence.endswith("has succeeded, without deploy, which was skipped.")


MISTAKABLE = [
    {"head_sha": OTHER},
    {"head_branch": "staging"},
    {"path": ".github/workflows/infra.yml"},
    {"event": "pull_request"},
    {"event": "schedule"},
]


@pytest.mark.parametrize(
    "other", MISTAKABLE, ids=lambda value: next(iter(value)) + str(next(iter(value.values())))[:9]
)
def test_another_run_is_not_mistaken_for_ours(hands: Access, script: Script, other: dict[str, str]) -> None:
    """Success of a run of other tests, or for another branch, deploys nothing."""
    success = {"status": "completed", "conclusion": "success"}
    Timeline(script).others = [run(**success, **other)]
    assert watched(hands).outcome is RunOutcome.NOT_STARTED


def model(**changes: object) -> Run:
    return RunShape.model_validate(run(**changes)).told()


@pytest.mark.parametrize(
    ("events", "chosen"),
    [(["workflow_dispatch", "push"], "push"), (["workflow_run", "workflow_dispatch"], "workflow_dispatch"), (["schedule"], "")],
)  # fmt: skip
def test_the_run_of_the_push_comes_before_one_that_was_started_by_hand(
    events: list[str], chosen: str
) -> None:
    sought = Sought(repository=REPOSITORY, sha=SHA, branch="main", workflow=DEPLOY)
    found = ours([model(event=event) for event in events], sought)
    assert (found.event if found else "") == chosen


def test_the_run_of_another_commit_is_not_ours() -> None:
    sought = Sought(repository=REPOSITORY, sha=SHA, branch="main", workflow=DEPLOY)
    assert ours([model(head_sha=OTHER)], sought) is None


def test_of_two_runs_of_the_push_the_newest_is_ours() -> None:
    sought = Sought(repository=REPOSITORY, sha=SHA, branch="main", workflow=DEPLOY)
    assert ours([model(id=2), model(id=1)], sought) == model(id=2)


@pytest.mark.parametrize("where", [LIST, OURS, JOBS])
@pytest.mark.parametrize(
    "answer", [Reply(502), Reply(200, b"<html>"), requests.ConnectionError("cut"), NOT_FOUND]
)
def test_looks_that_fail_are_made_up_for_by_the_next(
    hands: Access, script: Script, path: Path, where: str, answer: Reply | Exception
) -> None:
    fine(script)
    whole = script.replies[where][0]
    script.on(where, whole, answer, answer, whole)
    assert watched(hands).outcome is RunOutcome.SUCCEEDED
    failed = [entry for entry in read(path) if "A look at the workflow run failed" in entry.what]
    assert len(failed) == 2
    assert sum("has been started" in each for each in told(path)) == 1


@pytest.mark.parametrize(
    "answer", [Reply(401, {"message": "Bad credentials"}), Reply(403, {"message": "No"})]
)
def test_credentials_that_end_are_sight_lost_at_once(hands: Access, script: Script, answer: Reply) -> None:
    fine(script)
    script.on(JOBS, script.replies[JOBS][0], answer)
    found = watched(hands)
    assert found.outcome is RunOutcome.LOST
    assert found.seconds <= 20
    assert found.run is not None
    assert f"Sight of run {RUN} of Deploy" in found.sentence
    assert "TEAM_TOKEN" in found.sentence + found.remedy
    assert f"The run may go on: look at https://github.example/team/app/actions/runs/{RUN}" in found.remedy


def test_a_run_that_is_gone_is_sight_lost(hands: Access, script: Script) -> None:
    """Somebody has deleted it; one look alone may have come to a server that lags behind."""
    fine(script)
    script.on(OURS, NOT_FOUND)
    found = watched(hands)
    assert found.outcome is RunOutcome.LOST
    assert len(script.times(OURS)) == 3


def test_github_that_does_not_answer_until_the_deadline_is_sight_lost(hands: Access, script: Script) -> None:
    fine(script)
    script.on(OURS, Reply(502))
    found = watched(hands, deadline=200)
    assert (found.outcome, found.seconds) == (RunOutcome.LOST, 200)
    assert "HTTP 502" in found.sentence


def test_a_github_that_was_never_reached_is_not_taken_for_a_run_that_was_not_started(
    hands: Access, script: Script
) -> None:
    script.on(LIST, requests.ConnectionError("cut"))
    found = watched(hands, deadline=400)
    assert (found.outcome, found.run, found.seconds) == (RunOutcome.LOST, None, 400)


def test_a_rate_limit_is_waited_for_in_one_go(hands: Access, script: Script, path: Path) -> None:
    """Asking again before its end would only prolong it."""
    fine(script)
    whole = script.replies[OURS][0]
    script.on(OURS, whole, Reply(429, {"message": "Slow down"}, {"Retry-After": "150"}), whole)
    assert watched(hands).outcome is RunOutcome.SUCCEEDED
    first, second, third, *_ = script.times(OURS)
    assert (second - first, third - second) == (5, 150)
    decisions = [entry.what for entry in read(path) if entry.kind is Kind.DECISION]
    assert len(decisions) == 1
    assert "Looking again in 2 min 30 s" in decisions[0]


def test_a_rate_limit_beyond_the_deadline_ends_there(
    hands: Access, script: Script, clock: VirtualClock
) -> None:
    fine(script)
    script.on(OURS, Reply(429, {"message": "Slow down"}, {"Retry-After": "3600"}))
    found = watched(hands, deadline=100)
    assert found.outcome is RunOutcome.LOST
    assert "is used up until" in found.sentence
    assert clock.monotonic() == 100


def test_a_watch_costs_little_of_the_rate(hands: Access, script: Script) -> None:
    """What hasn't changed is asked for by its ETag, and GitHub doesn't count that."""
    counted: list[float] = []

    def tagged(whole: Any) -> Any:
        def answer(asked: Asked) -> Reply:
            reply: Reply = whole(asked)
            tag = f'"{hash(str(reply.body))}"'
            if asked.headers.get("if-none-match") == tag:
                return Reply(304)
            counted.append(asked.at)
            return Reply(reply.status, reply.body, {"ETag": tag})

        return answer

    fine(script)
    for where in (LIST, OURS, JOBS):
        script.on(where, tagged(script.replies[where][0]))
    assert watched(hands).outcome is RunOutcome.SUCCEEDED
    assert len(script.asked) > 35
    assert len(counted) < 12


def test_jobs_are_looked_at_as_often_as_their_news_is_worth_and_always_at_the_end(
    hands: Access, script: Script
) -> None:
    """Each look at them is a request more: every 15 s while the run goes on, and once more when it has ended."""
    fine(script)
    assert watched(hands).outcome is RunOutcome.SUCCEEDED
    ours = [asked.at for asked in script.asked if asked.path.endswith(f"/runs/{RUN}")]
    jobs = [asked.at for asked in script.asked if asked.path.endswith("/jobs")]
    assert len(jobs) <= len(ours) * 2 / 3
    assert max(later - at for at, later in itertools.pairwise(jobs)) <= 20
    assert jobs[-1] >= ours[-1]


def test_every_end_is_one_of_the_outcomes_with_a_remedy(hands: Access, script: Script) -> None:
    script.on(LIST, Reply(200, runs()))
    found = watched(hands, deadline=0, limit=0)
    assert found.remedy
    assert found.seconds == 0

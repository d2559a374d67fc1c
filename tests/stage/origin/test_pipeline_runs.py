"""The life of a workflow run on the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rehearsal.origin.pipeline.pipeline import Unsettled
from tests.stage.origin.pipeline_house import DEPLOY, House, job_of, outline, printed

if TYPE_CHECKING:
    from pathlib import Path

    from rehearsal.origin.github.store import Run
    from rehearsal.world.world import World
    from rollback.environment import Environments

CODE = {"app/new.py": "x = 1\n"}
OWN_STEPS = [
    "Checkout",
    "Build image",
    "Push image",
    "Migrate database",
    "Register task definition",
    "Update service",
]


@pytest.fixture
def house(world: World, environments: Environments, tmp_path: Path) -> House:
    return House(world, environments, tmp_path)


@pytest.fixture
def elsewhere(house: House) -> str:
    """The branch of an environment that is not on the stage, where runs touch nothing of AWS."""
    return house.others[0]


def workflow(jobs: str, *, concurrency: str = "") -> str:
    more = f"concurrency: {concurrency}\n" if concurrency else ""
    return f"name: Own\non: push\n{more}jobs:\n{jobs}"


def job(name: str, more: str = "", step: str = "run: make") -> str:
    return f"  {name}:\n    runs-on: ubuntu-latest\n{more}    steps:\n      - {step}\n"


def commits(house: House, branch: str, number: int) -> list[Run]:
    """So many pushes, a second apart."""
    for count in range(number):
        house.push({"app/new.py": f"x = {count}\n"}, branch=branch)
        house.clock.sleep(1)
    return house.store.runs[-number:]


def test_a_run_goes_from_queued_over_its_jobs_to_success(house: House, elsewhere: str) -> None:
    house.push(CODE, branch=elsewhere)
    run = house.run
    seen = [run.status]
    while run.status != "completed":
        house.clock.sleep(0.5)
        seen += [run.status] if run.status != seen[-1] else []
    assert seen == ["queued", "in_progress", "completed"]
    assert run.conclusion == "success"
    frame = ["Set up job", *OWN_STEPS, "Post Checkout", "Complete job"]
    assert outline(run)["deploy"] == ("success", [(name, "success") for name in frame])
    test = ["Set up job", "Checkout", "Test", "Post Checkout", "Complete job"]
    assert outline(run)["test"] == ("success", [(name, "success") for name in test])


def test_times_follow_one_another(house: House, elsewhere: str) -> None:
    house.push(CODE, branch=elsewhere)
    house.pipeline.settle()
    moments = [house.run.created_at]
    for each in house.run.jobs:
        assert each.started_at is not None
        assert each.completed_at is not None
        moments += [each.created_at, each.started_at]
        for step in each.steps:
            assert step.started_at is not None
            assert step.completed_at is not None
            moments += [step.started_at, step.completed_at]
        moments.append(each.completed_at)
        assert [at for at, _ in each.log] == sorted(at for at, _ in each.log)
        assert [step.number for step in each.steps] == list(range(1, len(each.steps) + 1))
    assert moments == sorted(moments)
    assert house.run.updated_at == moments[-1]


def test_a_job_is_not_there_before_what_it_needs_has_succeeded(house: House, elsewhere: str) -> None:
    house.push(CODE, branch=elsewhere)
    house.until("in_progress")
    assert [each.name for each in house.run.jobs] == ["test"]
    house.clock.sleep(20)
    assert [step.status for step in house.run.jobs[0].steps][:3] == ["completed", "completed", "in_progress"]
    house.pipeline.settle()
    first, second = house.run.jobs
    assert first.completed_at == second.created_at


@pytest.mark.parametrize("seed", range(8))
def test_from_the_push_to_the_update_of_the_service_it_is_about_three_minutes(
    world: World, environments: Environments, tmp_path: Path, seed: int
) -> None:
    house = House(world, environments, tmp_path, seed=seed)
    house.push(CODE, branch=house.others[0])
    house.pipeline.settle()
    update = next(step for step in job_of(house.run, "deploy").steps if step.name == "Update service")
    assert update.completed_at is not None
    assert 150 <= (update.completed_at - house.run.created_at).total_seconds() <= 210
    house.push({"infrastructure/a.tf": "x"}, branch=house.others[0])
    house.pipeline.settle()
    assert house.run.updated_at is not None
    assert 75 <= (house.run.updated_at - house.run.created_at).total_seconds() <= 150


def test_the_same_seed_takes_the_same_times_whatever_the_commit_is_called(
    world: World, environments: Environments, tmp_path: Path
) -> None:
    def played(name: str, seed: int, subject: str) -> list[list[float]]:
        """The ends of the steps of two runs, each in seconds since its push."""
        (tmp_path / name).mkdir()
        house = House(world, environments, tmp_path / name, seed=seed)
        for text in ("a", "b"):
            house.push({"app/new.py": text}, subject, branch=house.others[0])
            house.pipeline.settle()
        return [
            [
                round((step.completed_at - run.created_at).total_seconds(), 3)
                for each in run.jobs
                for step in each.steps
                if step.completed_at
            ]
            for run in house.store.runs
        ]

    first, second = played("1", 7, "One")
    assert played("2", 7, "Another") == [first, second]
    assert first != second
    assert first not in played("3", 8, "One")


def test_a_test_that_fails_fails_the_run_and_skips_what_needs_it(house: House) -> None:
    house.push({"tests/test_new.py": "# fails\n"})
    house.pipeline.settle()
    conclusion, steps = outline(house.run)["test"]
    assert (house.run.conclusion, conclusion) == ("failure", "failure")
    assert dict(steps) == {
        **dict.fromkeys(("Set up job", "Checkout", "Post Checkout", "Complete job"), "success"),
        "Test": "failure",
    }
    assert outline(house.run)["deploy"] == ("skipped", [])
    log = printed(job_of(house.run, "test"))
    assert "FAIL: tests/test_new.py: AssertionError" in log
    assert "FAILED (failures=1)" in log
    assert log.index("FAIL: tests/test_new.py: AssertionError") + 1 == log.index(
        "##[error]Process completed with exit code 1."
    )
    assert log[-1] == "Cleaning up orphan processes"


def test_a_test_needs_the_files_that_it_names(house: House, elsewhere: str) -> None:
    needs = {"tests/test_new.py": "# needs: app/new.py\n"}
    house.push({**needs, **CODE}, branch=elsewhere)
    house.pipeline.settle()
    assert house.run.conclusion == "success"
    house.push({"app/new.py": None}, branch=elsewhere)
    house.pipeline.settle()
    assert house.run.conclusion == "failure"
    assert any("No such file or directory: 'app/new.py'" in line for line in printed(house.run.jobs[0]))


def test_the_steps_after_a_failed_one_are_skipped(house: House) -> None:
    house.world.stage.clients.ecr.delete_repository(
        repositoryName=house.world.stage.blueprint.repository, force=True
    )
    house.push(CODE)
    house.pipeline.settle()
    conclusion, steps = outline(house.run)["deploy"]
    assert (house.run.conclusion, conclusion) == ("failure", "failure")
    assert dict(steps)["Push image"] == "failure"
    assert dict(steps)["Register task definition"] == dict(steps)["Update service"] == "skipped"
    log = printed(job_of(house.run, "deploy"))
    assert any("RepositoryNotFoundException" in line for line in log)
    assert not any("register-task-definition" in line for line in log)


def test_a_service_that_is_gone_fails_the_step_with_what_aws_says(house: House) -> None:
    house.open()
    house.world.team.delete_service()
    house.push(CODE)
    house.pipeline.settle()
    assert dict(outline(house.run)["deploy"][1])["Update service"] == "failure"
    log = printed(job_of(house.run, "deploy"))
    assert any("when calling the UpdateService operation" in line for line in log)
    assert "##[error]Process completed with exit code 254." in log


def test_a_log_shows_the_commands_and_masks_what_is_secret(house: House, elsewhere: str) -> None:
    step = "run: deploy ${{ github.ref_name }} ${{ secrets.TOKEN }}"
    house.push({DEPLOY: workflow(job("a", step=step))}, branch=elsewhere)
    house.pipeline.settle()
    assert f"##[group]Run deploy {elsewhere} ***" in printed(house.run.jobs[0])


def test_one_run_goes_on_and_one_waits_and_a_newer_one_takes_its_place(house: House, elsewhere: str) -> None:
    first, second, third = commits(house, elsewhere, 3)
    assert (first.status, third.status) == ("queued", "pending")
    assert (second.status, second.conclusion, second.jobs) == ("completed", "cancelled", [])
    house.pipeline.settle()
    assert (first.conclusion, third.conclusion) == ("success", "success")
    assert first.jobs[-1].completed_at == third.jobs[0].created_at


def test_groups_are_told_apart_by_branch_and_by_workflow(house: House) -> None:
    one, other = house.others
    house.push(CODE, branch=one)
    house.push(CODE, branch=other)
    house.push({"infrastructure/a.tf": "x"}, branch=one)
    house.clock.sleep(10)
    assert [run.status for run in house.store.runs] == ["in_progress"] * 3


def test_a_group_is_the_same_in_upper_and_lower_case_across_workflows(house: House, elsewhere: str) -> None:
    house.push(
        {
            DEPLOY: workflow(job("a"), concurrency="one-${{ github.ref_name }}"),
            ".github/workflows/more.yml": workflow(job("b"), concurrency="ONE-${{ github.ref_name }}"),
        },
        branch=elsewhere,
    )
    own = [run for run in house.store.runs if run.workflow.name == "Own"]
    assert [run.status for run in own] == ["queued", "pending"]
    house.pipeline.settle()
    assert own[0].jobs[-1].completed_at == own[1].jobs[0].created_at


@pytest.mark.parametrize("cancels", ["true", "\"${{ github.ref_name != 'main' }}\""])
def test_a_newer_run_can_cancel_what_goes_on(house: House, elsewhere: str, cancels: str) -> None:
    group = f"{{group: g, cancel-in-progress: {cancels}}}"
    house.push({DEPLOY: workflow(job("a"), concurrency=group)}, branch=elsewhere)
    house.clock.sleep(8)
    old = house.run
    house.push(CODE, branch=elsewhere)
    assert (old.status, old.conclusion) == ("completed", "cancelled")
    assert house.run.status == "queued"
    house.pipeline.settle()
    assert (house.run.conclusion, old.conclusion) == ("success", "cancelled")


def test_without_a_group_all_runs_go_on_at_once(house: House, elsewhere: str) -> None:
    house.push({DEPLOY: workflow(job("a"))}, branch=elsewhere)
    runs = commits(house, elsewhere, 3)
    assert "pending" not in {run.status for run in runs}
    house.pipeline.settle()
    assert {run.conclusion for run in runs} == {"success"}


def test_a_cancelled_run_is_cancelled_at_once_and_does_nothing_more(house: House) -> None:
    house.open()
    house.push(CODE)
    house.until("in_progress")
    house.clock.sleep(120)
    moment = house.clock.now()
    house.pipeline.cancel(house.run)
    deploy = job_of(house.run, "deploy")
    assert (house.run.status, house.run.conclusion) == ("completed", "cancelled")
    assert (deploy.conclusion, deploy.completed_at) == ("cancelled", moment)
    assert [step.conclusion for step in deploy.steps] == ["success", "success", "cancelled", *["skipped"] * 6]
    assert printed(deploy)[-1] == "##[error]The operation was canceled."
    house.clock.sleep(600)
    assert house.versions() == {house.first}
    assert deploy.completed_at == moment
    with pytest.raises(ValueError, match="is completed already"):
        house.pipeline.cancel(house.run)


def test_a_pending_run_follows_one_that_was_cancelled(house: House, elsewhere: str) -> None:
    first, second = commits(house, elsewhere, 2)
    house.pipeline.cancel(first)
    assert second.status == "queued"
    house.pipeline.settle()
    assert second.conclusion == "success"


def test_a_pending_run_that_is_cancelled_stays_so_when_its_turn_would_come(
    house: House, elsewhere: str
) -> None:
    first, second = commits(house, elsewhere, 2)
    house.pipeline.cancel(second)
    house.pipeline.settle()
    house.clock.sleep(600)
    assert (first.conclusion, second.status, second.conclusion) == ("success", "completed", "cancelled")
    assert second.jobs == []


def test_a_pending_run_that_is_cancelled_leaves_its_place(house: House, elsewhere: str) -> None:
    first, second = commits(house, elsewhere, 2)
    house.pipeline.cancel(second)
    (third,) = commits(house, elsewhere, 1)
    house.pipeline.settle()
    assert [run.conclusion for run in (first, second, third)] == ["success", "cancelled", "success"]


def approvals(house: House) -> None:
    house.store.reviewers[house.environment.name] = ("grace", "joan")


def test_a_deployment_that_has_to_be_approved_waits_for_it(house: House) -> None:
    house.open()
    approvals(house)
    sha = house.push(CODE)
    house.pipeline.settle()
    run, deploy = house.run, job_of(house.run, "deploy")
    assert (run.status, run.environment) == ("waiting", house.environment.name)
    assert (deploy.status, deploy.steps, deploy.started_at) == ("waiting", [], None)
    house.clock.sleep(3600)
    assert house.versions() == {house.first}
    with pytest.raises(ValueError, match="ada can't approve deployments to"):
        house.pipeline.approve(run, "ada")
    house.pipeline.approve(run, "grace")
    assert (run.status, run.environment) == ("in_progress", "")
    house.settle()
    assert run.conclusion == "success"
    assert house.versions() == {sha}
    with pytest.raises(ValueError, match="waits for no approval: it is completed"):
        house.pipeline.approve(run, "grace")


def test_a_deployment_that_is_rejected_fails(house: House) -> None:
    house.open()
    approvals(house)
    house.push(CODE)
    house.pipeline.settle()
    with pytest.raises(ValueError, match="ada can't approve"):
        house.pipeline.reject(house.run, "ada")
    house.pipeline.reject(house.run, "joan")
    assert (house.run.status, house.run.conclusion) == ("completed", "failure")
    assert job_of(house.run, "deploy").conclusion == "failure"
    house.settle()
    assert house.versions() == {house.first}


def test_a_waiting_run_holds_its_group_and_can_be_cancelled(house: House) -> None:
    approvals(house)
    house.push(CODE)
    house.pipeline.settle()
    waiting = house.run
    house.push({"app/new.py": None})
    house.pipeline.settle()
    assert (waiting.status, house.run.status) == ("waiting", "pending")
    house.pipeline.cancel(waiting)
    assert job_of(waiting, "deploy").conclusion == "cancelled"
    assert house.run.status == "queued"


def test_what_nobody_approves_fails_after_thirty_days(house: House) -> None:
    approvals(house)
    house.push(CODE)
    house.pipeline.settle()
    house.clock.sleep(30 * 86400 - 1)
    assert house.run.status == "waiting"
    house.clock.sleep(1)
    assert (house.run.status, house.run.conclusion) == ("completed", "failure")


def test_an_approved_run_is_not_given_up_later(
    house: House, elsewhere: str, environments: Environments
) -> None:
    name = next(each.name for each in environments if each.branch == elsewhere)
    house.store.reviewers[name] = ("grace",)
    house.push(CODE, branch=elsewhere)
    house.pipeline.settle()
    house.pipeline.approve(house.run, "grace")
    house.pipeline.settle()
    house.clock.sleep(31 * 86400)
    assert house.run.conclusion == "success"


def test_an_approval_is_not_taken_back_while_the_next_one_is_waited_for(house: House, elsewhere: str) -> None:
    house.store.reviewers |= {"first": ("grace",), "second": ("grace",)}
    jobs = job("a", more="    environment: first\n") + job(
        "b", more="    needs: a\n    environment: second\n"
    )
    house.push({DEPLOY: workflow(jobs)}, branch=elsewhere)
    house.pipeline.settle()
    house.clock.sleep(29 * 86400)
    house.pipeline.approve(house.run, "grace")
    house.pipeline.settle()
    assert (house.run.status, house.run.environment) == ("waiting", "second")
    house.clock.sleep(2 * 86400)
    assert house.run.status == "waiting"
    house.pipeline.approve(house.run, "grace")
    house.pipeline.settle()
    assert [each.conclusion for each in house.run.jobs] == ["success", "success"]


def test_a_run_can_be_run_again(house: House) -> None:
    house.open()
    repository = house.world.stage.blueprint.repository
    house.world.stage.clients.ecr.delete_repository(repositoryName=repository, force=True)
    sha = house.push(CODE)
    house.pipeline.settle()
    run = house.run
    assert run.conclusion == "failure"
    house.world.stage.clients.ecr.create_repository(repositoryName=repository)
    with pytest.raises(ValueError, match="can't be run again: queued"):
        _rerun_twice(house, run)
    assert (run.attempt, run.status, run.conclusion, run.started_at) == (2, "queued", "", house.clock.now())
    house.settle()
    assert run.conclusion == "success"
    assert [(each.name, each.attempt, each.conclusion) for each in run.jobs] == [
        ("test", 1, "success"),
        ("deploy", 1, "failure"),
        ("test", 2, "success"),
        ("deploy", 2, "success"),
    ]
    assert house.versions() == {sha}


def _rerun_twice(house: House, run: Run) -> None:
    house.pipeline.rerun(run)
    house.pipeline.rerun(run)


def test_jobs_go_on_side_by_side_and_the_last_one_decides(house: House, elsewhere: str) -> None:
    jobs = [
        job("after", more="    needs: last\n"),
        job("slow", step="{name: Test, run: x}"),
        job("quick", more="    name: Quick on ${{ github.ref_name }}\n"),
        job("last", more="    needs: [slow, quick]\n"),
    ]
    files = {DEPLOY: workflow("".join(jobs)), "tests/test_new.py": "# fails\n"}
    house.push(files, branch=elsewhere)
    house.clock.sleep(30)
    assert [(each.name, each.status) for each in house.run.jobs] == [
        ("slow", "in_progress"),
        (f"Quick on {elsewhere}", "completed"),
    ]
    house.pipeline.settle()
    conclusions = [each.conclusion for each in house.run.jobs]
    assert conclusions == ["failure", "success", "skipped", "skipped"]
    assert house.run.conclusion == "failure"


def test_one_job_may_wait_while_another_goes_on(house: House, elsewhere: str) -> None:
    house.store.reviewers["live"] = ("grace",)
    jobs = job("slow", step="{name: Test, run: x}") + job("live", more="    environment: live\n")
    house.push({DEPLOY: workflow(jobs)}, branch=elsewhere)
    house.clock.sleep(10)
    assert (house.run.status, house.run.environment) == ("in_progress", "live")
    house.pipeline.settle()
    assert house.run.status == "waiting"
    house.pipeline.approve(house.run, "grace")
    house.pipeline.settle()
    assert house.run.conclusion == "success"


def test_a_pipeline_that_does_not_come_to_rest_is_said_to_be_unsettled(house: House, elsewhere: str) -> None:
    house.push(CODE, branch=elsewhere)
    with pytest.raises(Unsettled, match="Not at rest after 30 s"):
        house.pipeline.settle(limit_seconds=30)


def test_a_pipeline_at_rest_takes_no_time(house: House) -> None:
    assert house.pipeline.settle() == 0.0


def test_nothing_happens_while_no_time_passes(house: House) -> None:
    house.push(CODE)
    assert (house.run.status, house.run.jobs[0].status, house.run.jobs[0].steps) == ("queued", "queued", [])

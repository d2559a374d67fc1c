"""From the pushed revert to its effect, and the ends that only look like it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rehearsal import faults
from rehearsal.origin import git_faults
from rehearsal.world.version import AppVersion, Behaviour
from rollback import revert
from rollback.journal import Kind, read
from rollback.process import Processes
from rollback.revert import Outcome, SavedPoint, Side
from rollback.revert.following import SETTLE_SECONDS, put_back
from tests.rollback.builders import deployment
from tests.rollback.revert.house import BAD, WHY, House, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from botocore.awsrequest import AWSResponse

    from rehearsal.doors import Call
    from rollback.revert import Result


@pytest.fixture(scope="class")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, SavedPoint]]:
    """One for all: a revert that has landed; each test deploys what it is about, and looks from then on."""
    with opened(tmp_path_factory.mktemp("house")) as house:
        made = house.bad()
        result = house.apply(house.plan(house.developers.named(BAD)))
        assert result.landed, result.sentence
        assert (result.version, result.restarted) == (house.tip, False)
        assert made.commit != house.tip
        yield house, result.saved


def follow(house: House, saved: SavedPoint) -> Result:
    return revert.follow_saved(house.environment, house.access, saved)


class TestTheApplication:
    def test_a_run_that_has_deployed_nothing_here_is_no_rollback(
        self, landed: tuple[House, SavedPoint]
    ) -> None:
        """The workflow run has succeeded, and the service runs a deployment that it had before."""
        house, saved = landed
        house.deploys(saved.commit)
        deployments = tuple(each.id for each in house.world.look.deployments())
        result = follow(house, replace(saved, deployments=deployments))
        assert result.outcome is Outcome.NOT_DEPLOYED
        assert "still runs what it ran before" in result.sentence
        assert result.remedy
        assert result.commands[0].startswith("aws ecs describe-services ")
        assert result.run is not None
        assert result.run.sha == saved.commit

    def test_somebody_elses_deployment_without_the_revert_is_not_waited_for(
        self, landed: tuple[House, SavedPoint]
    ) -> None:
        house, saved = landed
        bad = house.developers.made[BAD].commit
        house.deploys(bad)
        result = follow(house, saved)
        assert result.outcome is Outcome.SUPERSEDED
        assert (
            f"Somebody else has deployed {result.revision}, built from commit {bad[:10]}," in result.sentence
        )
        assert result.remedy
        assert result.revision is not None
        assert result.revision.number == house.world.look.primary_revision()

    def test_a_deployment_of_a_later_commit_brings_the_revert_with_it(
        self, landed: tuple[House, SavedPoint]
    ) -> None:
        house, saved = landed
        later = house.origin.bare.commit("later", "Later", {"app/later.py": "L = 1\n"}, parent=saved.commit)
        branch = house.environment.branch
        before, tip = house.tip, house.origin.bare.merge(branch, "later", "Merge later")
        house.by_hand(later)
        result = follow(house, saved)
        assert (result.outcome, result.version) == (Outcome.LANDED, later)
        assert house.answers() == {(200, later)}
        assert before != tip

    def test_what_was_built_of_it_can_not_be_told_and_it_is_followed_all_the_same(
        self, landed: tuple[House, SavedPoint]
    ) -> None:
        house, saved = landed
        house.by_hand("release-7")
        result = follow(house, saved)
        assert (result.outcome, result.version) == (Outcome.LANDED, "release-7")

    def test_of_several_names_none_is_expected_of_its_answers(self, landed: tuple[House, SavedPoint]) -> None:
        house, saved = landed
        revision = house.world.team.release(AppVersion("release-11"), tag="a-first-name")
        house.world.team.push(AppVersion("release-11"), tag="another-name")
        house.world.team.deploy(revision)
        house.world.settle()
        result = follow(house, saved)
        assert (result.outcome, result.version) == (Outcome.LANDED, "")

    def test_git_that_does_not_answer_is_noted_and_no_end(self, landed: tuple[House, SavedPoint]) -> None:
        house, saved = landed
        house.deploys(house.developers.made[BAD].before)
        git_faults.inject(house.origin.git, git_faults.Fault(kind=git_faults.Kind.BAD_GATEWAY))
        try:
            result = follow(house, saved)
        finally:
            house.origin.git.interceptors.clear()
        assert result.outcome is Outcome.LANDED
        told = [entry.what for entry in read(house.access.journal.path) if entry.kind is Kind.OBSERVATION]
        assert any("Whose deployment this is can't be told from git" in each for each in told)

    def test_one_that_runs_and_answers_with_errors_is_not_well(
        self, landed: tuple[House, SavedPoint]
    ) -> None:
        house, saved = landed
        house.by_hand("release-8", Behaviour.ERRORS)
        result = follow(house, saved)
        assert result.outcome is Outcome.STILL_BROKEN
        assert "500" in result.sentence
        assert "something else is wrong" in result.remedy

    def test_a_service_that_can_not_be_seen_is_lost_sight_of(self, landed: tuple[House, SavedPoint]) -> None:
        house, saved = landed
        now = house.stage.clock.monotonic()
        fault = faults.Fault(
            kind=faults.Kind.ACCESS_DENIED, operation="ecs:DescribeServices", from_second=now
        )
        faults.inject(house.stage, fault)
        try:
            result = follow(house, saved)
        finally:
            house.stage.operator.interceptors.pop()
        assert result.outcome is Outcome.LOST
        assert "The workflow run succeeded, but the service can't be seen" in result.sentence
        assert result.remedy
        assert result.run is not None

    def test_whatever_else_gets_in_the_way_after_the_push_is_a_result(
        self, landed: tuple[House, SavedPoint], tmp_path: Path
    ) -> None:
        """Here git itself has gone, which is no trouble of the remote's."""
        house, saved = landed
        house.deploys(saved.before)
        processes = Processes(house.access.journal, house.stage.clock, env={"PATH": str(tmp_path)})
        access = replace(house.access, processes=processes)
        result = revert.follow_saved(house.environment, access, saved)
        assert result.outcome is Outcome.LOST
        assert 'The program "git" was not found' in result.sentence
        assert result.remedy

    def test_what_belongs_to_no_side_is_done_once_it_is_pushed(
        self, landed: tuple[House, SavedPoint]
    ) -> None:
        house, saved = landed
        result = follow(house, replace(saved, commits=(saved.before,), sides=()))
        assert (result.outcome, result.seconds, result.run) == (Outcome.LANDED, 0, None)
        assert result.sentence.endswith(" has landed after 0 s.")


def test_ecs_that_is_giving_the_revert_up_is_not_somebody_else(house: House) -> None:
    """We broke off, and look again while the circuit breaker puts back what ran before."""
    house.developers.commit("Base image [skip ci]", {"app/base.py": 'BEHAVIOUR = "crashes at start"\n'})
    house.developers.commit("Round totals [skip ci]", house.developers.code("Round totals [skip ci]"))
    plan = house.plan(house.tip)
    house.troubles.interrupted_in(60)
    with pytest.raises(KeyboardInterrupt):
        house.apply(plan)
    saved = revert.saved_point(house.environment, read(house.access.journal.path))
    ecs, name = house.stage.clients.ecs, house.environment
    for _ in range(2000):
        primary = ecs.describe_services(cluster=name.cluster, services=[name.service])["services"][0][
            "deployments"
        ][0]
        if "circuit breaker" in primary.get("rolloutStateReason", ""):
            break
        house.stage.clock.sleep(1)
    result = follow(house, saved)
    assert result.outcome is Outcome.REVERSED, result.sentence
    assert "ECS has given the deployment of the revert up" in result.sentence
    assert result.remedy
    house.world.settle()
    assert follow(house, saved).outcome is not Outcome.LANDED


@pytest.mark.parametrize(
    ("reason", "state", "had_before", "so"),
    [
        ("ECS deployment circuit breaker: rolling back to ecs-svc/41.", "IN_PROGRESS", True, True),
        ("ECS deployment circuit breaker: rolling back to ecs-svc/41.", "COMPLETED", True, False),
        ("ECS deployment circuit breaker: rolling back to ecs-svc/41.", "COMPLETED", False, True),
        ("Rolling back: CloudWatch alarm detected.", "IN_PROGRESS", True, True),
        ("ECS deployment ecs-svc/41 in progress.", "IN_PROGRESS", False, False),
    ],
)
def test_ecs_says_itself_that_it_puts_something_back(
    reason: str, state: str, *, had_before: bool, so: bool
) -> None:
    """Of a deployment from before ours, what it says once it is done is of another time."""
    saved = SavedPoint(
        environment="testing",
        branch="testing",
        before="a" * 40,
        commits=("b" * 40,),
        deployments=("ecs-svc/41",) if had_before else (),
        sides=(Side.APPLICATION,),
    )
    assert put_back(deployment(41, reason=reason, state=state), saved) is so


def test_a_side_that_fails_ends_it_whatever_the_other_does(house: House) -> None:
    settings = house.developers.other_database()
    made = house.merged("Both", {**house.developers.code("Both"), **settings})
    house.world.damage.delete_secret()
    result = house.apply(house.plan(house.developers.named("Both"), both_sides=True))
    assert made.pull is not None
    assert result.outcome is Outcome.RUN_FAILED
    assert result.log
    assert result.run is not None
    assert result.run.workflow == house.environment.repository.infrastructure_workflow
    assert [each.split()[:3] for each in result.commands] == [["gh", "run", "view"], ["gh", "run", "rerun"]]
    assert all(str(result.run.id) in each for each in result.commands)


class TestTheInfrastructure:
    def test_it_settles_without_a_restart_where_nobody_has_read_what_was_bad(self, tmp_path: Path) -> None:
        """It takes the load balancer longer than the run to find the tasks healthy again."""
        with opened(tmp_path, health_check_interval_seconds=30, healthy_threshold=3) as house:
            house.developers.merged("Move the health check", house.developers.other_health_check())
            house.origin.pipeline.settle()
            house.stage.clock.sleep(90)
            assert "healthy" not in house.world.look.targets()
            before = house.world.look.deployments()
            result = house.apply(house.plan(house.developers.named("Move the health check")))
            assert (result.outcome, result.restarted, result.revision) == (Outcome.LANDED, False, None)
            assert house.world.look.targets() == {"healthy": 1}
            assert [each.id for each in house.world.look.deployments()] == [each.id for each in before]
            assert "its infrastructure is applied, and the application answers" in result.sentence
            house.world.team.deploy(house.world.look.primary_revision(), force=True)
            assert house.world.look.targets() == {"healthy": 1}
            again = follow(house, result.saved)
            assert (again.outcome, again.restarted) == (Outcome.LANDED, False)

    def test_targets_that_stay_bad_are_not_waited_for_for_ever(self, house: House) -> None:
        """It is the wrong change that is reverted, so that the load balancer keeps asking at the wrong place."""
        for title in ("Move the health check", "Keep logs"):
            files = house.developers.other_health_check() if "health" in title else house.developers.other_log_retention()  # fmt: skip
            house.developers.commit(title, files)
            house.origin.pipeline.settle()
        budgets = house.environment.budgets
        hurried = replace(budgets, infrastructure=replace(budgets.infrastructure, deadline_seconds=330.0))
        environment = replace(house.environment, budgets=hurried)
        plan = revert.plan(environment, house.access, what=house.tip, why=WHY)
        result = revert.apply(environment, house.access, plan)
        assert result.restarted
        assert result.outcome not in {Outcome.LANDED, Outcome.LOST}
        assert result.seconds > SETTLE_SECONDS

    def test_tasks_that_have_read_what_was_bad_are_restarted(self, house: House) -> None:
        house.merged("Move the database", house.developers.other_database())
        revision = house.world.look.primary_revision()
        house.world.team.deploy(revision, force=True)
        house.world.settle()
        assert {status for status, _ in house.answers()} == {500}
        result = house.apply(house.plan(house.developers.named("Move the database")))
        assert (result.outcome, result.restarted) == (Outcome.LANDED, True)
        assert "the tasks were restarted to read it anew" in result.sentence
        assert result.seconds < SETTLE_SECONDS
        assert {status for status, _ in house.answers()} == {200}
        assert house.world.look.primary_revision() == revision
        decisions = [e.what for e in read(house.access.journal.path) if e.kind is Kind.DECISION]
        assert any(each.startswith("Restarting the tasks of ") for each in decisions)

    def test_an_application_that_is_bad_of_itself_is_not_mended_by_a_restart(self, house: House) -> None:
        house.bad()
        house.merged("Keep logs", house.developers.other_log_retention())
        result = house.apply(house.plan(house.developers.named("Keep logs")))
        assert (result.outcome, result.restarted) == (Outcome.STILL_BROKEN, True)
        assert "The tasks were restarted, and still: " in result.sentence
        assert result.remedy

    def test_a_restart_that_ecs_gives_up_is_told_as_such(self, house: House) -> None:
        """The image was deleted meanwhile, so that no new task can start."""
        made = house.bad()
        house.merged("Keep logs", house.developers.other_log_retention())
        house.stage.clients.ecr.batch_delete_image(
            repositoryName=house.stage.blueprint.repository, imageIds=[{"imageTag": made.commit}]
        )
        plan = house.plan(house.developers.named("Keep logs"))
        result = house.apply(plan)
        assert result.outcome in {Outcome.ROLLOUT_FAILED, Outcome.REVERSED}
        assert result.restarted
        assert result.remedy
        assert result.commands

    def test_a_restart_that_can_not_be_seen_any_more_says_why(self, house: House) -> None:
        """Our session ends just after we have asked for it."""
        house.bad()
        house.merged("Keep logs", house.developers.other_log_retention())
        plan = house.plan(house.developers.named("Keep logs"))
        expired = faults.Fault(kind=faults.Kind.EXPIRED, operation="ecs:DescribeServices")

        def end_after(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
            answer = proceed()
            if call.operation == "ecs:UpdateService":
                faults.inject(house.stage, expired)
            return answer

        house.stage.operator.interceptors.append(end_after)
        result = house.apply(plan)
        assert (result.outcome, result.restarted) == (Outcome.LOST, True)
        assert "expired" in result.sentence
        assert result.remedy

    @pytest.mark.parametrize("sides", [(1, 0), (1, 1)])
    def test_it_is_waited_for_until_the_deadline_of_what_it_belongs_to(
        self, house: House, sides: tuple[int, int]
    ) -> None:
        """Of both sides until the later one."""
        house.troubles.approvals_needed()
        files = house.developers.other_log_retention() if sides[0] else {}
        house.developers.commit("Change", {**files, **({"app/change.py": "C = 1\n"} if sides[1] else {})})
        budgets = house.environment.budgets
        hurried = replace(
            budgets,
            infrastructure=replace(budgets.infrastructure, deadline_seconds=120.0),
            application=replace(budgets.application, deadline_seconds=180.0),
        )
        environment = replace(house.environment, budgets=hurried)
        plan = revert.plan(environment, house.access, what=house.tip, why=WHY, both_sides=True)
        result = revert.apply(environment, house.access, plan)
        assert result.outcome in {Outcome.WAITING, Outcome.TIMED_OUT}
        assert result.seconds == pytest.approx(180 if sides[1] else 120, abs=10)
        assert result.commands[0] == f"gh run list --repo connect2/connect2-app --commit {house.tip}"

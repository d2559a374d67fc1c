"""What the lists before and after a rollback prove of a world that misbehaves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rehearsal import faults
from rehearsal.world.version import AppVersion, Behaviour
from rollback.checklist import After, Before, Evidence, Item, Shown, after, attest, before

if TYPE_CHECKING:
    from rehearsal.embedded import EmbeddedStage
    from rehearsal.world.world import World
    from rollback.access import Access
    from rollback.checklist import Line
    from rollback.environment import Environment

GOOD, BAD = AppVersion("v1"), AppVersion("v2", Behaviour.ERRORS)


@pytest.fixture
def bad(world: World) -> World:
    """A service whose newest version answers with errors, and is asked all the while."""
    world.open_with(GOOD)
    world.watch(every=1)
    world.clock.sleep(300)
    world.team.deploy(world.team.release(BAD))
    world.settle()
    return world


def line(environment: Environment, access: Access, item: Item, change: str = "") -> Line:
    return before(environment, access, Before(change=change)).line(item)


class TestConfirmed:
    @pytest.mark.usefixtures("bad")
    def test_by_errors_that_began_with_the_deployment(self, environment: Environment, access: Access) -> None:
        found = line(environment, access, Item.CONFIRMED)
        assert found.proven
        assert "HTTP 500" in found.told
        assert "GET /version" in found.told

    def test_not_by_errors_that_were_there_before(
        self, bad: World, environment: Environment, access: Access
    ) -> None:
        """Another deployment of the same bad version is not to blame: a rollback to before it would fix nothing."""
        bad.clock.sleep(3600)
        bad.team.deploy(bad.look.primary_revision(), force=True)
        bad.settle()
        found = line(environment, access, Item.CONFIRMED)
        assert not found.done
        assert "Nothing shows that the last deployment is to blame" in found.told
        assert "aws logs filter-log-events" in found.finding().commands[0]

    def test_not_without_logs(self, bad: World, environment: Environment, access: Access) -> None:
        bad.damage.delete_log_group()
        found = line(environment, access, Item.CONFIRMED)
        assert not found.done
        assert "There is no log group" in found.told
        attest(environment, access, Item.CONFIRMED, by="Kim Okafor", seen="Every page answers with 500.")
        assert line(environment, access, Item.CONFIRMED).done


@pytest.mark.usefixtures("bad")
class TestAccess:
    @pytest.mark.parametrize(
        ("fault", "shown"),
        [
            (faults.Fault(kind=faults.Kind.EXPIRED, operation="sts:GetCallerIdentity"), Shown.CONTRADICTED),
            (
                faults.Fault(kind=faults.Kind.ACCESS_DENIED, operation="ecs:DescribeServices"),
                Shown.CONTRADICTED,
            ),
            (faults.Fault(kind=faults.Kind.THROTTLED), Shown.OPEN),
            (
                faults.Fault(kind=faults.Kind.CONNECTION_REFUSED, operation="sts:GetCallerIdentity"),
                Shown.OPEN,
            ),
        ],
    )
    def test_is_what_aws_says(
        self, stage: EmbeddedStage, environment: Environment, fault: faults.Fault, shown: Shown
    ) -> None:
        """What AWS refuses is refused whatever anybody says; where it can't be reached a person may know more."""
        access = stage.access()
        faults.inject(stage, fault)
        attest(environment, access, Item.ACCESS, by="Kim Okafor", seen="It works in the console.")
        found = line(environment, access, Item.ACCESS)
        assert found.evidence.shown is shown
        assert found.done is (shown is Shown.OPEN)

    def test_of_another_region_is_none(self, stage: EmbeddedStage, environment: Environment) -> None:
        found = line(environment, stage.access(region="eu-west-3"), Item.ACCESS)
        assert found.evidence.shown is Shown.CONTRADICTED
        assert "eu-west-3" in found.told


@pytest.mark.usefixtures("bad")
class TestChange:
    @pytest.mark.parametrize("word", ["main", "HEAD", "please"])
    def test_must_name_what_stays_the_same(self, environment: Environment, access: Access, word: str) -> None:
        found = line(environment, access, Item.CHANGE, change=word)
        assert not found.done
        assert word in found.told


class TestAfter:
    def test_takes_as_long_as_the_logs_are_watched(
        self, world: World, environment: Environment, access: Access
    ) -> None:
        world.open_with(GOOD)
        world.watch(every=1)
        began = world.clock.now()
        listed = after(environment, access, After(began, began, "v1"))
        assert listed.line(Item.WORKS).proven
        assert listed.line(Item.LOGS).proven
        assert (world.clock.now() - began).total_seconds() >= environment.logs.window_seconds

    def test_another_version_than_the_expected_one_does_not_work(
        self, world: World, environment: Environment, access: Access
    ) -> None:
        world.open_with(GOOD)
        attest(environment, access, Item.WORKS, by="Kim Okafor", seen="It looks fine.")
        began = world.clock.now()
        found = after(environment, access, After(began, began, "v0")).line(Item.WORKS)
        assert not found.done
        assert "version v1; version v0 was expected" in found.told

    @pytest.mark.parametrize("owed", [True, False])
    def test_a_report_is_owed_where_users_are_affected(
        self,
        world: World,
        environment: Environment,
        access: Access,
        owed: bool,  # noqa: FBT001 - an example
    ) -> None:
        world.open_with(GOOD)
        place = replace(environment, checklist=replace(environment.checklist, incident_report=owed))
        began = world.clock.now()
        listed = after(place, access, After(began, began))
        assert listed.line(Item.REPORT).done is not owed
        proof = {Item.REPORT: lambda: Evidence(Shown.PROVEN, "The report is there.")}
        assert after(place, access, After(began, began), more=proof).line(Item.REPORT).proven

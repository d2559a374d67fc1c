"""What no scenario of the runbook shows: readiness of a whole environment, and the lease. Recorded as scenarios are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rehearsal.backup_keeper import BackupKeeper
from rollback import readiness
from rollback.lease import Purpose, acquire
from tests.known_version import known_version
from tests.rollback.revert.house import opened

if TYPE_CHECKING:
    from pathlib import Path

    from rehearsal.policies.recording import Watched


def test_who_only_looks_needs_no_more_than_the_policy_of_readiness(watched: Watched, tmp_path: Path) -> None:
    with known_version(), opened(tmp_path) as house:
        house.bad()
        house.world.state.open()
        house.world.certificates.open()
        BackupKeeper(house.stage, house.world, house.origin).open()
        watch = watched.watch(house.stage, house.environment, "readiness")
        variables = {house.environment.checklist.webhook_variable: "https://hooks.example/x"}
        found = readiness.look(house.environment, house.access, variables=variables)
    assert len(found.lines) > 5
    assert watch.seen
    assert not watch.strange
    watched.end()


def test_a_drill_and_an_incident_may_take_the_lease_and_give_it_back(
    watched: Watched, tmp_path: Path
) -> None:
    with opened(tmp_path) as house:
        house.world.state.open()
        watch = watched.watch(house.stage, house.environment, "drill", "incident")
        lease = acquire(house.environment, house.access, purpose=Purpose.DRILL, host="here")
        lease.renew()
        assert lease.release()
    assert {use.action for use in watch.seen if use.resource == "lease"} == {"s3:GetObject", "s3:PutObject"}
    assert not watch.strange
    watched.end()

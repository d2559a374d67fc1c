from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from rollback.errors import AwsError
from rollback.journal import Kind, read
from rollback.lease import Holder, LeaseLost, Purpose, holding, look

if TYPE_CHECKING:
    from rollback.access import Access
    from tests.rollback.lease.operators import House


def change(access: Access) -> None:
    access.aws.ecs.create_cluster(clusterName="here")


def clusters(house: House) -> int:
    return len(house.stage.clients.ecs.list_clusters()["clusterArns"])


def test_it_is_renewed_while_somebody_sleeps(house: House) -> None:
    """An hour of waiting, with a lease of ten minutes."""
    lease, access = house.someone("desk-1").with_lease()
    begun = access.clock.monotonic()
    house.calls.clear()
    access.clock.sleep(3600)
    assert 3600 <= access.clock.monotonic() - begun < 3601
    assert 15 <= house.calls.count("s3:PutObject") <= 18, "once every third of its time"
    assert house.calls.count("s3:GetObject") == 0
    lease.must_hold()


def test_short_sleeps_renew_it_as_well(house: House) -> None:
    _, access = house.someone("desk-1").with_lease()
    house.calls.clear()
    for _ in range(240):
        access.clock.sleep(15)
    assert 15 <= house.calls.count("s3:PutObject") <= 18


def test_nobody_waits_longer_for_nothing(house: House) -> None:
    _, access = house.someone("desk-1").with_lease()
    begun = access.clock.monotonic()
    access.clock.sleep(0)
    assert access.clock.monotonic() == begun


def test_a_drill_that_was_pre_empted_stops_while_it_waits(house: House) -> None:
    _, access = house.someone("desk-1").with_lease()
    house.someone("desk-2").take(Purpose.INCIDENT, preempt=True)
    begun = access.clock.monotonic()
    with pytest.raises(LeaseLost, match="desk-2"):
        access.clock.sleep(3600)
    assert access.clock.monotonic() - begun < 250, "at the next renewal"


def test_a_drill_that_was_pre_empted_changes_nothing_more(house: House) -> None:
    """Not even before it would have renewed its lease, and not to undo what it did."""
    _, access = house.someone("desk-1").with_lease()
    change(access)
    house.someone("desk-2").take(Purpose.INCIDENT, preempt=True)
    for _ in range(2):
        with pytest.raises(LeaseLost, match="Nothing further was changed"):
            access.aws.ecs.create_cluster(clusterName="there")
    assert clusters(house) == 1
    access.aws.ecs.describe_clusters()


def test_what_has_run_out_and_was_taken_refuses_the_call(house: House) -> None:
    _, access = house.someone("desk-1").with_lease(Purpose.INCIDENT)
    house.stage.clock.sleep(house.stage.environment.lease.seconds + 31)
    house.someone("desk-2").take(Purpose.INCIDENT)
    with pytest.raises(LeaseLost):
        change(access)
    assert clusters(house) == 0


def test_what_has_run_out_and_was_not_taken_is_renewed_before_the_call(house: House) -> None:
    lease, access = house.someone("desk-1").with_lease(Purpose.INCIDENT)
    house.stage.clock.sleep(house.stage.environment.lease.seconds * 3)
    assert lease.left < 0
    change(access)
    assert lease.left > 0


def test_an_incident_goes_on_without_s3_for_as_long_as_the_lease_surely_is_its_own(house: House) -> None:
    lease, access = house.someone("desk-1").with_lease(Purpose.INCIDENT)
    house.lose(*[False] * 100)
    access.clock.sleep(250)
    assert lease.left > 0
    change(access)
    house.stage.clock.sleep(400)
    assert lease.left < 0
    with pytest.raises(AwsError):
        access.aws.ecs.create_cluster(clusterName="there")
    assert clusters(house) == 1
    told = [e.what for e in read(access.journal.path) if e.kind is Kind.OBSERVATION]
    assert any("could not be renewed" in sentence for sentence in told)


def test_a_drill_that_cannot_ask_whether_it_was_pre_empted_changes_nothing(house: House) -> None:
    _, access = house.someone("desk-1").with_lease()
    house.lose(*[False] * 5, operation="s3:GetObject")
    with pytest.raises(AwsError):
        change(access)
    assert clusters(house) == 0


def test_it_outlasts_a_program_that_changes_something(house: House) -> None:
    """Since nobody renews it meanwhile; and it is short again afterwards."""
    lease, access = house.someone("desk-1").with_lease(Purpose.INCIDENT)
    usual = house.stage.environment.lease.seconds
    access.processes.run([sys.executable, "-c", ""], timeout_seconds=1800)
    assert lease.holder.seconds > 1800
    access.clock.sleep(usual)
    assert lease.holder.seconds == usual
    seen = look(house.stage.environment, access)
    assert seen.holder == lease.holder


def test_a_program_that_changes_something_is_not_started_without_it(house: House) -> None:
    _, access = house.someone("desk-1").with_lease()
    house.someone("desk-2").take(Purpose.INCIDENT, preempt=True)
    with pytest.raises(LeaseLost):
        access.processes.run(["git", "push", "origin", "main"], timeout_seconds=10)
    assert not [entry for entry in read(access.journal.path) if entry.kind is Kind.COMMAND]
    access.processes.run(["git", "version"], timeout_seconds=10)


def test_a_request_that_changes_something_is_not_sent_without_it(house: House) -> None:
    _, access = house.someone("desk-1").with_lease()
    house.someone("desk-2").take(Purpose.INCIDENT, preempt=True)
    with pytest.raises(LeaseLost):
        access.github.open_pull_request(head="a", base="b", title="t", body="b")
    with pytest.raises(LeaseLost):
        access.http.post("https://app.example/orders")
    assert not [entry for entry in read(access.journal.path) if entry.kind is Kind.REQUEST]


def test_it_is_given_back_whatever_happens(house: House) -> None:
    someone = house.someone("desk-1")

    def interrupted() -> None:
        with holding(someone.environment, someone.access, purpose=Purpose.DRILL):
            assert not Holder.from_json(house.content()).released
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert Holder.from_json(house.content()).released


def test_that_it_could_not_be_given_back_is_told_by_the_journal_and_stops_nobody(house: House) -> None:
    someone = house.someone("desk-1")
    with holding(someone.environment, someone.access, purpose=Purpose.DRILL):
        house.lose(*[False] * 5)
    told = [e.what for e in read(someone.access.journal.path) if e.kind is Kind.OBSERVATION]
    assert any("could not be given back, and ends at 2026-01-05 03:1" in sentence for sentence in told)

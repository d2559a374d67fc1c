from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rollback.errors import AwsError
from rollback.lease import Holder, LeaseHeld, LeaseLost, LeaseUnreadable, Purpose, look
from rollback.lease.model import TOLERANCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.awsrequest import AWSResponse

    from rehearsal.doors import Call
    from tests.rollback.lease.operators import House


def holds(house: House) -> str:
    """The machine whose lease stands there; empty where it was given back."""
    holder = Holder.from_json(house.content())
    return "" if holder.released else holder.host


def test_what_is_written_can_be_read_by_people(house: House) -> None:
    house.someone("desk-1").take()
    told = json.loads(house.content())
    environment = house.stage.environment
    assert told["owner"].endswith(":user/operator")
    assert environment.account in told["owner"]
    assert (told["host"], told["purpose"], told["released"]) == ("desk-1", "drill", False)
    assert told["expires"] > told["since"]


def test_who_comes_second_is_told_who_since_when_what_for_and_until_when(house: House) -> None:
    house.someone("desk-1").take()
    with pytest.raises(LeaseHeld) as refused:
        house.someone("desk-2").take()
    name = house.stage.environment.name
    assert refused.value.sentence == (
        f"{refused.value.by.owner} on desk-1 holds {name} for a drill since 2026-01-05 03:00 UTC, "
        "until 03:10 UTC unless they renew it."
    )
    assert "it is free 30 s after that" in refused.value.remedy
    assert holds(house) == "desk-1"


def test_what_was_given_back_is_free_at_once(house: House) -> None:
    assert house.someone("desk-1").take().release()
    assert holds(house) == ""
    house.someone("desk-2").take()
    assert holds(house) == "desk-2"


@pytest.mark.parametrize("wrong", [-7200.0, 0.0, 7200.0])
def test_it_is_free_only_when_it_has_expired_by_the_time_of_s3(house: House, wrong: float) -> None:
    """Whatever the clocks of the two say."""
    house.someone("desk-1", wrong=-wrong).take()
    second = house.someone("desk-2", wrong=wrong)
    seconds = house.stage.environment.lease.seconds
    house.stage.clock.sleep(seconds + TOLERANCE_SECONDS - 3)
    with pytest.raises(LeaseHeld):
        second.take()
    house.stage.clock.sleep(4)
    second.take()
    assert holds(house) == "desk-2"


def test_what_was_renewed_has_not_expired(house: House) -> None:
    lease = house.someone("desk-1").take()
    for _ in range(6):
        house.stage.clock.sleep(house.stage.environment.lease.seconds / 2)
        lease.renew()
    with pytest.raises(LeaseHeld):
        house.someone("desk-2").take(Purpose.INCIDENT)


def test_an_incident_takes_it_from_a_drill_only_where_that_is_said(house: House) -> None:
    house.someone("desk-1").take()
    incident = house.someone("desk-2")
    with pytest.raises(LeaseHeld, match="--preempt"):
        incident.take(Purpose.INCIDENT)
    incident.take(Purpose.INCIDENT, preempt=True)
    assert holds(house) == "desk-2"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Purpose.INCIDENT, Purpose.DRILL),
        (Purpose.INCIDENT, Purpose.INCIDENT),
        (Purpose.DRILL, Purpose.DRILL),
    ],
)
def test_nobody_else_takes_it_from_anybody(house: House, first: Purpose, second: Purpose) -> None:
    house.someone("desk-1").take(first)
    with pytest.raises(LeaseHeld):
        house.someone("desk-2").take(second, preempt=True)
    assert holds(house) == "desk-1"


def test_a_drill_finds_out_at_its_next_renewal_and_gives_back_nothing(house: House) -> None:
    drill = house.someone("desk-1").take()
    house.someone("desk-2").take(Purpose.INCIDENT, preempt=True)
    with pytest.raises(
        LeaseLost, match=r"on desk-2 has taken the lease .* for an incident .* this drill stops"
    ):
        drill.renew()
    assert not drill.release()
    assert holds(house) == "desk-2"


def test_one_gives_back_only_ones_own_also_before_one_has_found_out(house: House) -> None:
    drill = house.someone("desk-1").take()
    house.someone("desk-2").take(Purpose.INCIDENT, preempt=True)
    assert not drill.release()
    assert holds(house) == "desk-2"


def test_two_who_ask_at_the_same_moment_do_not_both_get_it(house: House) -> None:
    """The second looks, the first takes it, the second writes."""
    first, second = house.someone("desk-1"), house.someone("desk-2")
    quicker = [first]

    def in_between(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        if call.operation == "s3:PutObject" and quicker:
            quicker.pop().take()
        return proceed()

    house.stage.operator.interceptors.append(in_between)
    with pytest.raises(LeaseHeld, match="desk-1"):
        second.take()
    assert holds(house) == "desk-1"


def test_who_goes_on_with_a_journal_goes_on_with_its_lease(house: House) -> None:
    """After kill -9: the journal's lock shows that the first process is dead."""
    drill = house.someone("desk-1")
    drill.take()
    again = house.again(drill).take()
    again.must_hold()
    assert holds(house) == "desk-1"


def test_a_copy_of_a_journal_on_another_machine_is_not_gone_on_with(house: House) -> None:
    drill = house.someone("desk-1")
    drill.take()
    with pytest.raises(LeaseHeld):
        replace(drill, host="desk-2").take()


def test_what_is_no_lease_is_nobodys_to_write_over(house: House) -> None:
    house.put(b'{"owner": "me"}')
    with pytest.raises(LeaseUnreadable, match="no lease"):
        house.someone("desk-1").take()
    assert house.content() == b'{"owner": "me"}'


def test_who_has_had_their_lease_deleted_has_lost_it(house: House) -> None:
    lease = house.someone("desk-1").take()
    environment = house.stage.environment
    house.stage.clients.s3.delete_object(Bucket=environment.state_bucket, Key=environment.lease.key)
    with pytest.raises(LeaseLost, match="deleted"):
        lease.renew()


@pytest.mark.parametrize("done", [True, False])
def test_a_lost_answer_is_looked_at_before_it_is_written_again(house: House, done: bool) -> None:  # noqa: FBT001
    someone = house.someone("desk-1")
    house.lose(done)
    house.calls.clear()
    lease = someone.take()
    puts = [call for call in house.calls if call == "s3:PutObject"]
    assert len(puts) == (1 if done else 2)
    lease.must_hold()
    assert holds(house) == "desk-1"


def test_a_renewal_that_was_done_without_our_knowledge_is_still_ours(house: House) -> None:
    lease = house.someone("desk-1").take()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rollback.lease.storing.ATTEMPTS", 1)
        house.lose(True)  # noqa: FBT003
        house.lose(*[False] * 5, operation="s3:GetObject")
        with pytest.raises(AwsError):
            lease.renew()
    before = lease.left
    assert look(house.stage.environment, house.stage.access()).holder != lease.holder
    lease.renew()
    assert lease.left > before
    lease.must_hold()
    assert lease.release()


def test_how_long_it_is_ours_is_counted_from_before_it_was_asked_for(house: House) -> None:
    """So an answer that takes long makes it shorter to us, never longer than to S3."""
    someone = house.someone("desk-1")

    def slow(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        answer = proceed()
        if call.operation == "s3:PutObject":
            house.stage.clock.sleep(100)
        return answer

    house.stage.operator.interceptors.append(slow)
    lease = someone.take()
    for renew in (False, True):
        if renew:
            lease.renew()
        seen = look(house.stage.environment, someone.access)
        assert seen.until is not None
        whole_second = 1
        assert lease.left <= (seen.until - house.stage.clock.now()).total_seconds() + whole_second
        assert lease.left < house.stage.environment.lease.seconds - 100

"""Whatever happens in whatever order, no two operators change something at once."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rollback.errors import RollbackError
from rollback.lease import Holder, Lease, Purpose

if TYPE_CHECKING:
    from tests.rollback.lease.operators import House, Someone

_KEYS = itertools.count()


@dataclass(slots=True)
class Player:
    """An operator, and the lease that they believe to have."""

    someone: Someone
    lease: Lease | None = None

    @property
    def sure(self) -> bool:
        """Whether they would change something without asking anybody."""
        lease = self.lease
        return lease is not None and lease.purpose is Purpose.INCIDENT and lease.due_in > 0 and lease.left > 0


steps = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(["drill", "incident", "preempt", "change", "change", "tick", "release", "kill"]),
        st.sampled_from([0.0, 5.0, 90.0, 250.0, 631.0]),
        st.sampled_from(["", "", "lost", "never"]),
    ),
    min_size=3,
    max_size=14,
)


def act(player: Player, what: str) -> None:
    match what:
        case "drill" | "incident" | "preempt":
            purpose = Purpose.DRILL if what == "drill" else Purpose.INCIDENT
            player.lease = None
            player.lease = player.someone.take(purpose, preempt=what == "preempt")
        case "tick" if player.lease:
            player.lease.tick()
        case "release" if player.lease:
            player.lease.release()
            player.lease = None
        case "kill":
            player.lease = None


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(played=steps)
def test_never_two_holders(house: House, played: list[tuple[int, str, float, str]]) -> None:
    environment = house.stage.environment
    environment = replace(environment, lease=replace(environment.lease, key=f"lease-{next(_KEYS)}"))
    skews = ((0.0, 1.0), (-5000.0, 0.99), (5000.0, 1.01))
    players = [
        Player(replace(house.someone(f"desk-{at}", wrong=wrong, rate=rate), environment=environment))
        for at, (wrong, rate) in enumerate(skews)
    ]
    for at, what, seconds, fault in played:
        player = players[at]
        house.stage.clock.sleep(seconds)
        if fault:
            house.lose(fault == "lost")
        try:
            act(player, what)
            if what == "change" and player.lease:
                player.lease.must_hold()
                written = house.stage.clients.s3.get_object(
                    Bucket=environment.state_bucket, Key=environment.lease.key
                )
                there = Holder.from_json(written["Body"].read())
                assert there.nonce == player.lease.holder.nonce
                assert not [other for other in players if other is not player and other.sure]
        except RollbackError:
            pass
        assert len([each for each in players if each.sure]) <= 1
    for each in players:
        each.someone.access.journal.close()

"""The virtual clock: nothing happens before its time, and everything in order."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from rehearsal.clock import OPENING, VirtualClock

moments = st.floats(0, 1000, allow_nan=False)


@given(st.lists(moments), st.lists(moments))
def test_events_happen_at_their_moments_in_order(planned: list[float], sleeps: list[float]) -> None:
    clock = VirtualClock()
    played: list[tuple[float, int]] = []
    for number, moment in enumerate(planned):
        clock.call_at(moment, lambda number=number: played.append((clock.monotonic(), number)))  # type: ignore[misc]
    for seconds in [*sleeps, 0]:
        clock.sleep(seconds)
    due = [(moment, number) for number, moment in enumerate(planned) if moment <= clock.monotonic()]
    assert played == sorted(due)
    assert clock.now() == OPENING + timedelta(seconds=clock.monotonic())


def test_an_event_may_plan_another_which_is_played_in_the_same_sleep() -> None:
    clock = VirtualClock()
    played: list[float] = []

    def again() -> None:
        played.append(clock.monotonic())
        clock.call_in(2, again)

    clock.call_in(1, again)
    clock.sleep(6)
    assert played == [1, 3, 5]


def test_an_event_of_the_past_happens_at_the_next_sleep() -> None:
    clock = VirtualClock()
    clock.sleep(10)
    played: list[float] = []
    clock.call_at(3, lambda: played.append(clock.monotonic()))
    assert played == []
    clock.sleep(0)
    assert played == [10]


def test_no_time_passes_backwards() -> None:
    clock = VirtualClock()
    clock.sleep(-5)
    assert clock.monotonic() == 0

"""What one rehearsal of the plain way costs, against its own calls to stock moto."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from benchmarks.harness import Answer, Figure, cost, in_turns, median, ratio
from benchmarks.replay import Bare, stand_ins, taken_down
from benchmarks.setting import opened, play_the_plain_way, the_plain_way
from benchmarks.stopwatch import split

if TYPE_CHECKING:
    from benchmarks.harness import Size
    from benchmarks.replay import Made
    from rehearsal.emulator import Network

BOUND: Final = 2.0


def answer(size: Size) -> Answer:
    """Play and replay in turns, then take one rehearsal apart."""
    made, network = recorded()
    bare = Bare("us-east-1")
    costs = in_turns(
        {"ours": lambda: cost(play_the_plain_way), "bare": lambda: bare.replay(made, network)}, size.rounds
    )
    ours, theirs = costs["ours"], costs["bare"]
    on_processor = ratio([each.processor for each in ours], [each.processor for each in theirs])
    on_the_wall = ratio([each.seconds for each in ours], [each.seconds for each in theirs])
    return Answer(
        (
            Figure("one rehearsal / its own calls to stock moto, processor time", on_processor, bound=BOUND),
            Figure("the same by the wall, which waits for this disk's fsync", on_the_wall),
            Figure("API calls replayed", len(made), "calls"),
            *parts(size),
        ),
        (
            f"Stock moto lacks some operations and was asked others: {', '.join(stand_ins(made))}.",
            "Its DescribeServices is lighter than ours: it has no events and one deployment.",
        ),
    )


def recorded() -> tuple[list[Made], Network]:
    """Every API call of one rehearsal, the team's and the operator's, and the network they were made in."""
    with taken_down() as made, opened() as on:
        network = on.stage.network
        the_plain_way(on)
    return made, network


def parts(size: Size) -> list[Figure]:
    """Where the time of a rehearsal goes by the wall, in the median of some."""
    shares: dict[str, list[float]] = defaultdict(list)
    for _ in range(size.rounds):
        with split() as watch:
            play_the_plain_way()
        whole = sum(watch.seconds.values())
        for name, seconds in watch.seconds.items():
            shares[name].append(seconds / whole * 100)
    medians = {name: median(each) for name, each in shares.items()}
    return [
        Figure(f"  of a rehearsal: {name}", share, "%")
        for name, share in sorted(medians.items(), key=lambda each: -each[1])
    ]

from __future__ import annotations

import json
from typing import Any

from rollback.terraform.events import read_done, read_planned


def hook(kind: str, address: str) -> dict[str, Any]:
    return {"type": kind, "hook": {"resource": {"addr": address}}}


def planned(address: str, action: str) -> dict[str, Any]:
    return {"type": "planned_change", "change": {"resource": {"addr": address}, "action": action}}


def lines(*events: object) -> str:
    return (
        "\n".join(json.dumps(event) for event in events)
        + '\nnot json\n[1]\n{"type": "apply_start", "hook": 1}'
    )


def test_what_was_done_and_what_failed_is_told_by_address() -> None:
    done = read_done(
        lines(
            planned("a.a", "update"),
            hook("apply_start", "a.a"),
            hook("apply_complete", "a.a"),
            hook("apply_start", "a.b"),
            hook("apply_errored", "a.b"),
            hook("apply_start", "a.c"),
        )
    )
    assert done.finished == ("a.a",)
    assert done.failed == ("a.b",)
    assert set(done.begun) >= {"a.a", "a.b", "a.c"}


def test_half_a_replacement_is_not_done() -> None:
    half = (planned("a.a", "replace"), hook("apply_start", "a.a"), hook("apply_complete", "a.a"))
    assert read_done(lines(*half)).finished == ()
    whole = (*half, hook("apply_start", "a.a"), hook("apply_complete", "a.a"))
    assert read_done(lines(*whole)).finished == ("a.a",)


def test_what_was_destroyed_and_could_not_be_created_again_failed() -> None:
    done = read_done(
        lines(
            planned("a.a", "replace"),
            hook("apply_start", "a.a"),
            hook("apply_complete", "a.a"),
            hook("apply_start", "a.a"),
            hook("apply_errored", "a.a"),
        )
    )
    assert (done.finished, done.failed) == ((), ("a.a",))


def test_an_output_torn_in_the_middle_tells_what_came_before() -> None:
    assert read_done(lines(hook("apply_start", "a.a"))[:-20] + '\n{"type": "apply_com').begun[0] == "a.a"


def test_only_what_would_change_is_planned() -> None:
    text = lines(
        planned("a.b", "update"), planned("a.a", "create"), planned("a.c", "noop"), planned("a.d", "read")
    )
    assert read_planned(text) == ("a.a", "a.b")

"""What Terraform has done, as `apply -json` tells of it, line by line ("Machine-Readable UI"); no value is kept."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rollback._text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, by address.

    Attributes:
        begun: what Terraform began to change, each once, in order.
        finished: what it was done with: of what was replaced only once both halves were.
        failed: at which it failed.
    """

    begun: tuple[str, ...] = ()
    finished: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


def read_done(text: str) -> Done:
    """Read what `apply -json` printed, however far it came."""
    begun: dict[str, None] = {}
    completed: dict[str, None] = {}
    failed: dict[str, None] = {}
    for event in _events(text):
        address = _address(event)
        if not address:
            continue
        match event.get("type"):
            case "apply_start":
                begun[address] = None
                completed.pop(address, None)  # the second half of a replacement
            case "apply_complete":
                completed[address] = None
            case "apply_errored" | "provision_errored":
                failed[address] = None
    replaced_in_part = _half_replaced(text)
    finished = tuple(a for a in completed if a not in failed and a not in replaced_in_part)
    return Done(tuple(begun), finished, tuple(failed))


def read_planned(text: str) -> tuple[str, ...]:
    """The addresses that `plan -json` would change, sorted."""
    found = set()
    for event in _events(text):
        change = event.get("change")
        if (
            event.get("type") == "planned_change"
            and isinstance(change, dict)
            and change.get("action") not in _QUIET
        ):
            resource = change.get("resource")
            if isinstance(resource, dict):
                found.add(printable(resource.get("addr", "")))
    return tuple(sorted(found))


_QUIET = ("noop", "read")


def _half_replaced(text: str) -> frozenset[str]:
    """Those that were planned to be replaced and of which only one half was done."""
    halves: dict[str, int] = {}
    for event in _events(text):
        change = event.get("change")
        if (
            event.get("type") == "planned_change"
            and isinstance(change, dict)
            and change.get("action") == "replace"
        ):
            resource = change.get("resource")
            if isinstance(resource, dict):
                halves[printable(resource.get("addr", ""))] = 2
        elif event.get("type") == "apply_complete" and (address := _address(event)) in halves:
            halves[address] -= 1
    return frozenset(address for address, left in halves.items() if left > 0)


def _events(text: str) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict):
            yield event


def _address(event: dict[str, Any]) -> str:
    hook = event.get("hook")
    resource = hook.get("resource") if isinstance(hook, dict) else None
    return printable(resource.get("addr", "")) if isinstance(resource, dict) else ""

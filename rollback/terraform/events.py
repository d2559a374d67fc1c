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
        complete: whether it said that it was done with all.
    """

    begun: tuple[str, ...] = ()
    finished: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    complete: bool = False


def read_done(text: str) -> Done:
    """Read what `apply -json` printed, however far it came."""
    begun: dict[str, None] = {}
    completed: dict[str, None] = {}
    failed: dict[str, None] = {}
    complete = False
    open_parts: dict[str, int] = {}
    for event in _events(text):
        kind, address = event.get("type"), _address(event)
        match kind:
            case "apply_start":
                begun[address] = None
                open_parts[address] = open_parts.get(address, 0) + 1
                completed.pop(address, None)
            case "apply_complete":
                open_parts[address] = open_parts.get(address, 1) - 1
                completed[address] = None
            case "apply_errored" | "provision_errored":
                failed[address] = None
            case "change_summary":
                complete = complete or _is_apply(event)
    replaced_in_part = _half_replaced(text)
    finished = tuple(a for a in completed if a not in failed and a not in replaced_in_part)
    return Done(tuple(begun), finished, tuple(failed), complete)


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


def _is_apply(event: dict[str, Any]) -> bool:
    changes = event.get("changes")
    return isinstance(changes, dict) and changes.get("operation") == "apply"

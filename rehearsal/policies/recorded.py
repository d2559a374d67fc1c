"""What rehearsals were seen to use, kind by kind: `calls.json`, written by ``pytest --record-calls``."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rehearsal.policies.uses import Use

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

KINDS: Final = ("readiness", "drill", "incident")
"""Who works on an environment: one who only looks, one who practises the emergency rollback, one who takes every way."""

RECORDED: Final = Path(__file__).with_name("calls.json")


@cache
def allowed(kind: str) -> frozenset[Use]:
    """What the policy of a kind allows."""
    listed: Mapping[str, Mapping[str, list[str]]] = json.loads(RECORDED.read_text(encoding="utf-8"))
    return frozenset(Use(action, each) for action, resources in listed[kind].items() for each in resources)


def written(seen: Mapping[str, Iterable[Use]]) -> str:
    """What was seen, as it is kept."""
    shown = {kind: _shown(seen.get(kind, ())) for kind in KINDS}
    return json.dumps(shown, indent=2) + "\n"


def _shown(some: Iterable[Use]) -> dict[str, list[str]]:
    listed: dict[str, list[str]] = {}
    for use in sorted(some):
        listed.setdefault(use.action, []).append(use.resource)
    return listed

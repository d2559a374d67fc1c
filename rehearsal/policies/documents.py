"""Policies as IAM takes them.

IAM User Guide, "IAM and AWS STS quotas": a managed policy has at most 6,144 characters, white space not counted.
"""

from __future__ import annotations

import json
from string import Template
from typing import TYPE_CHECKING, Any, Final

from rehearsal.policies.resources import ANYTHING, CONDITIONS, RESOURCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rehearsal.policies.uses import Use

LARGEST: Final = 6144
"""Characters, white space not counted."""
NO_RESOURCE: Final = "ActionsThatSupportNoResource"
"""The Sid of what can only be allowed on ``*``."""


def documents(allowed: Iterable[Use], names: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """The policies that allow just that, as few as IAM's size allows.

    Args:
        allowed: what.
        names: of an environment, by `values`; the placeholders stay if there are none. What is about something that
            the environment doesn't have is left out.
    """
    found: list[dict[str, Any]] = []
    for statement in _statements(allowed, names):
        if not found or size(_document([*found[-1]["Statement"], statement])) > LARGEST:
            found.append(_document([]))
        found[-1]["Statement"].append(statement)
    return found


def size(document: Mapping[str, Any]) -> int:
    """How large IAM takes it to be."""
    return len("".join(json.dumps(document).split()))


def _document(statements: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _statements(allowed: Iterable[Use], names: Mapping[str, str] | None) -> Iterator[dict[str, Any]]:
    """One for all resources on which just the same may be done, which is shorter than one for each set of actions."""
    actions: dict[tuple[str, str], list[str]] = {}
    for use in sorted(allowed):
        if names is None or _there(RESOURCES[use.resource], names):
            condition = json.dumps(CONDITIONS.get(use.action, {}))
            actions.setdefault((use.resource, condition), []).append(use.action)
    grouped: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for (resource, condition), some in sorted(actions.items()):
        grouped.setdefault((tuple(some), condition), []).append(resource)
    for (done, condition), on in sorted(grouped.items(), key=lambda each: (each[1], each[0])):
        conditions = {"Condition": json.loads(_filled(condition, names))} if condition != "{}" else {}
        yield {
            "Sid": _sid(on, done if conditions else ()),
            "Effect": "Allow",
            "Action": list(done),
            "Resource": _one([_filled(RESOURCES[each], names) for each in on]),
            **conditions,
        }


def _there(template: str, names: Mapping[str, str]) -> bool:
    return all(value for name, value in names.items() if f"${{{name}}}" in template)


def _filled(template: str, names: Mapping[str, str] | None) -> str:
    return Template(template).substitute(names) if names else template


def _one(some: list[str]) -> str | list[str]:
    return some[0] if len(some) == 1 else some


def _sid(on: Sequence[str], actions: Sequence[str]) -> str:
    """Letters and digits, as IAM wants it, and another for each statement."""
    if list(on) == [ANYTHING] and not actions:
        return NO_RESOURCE
    words = "-".join((*(action.partition(":")[2] for action in actions), *on))
    return "".join(word[:1].upper() + word[1:] for word in words.split("-"))

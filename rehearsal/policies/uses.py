"""What a call needs in IAM's words: an action on a resource."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from string import Template
from typing import TYPE_CHECKING, Any, Final

from rehearsal.policies.operations import OPERATIONS
from rehearsal.policies.resources import RESOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rehearsal.policies.operations import Need

_PARAMETER: Final = re.compile(r"\{(\w+)\}")


class NotCovered(Exception):
    """A call that no policy can allow; its text says which and why."""


@dataclass(frozen=True, slots=True, order=True)
class Use:
    """An action on a resource.

    Attributes:
        action: as ``ecs:UpdateService``.
        resource: as `RESOURCES` calls it.
    """

    action: str
    resource: str

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}"


def uses(operation: str, parameters: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[Use]:
    """What a call needs.

    Args:
        operation: as ``ecs:UpdateService``, with botocore's name of the service.
        parameters: the call's.
        names: what `values` says of the environment that it is for.

    Raises:
        NotCovered: nobody has written down what the operation needs, or it isn't about a resource of the environment.
    """
    needs = OPERATIONS.get(operation)
    if needs is None:
        raise NotCovered(
            f"{operation} isn't in rehearsal/policies/operations.py: write down which actions it needs."
        )
    for need in needs:
        if (need.given and not parameters.get(need.given)) or (need.lacking and parameters.get(need.lacking)):
            continue
        for arn in _arns(need, parameters, names):
            yield Use(need.action, _resource(need, arn, names, operation))
        if not need.on:
            yield from (Use(need.action, each) for each in need.resources)


def _arns(need: Need, parameters: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[str]:
    """What the call is about, by its ARNs; nothing where the need is about all of its resources."""
    if not need.on:
        return
    # A parameter may be called as one of our placeholders is: the call's is meant, and comes last.
    said = [word for word in _PARAMETER.findall(need.on) if word not in names or word in parameters]
    own = said[-1]
    value = parameters.get(own, "*")
    for each in value if isinstance(value, list) else [value]:
        text = str(each)
        known = {**names, **{word: str(parameters.get(word, "*")) for word in said}}
        known[own] = text.removeprefix("/hostedzone/")
        yield text if text.startswith("arn:") else need.on.format_map(known)


def _resource(need: Need, arn: str, names: Mapping[str, str], operation: str) -> str:
    for resource in need.resources:
        if fnmatchcase(arn, Template(RESOURCES[resource]).substitute(names)):
            return resource
    raise NotCovered(f"{operation} is about {arn}, which is none of: {', '.join(need.resources)}.")

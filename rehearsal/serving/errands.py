"""What another process may have done to the served world, by name: a list, and nothing beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rehearsal.serving.codec import decode, encode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ERRANDS: Final[Mapping[str, tuple[str, ...]]] = {
    "developers": ("changes_code", "changes_infrastructure"),
    "incidents": (
        *("worked_with", "released", "deployed", "being_deployed", "deployed_on_another_port"),
        *("reads_a_parameter", "rebuilt", "gone", "image_gone", "rolled_back_by_somebody"),
        *("redeployed_by_force", "deployed_by", "another_deploys", "waited_with_the_aws_waiter"),
    ),
    "origin": ("open_the_service", "settle"),
    "world": ("is_settled", "open_with", "settle"),
    "world.damage": (
        *("delete_execution_role", "delete_image", "delete_log_group", "delete_parameter", "delete_secret"),
        *("delete_task_role", "deregister", "forget_history", "move_logs_clock", "move_tag"),
        "put_parameter",
    ),
    "world.look": (
        *("ask", "at_once", "deployments", "desired_count", "events", "history", "primary_revision"),
        *("running", "status", "stopped_reasons", "targets"),
    ),
    "world.team": (
        *("create_service", "delete_service", "deploy", "deploy_on_port", "keep_logs", "named", "push"),
        *("register", "release", "scale", "set_circuit_breaker", "stable"),
    ),
}
"""The methods that can be asked for, by who has them."""


class Unknown(LookupError):
    """An errand that isn't on the list."""


def is_known(of: str, name: str) -> bool:
    """Whether the errand is on the list."""
    return name in ERRANDS.get(of, ())


def run(
    roots: Mapping[str, Any], of: str, name: str, args: Sequence[Any], named: Mapping[str, Any]
) -> object:
    """Do an errand in this process, and return the encoded answer.

    Args:
        roots: who there is, by the first word of `of`.
        of: who has the method, as ``world.look``.
        name: the method.
        args: its encoded arguments.
        named: likewise, those with a name.

    Raises:
        Unknown: it isn't on the list, or nobody of that name is there.
        rehearsal.serving.codec.Unsendable: the answer can't leave this process.
    """
    first, *rest = of.split(".")
    if not is_known(of, name) or first not in roots:
        raise Unknown(f"There is no errand {of}.{name} here.")
    found = roots[first]
    for part in rest:
        found = getattr(found, part)
    answer = getattr(found, name)(
        *(decode(each) for each in args), **{key: decode(each) for key, each in named.items()}
    )
    return encode(answer)

"""Reading what `terraform show -json` says of a saved plan.

The format is Terraform's "JSON Output Format". It holds every value of the state and of the configuration: they are
dropped while it is parsed, apart from what names a task definition.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from rollback._text import printable
from rollback.terraform.changes import Action, Change, Changes
from rollback.terraform.program import TerraformError

if TYPE_CHECKING:
    from collections.abc import Iterator

_ACTIONS: Final = {
    ("create",): Action.CREATE,
    ("update",): Action.CHANGE,
    ("delete",): Action.DESTROY,
    ("read",): Action.READ,
    ("forget",): Action.FORGET,
    ("delete", "create"): Action.REPLACE,
    ("create", "delete"): Action.REPLACE,
    ("create", "forget"): Action.REPLACE,
    ("forget", "create"): Action.REPLACE,
}
_NONE: Final = ("no-op",)
_SERVICES: Final = frozenset({"aws_ecs_service", "terraform_data"})
_KNOWN: Final = 1


def _named(value: Any) -> dict[str, str]:
    """Of planned values, what names a service and its task definition."""
    if not isinstance(value, dict):
        return {}
    inner = value.get("input")
    held = inner if isinstance(inner, dict) else value
    return {
        name: held[name] for name in ("name", "service", "task_definition") if isinstance(held.get(name), str)
    }


def _unknown(value: Any) -> bool:
    """Whether the task definition is only known after the apply."""
    if not isinstance(value, dict):
        return False
    inner = value.get("input")
    held = inner if isinstance(inner, dict) else value
    return held.get("task_definition") is True


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class _Changed(_Part):
    actions: tuple[str, ...]
    after: Annotated[dict[str, str], BeforeValidator(_named)] = {}
    after_unknown: Annotated[bool, BeforeValidator(_unknown)] = False


class _Resource(_Part):
    address: str
    mode: str = "managed"
    type: str = ""
    deposed: str = ""
    change: _Changed


class _Output(_Part):
    actions: tuple[str, ...] = _NONE


class _Plan(_Part):
    format_version: str
    errored: bool = False
    resource_changes: list[_Resource] = []
    resource_drift: list[_Resource] = []
    output_changes: dict[str, _Output] = {}


@dataclass(frozen=True, slots=True)
class PlannedService:
    """A service in the planned values.

    Attributes:
        address: of the resource.
        name: the service's; nothing where it isn't told.
        task_definition: as it is planned; nothing where it is only known after the apply.
        unknown: whether that is so.
    """

    address: str
    name: str
    task_definition: str
    unknown: bool


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A saved plan, without values.

    Attributes:
        changes: what it would do.
        services: the services that it plans.
    """

    changes: Changes
    services: tuple[PlannedService, ...]


def read_plan(content: bytes) -> PlanFile:
    """Read what `show -json` printed.

    Raises:
        TerraformError: it is something else, of another format, or does what isn't known here; no value is in the
            error.
    """
    try:
        plan = _Plan.model_validate_json(content)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors(include_input=False)[0]["loc"][:2])
        raise TerraformError(
            f"What Terraform shows of the plan can't be read{f' ({printable(where)})' if where else ''}.",
            remedy="Read the plan by hand with the Terraform that made it.",
        ) from None
    if plan.format_version.split(".")[0] != str(_KNOWN) or plan.errored:
        raise TerraformError(
            "Terraform shows a plan that is not complete, or in a format that isn't known here.",
            remedy="Read the plan by hand with the Terraform that made it.",
        )
    changes = Changes(
        all=tuple(_changes(plan.resource_changes)),
        drift=tuple(
            sorted({printable(each.address) for each in plan.resource_drift if each.change.actions != _NONE})
        ),
        outputs=sum(each.actions != _NONE for each in plan.output_changes.values()),
    )
    return PlanFile(changes, tuple(_services(plan.resource_changes)))


def _changes(resources: list[_Resource]) -> Iterator[Change]:
    for each in resources:
        if each.change.actions == _NONE:
            continue
        action = _ACTIONS.get(each.change.actions)
        if action is None:
            raise TerraformError(
                f"The plan does something with {printable(each.address)} that isn't known here: "
                f"{printable('/'.join(each.change.actions))[:60]}.",
                remedy="Read the plan by hand with the Terraform that made it.",
            )
        yield Change(printable(each.address), printable(each.type), action, bool(each.deposed))


def _services(resources: list[_Resource]) -> Iterator[PlannedService]:
    for each in resources:
        after = each.change.after
        unknown = each.change.after_unknown
        told = "task_definition" in after or unknown
        if each.mode != "managed" or each.type not in _SERVICES or not told or each.deposed:
            continue
        name = after.get("name") or after.get("service", "")
        yield PlannedService(
            printable(each.address), printable(name), printable(after.get("task_definition", "")), unknown
        )

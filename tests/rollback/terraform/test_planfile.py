from __future__ import annotations

import json
from typing import Any

import pytest

from rollback.terraform.changes import Action
from rollback.terraform.planfile import PlannedService, read_plan
from rollback.terraform.program import TerraformError

SECRET = "hunter2-in-the-plan"  # noqa: S105 - what may not come out


def changed(
    address: str, *actions: str, after: Any = None, unknown: Any = None, **more: Any
) -> dict[str, Any]:
    kind = address.rpartition(".")[0].rpartition(".")[2]
    return {
        "address": address,
        "mode": "managed",
        "type": kind,
        "change": {
            "actions": list(actions),
            "before": {"password": SECRET},
            "after": after,
            "after_unknown": unknown or {},
        },
        **more,
    }


def shown(*changes: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"format_version": "1.2", "resource_changes": changes, **more}).encode()


def test_each_change_is_told_by_its_address_and_what_is_done() -> None:
    plan = read_plan(
        shown(
            changed("aws_lb.a", "create"),
            changed("aws_lb.b", "update"),
            changed("aws_lb.c", "delete"),
            changed("aws_lb.d", "delete", "create"),
            changed("aws_lb.e", "create", "delete"),
            changed("aws_lb.f", "forget"),
            changed("data.aws_ami.g", "read", mode="data"),
            changed("aws_lb.h", "no-op"),
        )
    )
    changes = plan.changes
    assert changes.created == ("aws_lb.a",)
    assert changes.changed == ("aws_lb.b",)
    assert changes.destroyed == ("aws_lb.c",)
    assert changes.replaced == ("aws_lb.d", "aws_lb.e")
    assert changes.forgotten == ("aws_lb.f",)
    assert changes.read == ("data.aws_ami.g",)
    assert len(changes.all) == 7
    assert changes.counted == "1 created, 1 changed, 2 replaced, 1 destroyed, 1 forgotten"


def test_nothing_but_reading_is_nothing_to_do() -> None:
    assert read_plan(shown(changed("aws_lb.h", "no-op"), changed("data.x.y", "read"))).changes.nothing


@pytest.mark.parametrize("action", ["create", "update", "delete", "forget"])
def test_any_change_is_something_to_do(action: str) -> None:
    assert not read_plan(shown(changed("aws_lb.a", action))).changes.nothing


def test_an_output_alone_is_something_to_do() -> None:
    plan = read_plan(shown(output_changes={"o": {"actions": ["update"], "after": SECRET}}))
    assert not plan.changes.nothing
    assert plan.changes.counted == "only outputs"


def test_what_a_replacement_left_behind_is_told_apart() -> None:
    (change,) = read_plan(shown(changed("aws_lb.a", "delete", deposed="4f2a"))).changes.all
    assert change.deposed
    assert change.action is Action.DESTROY


def test_drift_that_the_plan_touches_would_be_overwritten() -> None:
    plan = read_plan(
        shown(
            changed("aws_lb.a", "update"),
            changed("aws_lb.b", "no-op"),
            resource_drift=[
                changed("aws_lb.a", "update"),
                changed("aws_lb.b", "update"),
                changed("aws_lb.c", "no-op"),
            ],
        )
    )
    assert plan.changes.drift == ("aws_lb.a", "aws_lb.b")
    assert plan.changes.overwritten == ("aws_lb.a",)


def test_no_value_is_kept() -> None:
    plan = read_plan(
        shown(
            changed("aws_lb.a", "update", after={"name": SECRET, "password": SECRET}),
            changed("aws_ecs_service.a", "update", after={"task_definition": "app:4", "secret": SECRET}),
            planned_values={"root_module": {"resources": [{"values": {"p": SECRET}}]}},
            prior_state={"values": {"p": SECRET}},
            variables={"p": {"value": SECRET}},
            configuration={"p": SECRET},
        )
    )
    assert SECRET not in repr(plan).replace(f"name={SECRET!r}", "")
    assert plan.services == (PlannedService("aws_ecs_service.a", "", "app:4", unknown=False),)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        SECRET.encode(),
        json.dumps({"format_version": SECRET * 2}).encode(),
        json.dumps({"resource_changes": [{"address": {"a": SECRET}}], "format_version": "1.2"}).encode(),
        json.dumps(
            {"format_version": "1.2", "resource_changes": [{"address": "a.b", "change": {"actions": SECRET}}]}
        ).encode(),
        shown(changed("aws_lb.a", "create")).replace(b'"1.2"', b'"2.0"'),
        shown(changed("aws_lb.a", "create"), errored=True),
    ],
)
def test_what_is_no_plan_is_refused_without_its_values(content: bytes) -> None:
    with pytest.raises(TerraformError) as caught:
        read_plan(content)
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


def test_what_is_not_known_is_not_taken_for_harmless() -> None:
    with pytest.raises(TerraformError, match=r"aws_lb\.a that isn't known here: explode"):
        read_plan(shown(changed("aws_lb.a", "explode")))


def test_an_address_acts_on_no_terminal() -> None:
    (change,) = read_plan(shown(changed('aws_lb.a["\x1b[2J"]', "create"))).changes.all
    assert change.address == 'aws_lb.a["\\x1b[2J"]'


def test_services_are_read_from_the_provider_and_from_built_in_resources() -> None:
    plan = read_plan(
        shown(
            changed("aws_ecs_service.a", "no-op", after={"name": "web", "task_definition": "app:4"}),
            changed("aws_ecs_service.b", "update", after={"name": "b"}, unknown={"task_definition": True}),
            changed("terraform_data.c", "update", after={"input": {"name": "c", "task_definition": "app:5"}}),
            changed("terraform_data.d", "create", after={}, unknown={"input": True}),
            changed("terraform_data.e", "create", after={"input": "words"}),
            changed("aws_lb.f", "create", after={"task_definition": "app:6"}),
        )
    )
    assert plan.services == (
        PlannedService("aws_ecs_service.a", "web", "app:4", unknown=False),
        PlannedService("aws_ecs_service.b", "b", "", unknown=True),
        PlannedService("terraform_data.c", "c", "app:5", unknown=False),
    )

"""The service models that the stage's sessions share."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

import botocore.session

from rehearsal.stage import stage_factory

if TYPE_CHECKING:
    from rehearsal.world.world import World


def test_what_moto_adds_to_a_model_for_itself_does_not_reach_the_stage_s_clients(world: World) -> None:
    """Of the services that the stage uses, moto extends EC2's."""
    ec2: Any = world.stage.operator.client("ec2", world.stage.environment.region)
    ec2.describe_vpcs()
    own: Any = botocore.session.Session().get_service_model("ec2")
    assert ec2.meta.service_model._service_description == own._service_description


def test_loading_moto_leaves_the_garbage_collector_on() -> None:
    stage_factory("embedded")
    assert gc.isenabled()

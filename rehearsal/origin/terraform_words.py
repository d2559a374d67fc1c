"""What is filled into the texts of the rehearsed infrastructure: names and numbers of an environment and its service."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rehearsal.origin.aws_stack import short_name
from rehearsal.world import database

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rehearsal.blueprint import Blueprint
    from rollback.environment import Environment


def words_of(environment: Environment, blueprint: Blueprint) -> dict[str, object]:
    """The values, by the marks that stand for them."""
    return {
        "BUCKET": environment.state_bucket,
        "KEY": environment.state_key,
        "REGION": environment.region,
        "FAMILY": environment.family,
        "NAME": short_name(environment),
        "CLUSTER": environment.cluster,
        "SERVICE": environment.service,
        "HOST": environment.url.partition("://")[2],
        "PORT": blueprint.port,
        "COUNT": blueprint.desired_count,
        "CONTAINER": blueprint.container,
        "PASSWORD": database.PASSWORD,
        "DRAINING": blueprint.deregistration_delay_seconds,
        "INTERVAL": blueprint.health_check_interval_seconds,
        "HEALTHY": blueprint.healthy_threshold,
        "UNHEALTHY": blueprint.unhealthy_threshold,
        "GRACE": blueprint.grace_period_seconds,
        "MINIMUM": blueprint.minimum_healthy_percent,
        "MAXIMUM": blueprint.maximum_percent,
        "BREAKER": blueprint.circuit_breaker,
        "BREAKER_ROLLBACK": blueprint.circuit_breaker_rollback,
    }


def filled(text: str, words: Mapping[str, object], raw: Mapping[str, str]) -> str:
    """`text` with its marks, as ``@BUCKET@``, filled in.

    Args:
        text: with marks in it.
        words: the values that are written as literals of Terraform's language, by mark.
        raw: what is put there as it stands, by mark.
    """
    for mark, word in words.items():
        text = text.replace(f"@{mark}@", json.dumps(word))
    for mark, word in raw.items():
        text = text.replace(f"@{mark}@", word)
    return text

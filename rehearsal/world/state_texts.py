"""What is written in the house of the state: states, spoilt ones, and locks."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from rollback.environment import Environment

_OTHER_LINEAGE: Final = "0d1e2f3a-4b5c-6d7e-8f90-a1b2c3d4e5f6"


class Spoilt(StrEnum):
    """What a state can be spoilt into."""

    EMPTY = "empty"
    TRUNCATED = "truncated"
    NONSENSE = "nonsense"
    NOT_A_STATE = "not a state"
    OTHER_LINEAGE = "other lineage"
    FEW_RESOURCES = "few resources"
    NEWER_TERRAFORM = "newer terraform"
    NEWER_FORMAT = "newer format"


def lock_info(
    environment: Environment,
    *,
    number: int,
    at: datetime,
    by: str = "runner@fv-az1042-77",
    operation: str = "OperationTypeApply",
    info: str = "",
) -> bytes:
    """A lock as Terraform writes it (its source, ``internal/states/statemgr/locker.go``, ``LockInfo``)."""
    said = {
        "ID": lock_uuid(number),
        "Operation": operation,
        "Info": info,
        "Who": by,
        "Version": "1.11.4",
        "Created": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "Path": f"{environment.state_bucket}/{environment.state_key}",
    }
    return json.dumps(said, separators=(",", ":")).encode()


def addresses_in(state: Mapping[str, Any]) -> tuple[str, ...]:
    """The addresses of a state's managed resource instances, sorted."""
    found = []
    for resource in state["resources"]:
        if resource["mode"] != "managed":
            continue
        module = f"{resource['module']}." if "module" in resource else ""
        for instance in resource["instances"]:
            key = instance.get("index_key")
            index = "" if key is None else f"[{json.dumps(key)}]"
            found.append(f"{module}{resource['type']}.{resource['name']}{index}")
    return tuple(sorted(found))


def spoilt(content: bytes, how: Spoilt) -> bytes:
    """A state, spoilt."""
    match how:
        case Spoilt.EMPTY:
            return b""
        case Spoilt.TRUNCATED:
            return content[: len(content) * 2 // 3]
        case Spoilt.NONSENSE:
            return b"<html><body><h1>502 Bad Gateway</h1></body></html>\n"
        case Spoilt.NOT_A_STATE:
            return b'{"hello": "world"}\n'
        case _:
            state = json.loads(content)
    match how:
        case Spoilt.OTHER_LINEAGE:
            state["lineage"] = _OTHER_LINEAGE
        case Spoilt.FEW_RESOURCES:
            state["resources"] = state["resources"][:1]
        case Spoilt.NEWER_TERRAFORM:
            state["terraform_version"] = "99.0.0"
        case Spoilt.NEWER_FORMAT:
            state["version"] = 99
    state["serial"] += 1
    return json.dumps(state, indent=2).encode() + b"\n"


def lock_uuid(number: int) -> str:
    """The id of the lock of that number."""
    return str(UUID(int=0x5EED << 96 | number, version=4))


def serial_of(content: bytes) -> int | None:
    """The serial of a state; None where it can't be read."""
    try:
        return int(json.loads(content)["serial"])
    except (ValueError, KeyError, TypeError):
        return None

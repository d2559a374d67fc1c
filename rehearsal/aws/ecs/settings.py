"""What a container is told when it starts: its environment variables and its secrets.

They are read once: a task keeps what it has read until it is replaced. Source: Amazon ECS developer guide,
"Pass Secrets Manager secrets through Amazon ECS environment variables".
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from moto.secretsmanager.exceptions import SecretsManagerClientError

from rehearsal.aws.moto_parts import get_backend

if TYPE_CHECKING:
    from collections.abc import Mapping

_RETRIEVAL: Final = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval "
    "failed: unable to retrieve "
)
_ASM_MISSING: Final = "ResourceNotFoundException: Secrets Manager can't find the specified secret."


class CannotStart(Exception):
    """The task can't start; the message is its stoppedReason."""


def read(account: str, region: str, container: Mapping[str, Any]) -> dict[str, str]:
    """The environment of `container`, a container definition, as it is at this moment.

    Raises:
        CannotStart: a secret or a parameter is not there.
    """
    variables = {each["name"]: each["value"] for each in container.get("environment") or []}
    for secret in container.get("secrets") or []:
        variables[secret["name"]] = _value(account, region, secret["valueFrom"])
    logging = container.get("logConfiguration") or {}
    for secret in logging.get("secretOptions") or []:
        _value(account, region, secret["valueFrom"])
    return variables


def _value(account: str, region: str, source: str) -> str:
    """What is kept at `source`, the ARN of a secret or the name or ARN of an SSM parameter."""
    return _secret(source) if ":secretsmanager:" in source else _parameter(account, region, source)


def _secret(source: str) -> str:
    # arn:aws:secretsmanager:region:account:secret:name[:json-key:version-stage:version-id]
    parts = source.split(":")
    key, stage, version = (*parts[7:], "", "", "")[:3]
    backend = get_backend("secretsmanager")[parts[4]][parts[3]]
    try:
        answer = backend.get_secret_value(":".join(parts[:7]), version or None, stage or None)
    except SecretsManagerClientError:
        raise CannotStart(
            f"{_RETRIEVAL}secret from asm: service call has been retried 1 time(s): failed to fetch secret "
            f"{source} from secrets manager: {_ASM_MISSING}"
        ) from None
    text = str(answer.get("SecretString", ""))
    return _under(key, text) if key else text


def _under(key: str, text: str) -> str:
    try:
        return str(json.loads(text)[key])
    except (ValueError, KeyError, TypeError):
        raise CannotStart(
            f"{_RETRIEVAL}secret from asm: service call has been retried 1 time(s): retrieved secret from "
            f"Secrets Manager did not contain json key {key}"
        ) from None


def _parameter(account: str, region: str, source: str) -> str:
    parts = source.split(":parameter", 1)
    name = parts[-1]
    place = source.split(":")[3] if len(parts) > 1 else region
    backend = get_backend("ssm")[account][place]
    found = backend.get_parameter(name) or backend.get_parameter(name.removeprefix("/"))
    if found is None:
        raise CannotStart(
            f"{_RETRIEVAL}secrets from ssm: service call has been retried 1 time(s): invalid ssm parameters: {name}"
        )
    return str(found.value)

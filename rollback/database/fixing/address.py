"""Where the application finds its database: what the running task definition hands it. It is a secret."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rollback.errors import AwsError, RollbackError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rollback.access import Access
    from rollback.ecs.model import Service
    from rollback.environment import Environment

_SECRET: Final = re.compile(
    r"(?P<arn>arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[^:]+)"
    r"(?::(?P<key>[^:]*):(?P<stage>[^:]*):(?P<version>[^:]*))?"
)


@dataclass(frozen=True, slots=True)
class Address:
    """An address of a database that is in no repr.

    Attributes:
        url: with user and password.
    """

    url: str = field(repr=False)


def address(environment: Environment, access: Access, service: Service) -> Address:
    """What `service` was told in the variable that the environment names.

    Raises:
        RollbackError: it was told nothing there, or by something that isn't read here.
        AwsError: AWS doesn't say.
    """
    wanted = environment.database.variable
    definition = access.aws.ecs.describe_task_definition(taskDefinition=str(service.revision))[
        "taskDefinition"
    ]
    front = {entry.container for entry in service.load_balancers}
    containers = sorted(definition["containerDefinitions"], key=lambda each: each["name"] not in front)
    for container in containers:
        for secret in container.get("secrets", ()):
            if secret["name"] == wanted:
                return Address(_secret(access, secret["valueFrom"], wanted, service))
        for variable in container.get("environment", ()):
            if variable.get("name") == wanted:
                return Address(variable.get("value", ""))
    known = _names(secret["name"] for container in containers for secret in container.get("secrets", ()))
    raise RollbackError(
        f"{service.revision} hands its containers no {wanted}, so where the database is can't be told.",
        remedy=f"Name in environments.toml, as the variable of its database, the one that it is: {known}.",
    )


def _secret(access: Access, reference: str, wanted: str, service: Service) -> str:
    found = _SECRET.fullmatch(reference)
    if found is None:
        raise RollbackError(
            f"{service.revision} has {wanted} from elsewhere than Secrets Manager, which isn't read here.",
            remedy="Keep the database's address in Secrets Manager, or fix forward by hand.",
        )
    try:
        answer = access.aws.secretsmanager.get_secret_value(
            SecretId=found["arn"],
            **({"VersionStage": found["stage"]} if found["stage"] else {}),
            **({"VersionId": found["version"]} if found["version"] else {}),
        )
    except AwsError as error:
        if error.code != "ResourceNotFoundException":
            raise
        raise RollbackError(
            f"The secret that {service.revision} has its {wanted} from is gone.",
            remedy="Restore it if it is still within its recovery window, or create it again.",
        ) from None
    text = answer.get("SecretString", "")
    if not found["key"]:
        return text
    try:
        value = json.loads(text).get(found["key"], "")
    except (ValueError, AttributeError):
        value = ""
    if not isinstance(value, str) or not value:
        raise RollbackError(
            f"The secret that {service.revision} has its {wanted} from holds no text of that key.",
            remedy="Compare the key in the task definition with the secret.",
        )
    return value


def _names(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names)) or "there is no secret at all"

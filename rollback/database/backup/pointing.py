"""Where the application is told that its database is: a secret, whose value stays in here."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

from rollback.errors import AwsError, RollbackError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from mypy_boto3_ecs.type_defs import TaskDefinitionTypeDef

    from rollback.access import Access
    from rollback.ecs.model import Revision
    from rollback.environment import Environment

CURRENT: Final = "AWSCURRENT"
PREVIOUS: Final = "AWSPREVIOUS"
_SECRET: Final = re.compile(
    r"(?P<arn>arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[^:]+)"
    r"(?::(?P<key>[^:]*):(?P<stage>[^:]*):(?P<version>[^:]*))?"
)
_HOST: Final = re.compile(r"[A-Za-z0-9_.-]+")
_ELSEWHERE: Final = frozenset({"host", "hostaddr", "port", "service"})
"""What libpq takes from a URL's query before its host (PostgreSQL, "Connection URIs")."""


class NoPointing(RollbackError):
    """It can't be told, or not changed, where the application's database is."""


@dataclass(frozen=True, slots=True)
class Pointing:
    """The secret from which the application knows its database.

    Attributes:
        secret: its ARN.
        key: the key of its JSON that holds the address; empty where the secret is the address.
        version: the id of its current version.
        previous: that of the one before; empty where there is none.
        versions: the ids of all that Secrets Manager still knows.
        changed_at: when it was last changed, as seconds since 1970; None where AWS doesn't say.
    """

    secret: str
    key: str
    version: str
    previous: str
    versions: frozenset[str]
    changed_at: float | None
    _value: str = field(repr=False)

    @property
    def host(self) -> str:
        """The host that it leads to, in lower case."""
        return urlsplit(self._url).hostname or ""

    def url_at(self, host: str, port: int) -> str:
        """The address of the same database at another host, with its password: not to be shown or kept."""
        parts = urlsplit(self._url)
        user, at, place = parts.netloc.rpartition("@")
        said = f":{port}" if ":" in place and port else ""
        return parts._replace(netloc=f"{user}{at}{host}{said}").geturl()

    def value_at(self, host: str, port: int) -> str:
        """What the secret has to hold, so that it leads to another host: all but that stays as it is."""
        url = self.url_at(host, port)
        if not self.key:
            return url
        return json.dumps({**_object(self._value), self.key: url})

    @property
    def _url(self) -> str:
        return str(_object(self._value)[self.key]) if self.key else self._value


def pointing(environment: Environment, access: Access, revision: Revision) -> Pointing:
    """Where tasks of a revision are told that their database is.

    Raises:
        NoPointing: nowhere, or in a way in which it can't be changed by a new version of a secret.
        AwsError: AWS doesn't say.
    """
    definition = access.aws.ecs.describe_task_definition(taskDefinition=str(revision))["taskDefinition"]
    found = _reference(environment, definition)
    arn, key = found["arn"], found["key"] or ""
    try:
        answer = access.aws.secretsmanager.get_secret_value(SecretId=arn)
    except AwsError as error:
        if error.code != "ResourceNotFoundException":
            raise
        raise NoPointing(
            f"The secret behind {environment.database.variable} is gone.", remedy="Restore it first."
        ) from None
    described = access.aws.secretsmanager.describe_secret(SecretId=arn)
    versions: Mapping[str, list[str]] = described.get("VersionIdsToStages", {})
    changed: datetime | None = described.get("LastChangedDate")
    value = answer.get("SecretString", "")
    _must_lead_somewhere(environment, value, key)
    return Pointing(
        secret=arn,
        key=key,
        version=answer["VersionId"],
        previous=next((each for each, stages in versions.items() if PREVIOUS in stages), ""),
        versions=frozenset(versions),
        changed_at=changed.timestamp() if changed else None,
        _value=value,
    )


def current(access: Access, secret: str) -> str:
    """The id of a secret's current version; empty where there is none.

    Raises:
        AwsError: AWS doesn't say.
    """
    versions = access.aws.secretsmanager.describe_secret(SecretId=secret).get("VersionIdsToStages", {})
    return next((each for each, stages in versions.items() if CURRENT in stages), "")


def _reference(environment: Environment, definition: TaskDefinitionTypeDef) -> re.Match[str]:
    name = environment.database.variable
    containers = definition["containerDefinitions"]
    sources = [
        secret["valueFrom"]
        for each in containers
        for secret in each.get("secrets", ())
        if secret["name"] == name
    ]
    family = f"{definition['family']}:{definition['revision']}"
    if not sources:
        plain = any(each.get("name") == name for one in containers for each in one.get("environment", ()))
        where = "holds it as plain text" if plain else "gives it to no container"
        raise NoPointing(
            f"{family} {where}: {name} has to come from a secret of Secrets Manager, of which a restore makes a new version.",
            remedy="Put it into a secret, or name the right variable in environments.toml, as database.variable.",
        )
    if len(set(sources)) > 1:
        raise NoPointing(
            f"{family} gives {name} to its containers from several secrets.",
            remedy="Have one secret for it, or restore by hand.",
        )
    found = _SECRET.fullmatch(sources[0])
    if found is None:
        raise NoPointing(
            f"{family} takes {name} from a parameter of Systems Manager, which keeps no version that a task could go back to.",
            remedy="Put it into a secret of Secrets Manager, or restore by hand.",
        )
    if found["version"] or found["stage"] not in {None, "", CURRENT}:
        raise NoPointing(
            f"{family} names one version of the secret behind {name}, so that tasks wouldn't take a new one.",
            remedy="Register a revision that names the secret without a version.",
        )
    return found


def _must_lead_somewhere(environment: Environment, value: str, key: str) -> None:
    """Refuse, without repeating any of it, what is no address of one host."""
    name = environment.database.variable
    remedy = "Look at it where you may, and correct it."
    text = value
    if key:
        try:
            text = str(_object(value)[key])
        except (KeyError, ValueError):
            raise NoPointing(
                f"The secret behind {name} holds no JSON with that key.", remedy=remedy
            ) from None
    try:
        parts = urlsplit(text.strip())
        host, _ = parts.hostname or "", parts.port
        fine = bool(parts.scheme and parts.netloc and _HOST.fullmatch(host)) and text == text.strip()
    except ValueError:
        fine, parts = False, urlsplit("")
    if not fine:
        raise NoPointing(
            f"The secret behind {name} is no URL with one host, so that another one can't be put there.",
            remedy=remedy,
        )
    if _ELSEWHERE & parse_qs(parts.query).keys():
        raise NoPointing(
            f"The secret behind {name} names its host in the URL's query.",
            remedy="Name it where a URL has it, before the path.",
        )


def _object(value: str) -> dict[str, object]:
    found = json.loads(value)
    if not isinstance(found, dict):
        raise ValueError("not an object")  # noqa: TRY004 - what json raises, too
    return found

"""What the AWS provider of Terraform would do: make true in AWS what a resource of the infrastructure says.

The provisioners of the rehearsed infrastructure (`rehearsal.origin.terraform_files`) hand it settings over loopback.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from botocore.exceptions import ClientError
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from rehearsal.world import database

if TYPE_CHECKING:
    from rehearsal.world.clients import Clients
    from rehearsal.world.foundation import Foundation
    from rollback.environment import Environment


class _TargetGroupValues(BaseModel):
    health_check_path: str


class _TargetGroup(BaseModel):
    type: Literal["target_group"]
    values: _TargetGroupValues


class _DatabaseUrlValues(BaseModel):
    host: str


class _DatabaseUrl(BaseModel):
    type: Literal["database_url"]
    values: _DatabaseUrlValues


class _LogGroupValues(BaseModel):
    name: str
    retention_in_days: int


class _LogGroup(BaseModel):
    type: Literal["log_group"]
    values: _LogGroupValues


class _SecurityGroupValues(BaseModel):
    ingress: list[str]


class _SecurityGroup(BaseModel):
    type: Literal["security_group"]
    values: _SecurityGroupValues


class _ServiceValues(BaseModel):
    task_definition: str


class _Service(BaseModel):
    type: Literal["service"]
    values: _ServiceValues


_Setting = Annotated[
    _TargetGroup | _DatabaseUrl | _LogGroup | _SecurityGroup | _Service, Field(discriminator="type")
]
_SETTING: TypeAdapter[_Setting] = TypeAdapter(_Setting)


class Provider:
    """Makes settings of the infrastructure true. Everything it does is an API call of the team's.

    Args:
        clients: with which it does.
        environment: where.
        foundation: what was laid there.
    """

    def __init__(self, clients: Clients, environment: Environment, foundation: Foundation) -> None:
        self._clients = clients
        self._environment = environment
        self._foundation = foundation

    def put(self, setting: bytes) -> str | None:
        """Make `setting` true.

        Args:
            setting: JSON, as ``{"type": "target_group", "values": {"health_check_path": "/health"}}``.

        Returns:
            Why it could not, in the words of AWS; None where it could.
        """
        try:
            self._put(_SETTING.validate_json(setting))
        except ValidationError as error:
            mistake = error.errors(include_url=False, include_input=False)[0]
            return f"The provider can't read the setting: {mistake['msg']} ({mistake['loc']})"
        except (ClientError, ValueError) as error:
            return str(error)
        return None

    def _put(self, setting: _Setting) -> None:
        match setting:
            case _TargetGroup(values=values):
                self._clients.elbv2.modify_target_group(
                    TargetGroupArn=self._foundation.target_group, HealthCheckPath=values.health_check_path
                )
            case _DatabaseUrl(values=values):
                self._clients.secretsmanager.put_secret_value(
                    SecretId=self._foundation.secret, SecretString=database.url(values.host)
                )
            case _LogGroup(values=values):
                self._clients.logs.put_retention_policy(
                    logGroupName=values.name, retentionInDays=values.retention_in_days
                )
            case _SecurityGroup(values=values):
                self._foundation.firewall.admit(values.ingress)
            case _Service(values=values):
                self._deploy(values.task_definition)

    def _deploy(self, task_definition: str) -> None:
        if not task_definition:
            return
        name = self._environment
        self._clients.ecs.update_service(
            cluster=name.cluster, service=name.service, taskDefinition=task_definition
        )

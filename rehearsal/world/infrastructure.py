"""The settings of the service's infrastructure that its repository keeps, and making them true in AWS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rehearsal.world import database

if TYPE_CHECKING:
    from rehearsal.world.clients import Clients
    from rehearsal.world.foundation import Foundation


@dataclass(frozen=True, slots=True)
class Settings:
    """What is set.

    Attributes:
        database_host: where tasks that start from now on look for the database.
        health_check_path: where the load balancer asks each task for its health.
    """

    database_host: str
    health_check_path: str


class Infrastructure:
    """What was laid for the service, as far as it can be set anew. Everything it does is an API call."""

    def __init__(self, clients: Clients, foundation: Foundation) -> None:
        self._clients = clients
        self._foundation = foundation

    def settings(self) -> Settings:
        """What is set in AWS now."""
        secret = self._clients.secretsmanager.get_secret_value(SecretId=self._foundation.secret)
        arns = [self._foundation.target_group]
        group = self._clients.elbv2.describe_target_groups(TargetGroupArns=arns)["TargetGroups"][0]
        return Settings(database.host_of(secret["SecretString"]), group["HealthCheckPath"])

    def apply(self, wanted: Settings) -> None:
        """Set it, where it isn't set already. No task is restarted by it."""
        now = self.settings()
        if wanted.database_host != now.database_host:
            self._clients.secretsmanager.put_secret_value(
                SecretId=self._foundation.secret, SecretString=database.url(wanted.database_host)
            )
        if wanted.health_check_path != now.health_check_path:
            self._clients.elbv2.modify_target_group(
                TargetGroupArn=self._foundation.target_group, HealthCheckPath=wanted.health_check_path
            )

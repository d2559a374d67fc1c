"""What can go missing from under a service, or be changed behind its back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from moto.ecs.models import ecs_backends

from rehearsal.aws import logs

if TYPE_CHECKING:
    from rehearsal.blueprint import Blueprint
    from rehearsal.world.clients import Clients
    from rehearsal.world.foundation import Foundation
    from rehearsal.world.team import Team
    from rehearsal.world.version import AppVersion
    from rollback.environment import Environment

PARAMETER_VALUE: Final = "rehearsed-nZuQMA9JOXE3ZA121p68bYqN"
"""What an SSM parameter holds; like no other word, since a scan looks for it (`rehearsal.secrets_scan`)."""


class Damage:
    """The ways in which scenarios break the world: API calls that somebody made, and time that has passed."""

    def __init__(
        self,
        clients: Clients,
        environment: Environment,
        blueprint: Blueprint,
        foundation: Foundation,
        team: Team,
    ) -> None:
        self._clients = clients
        self._environment = environment
        self._repository = blueprint.repository
        self._foundation = foundation
        self._team = team

    def deregister(self, revision: int) -> None:
        """Deregister a task definition: it becomes INACTIVE."""
        self._clients.ecs.deregister_task_definition(taskDefinition=self._team.named(revision))

    def delete_image(self, version: AppVersion) -> None:
        """Delete the image of `version` with all its tags, as a lifecycle policy does."""
        self._clients.ecr.batch_delete_image(
            repositoryName=self._repository, imageIds=[{"imageDigest": self._team.digests[version.name]}]
        )

    def move_tag(self, tag: str, version: AppVersion) -> None:
        """Have `tag` point to the image of `version`, as pushing to a mutable tag does."""
        self._team.push(version, tag=tag)

    def delete_secret(self, *, recoverable: bool = False) -> None:
        """Delete the service's secret: at once, or with a recovery window in which it can't be read."""
        if recoverable:
            self._clients.secretsmanager.delete_secret(
                SecretId=self._foundation.secret, RecoveryWindowInDays=7
            )
        else:
            self._clients.secretsmanager.delete_secret(
                SecretId=self._foundation.secret, ForceDeleteWithoutRecovery=True
            )

    def put_parameter(self, name: str) -> None:
        """Create an SSM parameter, for a release that names it among its secrets."""
        self._clients.ssm.put_parameter(Name=name, Value=PARAMETER_VALUE, Type="String", Overwrite=True)

    def delete_parameter(self, name: str) -> None:
        """Delete an SSM parameter."""
        self._clients.ssm.delete_parameter(Name=name)

    def delete_log_group(self) -> None:
        """Delete the log group that the containers write to."""
        self._clients.logs.delete_log_group(logGroupName=self._foundation.log_group)

    def move_logs_clock(self, seconds: float) -> None:
        """Let CloudWatch Logs have dated its events so many seconds ahead of everybody else all along, or behind."""
        logs.run_ahead(self._environment.account, self._environment.region, by=seconds)

    def delete_execution_role(self) -> None:
        """Delete the role with which ECS pulls images and reads secrets."""
        self._delete_role(self._foundation.execution_role)

    def delete_task_role(self) -> None:
        """Delete the role of the application itself."""
        self._delete_role(self._foundation.task_role)

    def forget_history(self) -> None:
        """Have ECS list no earlier deployment of the service, as of one whose deployments are all long ago.

        ECS keeps the last 90 days; to let these pass, a scenario would have to play them.
        """
        name = self._environment
        services: dict[str, Any] = ecs_backends[name.account][name.region].services
        services[f"{name.cluster}:{name.service}"].history.clear()

    def _delete_role(self, arn: str) -> None:
        self._clients.iam.delete_role(RoleName=arn.rpartition("/")[2])

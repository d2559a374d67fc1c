"""What the people of the team do with their service: release, deploy, scale, and build up a history."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Final, TypedDict
from unittest import mock

import botocore.waiter
from botocore.exceptions import WaiterError

from rehearsal.aws import ecr
from rehearsal.world import database
from rehearsal.world.version import Routes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_ecs.literals import DeploymentControllerTypeType
    from mypy_boto3_ecs.type_defs import (
        ContainerDefinitionUnionTypeDef,
        DeploymentCircuitBreakerTypeDef,
        LoadBalancerTypeDef,
        SecretTypeDef,
    )

    from rehearsal.blueprint import Blueprint
    from rehearsal.world.clients import Clients
    from rehearsal.world.foundation import Foundation
    from rehearsal.world.version import AppVersion
    from rollback.clock import Clock
    from rollback.environment import Environment

INGEST: Final = "rehearsed-11lWYjxCTwNDMpiZBBI3LyyL"
"""What every task definition has in the variable INGEST, whose name gives nothing away; like no other word, since a scan
looks for it (`rehearsal.secrets_scan`)."""


class _ServiceName(TypedDict):
    cluster: str
    service: str


class Team:
    """The team, with its own access to AWS. Everything it does is an API call.

    Attributes:
        revisions: the latest revision of each version that was released, by the version's name.
        digests: the digest of each version's image, by the version's name.
    """

    def __init__(
        self,
        clients: Clients,
        environment: Environment,
        blueprint: Blueprint,
        foundation: Foundation,
        clock: Clock,
    ) -> None:
        self._clients = clients
        self._clock = clock
        self._environment = environment
        self._blueprint = blueprint
        self._foundation = foundation
        self.revisions: dict[str, int] = {}
        self.digests: dict[str, str] = {}

    def push(self, version: AppVersion, *, tag: str | None = None) -> str:
        """Build and push the image of `version`, tagged with its name or `tag`; returns its digest.

        The application knows the paths that the environment asks it at.
        """
        built = replace(
            version, routes=Routes(self._blueprint.health_path, ("/", self._environment.probe.path))
        )
        digest = ecr.push(self._clients.ecr, self._blueprint.repository, built, tag=tag)
        self.digests[version.name] = digest
        return digest

    def release(
        self,
        version: AppVersion,
        *,
        tag: str | None = None,
        pinned: bool = False,
        container: str | None = None,
        port: int | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> int:
        """Push the image of `version` and register a task definition with it; nothing is deployed.

        Args:
            version: what is released.
            tag: the image's tag, if it is not the version's name.
            pinned: name the image by its digest instead of its tag.
            container: the container's name, if it is not the one the load balancer expects.
            port: the container's port, if it is not the one the load balancer expects.
            secrets: secrets and SSM parameters that this revision needs beside the service's one secret:
                the ARN or parameter name by environment variable.

        Returns:
            The number of the revision.
        """
        digest = self.push(version, tag=tag)
        return self.register(
            version,
            image=f"@{digest}" if pinned else f":{tag or version.name}",
            container=container,
            port=port,
            secrets=secrets,
        )

    def database_url(self) -> str:
        """Where the service's secret says that the database is."""
        secret = self._clients.secretsmanager.get_secret_value(SecretId=self._foundation.secret)
        return secret["SecretString"]

    def register(
        self,
        version: AppVersion,
        *,
        image: str = "",
        container: str | None = None,
        port: int | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> int:
        """Register a task definition with the image of `version`, whether it was pushed or not.

        Args:
            version: what it runs.
            image: the tag or digest of its image, with the sign before it; by default its name as a tag.
            container: see `release`.
            port: see `release`.
            secrets: see `release`.

        Returns:
            The number of the revision.
        """
        more: list[SecretTypeDef] = [
            {"name": name, "valueFrom": source} for name, source in (secrets or {}).items()
        ]
        definition: ContainerDefinitionUnionTypeDef = {
            "name": container or self._blueprint.container,
            "image": self._foundation.repository_uri + (image or f":{version.name}"),
            "essential": True,
            "portMappings": [{"containerPort": port or self._blueprint.port}],
            "environment": [{"name": "INGEST", "value": INGEST}],
            "secrets": [{"name": database.VARIABLE, "valueFrom": self._foundation.secret}, *more],
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": self._foundation.log_group,
                    "awslogs-region": self._environment.region,
                    "awslogs-stream-prefix": self._blueprint.container,
                },
            },
        }
        answer = self._clients.ecs.register_task_definition(
            family=self._environment.family,
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            executionRoleArn=self._foundation.execution_role,
            taskRoleArn=self._foundation.task_role,
            containerDefinitions=[definition],
        )
        revision = self.revisions[version.name] = answer["taskDefinition"]["revision"]
        return revision

    def create_service(
        self,
        revision: int,
        *,
        desired: int | None = None,
        controller: DeploymentControllerTypeType = "ECS",
    ) -> None:
        """Create the service as the blueprint has it, with `revision` as its first deployment."""
        blueprint, environment = self._blueprint, self._environment
        self._clients.ecs.create_service(
            cluster=environment.cluster,
            serviceName=environment.service,
            taskDefinition=self.named(revision),
            desiredCount=blueprint.desired_count if desired is None else desired,
            launchType="FARGATE",
            deploymentController={"type": controller},
            deploymentConfiguration={
                "minimumHealthyPercent": blueprint.minimum_healthy_percent,
                "maximumPercent": blueprint.maximum_percent,
                # AWS knows the circuit breaker for rolling deployments only.
                **(
                    {
                        "deploymentCircuitBreaker": _breaker(
                            blueprint.circuit_breaker, blueprint.circuit_breaker_rollback
                        )
                    }
                    if controller == "ECS"
                    else {}
                ),
            },
            healthCheckGracePeriodSeconds=blueprint.grace_period_seconds,
            loadBalancers=[self._balanced(blueprint.port)],
            networkConfiguration={
                "awsvpcConfiguration": {
                    "subnets": list(self._foundation.subnets),
                    "securityGroups": [self._foundation.firewall.service_group],
                }
            },
        )

    def deploy(self, revision: int, *, force: bool = False) -> None:
        """Update the service to `revision`; with `force` as a new deployment even if it runs already."""
        self._clients.ecs.update_service(
            **self._service, taskDefinition=self.named(revision), forceNewDeployment=force
        )

    def deploy_on_port(self, revision: int, port: int) -> None:
        """Update the service to `revision`, whose container listens on `port`, and its load balancer with it."""
        self._clients.ecs.update_service(
            **self._service, taskDefinition=self.named(revision), loadBalancers=[self._balanced(port)]
        )

    def stable(self) -> bool:
        """Wait as ``aws ecs wait services-stable`` does, and say whether that calls it a success.

        It is botocore's own waiter, unchanged, whose pauses pass on the stage's clock.
        """
        waiter = self._clients.ecs.get_waiter("services_stable")
        with mock.patch.object(botocore.waiter, "time", SimpleNamespace(sleep=self._clock.sleep)):
            try:
                waiter.wait(cluster=self._environment.cluster, services=[self._environment.service])
            except WaiterError:
                return False
        return True

    def scale(self, desired: int) -> None:
        """Change the desired count."""
        self._clients.ecs.update_service(**self._service, desiredCount=desired)

    def set_circuit_breaker(self, *, enable: bool, rollback: bool) -> None:
        """Turn the deployment circuit breaker on or off."""
        self._clients.ecs.update_service(
            **self._service, deploymentConfiguration={"deploymentCircuitBreaker": _breaker(enable, rollback)}
        )

    def keep_logs(self, *, days: int) -> None:
        """Change for how long the service's logs are kept, in the console."""
        self._clients.logs.put_retention_policy(logGroupName=self._foundation.log_group, retentionInDays=days)

    def delete_service(self) -> None:
        """Delete the service with all its tasks."""
        self._clients.ecs.delete_service(**self._service, force=True)

    def named(self, revision: int) -> str:
        """A revision as AWS takes it: ``family:41``."""
        return f"{self._environment.family}:{revision}"

    def _balanced(self, port: int) -> LoadBalancerTypeDef:
        return {
            "targetGroupArn": self._foundation.target_group,
            "containerName": self._blueprint.container,
            "containerPort": port,
        }

    @property
    def _service(self) -> _ServiceName:
        return {"cluster": self._environment.cluster, "service": self._environment.service}


def _breaker(enable: bool, rollback: bool) -> DeploymentCircuitBreakerTypeDef:  # noqa: FBT001 - AWS's two flags
    return {"enable": enable, "rollback": rollback}

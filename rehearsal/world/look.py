"""How the world is, asked of AWS and of the application itself, and of nothing that rolls back."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import requests
    from mypy_boto3_ecs.type_defs import ServiceTypeDef

    from rehearsal.world.application import Application
    from rehearsal.world.clients import Clients
    from rehearsal.world.foundation import Foundation
    from rollback.environment import Environment


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment of the service, as DescribeServices tells it.

    Attributes:
        id: ECS's own id of it.
        revision: what it deploys.
        status: ``PRIMARY`` or ``ACTIVE``.
        rollout: ``IN_PROGRESS``, ``COMPLETED`` or ``FAILED``.
        running: its tasks that run.
        pending: its tasks that are starting.
        failed: its tasks that never became healthy.
    """

    id: str
    revision: int
    status: str
    rollout: str
    running: int
    pending: int
    failed: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one HTTP request.

    Attributes:
        status: the status code.
        version: the version that answered; None where the load balancer did.
    """

    status: int
    version: str | None


class Look:
    """Read-only: for what a scenario finds in the world afterwards."""

    def __init__(
        self,
        clients: Clients,
        environment: Environment,
        foundation: Foundation,
        http: requests.Session,
        application: Application,
    ) -> None:
        self._clients = clients
        self._environment = environment
        self._foundation = foundation
        self._http = http
        self._application = application

    def deployments(self) -> list[Deployment]:
        """The deployments of the service, the PRIMARY one first."""
        return [
            Deployment(
                id=each["id"],
                revision=_revision(each["taskDefinition"]),
                status=each["status"],
                rollout=each.get("rolloutState", ""),
                running=each["runningCount"],
                pending=each["pendingCount"],
                failed=each.get("failedTasks", 0),
            )
            for each in self._service()["deployments"]
        ]

    def primary_revision(self) -> int:
        """The revision of the PRIMARY deployment: what ECS is bringing up or keeps running."""
        return next(each.revision for each in self.deployments() if each.status == "PRIMARY")

    def desired_count(self) -> int:
        """How many tasks the service is to run."""
        return self._service()["desiredCount"]

    def status(self) -> str:
        """``ACTIVE``, ``DRAINING`` or ``INACTIVE``."""
        return self._service()["status"]

    def events(self) -> list[str]:
        """The messages of the service's events, newest first."""
        return [event["message"] for event in self._service()["events"]]

    def running(self) -> dict[int, int]:
        """How many tasks of each revision are RUNNING."""
        ecs, name = self._clients.ecs, self._environment
        arns = ecs.list_tasks(cluster=name.cluster, serviceName=name.service)["taskArns"]
        tasks = ecs.describe_tasks(cluster=name.cluster, tasks=arns)["tasks"] if arns else []
        return dict(
            Counter(_revision(task["taskDefinitionArn"]) for task in tasks if task["lastStatus"] == "RUNNING")
        )

    def stopped_reasons(self) -> list[str]:
        """Why the service's stopped tasks were stopped, one for each task that ECS still shows."""
        ecs, name = self._clients.ecs, self._environment
        arns = ecs.list_tasks(cluster=name.cluster, serviceName=name.service, desiredStatus="STOPPED")[
            "taskArns"
        ]
        tasks = ecs.describe_tasks(cluster=name.cluster, tasks=arns)["tasks"] if arns else []
        return [task.get("stoppedReason", "") for task in tasks]

    def targets(self) -> dict[str, int]:
        """How many targets of the load balancer are in each state, as ``healthy`` or ``draining``."""
        answer = self._clients.elbv2.describe_target_health(TargetGroupArn=self._foundation.target_group)
        return dict(Counter(each["TargetHealth"]["State"] for each in answer["TargetHealthDescriptions"]))

    def history(self) -> list[tuple[int, str]]:
        """The service's deployments ever, newest first: the revision each deployed, and how it ended."""
        ecs, name = self._clients.ecs, self._environment
        deployments = ecs.list_service_deployments(cluster=name.cluster, service=name.service)[
            "serviceDeployments"
        ]
        if not deployments:
            return []
        wanted = list(dict.fromkeys(each["targetServiceRevisionArn"] for each in deployments))
        described = ecs.describe_service_revisions(serviceRevisionArns=wanted)["serviceRevisions"]
        revisions = {each["serviceRevisionArn"]: _revision(each["taskDefinition"]) for each in described}
        return [(revisions[each["targetServiceRevisionArn"]], each["status"]) for each in deployments]

    def ask(self, times: int = 1, *, path: str | None = None) -> list[Answer]:
        """Ask the application over HTTP, at the environment's URL. It takes no time on the clock.

        Args:
            times: how many requests.
            path: where, if not at the path that the environment is probed at.
        """
        probe = self._environment.probe
        url = self._environment.url + (path or probe.path)
        return [self._answer(self._http.get(url, timeout=10), probe.field) for _ in range(times)]

    def at_once(self) -> Answer:
        """What one request would be answered at this moment, without a connection."""
        probe = self._environment.probe
        host = urlsplit(self._environment.url).hostname or ""
        reply = self._application.answer(host, probe.path)
        body = json.loads(reply.body) if reply.content_type == "application/json" else {}
        return Answer(reply.status, body.get(probe.field))

    @staticmethod
    def _answer(response: requests.Response, field: str) -> Answer:
        is_json = response.headers.get("Content-Type") == "application/json"
        return Answer(response.status_code, response.json().get(field) if is_json else None)

    def _service(self) -> ServiceTypeDef:
        name = self._environment
        return self._clients.ecs.describe_services(cluster=name.cluster, services=[name.service])["services"][
            0
        ]


def _revision(arn: str) -> int:
    return int(arn.rpartition(":")[2])

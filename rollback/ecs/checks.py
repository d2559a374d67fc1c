"""The checks of a plan that need no look beyond the service and the task definition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rollback.ecs import by_hand
from rollback.plan import Finding, ok, refusal, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_ecs.type_defs import TaskDefinitionTypeDef

    from rollback.access import Access
    from rollback.ecs.history import History
    from rollback.ecs.model import Revision, Service
    from rollback.environment import Environment


def region_findings(environment: Environment, access: Access) -> Iterator[Finding]:
    """Refuse, before any call, to work in another region than the environment's."""
    if access.aws.region != environment.region:
        yield refusal(
            "region",
            f"This session is in another region, {access.aws.region}, than {environment.name}, {environment.region}.",
            "Set the region of the environment.",
            f"export AWS_REGION={environment.region}",
        )


def account_findings(environment: Environment, access: Access) -> Iterator[Finding]:
    """Ask STS who we are, and refuse any other account than the environment's."""
    identity = access.aws.sts.get_caller_identity()
    if identity["Account"] == environment.account:
        yield ok("account", f"{identity['Arn']} in {environment.region}, as {environment.name} has it.")
    else:
        yield refusal(
            "account",
            f"These credentials are of another account, {identity['Account']} ({identity['Arn']}), "
            f"than {environment.name}, {environment.account}.",
            f"Use credentials of the environment's own account, {environment.account}.",
            by_hand.who_am_i(),
        )


def where_findings(environment: Environment, access: Access) -> Iterator[Finding]:
    """What every plan looks at first: the region and, unless it is the wrong one, the account."""
    region = tuple(region_findings(environment, access))
    yield from region or account_findings(environment, access)


def service_findings(environment: Environment, service: Service) -> Iterator[Finding]:
    """Whether this service can be rolled back in this way at all."""
    if service.status != "ACTIVE":
        yield refusal(
            "service-active",
            f"{service.name} is {service.status}, so it takes no deployment.",
            "Create the service again; a rollback can't bring it back.",
        )
    if service.controller != "ECS":
        yield _other_controller(environment, service)
    if service.desired == 0:
        yield refusal(
            "desired-count",
            f"{service.name} has a desired count of 0: nothing runs, so a rollback would prove nothing.",
            "Scale it up first, then look whether it still needs a rollback.",
            by_hand.scale_up(environment),
        )
    elif service.status == "ACTIVE":
        yield ok(
            "service",
            f"{service.name} is ACTIVE and runs {service.running} of {service.desired} tasks: {service.runs}.",
        )
    if (primary := service.in_progress) is not None:
        yield warning(
            "deployment-in-progress",
            f"A deployment of {primary.revision} is still in progress "
            f"({primary.running} of {primary.desired} running, {primary.failed} failed).",
            "The rollback will end it. Make sure that nobody is waiting for it.",
        )
    if not service.breaker and service.controller == "ECS":
        yield warning(
            "circuit-breaker",
            "The deployment circuit breaker is off: ECS would try a revision that can't start for ever.",
            "Watch the rollback; it ends by its deadline at the latest.",
        )


def _other_controller(environment: Environment, service: Service) -> Finding:
    if service.controller == "CODE_DEPLOY":
        return refusal(
            "deployment-controller",
            f"{service.name} is deployed by CodeDeploy, which alone may change its revision.",
            "Stop and roll back the CodeDeploy deployment.",
            *by_hand.stop_codedeploy(environment),
        )
    return refusal(
        "deployment-controller",
        f"{service.name} has the deployment controller {service.controller}, so ECS doesn't deploy it.",
        "Roll back with the tool that owns its tasks.",
        by_hand.describe_task_sets(environment),
    )


def target_findings(
    environment: Environment,
    target: Revision,
    past: History,
    service: Service,
    *,
    copied: bool,
    register_copy: bool,
) -> Iterator[Finding]:
    """Whether ECS takes the target, and whether going there changes anything."""
    if not copied:
        yield ok("target-active", f"{target} is ACTIVE.")
    elif register_copy:
        yield warning(
            "target-active",
            f"{target} is INACTIVE; a copy of it will be registered as a new revision.",
            "Find out who deregisters revisions, and have them keep the last few.",
        )
    else:
        yield refusal(
            "target-active",
            f"{target} is INACTIVE: somebody deregistered it, and ECS refuses to deploy it.",
            "Have a copy of it registered (register_copy), or name another revision.",
            *by_hand.deploy_copy(environment, target),
        )
    here, there = past.of(service.revision), past.of(target)
    if here and there and here.images and here.images == there.images:
        yield warning(
            "images-differ",
            f"{target} runs the very same images as {service.revision}.",
            "If the fault is in the image, go back further.",
        )


def container_fits(definition: TaskDefinitionTypeDef, service: Service) -> Iterator[Finding]:
    """Whether the target has the container and port that the load balancer sends requests to."""
    containers = {c["name"]: c for c in definition["containerDefinitions"]}
    for entry in service.load_balancers:
        container = containers.get(entry.container)
        ports = {m.get("containerPort") for m in container.get("portMappings", ())} if container else set()
        if entry.port in ports:
            yield ok("load-balancer", f"The container {entry.container} listens on port {entry.port}.")
        else:
            lacks = "listens on another port" if container else "does not exist in it"
            yield refusal(
                "load-balancer",
                f"The load balancer sends requests to the container {entry.container} on port {entry.port}, "
                f"but in {definition['family']}:{definition['revision']} it {lacks}.",
                "Go back to a revision that fits, or change the service's load balancer with it.",
            )

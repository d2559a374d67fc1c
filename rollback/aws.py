"""The hands on AWS: clients whose every call is journaled, retried on the clock, and explained."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from botocore.client import ClientMeta
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.validate import ParamValidator

from rollback.aws_errors import (
    explained,
    explained_exception,
    is_server_error,
    is_throttling,
    malformed,
    never_sent,
)
from rollback.errors import Unavailable
from rollback.journal import Json, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from botocore.client import BaseClient
    from botocore.hooks import BaseEventHooks
    from botocore.model import OperationModel
    from mypy_boto3_acm import ACMClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_rds import RDSClient
    from mypy_boto3_route53 import Route53Client
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_sts import STSClient

    from rollback.clock import Clock
    from rollback.journal import Journal

ATTEMPTS: Final = 5
"""How often a call is tried. The pauses between are 1, 2, 4 and 8 seconds."""

READS: Final = ("Describe", "List", "Get", "BatchGet", "BatchCheck", "Head", "Lookup", "Filter", "Simulate")
SECRET_NAMES: Final = (
    "apikey",
    "api_key",
    "authorization",
    "credential",
    "passphrase",
    "password",
    "passwd",
    "privatekey",
    "private_key",
    "secretbinary",
    "secretstring",
    "token",
)
"""What is under a name that holds one of these is hidden, whatever it is."""

FREE_TEXT: Final = ("command", "dockerlabels", "entrypoint", "environment", "options", "value")
"""Where a task definition holds what its author likes: its keys stay readable, its texts are hidden."""

HIDDEN: Final = "***"

PRESIGNED: Final = "GeneratePresignedUrl"
"""What a guard is asked for instead of the operation, where a call isn't made but signed for somebody else."""


class Guard(Protocol):
    """Stands before every call, before anything of it is recorded or sent."""

    def __call__(self, operation: str, /) -> None:
        """Let `operation`, as ``ecs:UpdateService``, go on, or refuse it by raising a `RollbackError`."""
        ...


class ClientFactory(Protocol):
    """Makes, or hands out again, the client of a service."""

    def __call__(self, service_name: str, /) -> BaseClient:
        """The client of `service_name`, configured with `client_config`."""
        ...


def client_config() -> Config:
    """What every client must be made with: `Aws` itself retries, on the clock."""
    return Config(
        retries={"total_max_attempts": 1, "mode": "standard"},
        connect_timeout=5,
        read_timeout=20,
    )


def is_read(operation: str) -> bool:
    """Whether an operation only looks, going by AWS's naming of operations."""
    return operation.startswith(READS)


class Aws:
    """The clients of one account and region, each with its door watched.

    Every call is journaled: one that may change something before it goes out and after it came
    back, a read, with its parameters, after it came back. Throttling, and for reads also 5xx and lost connections, are
    retried with growing pauses on the clock. A mutating call that may have been done is never
    repeated blindly. What remains is raised as an `rollback.errors.AwsError`.

    Args:
        clients: makes the clients, or hands out shared ones: another `Aws` sees nothing of the calls made here.
        region: where they work.
        journal: where the calls are recorded.
        clock: what retries wait by.
        guards: what stands before every call, in this order.

    Attributes:
        region: where the clients work.
        clients: what makes them.
    """

    def __init__(
        self,
        clients: ClientFactory,
        *,
        region: str,
        journal: Journal,
        clock: Clock,
        guards: Sequence[Guard] = (),
    ) -> None:
        self.region = region
        self.clients = clients
        self._journal = journal
        self._clock = clock
        self._guards = tuple(guards)
        self._attempts = ATTEMPTS
        self._clients: dict[str, BaseClient] = {}
        self._shared: list[BaseClient] = []

    @property
    def acm(self) -> ACMClient:
        """AWS Certificate Manager."""
        return cast("ACMClient", self._client("acm"))

    @property
    def cloudwatch(self) -> Any:
        """Amazon CloudWatch, of which only alarms are read."""
        return self._client("cloudwatch")

    @property
    def dynamodb(self) -> DynamoDBClient:
        """Amazon DynamoDB."""
        return cast("DynamoDBClient", self._client("dynamodb"))

    @property
    def ecr(self) -> ECRClient:
        """Amazon ECR."""
        return cast("ECRClient", self._client("ecr"))

    @property
    def ecs(self) -> ECSClient:
        """Amazon ECS."""
        return cast("ECSClient", self._client("ecs"))

    @property
    def elbv2(self) -> ElasticLoadBalancingv2Client:
        """Elastic Load Balancing (application load balancers)."""
        return cast("ElasticLoadBalancingv2Client", self._client("elbv2"))

    @property
    def iam(self) -> IAMClient:
        """AWS IAM."""
        return cast("IAMClient", self._client("iam"))

    @property
    def logs(self) -> CloudWatchLogsClient:
        """Amazon CloudWatch Logs."""
        return cast("CloudWatchLogsClient", self._client("logs"))

    @property
    def rds(self) -> RDSClient:
        """Amazon RDS."""
        return cast("RDSClient", self._client("rds"))

    @property
    def route53(self) -> Route53Client:
        """Amazon Route 53, which has no region."""
        return cast("Route53Client", self._client("route53"))

    @property
    def s3(self) -> S3Client:
        """Amazon S3."""
        return cast("S3Client", self._client("s3"))

    @property
    def secretsmanager(self) -> SecretsManagerClient:
        """AWS Secrets Manager."""
        return cast("SecretsManagerClient", self._client("secretsmanager"))

    @property
    def ssm(self) -> SSMClient:
        """AWS Systems Manager."""
        return cast("SSMClient", self._client("ssm"))

    @property
    def sts(self) -> STSClient:
        """AWS STS."""
        return cast("STSClient", self._client("sts"))

    @contextmanager
    def tried_once(self) -> Iterator[None]:
        """Within this block calls are not retried: for a loop that comes back by itself."""
        before, self._attempts = self._attempts, 1
        try:
            yield
        finally:
            self._attempts = before

    def guarded(self, guard: Guard) -> Aws:
        """The same hands, with `guard` before every call, after the guards that stand there already."""
        return Aws(
            self.clients,
            region=self.region,
            journal=self._journal,
            clock=self._clock,
            guards=(*self._guards, guard),
        )

    def close(self) -> None:
        """Take the hooks off the clients, which may be shared."""
        for shared in self._shared:
            shared.meta.events.unregister(_RETRIES, unique_id=self._unique)
        self._shared.clear()
        self._clients.clear()

    def _client(self, service: str) -> BaseClient:
        client = self._clients.get(service)
        if client is None:
            shared = self._made(service)
            # The one event of ours that isn't the client's but its endpoint's, which the copies share.
            retry: Any = self._needs_retry
            shared.meta.events.register_last(_RETRIES, retry, unique_id=self._unique)
            self._shared.append(shared)
            client = self._clients[service] = _with_events(shared, self._hooks())
        return client

    def _made(self, service: str) -> BaseClient:
        try:
            return self.clients(service)
        except BotoCoreError as error:
            ours = explained_exception(service, error)
            raise ours or error from error

    def _hooks(self) -> dict[str, Callable[..., object]]:
        return {
            "before-parameter-build": self._checked,
            "before-call": self._before,
            "after-call": self._after,
            "after-call-error": self._after_error,
        }

    @property
    def _unique(self) -> str:
        return f"rollback-{id(self)}"

    def _checked(
        self, params: Mapping[str, Any], model: OperationModel, context: dict[str, Any], **_: Any
    ) -> None:
        operation = _name(model)
        presigned = context.get("is_presign_request", False)
        for guard in self._guards:
            guard(f"{model.service_model.service_name}:{PRESIGNED}" if presigned else operation)
        if model.input_shape is not None:
            report = ParamValidator().validate(params, model.input_shape)
            if report.has_errors():
                raise malformed(operation, report.generate_report())
        context["rollback_aws"] = self
        context["rollback_operation"] = operation
        context["rollback_parameters"] = params

    def _before(self, model: OperationModel, context: dict[str, Any], **_: Any) -> None:
        parameters = redacted(context.pop("rollback_parameters", {}))
        context["rollback_began"] = self._clock.monotonic()
        if is_read(model.name):
            context["rollback_asked"] = {"parameters": parameters} if parameters else {}
        else:
            self._journal.record(Kind.CALL, _name(model), parameters=parameters)

    def _after(
        self, http_response: Any, parsed: Mapping[str, Any], context: dict[str, Any], **_: Any
    ) -> None:
        status = int(http_response.status_code)
        error = parsed.get("Error", {}) if status >= 300 else {}  # noqa: PLR2004
        code = str(error.get("Code", ""))
        self._answered(context, status=status, **({"error": code} if code else {}))
        if status >= 300:  # noqa: PLR2004
            raise explained(context["rollback_operation"], code, str(error.get("Message", "")), status)

    def _after_error(self, exception: BaseException, context: dict[str, Any], **_: Any) -> None:
        self._answered(context, failed=type(exception).__name__)
        ours = explained_exception(context.get("rollback_operation", "aws:?"), exception)
        if ours is not None:
            raise ours from exception

    def _answered(self, context: Mapping[str, Any], **detail: Json) -> None:
        if "rollback_began" not in context:
            return
        seconds = round(self._clock.monotonic() - context["rollback_began"], 3)
        asked = context.get("rollback_asked", {})
        self._journal.record(Kind.ANSWER, context["rollback_operation"], **detail, seconds=seconds, **asked)

    def _needs_retry(
        self,
        response: tuple[Any, Mapping[str, Any]] | None,
        operation: OperationModel,
        attempts: int,
        caught_exception: BaseException | None,
        request_dict: Mapping[str, Any],
        **_: Any,
    ) -> float | None:
        """Wait on the clock and have botocore try again at once (0), or let it be (None)."""
        if request_dict["context"].get("rollback_aws") is not self:
            return None
        if attempts >= self._attempts or not _may_be_repeated(operation.name, response, caught_exception):
            return None
        pause = 2 ** (attempts - 1)
        self._journal.record(
            Kind.OBSERVATION,
            f"{_name(operation)} failed ({_reason(response, caught_exception)}); trying again in {pause} s.",
        )
        self._clock.sleep(pause)
        return 0


_RETRIES: Final = "needs-retry.*.*"


class _Events:
    """The events of a client that others use as well, and after each of them a hook that they don't see.

    Last, so that what botocore itself adds to the parameters is seen.
    """

    def __init__(self, shared: Any, hooks: Mapping[str, Callable[..., object]]) -> None:
        self._shared = shared
        self._hooks = hooks

    def emit(self, event_name: str, **kwargs: Any) -> list[tuple[Any, Any]]:
        """What each of those who listen says to it."""
        said: list[Any] = list(self._shared.emit(event_name, **kwargs))
        hook = self._hooks.get(event_name.partition(".")[0])
        return [*said, (hook, hook(**kwargs))] if hook else said

    def emit_until_response(self, event_name: str, **kwargs: Any) -> tuple[Any, Any]:
        """The first answer that somebody gives instead of AWS."""
        hook = self._hooks.get(event_name.partition(".")[0])
        handler, response = self._shared.emit_until_response(event_name, **kwargs)
        if response is None and hook is not None:
            return hook, hook(**kwargs)
        return handler, response

    def __getattr__(self, name: str) -> Any:
        return getattr(self._shared, name)


def _with_events(client: BaseClient, hooks: Mapping[str, Callable[..., object]]) -> BaseClient:
    """The same client, but for the hooks: making another one would take up to 130 ms."""
    meta = client.meta
    own: BaseClient = object.__new__(type(client))
    # Not by `copy`: a client answers to any name, also to those by which `copy` asks.
    own.__dict__.update(client.__dict__)
    own.meta = ClientMeta(
        cast("BaseEventHooks", _Events(meta.events, hooks)),
        meta.config,
        meta.endpoint_url,
        meta.service_model,
        meta.method_to_api_mapping,
        meta.partition,
    )
    return own


def _name(model: OperationModel) -> str:
    return f"{model.service_model.service_name}:{model.name}"


def _reason(response: tuple[Any, Mapping[str, Any]] | None, error: BaseException | None) -> str:
    if response is None:
        return type(error).__name__
    http_response, parsed = response
    return str(parsed.get("Error", {}).get("Code") or f"HTTP {http_response.status_code}")


def _may_be_repeated(
    operation: str, response: tuple[Any, Mapping[str, Any]] | None, error: BaseException | None
) -> bool:
    if response is not None:
        http_response, parsed = response
        code = str(parsed.get("Error", {}).get("Code", ""))
        return is_throttling(code) or (is_read(operation) and is_server_error(http_response.status_code))
    if error is None:
        return False
    return never_sent(error) or (
        is_read(operation) and isinstance(explained_exception(operation, error), Unavailable)
    )


def redacted(value: Any, name: str = "", *, hidden: bool = False) -> Json:
    """Parameters of a call as they may be recorded: what may hold a secret is `***`.

    Names stay readable, also those of a container's environment variables.

    Args:
        value: a parameter.
        name: what it is called.
        hidden: whether it is part of something that may hold a secret.
    """
    lower = name.lower()
    hidden = hidden or lower in FREE_TEXT or any(secret in lower for secret in SECRET_NAMES)
    if isinstance(value, dict):
        named = {"name", "value"} <= value.keys()
        return {
            key: redacted(item, key, hidden=hidden and not (named and key == "name"))
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [redacted(item, hidden=hidden) for item in value]
    if hidden or isinstance(value, bytes | bytearray):
        return HIDDEN
    return value if isinstance(value, bool | int | float | str | None) else str(value)

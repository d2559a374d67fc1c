"""The stage whose S3, STS, ACM, Route 53, IAM and Logs are LocalStack's."""

from __future__ import annotations

import functools
import io
import re
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NoReturn, cast
from urllib.parse import unquote, urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session
from urllib3 import HTTPHeaderDict, HTTPResponse

from rehearsal.embedded import EmbeddedStage
from rehearsal.localstack import finding
from rehearsal.localstack.bucket import ApiS3
from rehearsal.localstack.finding import SERVICES
from rehearsal.remote.beyond import beyond
from rehearsal.world.world import World
from rollback.aws import is_read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rehearsal.blueprint import Blueprint
    from rehearsal.doors import Call
    from rehearsal.served import Served, Wsgi
    from rehearsal.stage import StageFactory
    from rehearsal.world.state_house import StateHouse
    from rollback.environment import Environment, Environments

MIRRORED: Final = frozenset({"iam", "logs"})
"""Of what the team makes there, LocalStack is told as well: ECS looks for it on the stage, the operator in LocalStack."""
_CREDENTIAL: Final = re.compile(r"Credential=([^/,]+)/([^/]+)/([^/]+)/([^/]+)/")
_S3_HOST: Final = re.compile(r"(?:(?P<bucket>.+)\.)?s3[.-].*")


class LocalstackWorld(World):
    """A world whose state is in LocalStack's S3."""

    stage: LocalstackStage

    @functools.cached_property
    def state(self) -> StateHouse:
        """Where the infrastructure's Terraform state is kept; it is empty until it is opened."""
        from rehearsal.world.state_house import StateHouse  # noqa: PLC0415 - few rehearsals need it

        s3 = self.stage.s3

        class House(StateHouse):
            @property
            def _s3(self) -> Any:
                return s3

            def never_version(self) -> None:
                beyond("an S3 whose past can be changed (never_version)")

            def require_past(self) -> None:
                beyond("versions of the state of last week")

        return self.state_in(House)

    @property
    def certificates(self) -> NoReturn:
        """LocalStack issues a certificate whatever the zone says."""
        beyond("world.certificates")


class LocalstackStage(EmbeddedStage):
    """The stage of this process, of whose AWS the operator asks a part of LocalStack, and the rest over HTTP.

    Its time begins at the present, since S3 dates what it keeps. One such stage is open at a time for a LocalStack:
    buckets are one world for all accounts. What it made there is taken away when it is closed.
    """

    name: Final = "localstack"  # type: ignore[misc] # another stage, another name

    def __init__(
        self, environment: Environment, blueprint: Blueprint, *, seed: int, directory: Path, url: str
    ) -> None:
        self._localstack = url
        self._served: Served | None = None
        start = datetime.now(UTC).replace(microsecond=0)
        super().__init__(environment, blueprint, seed=seed, directory=directory, start=start)
        self._served = self._undo.enter_context(self.serve())
        self.operator.interceptors += [self._refuse_log_events, self._delete_on_a_condition]
        self._team.interceptors.append(self._mirror)
        self.s3 = ApiS3(self._client("s3"))
        self._clean()
        self._undo.callback(self._clean)

    def world(self) -> LocalstackWorld:
        """The service of the environment, not yet created, with everything it stands on."""
        return LocalstackWorld(self)

    def aws_application(self) -> Wsgi:
        """What answers programs for AWS: LocalStack where it is asked for S3."""
        from rehearsal.localstack.forwarding import forwarding  # noqa: PLC0415 - few rehearsals need it

        return forwarding(super().aws_application(), self._localstack, account=self.environment.account)

    def _answer_operator(self, request: AWSPreparedRequest) -> AWSResponse:
        """Over HTTP, to whoever serves it."""
        if self._served is None:
            return self._answer(request)
        key, service = _signed(request)
        if service not in SERVICES:
            return _send(request, self._served.url)
        return _send(request, self._localstack, instead=(key, self._account))

    def _refuse_log_events(self, call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        if call.operation in {"logs:FilterLogEvents", "logs:GetLogEvents", "logs:StartQuery"}:
            beyond("the application's own logs, which it writes to the stage's")
        return proceed()

    def _delete_on_a_condition(self, call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        """Do what LocalStack 4.14 doesn't: it answers a DeleteObject with ``If-Match`` by NotImplemented.

        Looking and deleting are two steps here, and one in S3.
        """
        wanted: Any = call.request.headers.get("If-Match")
        if call.operation != "s3:DeleteObject" or wanted is None:
            return proceed()
        bucket, _, key = unquote(self._path(call.request)).lstrip("/").partition("/")
        tag = wanted.decode() if isinstance(wanted, bytes) else str(wanted)
        if self.s3.tag(bucket, key).strip('"') != tag.strip('"'):
            return _precondition_failed(call.request.url)
        del call.request.headers["If-Match"]
        return proceed()

    @staticmethod
    def _path(request: AWSPreparedRequest) -> str:
        return urlsplit(_at(request.url, "http://localhost")).path

    def _mirror(self, call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        answer = proceed()
        service, _, operation = call.operation.partition(":")
        if service in MIRRORED and not is_read(operation):
            key, _ = _signed(call.request)
            _send(call.request, self._localstack, instead=(key, self.environment.account))
        return answer

    @property
    def _account(self) -> str:
        """That of the keys that the operator signs with."""
        return self._keys.arn.split(":")[4]

    def _client(self, service: str) -> Any:
        """A client of LocalStack's, in the environment's account."""
        return _client(self._localstack, self.environment.account, self.environment.region, service)

    def _clean(self) -> None:
        """Take away what a rehearsal leaves in LocalStack, by the names that only this environment's rehearsals use."""
        self.s3.delete_bucket(self.environment.state_bucket)
        iam, logs = self._client("iam"), self._client("logs")
        for role in ("execution", "task"):
            with suppress(ClientError):
                iam.delete_role(RoleName=f"{self.environment.family}-{role}")
        with suppress(ClientError):
            logs.delete_log_group(logGroupName=f"/ecs/{self.environment.family}")


def localstack(_: Environments) -> StageFactory:
    """What opens stages that share the one LocalStack of this run.

    Raises:
        ConfigurationError: there is none, and none can be started.
    """
    return cast("StageFactory", functools.partial(LocalstackStage, url=finding.found()))


@functools.cache
def _client(url: str, account: str, region: str, service: str) -> Any:
    """A client of LocalStack's, made once: its access key is the account's id, as LocalStack takes it."""
    from localstack_client.session import Session  # noqa: PLC0415 - few runs need it

    session = Session(  # type: ignore[no-untyped-call] # it has no annotations
        aws_access_key_id=account,
        aws_secret_access_key="rehearsal",  # noqa: S106 - it opens nothing
        region_name=region,
        localstack_host=urlsplit(url).netloc,
    )
    return session.client(service)  # type: ignore[no-untyped-call]


@functools.cache
def _http() -> URLLib3Session:
    return URLLib3Session()


def _signed(request: AWSPreparedRequest) -> tuple[str, str]:
    """The access key with which a request is signed, and for which service."""
    header: Any = request.headers.get("Authorization", "")
    text = header.decode() if isinstance(header, bytes) else str(header)
    match = _CREDENTIAL.search(text)
    return (match[1], match[4]) if match else ("", "")


def _at(url: str, base: str) -> str:
    """An address of AWS's at `base`, with the bucket of S3 in its path."""
    parts, place = urlsplit(url), urlsplit(base)
    host = _S3_HOST.fullmatch(parts.hostname or "")
    bucket = f"/{host['bucket']}" if host and host["bucket"] else ""
    return parts._replace(scheme=place.scheme, netloc=place.netloc, path=bucket + parts.path).geturl()


def _precondition_failed(url: str) -> AWSResponse:
    """As S3 says it (Amazon S3 API reference, "Error responses")."""
    said = b"<Error><Code>PreconditionFailed</Code><Message>At least one of the pre-conditions you specified did not "
    body = io.BytesIO(said + b"hold</Message><Condition>If-Match</Condition></Error>")
    raw = HTTPResponse(body, status=HTTPStatus.PRECONDITION_FAILED, preload_content=False)
    return AWSResponse(
        url,
        HTTPStatus.PRECONDITION_FAILED,
        cast("Any", HTTPHeaderDict({"Content-Type": "application/xml"})),
        raw,
    )


def _send(request: AWSPreparedRequest, base: str, *, instead: tuple[str, str] = ("", "")) -> AWSResponse:
    """Send a request that was meant for AWS to `base`, perhaps with another access key in its signature."""
    headers: Any = cast("Any", request.headers).copy()
    key, other = instead
    if key and other:
        said: Any = headers["Authorization"]
        text = said.decode() if isinstance(said, bytes) else str(said)
        headers["Authorization"] = text.replace(key, other, 1)
    prepared = AWSPreparedRequest(
        request.method, _at(request.url, base), headers, request.body, stream_output=request.stream_output
    )
    answer: AWSResponse = _http().send(prepared)
    return answer

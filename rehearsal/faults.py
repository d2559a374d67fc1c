"""Making AWS misbehave for the operator, from outside: rollback code can't tell it from the real thing."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, cast
from xml.sax.saxutils import escape

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from urllib3 import HTTPResponse

from rollback.aws import client_config

if TYPE_CHECKING:
    from collections.abc import Callable

    from rehearsal.doors import Call
    from rehearsal.embedded import EmbeddedStage

_NAMESPACES: Final = {
    "elbv2": "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
    "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
    "rds": "http://rds.amazonaws.com/doc/2014-10-31/",
    "route53": "https://route53.amazonaws.com/doc/2013-04-01/",
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
}
"""The services of the query protocol, and Route 53, whose errors are XML; the others answer in JSON."""

_FAILURES: Final = {
    "dynamodb": (
        "InternalServerError",
        "The server encountered an internal error trying to fulfill the request.",
    ),
    "ecr": ("ServerException", "These errors are usually caused by a server-side issue."),
    "ecs": ("ServerException", "Service Unavailable. Please try again later."),
    "logs": ("ServiceUnavailableException", "The service cannot complete the request."),
    "secretsmanager": ("InternalServiceError", "An error occurred on the server side."),
    "ssm": ("InternalServerError", "An error occurred on the server side."),
}
_OF_S3: Final = {
    "throttled": ("SlowDown", 503),
    "access denied": ("AccessDenied", 403),
    "expired token": ("ExpiredToken", 400),
}
"""What S3 calls them (Amazon S3 API reference, "Error responses"); its errors are XML of their own."""
_FAILURE: Final = (
    "InternalFailure",
    "The request processing has failed because of an unknown error, exception or failure.",
)
_ACTIONS: Final = {"elbv2": "elasticloadbalancing"}
"""What IAM calls a service, where boto3 calls it something else."""


class Kind(StrEnum):
    """What happens to a call."""

    THROTTLED = "throttled"
    INTERNAL_ERROR = "internal error"
    TIMEOUT_BEFORE = "timeout before the effect"
    TIMEOUT_AFTER = "timeout after the effect"
    CONNECT_TIMEOUT = "no connection in time"
    CONNECTION_REFUSED = "connection refused"
    ACCESS_DENIED = "access denied"
    EXPIRED = "expired token"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What goes wrong, where, and for how long.

    It strikes at the `occurrence`-th call of `operation`, or of all calls where no operation is named,
    and from there on at each attempt of that operation, or of any, whether a retry or a call of its own:
    until it has struck `times` times, and only between two moments.

    Attributes:
        kind: what happens.
        operation: as ``ecs:UpdateService``; an empty string means any.
        occurrence: 1 for the first call since the stage was opened.
        times: how many attempts it strikes at; None means for good.
        from_second: the moment before which it doesn't strike, in virtual seconds on the stage's clock.
        until_second: the moment from which it strikes no more; None means never.
    """

    kind: Kind
    operation: str = ""
    occurrence: int = 1
    times: int | None = None
    from_second: float = 0.0
    until_second: float | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A call that went out.

    Attributes:
        operation: as ``ecs:UpdateService``.
        occurrence: 1 for the first call of that operation.
    """

    operation: str
    occurrence: int

    def __str__(self) -> str:
        return f"{self.operation}#{self.occurrence}"


def inject(stage: EmbeddedStage, fault: Fault) -> None:
    """Have `fault` happen to the calls of every access of `stage`, until the stage is closed.

    Calls are counted from the stage's opening. Of two faults at one call the first that was injected
    strikes.
    """
    stage.operator.interceptors.append(_Struck(stage, fault))


def record(stage: EmbeddedStage) -> list[Recorded]:
    """A list that grows with every call of every access of `stage` from now on; retries are no calls."""
    calls: list[Recorded] = []

    def note(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        if call.attempt == 1:
            calls.append(Recorded(call.operation, call.occurrence))
        return proceed()

    stage.operator.interceptors.append(note)
    return calls


@dataclass(slots=True)
class _Struck:
    """A fault on its stage, and how often it has struck."""

    stage: EmbeddedStage
    fault: Fault
    strikes: int = 0

    def __call__(self, call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        if not self._strikes(call):
            return proceed()
        self.strikes += 1
        match self.fault.kind:
            case Kind.TIMEOUT_AFTER:
                proceed()
                self._wait()
                raise ReadTimeoutError(endpoint_url=call.request.url)
            case Kind.TIMEOUT_BEFORE:
                self._wait()
                raise ReadTimeoutError(endpoint_url=call.request.url)
            case Kind.CONNECT_TIMEOUT:
                self.stage.clock.sleep(_CONFIG.connect_timeout)
                raise ConnectTimeoutError(endpoint_url=call.request.url)
            case Kind.CONNECTION_REFUSED:
                raise EndpointConnectionError(endpoint_url=call.request.url)
            case kind:
                return _error(call, kind, self.stage.operator.arn)

    def _strikes(self, call: Call) -> bool:
        fault, now = self.fault, self.stage.clock.monotonic()
        if self.strikes == fault.times or now < fault.from_second:
            return False
        if fault.until_second is not None and now >= fault.until_second:
            return False
        if not fault.operation:
            return call.number >= fault.occurrence
        return call.operation == fault.operation and call.occurrence >= fault.occurrence

    def _wait(self) -> None:
        """A caller waits for an answer as long as its client's configuration says."""
        self.stage.clock.sleep(_CONFIG.read_timeout)


_CONFIG: Final = cast("Any", client_config())


def _error(call: Call, kind: Kind, caller: str) -> AWSResponse:
    """An error in AWS's own words, in the protocol of the service.

    Sources: the errors of each service's API reference, "Common Errors" of the query services, and
    "Troubleshoot access denied error messages" of the IAM user guide.
    """
    service, _, action = call.operation.partition(":")
    xml = service in _NAMESPACES
    match kind:
        case Kind.THROTTLED:
            status, code, message = 400, "Throttling" if xml else "ThrottlingException", "Rate exceeded"
        case Kind.ACCESS_DENIED:
            status, code = (403, "AccessDenied") if xml else (400, "AccessDeniedException")
            action = f"{_ACTIONS.get(service, service)}:{action}"
            message = (
                f"User: {caller} is not authorized to perform: {action} "
                f"because no identity-based policy allows the {action} action"
            )
        case Kind.EXPIRED:
            status, code = (403, "ExpiredToken") if xml else (400, "ExpiredTokenException")
            message = "The security token included in the request is expired"
        case _:
            status = 500
            code, message = _FAILURES.get(service, _FAILURE)
    request_id = f"00000000-0000-4000-8000-{call.number:012d}"
    if service == "s3":
        code, status = _OF_S3.get(kind, ("InternalError", 500))
        body = (
            f"<Error><Code>{code}</Code><Message>{escape(message)}</Message>"
            f"<RequestId>{request_id}</RequestId></Error>"
        )
        kind_of_body = "application/xml"
    elif xml:
        blame = "Sender" if status < 500 else "Receiver"  # noqa: PLR2004 - HTTP's server errors
        body = (
            f'<ErrorResponse xmlns="{_NAMESPACES[service]}"><Error><Type>{blame}</Type><Code>{code}</Code>'
            f"<Message>{escape(message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
        )
        kind_of_body = "text/xml"
    else:
        body, kind_of_body = json.dumps({"__type": code, "message": message}), "application/x-amz-json-1.1"
    headers: Any = {"x-amzn-RequestId": request_id, "Content-Type": kind_of_body}
    raw = HTTPResponse(io.BytesIO(body.encode()), preload_content=False)
    return AWSResponse(call.request.url, status, headers, raw)

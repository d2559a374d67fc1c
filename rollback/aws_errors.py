"""AWS's errors as sentences: what AWS said, and what the person at the keyboard can do about it.

The codes are those of the AWS SDK reference guide ("Retry behavior") and of the services' own lists
of common errors.
"""

from __future__ import annotations

import re
from typing import Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's own
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    HTTPClientError,
    LoginError,
    NoAuthTokenError,
    NoCredentialsError,
    PartialCredentialsError,
    ProxyConnectionError,
    ReadTimeoutError,
    SSOError,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError

from rollback.errors import AccessDenied, AwsError, CredentialsExpired, Throttled, Unavailable

THROTTLING: Final = frozenset({
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "PriorRequestNotComplete",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
})  # fmt: skip
EXPIRED: Final = frozenset({
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "InvalidToken",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "RequestExpired",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "TokenRefreshRequired",
    "UnrecognizedClientException",
})  # fmt: skip
DENIED: Final = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})

SIGN_IN: Final = "Sign in again (for example `aws sso login`), then look at the service before you go on."
SET_THE_CLOCK: Final = "Set the clock of this machine by NTP, then look at the service before you go on."

_CREDENTIALS = (
    NoCredentialsError,
    PartialCredentialsError,
    CredentialRetrievalError,
    TokenRetrievalError,
    NoAuthTokenError,
    LoginError,
    SSOError,
)
_NEVER_SENT = (ConnectTimeoutError, EndpointConnectionError, ProxyConnectionError)
_SERVER_ERROR = 500
_STILL_EXPIRED: Final = "still expired"
"""How botocore ends its complaint, which is no error of its own, of credentials that it could not renew."""
_VALUES: Final = re.compile(r", value: .*(?=, (?:type: <class|valid min ))", re.DOTALL)
"""The values in a report of botocore's validation, from the first to the last."""


def is_throttling(code: str) -> bool:
    """Whether AWS refused for the rate of calls, so that nothing has been done."""
    return code in THROTTLING


def is_server_error(status: int) -> bool:
    """Whether AWS itself failed, so that a mutating call may have been done or not."""
    return status >= _SERVER_ERROR


def never_sent(error: BaseException) -> bool:
    """Whether the connection failed before anything went out, so that nothing has been done."""
    return isinstance(error, _NEVER_SENT)


def explained(operation: str, code: str, message: str, status: int) -> AwsError:
    """The error that AWS answered with, as ours.

    Args:
        operation: as ``ecs:UpdateService``.
        code: AWS's error code.
        message: AWS's words.
        status: the HTTP status.
    """
    said = _said(code, message) or f"HTTP {status}"
    if code in EXPIRED and _of_the_clock(code, said):
        return CredentialsExpired(
            f"AWS takes no request with the time that this machine has: {operation} answered {said}.",
            operation=operation,
            code=code,
            remedy=SET_THE_CLOCK,
        )
    if code in EXPIRED:
        return CredentialsExpired(
            f"The AWS credentials are no longer valid: {operation} answered {said}.",
            operation=operation,
            code=code,
            remedy=SIGN_IN,
        )
    if code in DENIED:
        return AccessDenied(
            f"These credentials may not call {operation}: {said}.",
            operation=operation,
            code=code,
            remedy=f"Use a role that allows {operation}, or ask for it.",
        )
    if is_throttling(code):
        return Throttled(
            f"AWS kept throttling {operation}: {said}.",
            operation=operation,
            code=code,
            remedy="Try again in a minute; other callers of this account share its rate.",
        )
    if is_server_error(status):
        return Unavailable(
            f"AWS failed at {operation}: {said}{'' if code in {'', str(status)} else f', HTTP {status}'}.",
            operation=operation,
            code=code,
            remedy="Look at the AWS Health Dashboard, then try again.",
        )
    return AwsError(f"AWS refused {operation}: {said}.", operation=operation, code=code)


def explained_exception(operation: str, error: BaseException) -> AwsError | None:
    """A failure on the way to AWS or back, as ours; None for what is not one."""
    code = type(error).__name__
    if isinstance(error, _CREDENTIALS):
        return _no_credentials(operation, code, f" ({code})")
    if isinstance(error, RuntimeError) and _STILL_EXPIRED in str(error):
        return _no_credentials(operation, "ExpiredToken", ": they have expired, and can't be renewed")
    if isinstance(error, ClientError):
        # A call of botocore's own on the way, which can only be for credentials (AssumeRole).
        answered = error.response.get("Error", {})
        code = str(answered.get("Code", code))
        said = _said(code, str(answered.get("Message", "")))
        return _no_credentials(operation, code, f": {error.operation_name} answered {said}")
    return _unreached(operation, code, error)


def _of_the_clock(code: str, said: str) -> bool:
    """Whether it is signed too early or too late (IAM User Guide, "Troubleshoot AWS API request signatures")."""
    return (
        code == "RequestTimeTooSkewed" or "Signature expired" in said or "Signature not yet current" in said
    )


def _no_credentials(operation: str, code: str, why: str) -> CredentialsExpired:
    return CredentialsExpired(
        f"There are no valid AWS credentials for {operation}{why}.",
        operation=operation,
        code=code,
        remedy=SIGN_IN,
        reached=False,
    )


def _unreached(operation: str, code: str, error: BaseException) -> AwsError | None:
    if isinstance(error, ResponseParserError):
        return Unavailable(
            f"The answer to {operation} can't be read.",
            operation=operation,
            code=code,
            remedy="Look at what stands between you and AWS (a proxy?), and at the service before you go on.",
            reached=False,
        )
    if isinstance(error, ReadTimeoutError):
        return Unavailable(
            f"AWS did not answer {operation} in time.",
            operation=operation,
            code=code,
            remedy="It may or may not have been done: look at the service before you go on.",
            reached=False,
        )
    if isinstance(error, HTTPClientError | ConnectionError):
        return Unavailable(
            f"AWS can't be reached for {operation} ({code}).",
            operation=operation,
            code=code,
            remedy="Look at your network and at the AWS Health Dashboard, then try again.",
            reached=False,
        )
    if isinstance(error, BotoCoreError):
        return AwsError(
            f"{operation} could not be asked: {str(error).rstrip('.')}.",
            operation=operation,
            code=code,
            remedy="Look at the AWS configuration of this machine.",
            reached=False,
        )
    return None


def malformed(operation: str, report: str) -> AwsError:
    """The error for parameters that AWS doesn't take, which were never sent.

    Args:
        operation: as ``ecs:UpdateService``.
        report: botocore's words; the values in them are left out, as they may be secrets.
    """
    told = "; ".join(_VALUES.sub("", report).splitlines())
    return AwsError(
        f"{operation} was not sent, since its parameters are wrong: {told}.",
        operation=operation,
        code="ParamValidationError",
        remedy="Look at what was asked for; if it was right, this is a mistake of this tool.",
        reached=False,
    )


def _said(code: str, message: str) -> str:
    return f"{message.rstrip('.')} ({code})" if message else code

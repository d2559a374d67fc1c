"""AWS's errors as sentences: what AWS said, and what the person at the keyboard can do about it.

The codes are those of the AWS SDK reference guide ("Retry behavior") and of the services' own lists
of common errors.
"""

from __future__ import annotations

from typing import Final

from botocore.exceptions import (
    BotoCoreError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    HTTPClientError,
    LoginTokenLoadError,
    NoAuthTokenError,
    NoCredentialsError,
    PartialCredentialsError,
    ReadTimeoutError,
    SSOError,
    TokenRetrievalError,
)

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
    "InvalidClientTokenId",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
})  # fmt: skip
DENIED: Final = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})

SIGN_IN: Final = "Sign in again (for example `aws sso login`), then look at the service before you go on."

_CREDENTIALS = (
    NoCredentialsError,
    PartialCredentialsError,
    CredentialRetrievalError,
    TokenRetrievalError,
    NoAuthTokenError,
    LoginTokenLoadError,
    SSOError,
)
_NEVER_SENT = (ConnectTimeoutError, EndpointConnectionError)
_SERVER_ERROR = 500


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
    said = f"{message.rstrip('.')} ({code})" if message else code
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
            f"AWS failed at {operation}: {said}, HTTP {status}.",
            operation=operation,
            code=code,
            remedy="Look at the AWS Health Dashboard, then try again.",
        )
    return AwsError(f"AWS refused {operation}: {said}.", operation=operation, code=code)


def explained_exception(operation: str, error: BaseException) -> AwsError | None:
    """A failure on the way to AWS or back, as ours; None for what is not one."""
    code = type(error).__name__
    if isinstance(error, _CREDENTIALS):
        return CredentialsExpired(
            f"There are no valid AWS credentials for {operation} ({code}).",
            operation=operation,
            code=code,
            remedy=SIGN_IN,
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
    if isinstance(error, HTTPClientError):
        return Unavailable(
            f"AWS can't be reached for {operation} ({code}).",
            operation=operation,
            code=code,
            remedy="Look at your network and at the AWS Health Dashboard, then try again.",
            reached=False,
        )
    if isinstance(error, BotoCoreError):
        return AwsError(f"{operation} could not be asked: {error}.", operation=operation, code=code)
    return None

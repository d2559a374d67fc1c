"""What must hold before a live environment is worked on, each as a finding or one sentence that says what to type."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rollback._text import printable
from rollback.clock import spoken
from rollback.errors import AccessDenied, AwsError, CredentialsExpired, Unavailable
from rollback.http import without_secrets
from rollback.live.identity import Identity, lasting_of, whoami
from rollback.live.session import Session
from rollback.live.troubles import NotReady, Trouble
from rollback.plan import Finding, ok, refusal, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.live.session import Lasting

_WHO: Final = "aws sts get-caller-identity"
_ENDPOINT: Final = "AWS_ENDPOINT_URL"
_KEYS: Final = "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN"
_GONE: Final = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
_SIGNED_OUT: Final = frozenset({
    "LoginError",
    "LoginRefreshRequired",
    "LoginTokenLoadError",
    "NoAuthTokenError",
    "SSOError",
    "SSOTokenLoadError",
    "TokenRetrievalError",
    "UnauthorizedSSOTokenError",
})  # fmt: skip
"""What botocore raises where only the person at the keyboard can begin a new session."""
_NONE: Final = frozenset({"NoCredentialsError", "PartialCredentialsError"})


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found.

    Attributes:
        identity: whom AWS takes us for; None where it doesn't say.
        findings: in the order in which they were checked; `check` of a refusal is a `Trouble`.
    """

    identity: Identity | None
    findings: tuple[Finding, ...]

    @property
    def troubles(self) -> tuple[NotReady, ...]:
        """Each refusal as what can be raised."""
        return tuple(
            NotReady(Trouble(found.check), found.seen, remedy=found.remedy)
            for found in self.findings
            if found.severity == "refusal"
        )

    def must_be_ready(self) -> Identity:
        """Whom AWS takes us for.

        Raises:
            NotReady: something is wrong; its sentence is that of the first refusal.
        """
        for trouble in self.troubles:
            raise trouble
        if self.identity is None:
            raise AssertionError  # nobody without a refusal
        return self.identity


def check(environment: Environment, access: Access, *, seconds: float | None = None) -> Checked:
    """Look whether the credentials are there, are of the environment's account and region, and last long enough.

    STS is asked once, without repeating it. Nothing is raised for what AWS or its configuration says.

    Args:
        environment: the place.
        access: the hands.
        seconds: how long they will be needed; the longest of the environment's deadlines if nothing else is said.
    """
    if seconds is None:
        budgets = environment.budgets
        kinds = (budgets.application, budgets.infrastructure, budgets.emergency)
        seconds = max(kind.deadline_seconds for kind in kinds)
    findings = list(_region(environment, access))
    try:
        lasting = lasting_of(access)
        gone = tuple(_lasting(environment, access, lasting, seconds))
        if any(found.check == Trouble.EXPIRED for found in gone):
            return Checked(None, (*findings, *gone))
        with access.aws.tried_once():
            identity = whoami(environment, access)
    except NotReady as error:
        return Checked(None, (*findings, refusal(error.trouble, error.sentence, error.remedy)))
    except AwsError as error:
        return Checked(None, (*findings, _unanswered(access, error)))
    return Checked(identity, (*findings, _account(environment, identity), *gone))


def _region(environment: Environment, access: Access) -> Iterator[Finding]:
    if access.aws.region == environment.region:
        yield ok("region", f"{environment.region}, as {environment.name} has it.")
        return
    command = f"export AWS_REGION={environment.region}"
    yield refusal(
        Trouble.WRONG_REGION,
        f"This machine is set to the region {printable(access.aws.region)}, but {environment.name} is in "
        f"{environment.region}.",
        f"Type `{command}`, or correct the profile's region.",
        command,
    )


def _account(environment: Environment, identity: Identity) -> Finding:
    if identity.account == environment.account:
        return ok("account", f"{identity.arn} in {environment.account}, as {environment.name} has it.")
    return refusal(
        Trouble.WRONG_ACCOUNT,
        f"These credentials are of the account {identity.account} ({identity.arn}), but {environment.name} is in "
        f"{environment.account}.",
        f"Use credentials of the account {environment.account}: name the profile with --profile.",
        _WHO,
    )


def _lasting(environment: Environment, access: Access, lasting: Lasting, seconds: float) -> Iterator[Finding]:
    if lasting.renewed:
        yield ok("credentials", f"The credentials ({lasting.method}) are renewed by themselves.")
        return
    if lasting.until is None:
        if lasting.method:
            yield _endless(lasting)
        return
    left = (lasting.until - access.clock.now()).total_seconds()
    ends = f"{lasting.until:%Y-%m-%d %H:%M} UTC"
    remedy, *commands = _sign_in(access, lasting.method)
    if left <= 0:
        yield refusal(
            Trouble.EXPIRED,
            f"The AWS credentials have expired at {ends}, so nothing was asked.",
            remedy,
            *commands,
        )
    elif left < seconds:
        yield refusal(
            Trouble.NEARLY_EXPIRED,
            f"The AWS credentials expire in {spoken(left)}, at {ends}, and a rollback of {environment.name} may take "
            f"{spoken(seconds)}.",
            remedy,
            *commands,
        )
    else:
        yield ok("credentials", f"The credentials last {spoken(left)} longer, until {ends}.")


def _endless(lasting: Lasting) -> Finding:
    return warning(
        "credentials",
        f"How long the credentials ({lasting.method}) last is not known.",
        "If they are temporary, know yourself when they end.",
    )


def _unanswered(access: Access, error: AwsError) -> Finding:
    if isinstance(error, Unavailable):
        return _unreached(access, error)
    if error.code in _SIGNED_OUT:
        remedy, *commands = _sign_in(access, "sso")
        return refusal(
            Trouble.SIGN_IN,
            f"The AWS session has ended or was never begun, and only you can begin one ({error.code}).",
            remedy,
            *commands,
        )
    trouble = Trouble.INVALID
    if isinstance(error, AccessDenied):
        trouble = Trouble.DENIED
    elif error.code in _GONE:
        trouble = Trouble.EXPIRED
    elif error.code in _NONE:
        trouble = Trouble.NO_CREDENTIALS
    elif not isinstance(error, CredentialsExpired):
        trouble = Trouble.BAD_CONFIGURATION if not error.reached else Trouble.INVALID
    return refusal(trouble, error.sentence, error.remedy)


def _unreached(access: Access, error: Unavailable) -> Finding:
    url = without_secrets(access.aws.sts.meta.endpoint_url)
    led = f"{_ENDPOINT} leads there: see that it is right, and that something listens." if _led() else ""
    return refusal(
        Trouble.UNREACHABLE,
        f"AWS can't be reached at {printable(url)} ({error.code}).",
        led or error.remedy,
    )


def _led() -> bool:
    return any(name.startswith(_ENDPOINT) for name in os.environ)


def _sign_in(access: Access, method: str) -> tuple[str, ...]:
    """What to do for new credentials, and the command where there is one."""
    session = access.aws.clients
    if method == "env":
        return (f"Get new ones and set {_KEYS} again, or unset them and name a profile with --profile.",)
    if not isinstance(session, Session):
        return ("Sign in again.",)
    command = session.sign_in_command
    return f"Type `{command}`, then begin again.", command

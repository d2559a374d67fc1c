"""Whose hands they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from rollback.aws_errors import explained_exception
from rollback.live.session import Lasting, Session

if TYPE_CHECKING:
    from datetime import datetime

    from rollback.access import Access
    from rollback.environment import Environment

_OPERATION = "sts:GetCallerIdentity"


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom AWS takes us for.

    Attributes:
        account: 12 digits.
        arn: of the user or of the assumed role.
        region: where the clients work.
        expires_at: when the credentials end, in UTC; None where that isn't known, or they have no end.
        renewed: whether they are renewed by themselves before that.
    """

    account: str
    arn: str
    region: str
    expires_at: datetime | None = None
    renewed: bool = False


def whoami(environment: Environment, access: Access) -> Identity:  # noqa: ARG001 - as all that works on one
    """Ask STS who we are, and botocore how long we may be.

    Raises:
        AwsError: STS doesn't say, or there are no valid credentials.
        NotReady: there are no credentials at all.
    """
    lasting = lasting_of(access)
    told = access.aws.sts.get_caller_identity()
    return Identity(
        account=told["Account"],
        arn=told["Arn"],
        region=access.aws.region,
        expires_at=lasting.until,
        renewed=lasting.renewed,
    )


def lasting_of(access: Access) -> Lasting:
    """How long the credentials of these hands last.

    Raises:
        AwsError: they can't be fetched or renewed.
        NotReady: there are none.
    """
    session = access.aws.clients
    if not isinstance(session, Session):
        return Lasting(None, renewed=False, method="")
    try:
        return session.lasting()
    except (BotoCoreError, ClientError, RuntimeError) as error:
        ours = explained_exception(_OPERATION, error)
        raise ours or error from error

"""The state as it is stored before Terraform is let near it: for what isn't there it would build everything anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rollback.errors import AccessDenied, AwsError, RollbackError
from rollback.terraform.program import TerraformError, Version

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.environment import Environment

_MISSING: Final = frozenset({"NoSuchKey", "NoSuchVersion", "404"})
_DENIED: Final = frozenset({"AccessDenied", "403", "Forbidden"})
_NO_BUCKET: Final = "NoSuchBucket"
_RESTORE: Final = "Restore the state first (rollback.state), then plan again."


class StateUnusable(TerraformError):
    """There is no state that Terraform could go on from."""


class StateDenied(TerraformError):
    """The state may not be read, or lies in another account's bucket."""


@dataclass(frozen=True, slots=True)
class StateMark:
    """Which state a plan was made from; a plan is good for no other.

    Attributes:
        version_id: S3's; ``null`` where the bucket isn't versioned.
        etag: S3's, with its quotes.
        serial: the state's own count of its changes.
        lineage: the same for all states that came from one another.
        terraform_version: that of the Terraform that wrote it.
        resources: how many managed resource instances it holds.
    """

    version_id: str
    etag: str
    serial: int
    lineage: str
    terraform_version: str
    resources: int

    @property
    def written_by(self) -> Version | None:
        """Which Terraform wrote it, as far as that can be compared."""
        return Version.of(self.terraform_version)


def look(environment: Environment, access: Access) -> StateMark:
    """Read the state as it is now.

    Raises:
        StateUnusable: there is none, or what is there is none.
        StateDenied: it may not be read, or isn't this account's.
        AwsError: S3 doesn't say.
    """
    from rollback.state.document import read_state  # noqa: PLC0415 - rollback.state plans with this package
    from rollback.state.model import Unparsable  # noqa: PLC0415 - likewise
    from rollback.state.places import object_key  # noqa: PLC0415 - likewise

    bucket, key = environment.state_bucket, object_key(environment)
    where = f"s3://{bucket}/{key}"
    try:
        answer = access.aws.s3.get_object(Bucket=bucket, Key=key, ExpectedBucketOwner=environment.account)
        content = answer["Body"].read()
    except AwsError as error:
        raise _told(environment, error, where) from error
    try:
        state = read_state(content)
    except Unparsable as error:
        raise StateUnusable(
            f"The state at {where} can't be used: it {error.damage}.", remedy=_RESTORE
        ) from None
    return StateMark(
        version_id=answer.get("VersionId", "null"),
        etag=answer["ETag"],
        serial=state.serial,
        lineage=state.lineage,
        terraform_version=state.terraform_version,
        resources=state.resources,
    )


def _told(environment: Environment, error: AwsError, where: str) -> RollbackError:
    if error.code in _MISSING:
        return StateUnusable(
            f"There is no state at {where}, so Terraform would build all of {environment.name} a second time.",
            remedy=_RESTORE,
        )
    if error.code == _NO_BUCKET:
        return StateUnusable(
            f"There is no bucket {environment.state_bucket}.",
            remedy=f"Compare state_bucket of {environment.name} in environments.toml with `aws s3 ls`.",
        )
    if isinstance(error, AccessDenied) or error.code in _DENIED:
        return StateDenied(
            f"The state at {where} can't be read: these credentials may not, or the bucket isn't one of the "
            f"account {environment.account}.",
            remedy="Use a role of that account that may read it; never point Terraform at a bucket of somebody else's.",
        )
    return error

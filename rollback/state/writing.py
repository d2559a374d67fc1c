"""Looking at the state's key and writing to it, so that the old or the new state is there whole at any moment."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rollback._text import printable
from rollback.errors import AwsError, Outdated, RollbackError
from rollback.state import backend, digest
from rollback.state.document import equal_but_serial, read_state, with_serial
from rollback.state.model import StoredVersion, Unparsable
from rollback.state.places import object_key
from rollback.state.result import Way
from rollback.state.versions import fetch, list_versions
from rollback.terraform.files import on_disk, write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3.type_defs import PutObjectRequestTypeDef

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.state.backend import Backend
    from rollback.state.digest import Digest
    from rollback.state.model import StateFile
    from rollback.state.result import SavedPoint

_CONDITION_FAILED: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})


class Place(StrEnum):
    """What stands at the state's key, seen from a restore."""

    BEFORE = "what was there when it was planned"
    OURS = "what the restore writes"
    OTHER = "something else"


@dataclass(frozen=True, slots=True)
class Seen:
    """The state's key, looked at.

    Attributes:
        place: what stands there.
        version: which version; None where there was never one.
        content: of it; None where there is none, or where it is what was there before and so not read again.
        state: what it says; None where it is no state, or was not read again.
    """

    place: Place
    version: StoredVersion | None
    content: bytes | None = field(default=None, repr=False)
    state: StateFile | None = None


class RefusedByTerraform(RollbackError):
    """Terraform doesn't store this state."""


def look(environment: Environment, access: Access, saved: SavedPoint) -> Seen:
    """What stands at the state's key now.

    Raises:
        AwsError: S3 doesn't say.
        RollbackError: what was to be written can't be had any more.
    """
    versions = list_versions(environment, access)
    version = next((each for each in versions if each.latest), None)
    if (version.id if version else "") == saved.before.version:
        return Seen(Place.BEFORE, version)
    if version is None or version.delete_marker:
        return Seen(Place.OURS if saved.writing.way is Way.DELETE else Place.OTHER, version)
    content = fetch(environment, access, version)
    state = _parsed(content)
    ours = saved.writing.way is not Way.DELETE and _is_ours(
        content, state, payload(environment, access, saved), saved
    )
    return Seen(Place.OURS if ours else Place.OTHER, version, content, state)


def payload(environment: Environment, access: Access, saved: SavedPoint) -> bytes:
    """What is to be written: from its private file or, where that is gone or another, from S3.

    Raises:
        AwsError: S3 doesn't hand it out.
        RollbackError: it isn't what was planned.
    """
    writing = saved.writing
    content = _kept(writing.file)
    if content is None or _sha256(content) != writing.sha256:
        content = fetch_by_id(environment, access, writing.chosen)
        content = with_serial(content, writing.serial) if writing.serial else content
    if _sha256(content) != writing.sha256:
        raise RollbackError(
            f"The version {printable(writing.chosen)} isn't what was planned.", remedy="Plan again."
        )
    return content


def fetch_by_id(environment: Environment, access: Access, version: str) -> bytes:
    """The content of the version with that id.

    Raises:
        AwsError: S3 doesn't hand it out.
        RollbackError: there is none.
    """
    stored = next((each for each in list_versions(environment, access) if each.id == version), None)
    if stored is None:
        raise RollbackError(
            f"The version {printable(version)} is no longer in the bucket.",
            remedy="Choose another version, and plan again.",
        )
    return fetch(environment, access, stored)


def put(environment: Environment, access: Access, saved: SavedPoint, ready: Backend | None) -> None:
    """Write it, over what was there before and nothing else.

    Args:
        environment: whose state.
        access: the hands.
        saved: what was there, and what is written.
        ready: Terraform, where it is the one to write.

    Raises:
        RefusedByTerraform: Terraform ended without having stored it.
        Outdated: what is there is no longer what was planned with.
        AwsError: S3 doesn't take it.
        Stopped: Terraform didn't end in time.
    """
    match saved.writing.way:
        case Way.PUSH:
            _push(environment, access, saved, ready)
        case Way.WRITE:
            _write(environment, access, saved)
        case Way.DELETE:
            _delete(environment, access, saved)


def mend_before(environment: Environment, access: Access, saved: SavedPoint) -> None:
    """Have Terraform read what is there, where only the lock table's digest keeps it from doing so.

    Raises:
        AwsError, Outdated, RollbackError: as `rollback.state.digest.mend`.
    """
    said = digest.read(environment, access)
    if not said.md5:
        return
    content = _kept(saved.before.file)
    if content is None:
        content = fetch_by_id(environment, access, saved.before.version)
    digest.mend(environment, access, content, seen=said)


def mend_after(environment: Environment, access: Access, seen: Seen) -> Digest:
    """Have the lock table say what belongs to what was written, and read it back.

    Raises:
        AwsError, Outdated, RollbackError: as `rollback.state.digest.mend`.
    """
    return digest.mend(environment, access, seen.content, seen=digest.read(environment, access))


def _push(environment: Environment, access: Access, saved: SavedPoint, ready: Backend | None) -> None:
    content = payload(environment, access, saved)
    terraform = ready or backend.ready(environment, access)
    path = Path(saved.writing.file)
    if _kept(saved.writing.file) != content:
        path = terraform.directory / f"{saved.lock}.tfstate"
        with on_disk():
            path.unlink(missing_ok=True)
            write(path, content)
    completed = terraform.push(path)
    if completed.code:
        raise RefusedByTerraform(
            f"Terraform didn't store the state: {backend.summary(completed)}.",
            remedy="Look at what it says, then plan again.",
        )


def _write(environment: Environment, access: Access, saved: SavedPoint) -> None:
    before = saved.before
    wanted: PutObjectRequestTypeDef = {
        "Bucket": environment.state_bucket,
        "Key": object_key(environment),
        "Body": payload(environment, access, saved),
        "ContentType": "application/json",
        "ExpectedBucketOwner": environment.account,
    }
    _encrypt(environment, access, saved, wanted)
    if before.etag:
        wanted["IfMatch"] = before.etag
    else:
        wanted["IfNoneMatch"] = "*"
    with _unless_moved(environment):
        access.aws.s3.put_object(**wanted)


def _delete(environment: Environment, access: Access, saved: SavedPoint) -> None:
    with _unless_moved(environment):
        access.aws.s3.delete_object(
            Bucket=environment.state_bucket,
            Key=object_key(environment),
            IfMatch=saved.before.etag,
            ExpectedBucketOwner=environment.account,
        )


@contextmanager
def _unless_moved(environment: Environment) -> Iterator[None]:
    try:
        yield
    except AwsError as error:
        if error.code not in _CONDITION_FAILED:
            raise
        raise Outdated(
            f"Somebody has written the state of {environment.name} past the lock just now.",
            remedy="Find out who, then plan again.",
        ) from None


def _encrypt(
    environment: Environment, access: Access, saved: SavedPoint, wanted: PutObjectRequestTypeDef
) -> None:
    """As the version is that it is taken from, so that a bucket that demands it takes this one too."""
    stored = access.aws.s3.head_object(
        Bucket=environment.state_bucket,
        Key=object_key(environment),
        VersionId=saved.writing.chosen,
        ExpectedBucketOwner=environment.account,
    )
    if encryption := stored.get("ServerSideEncryption"):
        wanted["ServerSideEncryption"] = encryption
    if key := stored.get("SSEKMSKeyId"):
        wanted["SSEKMSKeyId"] = key


def _is_ours(content: bytes, state: StateFile | None, planned: bytes, saved: SavedPoint) -> bool:
    serial = saved.writing.serial
    if not serial:
        return content == planned
    # Terraform gives what is pushed one serial more.
    if state is None or not serial <= state.serial <= serial + 1:
        return False
    return state.lineage == saved.writing.lineage and equal_but_serial(content, planned)


def _parsed(content: bytes) -> StateFile | None:
    try:
        return read_state(content)
    except Unparsable:
        return None


def _kept(file: str) -> bytes | None:
    """A private file; None where it is gone."""
    if not file:
        return None
    try:
        return Path(file).read_bytes()
    except OSError:
        return None


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

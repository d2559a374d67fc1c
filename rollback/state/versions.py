"""The versions of the state that S3 keeps, and what each of them holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING, Final

from rollback._text import printable
from rollback.errors import AwsError, CredentialsExpired, RollbackError, Throttled, Unavailable
from rollback.state.document import HEAD_BYTES, TAIL_BYTES, looks_whole, read_head, read_state
from rollback.state.fetching import fetched
from rollback.state.model import Damage, Listing, Row, StateHead, StoredVersion, Unparsable
from rollback.state.places import object_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3.type_defs import GetObjectRequestTypeDef, ListObjectVersionsOutputTypeDef

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.state.model import StateFile

NEWEST: Final = 10
"""How many versions are read in full, unless it is asked for more."""
SMALL_BYTES: Final = 64 * 1024
"""Up to which size a version is read in full in any case: that costs no more than to look at its two ends."""

_EVERY_ROW: Final = (CredentialsExpired, Throttled, Unavailable)
"""What isn't the trouble of one version."""


def list_versions(environment: Environment, access: Access) -> tuple[StoredVersion, ...]:
    """Every version of the state's object, and of no other, newest first.

    S3 tells versions and delete markers apart from one another and their times only to the second: of a version and
    a delete marker of the same second, the current one comes first, and else the delete marker.

    Raises:
        AwsError: S3 doesn't list them.
    """
    key = object_key(environment)
    pages = access.aws.s3.get_paginator("list_object_versions").paginate(
        Bucket=environment.state_bucket, Prefix=key, ExpectedBucketOwner=environment.account
    )
    found: list[StoredVersion] = []
    for page in pages:
        found += _of_page(page, key)
        # What has this key as a prefix comes after all of its own versions.
        if page.get("NextKeyMarker", key) != key:
            break
    return tuple(sorted(found, key=lambda v: (v.latest, v.at, v.delete_marker), reverse=True))


def listed(
    environment: Environment,
    access: Access,
    *,
    limit: int = NEWEST,
    kept: dict[str, bytes] | None = None,
) -> Listing:
    """The versions with what they hold.

    The newest `limit`, and small ones, are read in full, one at a time; of the others only the two ends, where
    Terraform has their numbers and where it shows whether they break off.

    Args:
        environment: whose state.
        access: the hands.
        limit: how many are read in full whatever their size.
        kept: gets the contents of the small ones by their ids, for who would otherwise fetch one again.

    Raises:
        AwsError: S3 doesn't list them, or can't be asked at all. What is wrong with a single version stands in its row.
    """
    versions = list_versions(environment, access)
    rows: list[Row] = []
    newer: tuple[int, StateFile] | None = None
    for position, version in enumerate(versions):
        row, state = _looked_at(environment, access, version, whole=position < limit, kept=kept)
        rows.append(row)
        if state is None:
            continue
        if newer is not None:
            rows[newer[0]] = _compared(rows[newer[0]], newer[1], row, state)
        newer = (position, state)
    return Listing(environment.state_bucket, object_key(environment), tuple(rows))


def fetch(environment: Environment, access: Access, version: StoredVersion) -> bytes:
    """The content of one version, to the last byte.

    Raises:
        AwsError: S3 doesn't hand it out.
        RollbackError: it is a delete marker.
    """
    if version.delete_marker:
        raise RollbackError(
            f"The version {printable(version.id)} is a delete marker, so there is nothing to fetch.",
            remedy="Choose the one before it.",
        )
    return _got(environment, access, version)


def _of_page(page: ListObjectVersionsOutputTypeDef, key: str) -> Iterator[StoredVersion]:
    for stored in page.get("Versions", ()):
        if stored["Key"] == key:
            yield StoredVersion(
                id=stored["VersionId"],
                at=stored["LastModified"].astimezone(UTC),
                size=stored["Size"],
                etag=stored["ETag"],
                latest=stored["IsLatest"],
                delete_marker=False,
            )
    for marker in page.get("DeleteMarkers", ()):
        if marker["Key"] == key:
            yield StoredVersion(
                id=marker["VersionId"],
                at=marker["LastModified"].astimezone(UTC),
                size=0,
                etag="",
                latest=marker["IsLatest"],
                delete_marker=True,
            )


def _looked_at(
    environment: Environment,
    access: Access,
    version: StoredVersion,
    *,
    whole: bool,
    kept: dict[str, bytes] | None,
) -> tuple[Row, StateFile | None]:
    if version.delete_marker:
        return Row(version), None
    try:
        if whole or version.size <= SMALL_BYTES:
            content = _got(environment, access, version)
            if kept is not None and version.size <= SMALL_BYTES:
                kept[version.id] = content
            return _read(version, content)
        beginning = _got(environment, access, version, f"bytes=0-{HEAD_BYTES - 1}")
        head = read_head(beginning)
        if head is None:
            # Not as Terraform writes it: only all of it can tell.
            return _read(version, _got(environment, access, version))
        whole = looks_whole(_got(environment, access, version, f"bytes=-{TAIL_BYTES}"))
    except _EVERY_ROW:
        raise
    except AwsError as error:
        return Row(version, trouble=error.sentence), None
    return Row(version, head=head, damage=None if whole else Damage.TRUNCATED), None


def _read(version: StoredVersion, content: bytes) -> tuple[Row, StateFile | None]:
    try:
        state = read_state(content)
    except Unparsable as unparsable:
        cut = unparsable.damage is Damage.TRUNCATED
        head = read_head(content[:HEAD_BYTES]) if cut else None
        return Row(version, head=head, damage=unparsable.damage), None
    row = Row(
        version,
        head=StateHead(state.terraform_version, state.serial, state.lineage),
        resources=state.resources,
        data_sources=state.data_sources,
        deposed=state.deposed,
    )
    return row, state


def _compared(newer: Row, its_state: StateFile, older: Row, state: StateFile) -> Row:
    now, before = set(its_state.addresses), set(state.addresses)
    return replace(
        newer,
        compared_with=older.version.id,
        added=tuple(sorted(now - before)),
        removed=tuple(sorted(before - now)),
    )


def _got(environment: Environment, access: Access, version: StoredVersion, span: str = "") -> bytes:
    """The content, or a span of it."""
    wanted: GetObjectRequestTypeDef = {
        "Bucket": environment.state_bucket,
        "Key": object_key(environment),
        "VersionId": version.id,
        "ExpectedBucketOwner": environment.account,
    }
    if span:
        wanted["Range"] = span
    content, _, _ = fetched(access, wanted)
    return content

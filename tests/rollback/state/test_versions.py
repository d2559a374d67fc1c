"""Listing and fetching the versions of the state, on S3 as moto has it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from rollback.errors import AwsError, CredentialsExpired, RollbackError, Unavailable
from rollback.state.document import HEAD_BYTES, TAIL_BYTES
from rollback.state.model import Damage, StateHead
from rollback.state.versions import SMALL_BYTES, fetch, list_versions, listed
from tests.rollback.state.shelf import LINEAGE, SECRET, Shelf, resource, state

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.awsrequest import AWSResponse

    from rehearsal.doors import Call
    from rehearsal.embedded import EmbeddedStage
    from rollback.access import Access
    from rollback.environment import Environment


def test_only_versions_of_exactly_that_key_are_listed_newest_first(
    shelf: Shelf, environment: Environment, access: Access
) -> None:
    ids = []
    for serial in (1, 2):
        shelf.put(b"{}", key=shelf.key + ".tflock")
        ids.append(shelf.put(state(serial)))
        shelf.put(state(9), key=shelf.key + "-of-another")
        shelf.delete(key=shelf.key + ".tflock")
    marker = shelf.delete()
    versions = list_versions(environment, access)
    assert [version.id for version in versions] == [marker, ids[1], ids[0]]
    assert [version.latest for version in versions] == [True, False, False]
    assert [version.delete_marker for version in versions] == [True, False, False]
    newest = versions[1]
    assert newest.size == len(state(2))
    assert newest.etag == f'"{hashlib.md5(state(2), usedforsecurity=False).hexdigest()}"'
    assert (versions[0].at - newest.at).total_seconds() == pytest.approx(180, abs=2)
    assert versions[0].at.utcoffset() == newest.at.utcoffset()
    assert not newest.at.utcoffset()


def test_a_version_of_the_same_second_as_the_delete_marker_is_told_from_it_by_being_current(
    shelf: Shelf, environment: Environment, access: Access
) -> None:
    shelf.put(state(1))
    shelf.s3.delete_object(Bucket=shelf.bucket, Key=shelf.key)
    shelf.s3.put_object(Bucket=shelf.bucket, Key=shelf.key, Body=state(2))
    assert [version.delete_marker for version in list_versions(environment, access)] == [False, True, False]


def test_more_versions_than_fit_on_a_page_are_all_there(
    shelf: Shelf, environment: Environment, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [shelf.put(state(serial)) for serial in range(7)]
    for _ in range(5):
        shelf.put(b"{}", key=shelf.key + ".tflock")
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "3")
    asked = shelf.asked()
    assert [version.id for version in list_versions(environment, access)] == ids[::-1]
    # Of the pages with nothing but lock files none is asked for.
    assert len(asked) == 3


def test_a_bucket_without_versioning_has_the_version_null(
    stage: EmbeddedStage, environment: Environment, access: Access
) -> None:
    stage.clients.s3.create_bucket(Bucket=environment.state_bucket)
    stage.clients.s3.put_object(Bucket=environment.state_bucket, Key=environment.state_key, Body=state(3))
    (row,) = listed(environment, access).rows
    assert row.version.id == "null"
    assert fetch(environment, access, row.version) == state(3)


def test_the_list_says_what_each_version_holds_and_what_changed(
    shelf: Shelf, environment: Environment, access: Access
) -> None:
    shelf.put(state(1, resource("a"), resource("looked_up", mode="data")))
    shelf.put(state(2, resource("a"), resource("b", 0, 1)))
    shelf.delete()
    shelf.put(b"")
    shelf.put(state(4, resource("b", 1), resource("c"), resource("c", deposed="ab12")))
    listing = listed(environment, access)
    assert (listing.bucket, listing.key) == (shelf.bucket, shelf.key)
    fourth, empty, marker, second, first = listing.rows
    assert listing.current is fourth
    assert fourth.head == StateHead("1.11.4", 4, LINEAGE)
    assert (fourth.resources, fourth.data_sources, fourth.deposed) == (2, 0, 1)
    # What can't be read lies between, so it is compared with what was before that.
    assert fourth.compared_with == second.version.id
    assert fourth.added == ("terraform_data.c",)
    assert fourth.removed == ("terraform_data.a", "terraform_data.b[0]")
    assert (empty.damage, empty.readable) == (Damage.EMPTY, False)
    assert (marker.version.delete_marker, marker.readable, marker.damage) == (True, False, None)
    assert (second.added, second.removed) == (("terraform_data.b[0]", "terraform_data.b[1]"), ())
    assert (first.resources, first.data_sources, first.compared_with) == (1, 1, "")
    assert SECRET not in repr(listing)


def test_of_big_old_versions_only_the_two_ends_are_read(
    shelf: Shelf, environment: Environment, access: Access
) -> None:
    big = 2 * SMALL_BYTES
    shelf.put(state(1, resource("a"), pad=big))
    shelf.put(state(2, resource("a"), pad=big)[:-9])
    shelf.put(state(3, resource("a"), pad=big))
    shelf.put(state(4, resource("a"), resource("b"), pad=big))
    asked = shelf.asked()
    fourth, third, second, first = listed(environment, access, limit=2).rows
    ends = [f"s3:GetObject bytes=0-{HEAD_BYTES - 1}", f"s3:GetObject bytes=-{TAIL_BYTES}"]
    assert asked == ["s3:ListObjectVersions", "s3:GetObject", "s3:GetObject", *ends, *ends]
    assert fourth.added == ("terraform_data.b",)
    assert (third.resources, third.compared_with) == (1, "")
    assert (second.damage, second.readable, second.resources) == (Damage.TRUNCATED, False, None)
    assert second.head == StateHead("1.11.4", 2, LINEAGE)
    assert (first.head, first.damage, first.readable) == (StateHead("1.11.4", 1, LINEAGE), None, True)


def test_small_old_versions_are_read_in_full(shelf: Shelf, environment: Environment, access: Access) -> None:
    for serial in range(4):
        shelf.put(state(serial, resource("a", *range(serial))))
    assert [row.resources for row in listed(environment, access, limit=1).rows] == [3, 2, 1, 1]


def test_a_big_old_version_that_terraform_did_not_lay_out_is_read_in_full(
    shelf: Shelf, environment: Environment, access: Access
) -> None:
    turned = state(1, resource("a"), pad=2 * SMALL_BYTES)
    numbers = b'"terraform_version": "1.11.4",\n  "serial": 1,\n  "lineage": "%s",' % LINEAGE.encode()
    assert numbers in turned
    turned = turned.replace(numbers, b"").replace(b'"check_results"', numbers + b'"check_results"')
    shelf.put(turned)
    shelf.put(b"x" * 2 * SMALL_BYTES)
    nonsense, row = listed(environment, access, limit=0).rows
    assert (row.head, row.resources) == (StateHead("1.11.4", 1, LINEAGE), 1)
    assert (nonsense.head, nonsense.damage) == (None, Damage.NOT_JSON)


def test_a_small_version_that_breaks_off_keeps_its_serial(
    shelf: Shelf, environment: Environment, access: Access
) -> None:
    shelf.put(state(8, resource("a"))[:-20])
    (row,) = listed(environment, access).rows
    assert (row.head, row.damage, row.readable) == (StateHead("1.11.4", 8, LINEAGE), Damage.TRUNCATED, False)


@pytest.mark.parametrize(
    ("code", "status"), [("AccessDenied", 403), ("InvalidObjectState", 403), ("NoSuchVersion", 404)]
)
def test_what_is_wrong_with_one_version_is_told_in_its_row(
    shelf: Shelf, environment: Environment, access: Access, code: str, status: int
) -> None:
    shelf.put(state(1, resource("a")))
    second = shelf.put(state(2))
    shelf.put(state(3))
    shelf.refuse("s3:GetObject", code, status, containing=second)
    newest, row, oldest = listed(environment, access).rows
    assert code in row.trouble
    assert not row.readable
    assert newest.compared_with == oldest.version.id
    assert newest.removed == ("terraform_data.a",)


def test_expired_credentials_are_not_the_trouble_of_one_version(
    shelf: Shelf, environment: Environment, access: Access
) -> None:
    shelf.put(state(1))
    shelf.refuse("s3:GetObject", "ExpiredToken", 400)
    with pytest.raises(CredentialsExpired):
        listed(environment, access)


def test_a_bucket_that_is_not_there_is_one_sentence(environment: Environment, access: Access) -> None:
    with pytest.raises(AwsError, match="NoSuchBucket"):
        listed(environment, access)


def test_there_may_be_no_version_at_all(shelf: Shelf, environment: Environment, access: Access) -> None:
    shelf.put(state(1), key=shelf.key + ".tflock")
    listing = listed(environment, access)
    assert (listing.rows, listing.current) == ((), None)


def test_every_request_names_the_account_that_must_own_the_bucket(
    shelf: Shelf, environment: Environment, access: Access
) -> None:
    """moto doesn't look at it, S3 refuses another account's bucket by it."""
    shelf.put(state(1))
    owners: list[str] = []

    def note(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        owner: Any = call.request.headers.get("x-amz-expected-bucket-owner")
        owners.append(owner.decode() if isinstance(owner, bytes) else str(owner))
        return proceed()

    shelf.stage.operator.interceptors.append(note)
    listed(environment, access)
    assert owners == [environment.account] * 2


def test_a_version_is_fetched_to_the_last_byte(
    shelf: Shelf, environment: Environment, access: Access
) -> None:
    shelf.put(b"anything \x00 at all")
    shelf.put(state(2))
    contents = [fetch(environment, access, version) for version in list_versions(environment, access)]
    assert contents == [state(2), b"anything \x00 at all"]


def test_a_delete_marker_has_nothing_to_fetch(shelf: Shelf, environment: Environment, access: Access) -> None:
    shelf.put(state(1))
    shelf.delete()
    with pytest.raises(RollbackError, match="is a delete marker"):
        fetch(environment, access, list_versions(environment, access)[0])


def test_what_breaks_off_on_the_way_is_fetched_anew(
    shelf: Shelf, environment: Environment, access: Access
) -> None:
    shelf.put(state(1))
    (version,) = list_versions(environment, access)
    shelf.break_off(times=2)
    assert fetch(environment, access, version) == state(1)


def test_what_never_arrives_whole_is_not_taken_for_a_version(
    shelf: Shelf, environment: Environment, access: Access
) -> None:
    shelf.put(state(1))
    (version,) = list_versions(environment, access)
    shelf.break_off(times=9)
    with pytest.raises(Unavailable, match="didn't arrive whole"):
        fetch(environment, access, version)


def test_no_value_of_a_state_gets_into_the_journal(
    shelf: Shelf, environment: Environment, access: Access
) -> None:
    shelf.put(state(1, resource("a")))
    listed(environment, access)
    fetch(environment, access, list_versions(environment, access)[0])
    assert SECRET not in access.journal.path.read_text()

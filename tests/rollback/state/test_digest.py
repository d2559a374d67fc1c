"""The digest in the lock table: what it allows Terraform to read, and mending it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rollback.errors import AccessDenied, AwsError, Outdated, RollbackError, Unavailable
from rollback.state.digest import Digest, md5_of, mend, put_back, read
from tests.rollback.state.shelf import TABLE, state

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.environment import Environment
    from tests.rollback.state.shelf import Shelf

CONTENT = state(1)


@pytest.fixture
def name(shelf: Shelf) -> str:
    """What the table calls the digest."""
    return f"{shelf.bucket}/{shelf.key}-md5"


def test_without_a_lock_table_there_is_no_digest_and_nothing_is_asked(
    shelf: Shelf, environment: Environment, access: Access
) -> None:
    asked = shelf.asked()
    seen = read(environment, access)
    assert (seen.kept, seen.allows(CONTENT), seen.allows(None)) == (False, True, True)
    assert mend(environment, access, CONTENT, seen=seen) == seen
    assert asked == []


@pytest.mark.parametrize(
    ("md5", "content", "allowed"),
    [
        ("", CONTENT, True),
        ("", None, True),
        (md5_of(CONTENT), CONTENT, True),
        (md5_of(CONTENT), state(2), False),
        (md5_of(CONTENT), None, False),
        (md5_of(b""), b"", False),
    ],
)
def test_a_digest_allows_only_its_own_content(md5: str, content: bytes | None, allowed: bool) -> None:  # noqa: FBT001
    assert Digest(kept=True, md5=md5).allows(content) is allowed


@pytest.mark.parametrize("before", ["", "0" * 32])
def test_a_digest_is_mended_and_read_back(
    shelf: Shelf, tabled: Environment, access: Access, name: str, before: str
) -> None:
    if before:
        shelf.put_item(name, Digest=before)
    seen = read(tabled, access)
    assert seen == Digest(kept=True, md5=before)
    assert mend(tabled, access, CONTENT, seen=seen).allows(CONTENT)
    assert shelf.items() == {name: {"Digest": md5_of(CONTENT)}}


@pytest.mark.parametrize("content", [None, b""])
def test_where_there_is_no_state_the_digest_is_taken_away(
    shelf: Shelf, tabled: Environment, access: Access, name: str, content: bytes | None
) -> None:
    shelf.put_item(name, Digest="0" * 32)
    assert mend(tabled, access, content, seen=read(tabled, access)) == Digest(kept=True)
    assert shelf.items() == {}


def test_a_digest_is_put_back_as_it_was_even_if_it_was_wrong(
    shelf: Shelf, tabled: Environment, access: Access, name: str
) -> None:
    put_back(tabled, access, "f" * 32, seen=read(tabled, access))
    assert shelf.items() == {name: {"Digest": "f" * 32}}


def test_a_right_digest_is_not_written_again(
    shelf: Shelf, tabled: Environment, access: Access, name: str
) -> None:
    shelf.put_item(name, Digest=md5_of(CONTENT))
    seen = read(tabled, access)
    asked = shelf.asked()
    mend(tabled, access, CONTENT, seen=seen)
    assert asked == []


@pytest.mark.parametrize(("before", "content"), [("", CONTENT), ("0" * 32, CONTENT), ("0" * 32, None)])
def test_a_digest_that_somebody_else_has_changed_stays(
    shelf: Shelf, tabled: Environment, access: Access, *, name: str, before: str, content: bytes | None
) -> None:
    if before:
        shelf.put_item(name, Digest=before)
    seen = read(tabled, access)
    shelf.put_item(name, Digest="1" * 32)
    with pytest.raises(Outdated, match="Somebody else has changed the digest"):
        mend(tabled, access, content, seen=seen)
    assert shelf.items() == {name: {"Digest": "1" * 32}}


@pytest.mark.parametrize("content", [CONTENT, None])
def test_a_lost_answer_is_looked_into(
    shelf: Shelf, tabled: Environment, access: Access, name: str, content: bytes | None
) -> None:
    shelf.put_item(name, Digest="0" * 32)
    shelf.lose("dynamodb:PutItem", after=True)
    shelf.lose("dynamodb:DeleteItem", after=True)
    mended = mend(tabled, access, content, seen=read(tabled, access))
    assert mended.allows(content)


def test_a_lost_request_is_not_taken_for_done(shelf: Shelf, tabled: Environment, access: Access) -> None:
    shelf.lose("dynamodb:PutItem", after=False)
    with pytest.raises(Unavailable):
        mend(tabled, access, CONTENT, seen=read(tabled, access))
    assert shelf.items() == {}


def test_what_is_read_back_must_be_what_was_written(
    shelf: Shelf, tabled: Environment, access: Access, name: str
) -> None:
    seen = read(tabled, access)
    shelf.meanwhile("dynamodb:GetItem", lambda: shelf.put_item(name, Digest="1" * 32))
    with pytest.raises(RollbackError, match="isn't what has just been written"):
        mend(tabled, access, CONTENT, seen=seen)


def test_a_table_that_is_not_there_is_one_sentence(tabled: Environment, access: Access) -> None:
    elsewhere = replace(tabled, terraform=replace(tabled.terraform, lock_table=f"no-{TABLE}"))
    with pytest.raises(AwsError, match="ResourceNotFoundException"):
        read(elsewhere, access)


def test_a_refused_write_is_not_somebody_elses_change(
    shelf: Shelf, tabled: Environment, access: Access
) -> None:
    shelf.refuse("dynamodb:PutItem", "AccessDeniedException", 400)
    with pytest.raises(AccessDenied):
        mend(tabled, access, CONTENT, seen=read(tabled, access))

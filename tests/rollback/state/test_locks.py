"""Locks of both kinds: seeing them, taking and releasing them, and unlocking somebody else's."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from rollback.clock import spoken
from rollback.errors import AccessDenied, AwsError, Refused, RollbackError, Unavailable
from rollback.state.locks import HeldLock, LockHeld, LockInfo, LockKind, held, release, take, unlock
from rollback.state.places import backend_key, digest_path, lock_key, lock_path, object_key

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.environment import Environment
    from tests.rollback.state.shelf import Shelf


def new(environment: Environment, access: Access, lock_id: str = "") -> LockInfo:
    lock = LockInfo.new(environment, access, operation="Restore", info="of serial 7", version="1.11.4")
    return replace(lock, id=lock_id) if lock_id else lock


def somebodys(environment: Environment, access: Access, *, seconds_ago: float = 60) -> LockInfo:
    created = access.clock.now() - timedelta(seconds=seconds_ago)
    return LockInfo(
        "her-id", "OperationTypeApply", "run 17", "ada@runner", "1.11.4", created, lock_path(environment)
    )


def file_lock(shelf: Shelf, lock: LockInfo) -> None:
    shelf.put(lock.as_json().encode(), key=shelf.key + ".tflock")


def table_lock(shelf: Shelf, lock: LockInfo) -> None:
    shelf.put_item(f"{shelf.bucket}/{shelf.key}", Info=lock.as_json())


def kinds(environment: Environment, access: Access) -> list[tuple[LockKind, str]]:
    return [(lock.kind, lock.id) for lock in held(environment, access)]


# Seeing.


def test_nobody_holds_a_state_that_was_never_locked_or_is_locked_no_more(
    shelf: Shelf, tabled: Environment, access: Access
) -> None:
    assert held(tabled, access) == ()
    file_lock(shelf, somebodys(tabled, access))
    shelf.delete(key=shelf.key + ".tflock")
    shelf.put_item(f"{shelf.bucket}/{shelf.key}-md5", Digest="0" * 32)
    assert held(tabled, access) == ()


def test_both_kinds_of_lock_are_seen_with_who_since_when_and_what_for(
    shelf: Shelf, tabled: Environment, access: Access
) -> None:
    lock = somebodys(tabled, access)
    file_lock(shelf, lock)
    table_lock(shelf, replace(lock, id="another-id"))
    file, table = held(tabled, access)
    assert (file.kind, file.id, table.kind, table.id) == (
        LockKind.FILE,
        "her-id",
        LockKind.TABLE,
        "another-id",
    )
    for each in (file, table):
        assert (each.who, each.operation, each.info) == ("ada@runner", "OperationTypeApply", "run 17")
        assert (each.since, each.version, each.unreadable) == (lock.created, "1.11.4", False)
    told = file.told(lock.created + timedelta(seconds=65))
    assert told == (
        f'"ada@runner" holds the lock file since {lock.created:%Y-%m-%d %H:%M:%S} UTC (1 min 5 s) '
        'for "OperationTypeApply", "run 17"; its id is "her-id"'
    )


def test_without_a_lock_table_only_the_file_is_asked_for(
    shelf: Shelf, environment: Environment, access: Access
) -> None:
    asked = shelf.asked()
    file_lock(shelf, somebodys(environment, access))
    assert kinds(environment, access) == [(LockKind.FILE, "her-id")]
    assert asked == ["s3:GetObject"]


def test_the_time_that_go_writes_is_read(shelf: Shelf, environment: Environment, access: Access) -> None:
    content = json.loads(somebodys(environment, access).as_json())
    content["Created"] = "2026-01-05T02:03:04.123456789Z"
    shelf.put(json.dumps(content).encode(), key=shelf.key + ".tflock")
    (lock,) = held(environment, access)
    assert lock.since is not None
    assert lock.since.isoformat() == "2026-01-05T02:03:04.123456+00:00"


@pytest.mark.parametrize("content", [b"", b"nonsense", b"[]", b"{}", b'{"ID": ""}', b'{"ID": 7}'])
def test_what_is_no_lock_of_terraform_is_still_a_lock(
    shelf: Shelf, tabled: Environment, access: Access, content: bytes
) -> None:
    shelf.put(content, key=shelf.key + ".tflock")
    shelf.put_item(f"{shelf.bucket}/{shelf.key}", Info=content.decode())
    for lock in held(tabled, access):
        assert (lock.unreadable, lock.id) == (True, "")
        assert "isn't a lock of Terraform" in lock.told(access.clock.now())
    assert len(held(tabled, access)) == 2
    with pytest.raises(LockHeld):
        take(tabled, access, new(tabled, access))


def test_a_lock_that_does_not_say_since_when_is_as_old_as_its_file(
    shelf: Shelf, tabled: Environment, access: Access
) -> None:
    shelf.put(b'{"ID": "x", "Created": "some day"}', key=shelf.key + ".tflock")
    shelf.put_item(f"{shelf.bucket}/{shelf.key}", Info='{"ID": "x"}')
    access.clock.sleep(100)
    file, table = held(tabled, access)
    assert file.seconds(access.clock.now()) == pytest.approx(100, abs=2)
    assert table.seconds(access.clock.now()) is None
    assert "since" not in table.told(access.clock.now())
    assert table.looks_alive(tabled, access.clock.now())


def test_what_a_lock_says_cannot_act_on_a_terminal(
    shelf: Shelf, environment: Environment, access: Access
) -> None:
    lock = replace(somebodys(environment, access), who="\x1b[2Jada", info="\x07", operation="\r")
    file_lock(shelf, lock)
    (seen,) = held(environment, access)
    assert seen.told(access.clock.now()).isprintable()


def test_a_young_lock_looks_alive_and_an_old_one_does_not(
    shelf: Shelf, environment: Environment, access: Access
) -> None:
    deadline = environment.budgets.infrastructure.deadline_seconds
    file_lock(shelf, somebodys(environment, access, seconds_ago=0))
    (lock,) = held(environment, access)
    assert lock.since is not None
    assert lock.looks_alive(environment, lock.since + timedelta(seconds=deadline - 1))
    assert not lock.looks_alive(environment, lock.since + timedelta(seconds=deadline))
    # The holder's clock may be ahead of ours.
    assert lock.seconds(lock.since - timedelta(seconds=5)) == 0


def test_what_is_forbidden_to_look_at_is_not_taken_for_unlocked(
    shelf: Shelf, environment: Environment, access: Access
) -> None:
    shelf.refuse("s3:GetObject", "AccessDenied", 403)
    with pytest.raises(AccessDenied):
        held(environment, access)


def test_the_state_of_another_workspace_has_a_key_of_its_own(environment: Environment) -> None:
    blue = replace(environment, terraform=replace(environment.terraform, workspace="blue"))
    whole = replace(blue, state_key=f"env:/blue/{environment.state_key}")
    for each in (blue, whole):
        assert object_key(each) == f"env:/blue/{environment.state_key}"
        assert backend_key(each) == environment.state_key
        assert lock_key(each) == object_key(each) + ".tflock"
        assert lock_path(each) == f"{environment.state_bucket}/{object_key(each)}"
        assert digest_path(each) == lock_path(each) + "-md5"
    assert (object_key(environment), backend_key(environment)) == (
        environment.state_key,
        environment.state_key,
    )


# Taking and releasing.


def test_a_lock_is_taken_in_both_places_and_released_in_both(
    shelf: Shelf, tabled: Environment, access: Access
) -> None:
    lock = new(tabled, access)
    asked = shelf.asked()
    take(tabled, access, lock)
    assert asked == ["s3:PutObject", "dynamodb:PutItem"]
    assert kinds(tabled, access) == [(LockKind.FILE, lock.id), (LockKind.TABLE, lock.id)]
    assert json.loads(shelf.content(key=shelf.key + ".tflock")) == json.loads(
        shelf.items()[f"{shelf.bucket}/{shelf.key}"]["Info"]
    )
    release(tabled, access, lock.id)
    assert held(tabled, access) == ()
    release(tabled, access, lock.id)


def test_two_locks_never_have_one_id(environment: Environment, access: Access) -> None:
    assert new(environment, access).id != new(environment, access).id


def test_taking_a_lock_that_is_ours_already_is_taking_it(
    shelf: Shelf, tabled: Environment, access: Access
) -> None:
    """As after a crash, after the file or after both."""
    lock = new(tabled, access)
    file_lock(shelf, lock)
    take(tabled, access, lock)
    take(tabled, access, lock)
    assert kinds(tabled, access) == [(LockKind.FILE, lock.id), (LockKind.TABLE, lock.id)]


@pytest.mark.parametrize("kind", LockKind)
def test_what_somebody_else_holds_is_not_taken_and_nothing_of_ours_stays(
    shelf: Shelf, tabled: Environment, access: Access, kind: LockKind
) -> None:
    hers = somebodys(tabled, access)
    {LockKind.FILE: file_lock, LockKind.TABLE: table_lock}[kind](shelf, hers)
    with pytest.raises(LockHeld, match="ada@runner") as raised:
        take(tabled, access, new(tabled, access))
    assert [lock.kind for lock in raised.value.locks] == [kind]
    assert kinds(tabled, access) == [(kind, "her-id")]


@pytest.mark.parametrize("operation", ["s3:PutObject", "dynamodb:PutItem"])
def test_a_lost_answer_to_taking_is_looked_into(
    shelf: Shelf, tabled: Environment, access: Access, operation: str
) -> None:
    shelf.lose(operation, after=True)
    lock = new(tabled, access)
    take(tabled, access, lock)
    assert kinds(tabled, access) == [(LockKind.FILE, lock.id), (LockKind.TABLE, lock.id)]


@pytest.mark.parametrize("operation", ["s3:PutObject", "dynamodb:PutItem"])
def test_where_a_lock_cannot_be_put_none_of_ours_stays(
    shelf: Shelf, tabled: Environment, access: Access, operation: str
) -> None:
    shelf.lose(operation, after=False)
    with pytest.raises(Unavailable):
        take(tabled, access, new(tabled, access))
    assert held(tabled, access) == ()


def test_where_the_table_may_not_be_written_the_file_does_not_stay(
    shelf: Shelf, tabled: Environment, access: Access
) -> None:
    asked = shelf.asked()
    shelf.refuse("dynamodb:PutItem", "AccessDeniedException", 400)
    with pytest.raises(AccessDenied):
        take(tabled, access, new(tabled, access))
    assert asked.count("dynamodb:PutItem") == 1
    assert held(tabled, access) == ()


def test_a_lock_of_ours_that_stays_behind_is_named(shelf: Shelf, tabled: Environment, access: Access) -> None:
    lock = new(tabled, access)
    shelf.refuse("dynamodb:PutItem", "AccessDeniedException", 400)
    shelf.refuse("s3:DeleteObject", "AccessDenied", 403)
    with pytest.raises(RollbackError, match="may be left behind") as raised:
        take(tabled, access, lock)
    assert lock.id in raised.value.remedy
    assert kinds(tabled, access) == [(LockKind.FILE, lock.id)]


def test_a_conflict_of_two_requests_is_tried_again(
    shelf: Shelf, environment: Environment, access: Access
) -> None:
    lock = new(environment, access)
    shelf.refuse("s3:PutObject", "ConditionalRequestConflict", 409, times=2)
    take(environment, access, lock)
    assert kinds(environment, access) == [(LockKind.FILE, lock.id)]


def test_a_conflict_without_end_is_an_error_and_no_lock(
    shelf: Shelf, environment: Environment, access: Access
) -> None:
    shelf.refuse("s3:PutObject", "ConditionalRequestConflict", 409)
    with pytest.raises(AwsError, match="ConditionalRequestConflict"):
        take(environment, access, new(environment, access))
    assert held(environment, access) == ()


def test_releasing_touches_no_lock_of_another_id(shelf: Shelf, tabled: Environment, access: Access) -> None:
    file_lock(shelf, somebodys(tabled, access))
    table_lock(shelf, somebodys(tabled, access))
    release(tabled, access, "our-id")
    assert kinds(tabled, access) == [(LockKind.FILE, "her-id"), (LockKind.TABLE, "her-id")]


def test_a_lock_that_comes_in_place_of_ours_while_it_is_released_stays(
    shelf: Shelf, tabled: Environment, access: Access
) -> None:
    lock = new(tabled, access)
    take(tabled, access, lock)
    hers = somebodys(tabled, access)
    shelf.meanwhile("s3:DeleteObject", lambda: file_lock(shelf, hers))
    shelf.meanwhile("dynamodb:DeleteItem", lambda: table_lock(shelf, hers))
    release(tabled, access, lock.id)
    assert kinds(tabled, access) == [(LockKind.FILE, "her-id"), (LockKind.TABLE, "her-id")]


@pytest.mark.parametrize("operation", ["s3:DeleteObject", "dynamodb:DeleteItem"])
def test_a_lost_answer_to_releasing_is_looked_into(
    shelf: Shelf, tabled: Environment, access: Access, operation: str
) -> None:
    lock = new(tabled, access)
    take(tabled, access, lock)
    shelf.lose(operation, after=True)
    release(tabled, access, lock.id)
    assert held(tabled, access) == ()


def test_where_one_lock_cannot_be_removed_the_other_is_all_the_same(
    shelf: Shelf, tabled: Environment, access: Access
) -> None:
    lock = new(tabled, access)
    take(tabled, access, lock)
    shelf.refuse("s3:DeleteObject", "AccessDenied", 403)
    with pytest.raises(AccessDenied):
        release(tabled, access, lock.id)
    assert kinds(tabled, access) == [(LockKind.FILE, lock.id)]


# Unlocking.


def test_a_lock_is_unlocked_by_its_id_knowingly_and_that_is_written_down_before(
    shelf: Shelf, tabled: Environment, access: Access
) -> None:
    hers = somebodys(tabled, access)
    file_lock(shelf, hers)
    table_lock(shelf, hers)
    taken = unlock(tabled, access, "her-id", knowingly=True)
    assert [lock.kind for lock in taken] == [LockKind.FILE, LockKind.TABLE]
    assert held(tabled, access) == ()
    entries = [json.loads(line) for line in access.journal.path.read_text().splitlines()]
    kind_of = [(entry["kind"], entry["what"]) for entry in entries if entry["kind"] in {"decision", "call"}]
    assert [kind for kind, _ in kind_of] == ["decision", "call", "call"]
    assert "her-id" in kind_of[0][1]


def test_only_the_lock_of_that_id_is_unlocked(shelf: Shelf, tabled: Environment, access: Access) -> None:
    hers = somebodys(tabled, access)
    file_lock(shelf, hers)
    table_lock(shelf, replace(hers, id="another-id"))
    unlock(tabled, access, "her-id", knowingly=True)
    assert kinds(tabled, access) == [(LockKind.TABLE, "another-id")]


def test_another_id_unlocks_nothing_and_the_held_one_is_told(
    shelf: Shelf, environment: Environment, access: Access
) -> None:
    file_lock(shelf, somebodys(environment, access))
    with pytest.raises(Refused, match='No lock of the state has the id "her"') as raised:
        unlock(environment, access, "her", knowingly=True)
    assert '"her-id"' in raised.value.remedy
    assert len(held(environment, access)) == 1


@pytest.mark.usefixtures("shelf")
def test_where_nothing_is_locked_there_is_nothing_to_unlock(environment: Environment, access: Access) -> None:
    with pytest.raises(Refused, match="No lock of the state") as raised:
        unlock(environment, access, "her-id", knowingly=True)
    assert raised.value.remedy == "None is held."


@pytest.mark.parametrize(("seconds_ago", "words"), [(60, "It is young"), (100_000, "It is old")])
def test_nothing_is_unlocked_unknowingly_and_the_age_is_told(
    shelf: Shelf, environment: Environment, access: Access, seconds_ago: float, words: str
) -> None:
    file_lock(shelf, somebodys(environment, access, seconds_ago=seconds_ago))
    with pytest.raises(Refused) as raised:
        unlock(environment, access, "her-id", knowingly=False)
    assert words in raised.value.remedy
    assert "ada@runner" in raised.value.sentence
    (lock,) = held(environment, access)
    assert spoken(lock.seconds(access.clock.now()) or 0).split()[0] in raised.value.sentence


def test_a_lock_file_without_an_id_is_left_and_told_how_to_remove(
    shelf: Shelf, environment: Environment, access: Access
) -> None:
    shelf.put(b"nonsense", key=shelf.key + ".tflock")
    with pytest.raises(Refused) as raised:
        unlock(environment, access, "", knowingly=True)
    assert f"--bucket {shelf.bucket} --key {shelf.key}.tflock" in raised.value.remedy
    assert len(held(environment, access)) == 1


def test_the_stamp_of_a_lock_is_not_shown() -> None:
    lock = HeldLock(LockKind.FILE, "i", "w", "o", "n", None, "v", unreadable=False, stamp="the-stamp")
    assert "the-stamp" not in repr(lock)

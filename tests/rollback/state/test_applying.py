"""A restore in the bucket: what is in force afterwards, whose lock is held, and what the journal says."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rollback import state
from rollback.errors import JournalError, Outdated, Refused
from rollback.journal import Kind, read
from rollback.state import LockHeld, Outcome
from rollback.state.locks import LockInfo
from rollback.state.places import digest_path
from rollback.terraform import TerraformError
from tests.rollback.state.restoring import (
    HISTORY,
    Scene,
    content,
    fake_terraform,
    md5,
    mutating,
    scene,
)
from tests.rollback.state.shelf import SECRET, Shelf

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.awsrequest import AWSResponse

    from rehearsal.doors import Call
    from rollback.state import SavedPoint

DAMAGES = {"empty": b"", "nonsense": b"nonsense", "truncated": content(5, *HISTORY[3])[:400]}


@pytest.fixture
def played(shelf: Shelf) -> Scene:
    """With lock files only, and terraform at hand."""
    shelf.stage.let_terraform_in()
    return scene(shelf)


@pytest.fixture
def tabled(shelf: Shelf) -> Scene:
    """With a lock table as well."""
    shelf.stage.let_terraform_in()
    return scene(shelf, table=True)


def lineage(scene: Scene) -> str:
    return str(json.loads(scene.shelf.content())["lineage"])


def saved_of(scene: Scene) -> SavedPoint:
    return state.saved_point(scene.environment, read(scene.access.journal.path))


def test_the_chosen_state_is_in_force_under_a_newer_serial(played: Scene) -> None:
    """By Terraform's own push, with the lineage it had, and without our lock."""
    before = lineage(played)
    result = played.restore("serial 3")
    assert result.outcome is Outcome.RESTORED
    assert result.landed
    assert played.names == tuple(sorted(HISTORY[2]))
    assert played.serial == result.serial > 4
    assert lineage(played) == before
    assert played.locked() == []
    assert result.orphans == ("terraform_data.record",)
    assert str(result.serial) in result.sentence
    assert result.version in result.sentence
    assert "terraform_data.record" in result.sentence


def test_the_saved_point_is_in_the_journal_before_anything_is_changed(played: Scene) -> None:
    """With the lock's id, so that a killed restore can be explained."""
    result = played.restore()
    entries = read(played.access.journal.path)
    kinds = [entry.kind for entry in entries]
    assert kinds.index(Kind.SAVED) < kinds.index(Kind.CALL)
    assert saved_of(played) == result.saved
    assert entries[-1].kind is Kind.OUTCOME
    assert entries[-1].what == result.sentence


def test_what_was_there_before_is_kept_in_a_private_file(played: Scene) -> None:
    """To the last byte; what is in force now isn't kept besides."""
    before = played.shelf.content()
    saved = played.restore().saved
    assert saved is not None
    file = Path(saved.before.file)
    assert file.read_bytes() == before
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert not Path(saved.writing.file).exists()
    assert saved.before.version == played.versions[3]


def test_no_value_comes_out(played: Scene) -> None:
    """Not in the journal, nor in the result."""
    result = played.restore()
    assert SECRET not in played.journal() + repr(result)


def test_terraform_reads_what_was_restored_in_a_table_s_world(tabled: Scene) -> None:
    """The digest is that of the object."""
    assert tabled.restore().landed
    assert tabled.digest == md5(tabled.shelf.content())
    assert tabled.locked() == []


def test_a_stale_digest_is_mended_first(tabled: Scene) -> None:
    """Else Terraform would refuse to push at all."""
    tabled.shelf.put_item(digest_path(tabled.environment), Digest="0" * 32)
    assert tabled.restore().landed
    assert tabled.digest == md5(tabled.shelf.content())


@pytest.mark.parametrize("bad", list(DAMAGES.values()), ids=list(DAMAGES))
def test_a_damaged_state_is_overwritten_in_s3(tabled: Scene, bad: bytes) -> None:
    """Where Terraform can neither pull nor push; the lineage stays, the digest follows."""
    before = lineage(tabled)
    tabled.put(bad, digest=False)
    result = tabled.restore("serial 4")
    assert result.landed
    assert tabled.names == tuple(sorted(HISTORY[3]))
    assert tabled.serial == 5 if bad != DAMAGES["truncated"] else 6
    assert lineage(tabled) == before
    assert tabled.digest == md5(tabled.shelf.content())
    assert tabled.locked() == []
    assert result.saved is not None
    assert Path(result.saved.before.file).read_bytes() == bad


def test_a_deleted_state_comes_back_with_its_lineage(tabled: Scene) -> None:
    """A push would have begun another one."""
    before = lineage(tabled)
    tabled.shelf.delete()
    assert tabled.restore("serial 4").landed
    assert (tabled.serial, lineage(tabled)) == (5, before)
    assert tabled.digest == md5(tabled.shelf.content())


def test_it_is_encrypted_as_the_chosen_version_is(played: Scene) -> None:
    """A bucket may demand it of what is stored there."""
    shelf = played.shelf
    key = "arn:aws:kms:us-east-1:777788889999:key/8f1e"
    kept = shelf.s3.put_object(
        Bucket=shelf.bucket,
        Key=shelf.key,
        Body=content(5, *HISTORY[3]),
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=key,
    )
    played.put(b"nonsense")
    assert played.restore(kept["VersionId"]).landed
    stored = shelf.s3.head_object(Bucket=shelf.bucket, Key=shelf.key)
    assert (stored["ServerSideEncryption"], stored["SSEKMSKeyId"]) == ("aws:kms", key)


def test_nothing_to_do_changes_nothing(played: Scene) -> None:
    """What is in force already takes no lock."""
    result = played.restore("serial 4")
    assert result.outcome is Outcome.NOTHING
    assert mutating(played) == []


def test_a_plan_with_a_refusal_is_not_applied(played: Scene) -> None:
    """Nothing is called."""
    plan = played.plan("serial 1")
    with pytest.raises(Refused):
        state.apply(played.environment, played.access, plan)
    assert mutating(played) == []


def test_who_has_taken_the_lock_since_the_plan_is_named(played: Scene) -> None:
    """Their lock stays, and nothing is written."""
    plan = played.plan()
    hands = played.shelf.stage.access()
    lock = LockInfo.new(played.environment, hands, operation="OperationTypeApply")
    state.take(played.environment, hands, lock)
    with pytest.raises(LockHeld, match=lock.id):
        state.apply(played.environment, played.access, plan)
    assert played.locked() == [lock.id]
    assert played.serial == 4


@pytest.mark.parametrize("serial", [3, 5], ids=["forced back", "applied"])
def test_a_state_that_moved_since_the_plan_is_left_alone(played: Scene, serial: int) -> None:
    """Seen under the lock, which is then given back, also where Terraform would have let it pass."""
    plan = played.plan()
    played.put(content(serial, *HISTORY[3], "another"))
    with pytest.raises(Outdated):
        state.apply(played.environment, played.access, plan)
    assert (played.serial, played.locked()) == (serial, [])
    assert "another" in played.names


def test_what_isn_t_what_was_planned_is_not_written(played: Scene) -> None:
    """A journal that was tampered with names a version whose content is another."""
    plan = played.plan()
    played.shelf.meanwhile("s3:ListObjectVersions", killed_now)
    with pytest.raises(KeyboardInterrupt):
        state.apply(played.environment, played.access, plan)
    saved = saved_of(played)
    other = replace(saved, writing=replace(saved.writing, chosen=played.versions[0], sha256="0" * 64))
    result = state.go_on(played.environment, played.access, other)
    assert result.outcome is Outcome.NOT_WRITTEN
    assert (played.serial, played.locked()) == (4, [])


def killed_now() -> None:
    raise KeyboardInterrupt


def written_at_our_write(played: Scene) -> bytes:
    """Have somebody write a state just before ours is written, past the lock; returns theirs."""
    theirs = content(9, *HISTORY[3])

    def after_the_lock(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        if call.operation == "s3:PutObject" and "tflock" not in call.request.url:
            played.shelf.s3.put_object(Bucket=played.shelf.bucket, Key=played.shelf.key, Body=theirs)
        return proceed()

    played.shelf.stage.operator.interceptors.append(after_the_lock)
    return theirs


def test_who_writes_past_the_lock_isn_t_overwritten(played: Scene) -> None:
    """Between our look and our write: the write is conditional."""
    played.put(b"nonsense")
    plan = played.plan("serial 4")
    theirs = written_at_our_write(played)
    with pytest.raises(Outdated):
        state.apply(played.environment, played.access, plan)
    assert played.shelf.content() == theirs
    assert played.locked() == []


def test_who_puts_a_state_where_it_was_deleted_isn_t_overwritten(played: Scene) -> None:
    """There the condition is that there still is none."""
    played.shelf.delete()
    plan = played.plan("serial 4")
    theirs = written_at_our_write(played)
    with pytest.raises(Outdated):
        state.apply(played.environment, played.access, plan)
    assert played.shelf.content() == theirs


def test_what_terraform_refuses_is_told_in_its_first_words(played: Scene, tmp_path: Path) -> None:
    """The state is as it was, and the lock is given back."""
    saying = f'Failed to write state: no such luck\n\n  password = "{SECRET}"'
    fake_terraform(played, tmp_path / "bin", refuses="state push", saying=saying)
    before = played.shelf.content()
    result = played.restore()
    assert result.outcome is Outcome.REFUSED_BY_TERRAFORM
    assert "no such luck" in result.sentence
    assert SECRET not in result.sentence + result.remedy + played.journal()
    assert "is as it was" in result.sentence
    assert result.remedy
    assert played.shelf.content() == before
    assert played.locked() == []


def test_a_terraform_that_can_t_reach_the_backend_changes_nothing(played: Scene, tmp_path: Path) -> None:
    """It is asked before the lock is taken."""
    fake_terraform(played, tmp_path / "bin", refuses="init", saying="Error: no way there")
    plan = played.plan()
    with pytest.raises(TerraformError, match="init"):
        state.apply(played.environment, played.access, plan)
    assert mutating(played) == []


def test_a_plan_is_applied_once(played: Scene) -> None:
    """Its private files are then where undo looks for them."""
    plan = played.plan()
    state.apply(played.environment, played.access, plan)
    with pytest.raises(Outdated, match="applied already"):
        state.apply(played.environment, played.access, plan)


def test_going_on_with_what_is_finished_changes_nothing(played: Scene) -> None:
    """It says once more that it is in force."""
    saved = played.restore().saved
    assert saved is not None
    before = played.shelf.content()
    assert state.go_on(played.environment, played.access, saved).landed
    assert played.shelf.content() == before
    assert played.locked() == []


def test_going_on_doesn_t_overwrite_what_came_after(played: Scene) -> None:
    """Somebody has applied since: the lock is given back and nothing written."""
    saved = played.restore().saved
    assert saved is not None
    played.put(content(played.serial + 1, *HISTORY[3]))
    before = played.shelf.content()
    with pytest.raises(Outdated):
        state.go_on(played.environment, played.access, saved)
    assert played.shelf.content() == before
    assert played.locked() == []


def test_going_on_waits_for_nobody_s_lock(played: Scene) -> None:
    """Somebody else's lock is named."""
    saved = played.restore().saved
    assert saved is not None
    hands = played.shelf.stage.access()
    lock = LockInfo.new(played.environment, hands, operation="OperationTypeApply")
    state.take(played.environment, hands, lock)
    with pytest.raises(LockHeld):
        state.go_on(played.environment, played.access, saved)
    assert played.locked() == [lock.id]


def test_going_on_without_the_private_files(played: Scene) -> None:
    """What was to be written is made again from the version in the bucket."""
    plan = played.plan()

    def killed(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        if call.operation == "s3:PutObject":
            proceed()
            raise KeyboardInterrupt
        return proceed()

    played.shelf.stage.operator.interceptors.append(killed)
    with pytest.raises(KeyboardInterrupt):
        state.apply(played.environment, played.access, plan)
    played.shelf.stage.operator.interceptors.remove(killed)
    saved = saved_of(played)
    assert played.locked() == [saved.lock]
    assert saved.lock in played.journal()
    Path(saved.writing.file).unlink()
    Path(saved.before.file).unlink()
    assert state.go_on(played.environment, played.access, saved).landed
    assert played.names == tuple(sorted(HISTORY[2]))


def test_what_was_to_be_written_can_be_had_no_more(played: Scene) -> None:
    """Neither the private file nor the version: nothing is written, and the lock is given back or named."""
    plan = played.plan()
    assert plan.writing is not None
    Path(plan.writing.file).write_bytes(b"somebody's else")
    played.shelf.s3.delete_object(
        Bucket=played.shelf.bucket, Key=played.shelf.key, VersionId=played.versions[2]
    )
    result = state.apply(played.environment, played.access, plan)
    assert result.outcome is Outcome.NOT_WRITTEN
    assert "no longer in the bucket" in result.sentence
    assert (played.serial, played.locked()) == (4, [])


def test_a_lock_that_can_t_be_released_is_named(played: Scene) -> None:
    """The state is restored, and the restore isn't finished; going on finishes it."""
    plan = played.plan()
    played.shelf.refuse("s3:DeleteObject", "AccessDenied", 403, times=1)
    result = state.apply(played.environment, played.access, plan)
    assert result.outcome is Outcome.UNFINISHED
    assert result.saved is not None
    assert result.saved.lock in result.sentence
    assert any("force-unlock" in line for line in result.commands)
    assert played.locked() == [result.saved.lock]
    assert state.go_on(played.environment, played.access, result.saved).landed
    assert played.locked() == []


def test_killed_before_the_digest_is_mended_it_can_be_gone_on_with(tabled: Scene) -> None:
    """The state is whole, and our lock keeps everybody else away until the digest follows."""
    tabled.put(b"nonsense", digest=False)
    plan = tabled.plan("serial 4")
    written = False

    def deny(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        nonlocal written
        if call.operation == "dynamodb:PutItem" and written:
            raise KeyboardInterrupt
        written = written or (call.operation == "s3:PutObject" and "tflock" not in call.request.url)
        return proceed()

    tabled.shelf.stage.operator.interceptors.append(deny)
    with pytest.raises(KeyboardInterrupt):
        state.apply(tabled.environment, tabled.access, plan)
    saved = saved_of(tabled)
    assert tabled.digest != md5(tabled.shelf.content())
    assert set(tabled.locked()) == {saved.lock}
    tabled.shelf.stage.operator.interceptors.remove(deny)
    assert state.go_on(tabled.environment, tabled.access, saved).landed
    assert tabled.digest == md5(tabled.shelf.content())


def test_a_digest_that_can_t_be_written_leaves_it_unfinished(tabled: Scene) -> None:
    """Terraform refuses to read the state, so nobody else gets the lock before it is finished."""
    tabled.put(b"nonsense", digest=False)
    plan = tabled.plan("serial 4")

    def deny_after_the_write(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        if call.operation == "s3:PutObject" and "tflock" not in call.request.url:
            tabled.shelf.refuse("dynamodb:PutItem", "AccessDeniedException", 400)
        return proceed()

    doors = tabled.shelf.stage.operator.interceptors
    before = list(doors)
    doors.append(deny_after_the_write)
    result = state.apply(tabled.environment, tabled.access, plan)
    assert result.outcome is Outcome.UNFINISHED
    assert result.saved is not None
    assert result.saved.lock in result.sentence
    assert set(tabled.locked()) == {result.saved.lock}
    doors[:] = before
    assert state.go_on(tabled.environment, tabled.access, result.saved).landed
    assert tabled.digest == md5(tabled.shelf.content())
    assert tabled.locked() == []


def test_another_environment_s_journal_is_refused(played: Scene) -> None:
    """Its lock and its serial mean nothing here."""
    saved = played.restore().saved
    assert saved is not None
    other = replace(played.environment, name="staging", state_bucket="another")
    with pytest.raises(JournalError):
        state.go_on(other, played.access, saved)
    with pytest.raises(JournalError):
        state.saved_point(other, read(played.access.journal.path))


def test_a_journal_without_a_restore_says_so(played: Scene) -> None:
    """There is nothing to go on with."""
    with pytest.raises(JournalError, match="no restore"):
        saved_of(played)

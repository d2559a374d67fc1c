"""Each way back that a journal may be of is known, and is handed what its journal says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import pytest

from rollback import ecs, record, terraform
from rollback._settings import PostMortemTable
from rollback.database import backup, fixing
from rollback.database.backup import Loss
from rollback.errors import JournalError
from rollback.journal import Kind
from rollback.record import WAYS, Stands
from tests.rollback.builders import ENVIRONMENT, NOON
from tests.rollback.record.tale import Tale

if TYPE_CHECKING:
    from rollback.access import Access


def test_the_criteria_of_a_post_mortem_know_just_the_ways_that_there_are() -> None:
    annotation = PostMortemTable.model_fields["ways"].annotation
    assert set(get_args(get_args(annotation)[0])) == set(WAYS)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """What the database's own functions were asked; they do nothing."""
    found: list[tuple[str, Any]] = []

    def spy(name: str) -> Any:
        def called(_: object, __: object, *args: Any, **more: Any) -> str:
            found.append((name, more or args))
            return name

        return called

    for module in (backup, fixing, terraform, ecs):
        for name in {"plan", "made", "apply", "go_on", "undo"} & vars(module).keys():
            monkeypatch.setattr(module, name, spy(f"{module.__name__.rpartition('.')[2]}.{name}"))
        monkeypatch.setattr(module, "saved_point", lambda *_: "saved")
    return found


RESTORE = {
    "to": "before-deploy",
    "confirmed_since": NOON.isoformat(),
    "confirmed_rows": 3,
    "uncounted": False,
    "target": "new",
}


def begun(access: Access, tale: Tale) -> record.Begun:
    for entry in tale.entries:
        access.journal.record(entry.kind, entry.what, **entry.detail)
    return record.begun(access.journal.path)


def test_a_restore_that_was_only_planned_is_planned_with_what_was_confirmed(
    access: Access, asked: list[tuple[str, Any]]
) -> None:
    record.resume(ENVIRONMENT, access, begun(access, Tale().planned("backup", asked=RESTORE)))
    loss = Loss(since=NOON, rows=3)
    assert asked[0] == ("backup.plan", {"to": "before-deploy", "confirmed": loss, "target": "new"})
    assert asked[1][0] == "backup.apply"


def test_a_restore_that_had_begun_is_gone_on_with(access: Access, asked: list[tuple[str, Any]]) -> None:
    tale = Tale().planned("backup", asked=RESTORE).saved("backup").asked("rds:RestoreDBInstance")
    record.resume(ENVIRONMENT, access, begun(access, tale))
    assert asked == [("backup.go_on", ("saved",))]


def test_the_undo_of_a_restore_that_broke_off_is_undone_again(
    access: Access, asked: list[tuple[str, Any]]
) -> None:
    tale = Tale().planned("backup", asked=RESTORE).saved("backup").ended(way="backup")
    tale.planned("backup", asked={"undo": True}).asked("secretsmanager:UpdateSecretVersionStage")
    found = begun(access, tale)
    assert found.stands is Stands.IN_DOUBT
    record.resume(ENVIRONMENT, access, found)
    record.undo(ENVIRONMENT, access, record.begun(found.path))
    assert asked == [("backup.undo", ("saved",))] * 2


def test_a_confirmation_that_can_t_be_read_confirms_nothing(
    access: Access, asked: list[tuple[str, Any]]
) -> None:
    tale = Tale().planned("backup", asked={**RESTORE, "confirmed_since": "yesterday"})
    with pytest.raises(JournalError, match="doesn't say what may be lost"):
        record.resume(ENVIRONMENT, access, begun(access, tale))
    assert asked == []


@pytest.mark.parametrize(("on_branch", "does"), [(True, "fixing.go_on"), (False, "fixing.plan")])
def test_a_fix_forward_is_followed_where_the_branch_has_it(
    access: Access,
    asked: list[tuple[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    on_branch: bool,  # noqa: FBT001 - a parameter
    does: str,
) -> None:
    monkeypatch.setattr(fixing, "is_on_the_branch", lambda *_: on_branch)
    tale = Tale().planned("fix-forward", asked={"migration": "", "propose": False})
    tale.saved("fix-forward", head=ENVIRONMENT.branch)
    record.resume(ENVIRONMENT, access, begun(access, tale))
    assert asked[0][0] == does


def test_an_emergency_rollback_goes_where_it_was_planned_to_go(
    access: Access, asked: list[tuple[str, Any]]
) -> None:
    """What is the newest proven revision may be another one by now."""
    record.resume(ENVIRONMENT, access, begun(access, Tale().planned(goes_to="app:41")))
    assert asked[0] == ("ecs.plan", {"to": "app:41", "register_copy": False})


def test_terraform_plans_the_same_commit_again_and_goes_back_to_the_one_before(
    access: Access, asked: list[tuple[str, Any]]
) -> None:
    wish = {"commit": "c0ffee", "allow": ["aws_x.a"], "before": ""}
    tale = Tale().planned("terraform", asked=wish).saved("terraform")
    tale.add(Kind.COMMAND, "terraform apply", args=["terraform", "apply"])
    found = begun(access, tale)
    assert found.stands is Stands.IN_DOUBT
    record.resume(ENVIRONMENT, access, found)
    record.undo(ENVIRONMENT, access, record.begun(found.path))
    assert asked[0] == ("terraform.made", (terraform.Wish(commit="c0ffee", allow=("aws_x.a",)),))
    assert [name for name, _ in asked[1:]] == ["terraform.apply", "terraform.undo"]


def test_the_undo_of_an_emergency_rollback_that_broke_off_is_undone_again_to_the_same_revision(
    access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the second undo would take the first one back, and leave the service on what was rolled back to."""
    went_to: list[str] = []
    monkeypatch.setattr(ecs, "undo", lambda _, __, saved: went_to.append(str(saved.revision)))
    record_of(access, "app:42", "app:41", landed=True)
    access.journal.record(Kind.DECISION, "Taking the emergency rollback back.", undoes=True)
    record_of(access, "app:41", "app:42", landed=None)
    record.undo(ENVIRONMENT, access, record.begun(access.journal.path))
    record_of(access, "app:41", "app:42", landed=False)
    record.undo(ENVIRONMENT, access, record.begun(access.journal.path))
    assert went_to == ["app:42", "app:42"]


def test_an_undo_that_has_landed_can_be_taken_back(access: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    went_to: list[str] = []
    monkeypatch.setattr(ecs, "undo", lambda _, __, saved: went_to.append(str(saved.revision)))
    record_of(access, "app:42", "app:41", landed=True)
    access.journal.record(Kind.DECISION, "Taking the emergency rollback back.", undoes=True)
    record_of(access, "app:41", "app:42", landed=True)
    record.undo(ENVIRONMENT, access, record.begun(access.journal.path))
    assert went_to == ["app:41"]


def record_of(access: Access, revision: str, target: str, *, landed: bool | None) -> None:
    """A rollback of the service from `revision` to `target`, which has ended or, for None, broken off."""
    where = {"way": "ecs", "environment": ENVIRONMENT.name}
    access.journal.record(Kind.PLAN, f"Go to {target}.", **where)
    saved = {"service": ENVIRONMENT.service, "revision": revision, "target": target, "replaced": []}
    access.journal.record(Kind.SAVED, f"It runs {revision}.", **where, **saved)
    access.journal.record(Kind.CALL, "ecs:UpdateService")
    access.journal.record(Kind.ANSWER, "ecs:UpdateService", status=200)
    if landed is not None:
        access.journal.record(Kind.OUTCOME, "It ended.", **where, landed=landed)

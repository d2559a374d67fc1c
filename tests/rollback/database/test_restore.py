"""What a restore of the database changes, and where it stops."""

from __future__ import annotations

import shlex
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore import xform_name
from sqlalchemy import make_url

from rehearsal import faults
from rehearsal.world import database
from rollback.database import backup
from rollback.database.backup import Loss, Outcome
from rollback.errors import JournalError, Outdated, Refused
from rollback.journal import read
from tests.rollback.database.restoring import FIRST, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from botocore.awsrequest import AWSResponse

    from rehearsal.doors import Call
    from tests.rollback.database.restoring import Scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with opened(tmp_path) as made:
        yield made


def test_what_was_there_at_the_moment_is_used_and_no_more(scene: Scene) -> None:
    result = scene.apply(scene.plan())
    assert result.outcome is Outcome.RESTORED
    assert result.missing == 1
    (new,) = scene.restored
    assert (scene.house.led_to, scene.house.tasks_use()) == (new, {new})
    assert scene.house.count(new) == FIRST
    assert scene.house.count(scene.house.instance) == FIRST + 1


def test_only_the_host_of_the_secret_is_another(scene: Scene) -> None:
    before = make_url(scene.world.team.database_url())
    scene.apply(scene.plan())
    after = make_url(scene.world.team.database_url())
    assert after.host != before.host
    assert after == before.set(host=after.host)


def test_a_row_more_than_was_confirmed_stops_it(scene: Scene) -> None:
    result = scene.apply(scene.plan(rows=0))
    assert (result.outcome, result.missing) == (Outcome.UNCONFIRMED, 1)
    assert scene.old_one_serves


def test_orders_that_come_in_while_it_is_led_over_are_found_missing(scene: Scene) -> None:
    scene.house.let_orders_come(every=4)
    stopped = scene.apply(scene.plan(rows=0))
    assert stopped.missing
    result = scene.apply(scene.plan(rows=stopped.missing + 2))
    assert result.outcome is Outcome.LOST_MORE
    assert result.missing
    assert result.missing > stopped.missing + 2
    assert result.saved
    assert not backup.verify(scene.environment, scene.access, result.saved).landed
    taken = [name for _, name in scene.house.placed if name == scene.house.name(scene.house.instance)]
    assert result.missing == len(taken)


def test_rows_that_can_not_be_counted_stop_it_unless_that_is_confirmed(scene: Scene) -> None:
    led = scene.stage.leads

    def refuse(_: object) -> Any:
        raise ConnectionRefusedError

    scene.stage.leads = refuse
    stopped = scene.apply(scene.plan())
    assert (stopped.outcome, stopped.missing) == (Outcome.UNCONFIRMED, None)
    assert scene.old_one_serves
    confirmed = Loss(since=scene.point, uncounted=True)
    made = backup.plan(scene.environment, scene.access, to=scene.point, confirmed=confirmed)
    result = scene.apply(made)
    scene.stage.leads = led
    assert (result.outcome, result.missing) == (Outcome.RESTORED, None)
    assert "isn't known" in result.sentence


def test_a_plan_without_a_confirmation_is_not_applied(scene: Scene) -> None:
    with pytest.raises(Refused):
        scene.apply(backup.plan(scene.environment, scene.access, to=scene.point))
    assert not scene.restored


def test_a_secret_that_somebody_has_changed_meanwhile_is_left_as_it_is(scene: Scene) -> None:
    made = scene.plan()
    scene.stage.clients.secretsmanager.put_secret_value(
        SecretId=scene.world.foundation.secret, SecretString=database.url()
    )
    with pytest.raises(Outdated):
        scene.apply(made)
    assert scene.world.team.database_url() == database.url()
    assert not scene.restored


def test_a_secret_that_is_changed_while_rds_restores_is_left_as_it_is(scene: Scene) -> None:
    secrets, secret = scene.stage.clients.secretsmanager, scene.world.foundation.secret
    scene.world.later(20, lambda: secrets.put_secret_value(SecretId=secret, SecretString=database.url()))
    result = scene.apply(scene.plan())
    assert result.outcome is Outcome.NOT_REPOINTED
    assert scene.world.team.database_url() == database.url()


def test_a_secret_that_is_changed_right_after_ours_is_no_success(scene: Scene) -> None:
    secrets, secret = scene.stage.clients.secretsmanager, scene.world.foundation.secret

    def be_next(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        answer = proceed()
        if call.operation == "secretsmanager:PutSecretValue":
            secrets.put_secret_value(SecretId=secret, SecretString=database.url())
        return answer

    scene.stage.operator.interceptors.append(be_next)
    result = scene.apply(scene.plan())
    assert result.outcome is Outcome.NOT_ROLLED_OUT
    assert "leads to db.internal: somebody has changed it" in result.sentence
    assert result.saved
    assert not backup.verify(scene.environment, scene.access, result.saved).landed


def test_an_old_instance_that_somebody_has_changed_meanwhile_is_planned_again(scene: Scene) -> None:
    made = scene.plan()
    scene.house.take_groups(scene.house.instance)
    with pytest.raises(Outdated):
        scene.apply(made)
    assert not scene.restored


def test_an_instance_that_is_not_like_the_old_one_is_refused_by_the_next_plan(scene: Scene) -> None:
    scene.world.once(
        lambda: bool(scene.restored), lambda: scene.house.take_groups(scene.restored[0]), every=1.0
    )
    assert scene.apply(scene.plan()).outcome is Outcome.DIFFERENT
    (finding,) = scene.plan().refusals
    assert "security groups" in finding.seen


def test_somebody_elses_instance_of_the_same_name_is_neither_used_nor_to_be_deleted(scene: Scene) -> None:
    made = scene.plan()

    def be_quicker(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        if call.operation == "rds:RestoreDBInstanceToPointInTime":
            scene.stage.clients.rds.create_db_instance(
                DBInstanceIdentifier=made.target,
                DBInstanceClass="db.t4g.medium",
                Engine="postgres",
                AllocatedStorage=20,
            )
        return proceed()

    scene.stage.operator.interceptors.append(be_quicker)
    result = scene.apply(made)
    assert result.outcome is Outcome.NOT_STARTED
    assert "Somebody else has made an instance of this name" in result.sentence
    assert "delete" not in result.remedy
    assert scene.old_one_serves


def test_a_restored_instance_that_somebody_deletes_is_made_again_by_the_next_plan(scene: Scene) -> None:
    scene.world.once(
        lambda: bool(scene.restored), lambda: scene.house.backend.databases.pop(scene.restored[0]), every=5.0
    )
    stopped = scene.apply(scene.plan())
    assert stopped.outcome is Outcome.NOT_STARTED
    assert "is gone" in stopped.sentence
    assert scene.old_one_serves
    assert scene.apply(scene.plan()).landed


def test_an_undo_leaves_a_secret_alone_that_somebody_has_changed(scene: Scene) -> None:
    result = scene.apply(scene.plan())
    assert result.saved
    scene.stage.clients.secretsmanager.put_secret_value(
        SecretId=scene.world.foundation.secret, SecretString=database.url()
    )
    with pytest.raises(Refused, match="somebody has changed it since"):
        backup.undo(scene.environment, scene.access, result.saved)
    assert scene.world.team.database_url() == database.url()


def test_there_is_no_way_back_to_an_instance_that_is_gone(scene: Scene) -> None:
    result = scene.apply(scene.plan())
    assert result.saved
    del scene.house.backend.databases[scene.house.instance]
    with pytest.raises(Refused, match="not there any more"):
        backup.undo(scene.environment, scene.access, result.saved)
    assert not backup.verify(scene.environment, scene.access, result.saved).landed


def test_rows_that_would_be_lost_by_going_back_are_told(scene: Scene) -> None:
    result = scene.apply(scene.plan())
    assert result.saved
    assert scene.house.order()
    (told,) = [
        each
        for each in backup.plan_undo(scene.environment, scene.access, result.saved).warnings
        if each.check == "rows"
    ]
    assert told.seen.startswith("1 rows were written")


def test_restored_again_after_it_was_undone_with_the_same_version_of_the_secret(scene: Scene) -> None:
    first = scene.apply(scene.plan())
    assert first.saved
    assert backup.undo(scene.environment, scene.access, first.saved).landed
    calls = faults.record(scene.stage)
    again = scene.apply(scene.plan())
    assert not [call for call in calls if call.operation.startswith("rds:Restore")]
    assert again.landed
    assert again.saved
    assert again.saved.version_after == first.saved.version_after
    assert scene.house.tasks_use() == set(scene.restored)
    assert len(scene.restored) == 1


def test_what_is_saved_is_read_back_as_it_was(scene: Scene) -> None:
    result = scene.apply(scene.plan())
    entries = read(scene.access.journal.path)
    assert backup.saved_point(scene.environment, entries) == result.saved
    other = replace(scene.environment, name="staging")
    with pytest.raises(JournalError, match="not of staging"):
        backup.saved_point(other, entries)
    with pytest.raises(JournalError, match="tells of no restore"):
        backup.saved_point(scene.environment, ())


def test_no_password_is_written_down_or_shown(scene: Scene) -> None:
    made = scene.plan()
    result = scene.apply(made)
    shown = repr(made) + repr(result) + "".join(made.commands) + scene.access.journal.path.read_text("utf-8")
    assert database.PASSWORD not in shown


def test_the_lines_of_a_plan_do_the_same(scene: Scene) -> None:
    restore, wait, repoint, anew, _ = scene.plan().commands
    clients = scene.stage.clients
    clients.rds.restore_db_instance_to_point_in_time(
        **parameters(restore, clients.rds, "RestoreDBInstanceToPointInTime")
    )
    scene.stage.clock.sleep(600)
    (new,) = scene.restored
    assert wait.endswith(f"--db-instance-identifier {new}")
    substitution = shlex.split(repoint)[shlex.split(repoint).index("sed") + 1]
    _, old, other, _ = substitution.split("/")
    value = scene.world.team.database_url().replace(old.replace("[.]", "."), other)
    clients.secretsmanager.put_secret_value(SecretId=scene.world.foundation.secret, SecretString=value)
    assert "update-service" in anew
    scene.world.team.deploy(scene.world.look.primary_revision(), force=True)
    scene.world.settle()
    assert scene.house.tasks_use() == {new}
    found = scene.plan()
    assert not found.refusals
    assert found.repointed


def parameters(line: str, client: Any, operation: str) -> dict[str, Any]:
    """The options of a line of the AWS CLI, as boto3 takes them."""
    members = client.meta.service_model.operation_model(operation).input_shape.members
    names = {xform_name(name, "-"): name for name in members}
    found: dict[str, Any] = {}
    words = shlex.split(line)[3:]
    name = ""
    for word in words:
        if word.startswith("--"):
            off = word[2:] not in {*names, "region"}
            name = names.get(word[2:].removeprefix("no-") if off else word[2:], "")
            found[name] = not off if name and members[name].type_name == "boolean" else []
        else:
            found[name].append(word)
    found.pop("", None)
    return {name: _typed(members[name].type_name, value) for name, value in found.items()}


def _typed(kind: str, value: Any) -> Any:
    if kind == "list":
        pairs = [dict(part.split("=", 1) for part in word.split(",")) for word in value if "=" in word]
        return pairs or value
    if kind == "boolean":
        return value
    (word,) = value
    if kind == "timestamp":
        return datetime.fromisoformat(word).astimezone(UTC)
    return int(word) if kind == "integer" else word

"""The stage's RDS, held against what AWS documents of the real one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from tests.rollback.database.restoring import FIRST, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from mypy_boto3_rds.type_defs import DBInstanceTypeDef

    from tests.rollback.database.restoring import Scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with opened(tmp_path) as made:
        yield made


def described(scene: Scene, name: str) -> DBInstanceTypeDef:
    return scene.stage.clients.rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]


def restored(scene: Scene, at: datetime, name: str = "new") -> None:
    scene.stage.clients.rds.restore_db_instance_to_point_in_time(
        SourceDBInstanceIdentifier=scene.house.instance, TargetDBInstanceIdentifier=name, RestoreTime=at
    )


def test_a_restored_instance_has_the_default_groups_unless_others_are_asked_for(scene: Scene) -> None:
    restored(scene, scene.point)
    old, new = described(scene, scene.house.instance), described(scene, "new")
    assert old["DBParameterGroups"][0]["DBParameterGroupName"] == "team-postgres16"
    assert new["DBParameterGroups"][0]["DBParameterGroupName"] == "default.postgres16"
    assert new["VpcSecurityGroups"] != old["VpcSecurityGroups"]
    assert new.get("DBSubnetGroup", {}).get("DBSubnetGroupName") != "team-private"
    assert (old["MultiAZ"], new["MultiAZ"]) == (True, False)
    assert (old["DeletionProtection"], new["DeletionProtection"]) == (True, False)
    assert not new.get("TagList")
    assert new["DBInstanceClass"] == old["DBInstanceClass"]
    assert new["StorageEncrypted"]


def test_it_takes_its_time_and_has_no_endpoint_before(scene: Scene) -> None:
    restored(scene, scene.point)
    seen = []
    for _ in range(60):
        found = described(scene, "new")
        seen.append((found["DBInstanceStatus"], "Endpoint" in found))
        scene.stage.clock.sleep(5)
    assert list(dict.fromkeys(seen)) == [("creating", False), ("backing-up", True), ("available", True)]


def test_it_holds_what_was_there_at_the_moment(scene: Scene) -> None:
    later = scene.stage.clock.now() - timedelta(minutes=5)
    assert later > scene.point
    restored(scene, scene.point, "before")
    restored(scene, later, "after")
    scene.stage.clock.sleep(600)
    assert (scene.house.count("before"), scene.house.count("after")) == (FIRST, FIRST + 1)


def test_the_latest_moment_is_some_minutes_ago(scene: Scene) -> None:
    for _ in range(7):
        latest = described(scene, scene.house.instance)["LatestRestorableTime"]
        assert timedelta(0) <= scene.stage.clock.now() - latest <= timedelta(minutes=5)
        scene.stage.clock.sleep(100)
    with pytest.raises(ClientError, match="cannot be restored to this time"):
        restored(scene, scene.stage.clock.now())


def test_a_snapshot_can_be_restored_once_it_is_there(scene: Scene) -> None:
    rds = scene.stage.clients.rds
    scene.house.take_snapshot("nightly", settle=False)
    scene.stage.clock.sleep(60)
    (found,) = rds.describe_db_snapshots(DBSnapshotIdentifier="nightly")["DBSnapshots"]
    assert found["Status"] == "creating"
    assert 0 < found["PercentProgress"] < 100
    with pytest.raises(ClientError) as caught:
        rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="new", DBSnapshotIdentifier="nightly")
    assert caught.value.response["Error"]["Code"] == "InvalidDBSnapshotState"
    assert scene.house.order()
    scene.stage.clock.sleep(600)
    rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="new", DBSnapshotIdentifier="nightly")
    scene.stage.clock.sleep(600)
    assert (scene.house.count("new"), scene.house.count(scene.house.instance)) == (FIRST + 1, FIRST + 2)


def test_a_restore_that_fails_leaves_an_instance_that_can_not_be_used(scene: Scene) -> None:
    scene.house.backend.next_ends = "incompatible-restore"
    restored(scene, scene.point)
    scene.stage.clock.sleep(600)
    found = described(scene, "new")
    assert (found["DBInstanceStatus"], "Endpoint" in found) == ("incompatible-restore", False)


def test_a_secret_is_dated_by_the_clock_also_when_a_label_moves(scene: Scene) -> None:
    secrets, secret = scene.stage.clients.secretsmanager, scene.world.foundation.secret
    versions = secrets.describe_secret(SecretId=secret)["VersionIdsToStages"]
    of = {label: version for version, labels in versions.items() for label in labels}
    scene.stage.clock.sleep(1000)
    secrets.update_secret_version_stage(
        SecretId=secret,
        VersionStage="AWSCURRENT",
        MoveToVersionId=of["AWSPREVIOUS"],
        RemoveFromVersionId=of["AWSCURRENT"],
    )
    changed = secrets.describe_secret(SecretId=secret)["LastChangedDate"]
    assert abs(changed - scene.stage.clock.now()) < timedelta(seconds=2)
    assert secrets.get_secret_value(SecretId=secret)["VersionId"] == of["AWSPREVIOUS"]

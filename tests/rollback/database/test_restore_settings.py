"""What a restored instance is given of the old one, and what is told of the rest."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from rollback.database.backup.model import Instance, Point
from rollback.database.backup.settings import differences, given, lost, settings

POINT = Point(datetime(2026, 1, 5, 3, 0, tzinfo=UTC))


def instance(**described: Any) -> Instance:
    told: Any = {"DBInstanceIdentifier": "orders", "Endpoint": {"Address": "a", "Port": 5432}, **described}
    return Instance.of(told, settings(told), lost(told))


def test_the_default_groups_are_what_rds_gives_by_itself() -> None:
    old = instance(
        DBParameterGroups=[{"DBParameterGroupName": "default.postgres16"}],
        OptionGroupMemberships=[{"OptionGroupName": "default:postgres-16"}],
    )
    assert not {"DBParameterGroupName", "OptionGroupName"} & given(old, POINT).keys()


@pytest.mark.parametrize(
    ("described", "parameter", "value"),
    [
        ({"DBSubnetGroup": {"DBSubnetGroupName": "private"}}, "DBSubnetGroupName", "private"),
        ({"VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1"}]}, "VpcSecurityGroupIds", ["sg-1"]),
        ({"DBParameterGroups": [{"DBParameterGroupName": "ours"}]}, "DBParameterGroupName", "ours"),
        ({"OptionGroupMemberships": [{"OptionGroupName": "ours"}]}, "OptionGroupName", "ours"),
        ({"DBInstanceClass": "db.r6g.large"}, "DBInstanceClass", "db.r6g.large"),
        ({"MultiAZ": True}, "MultiAZ", True),
        ({"PubliclyAccessible": False}, "PubliclyAccessible", False),
        ({"DeletionProtection": True}, "DeletionProtection", True),
        ({"StorageType": "io1", "Iops": 5000}, "Iops", 5000),
        ({"MaxAllocatedStorage": 200}, "MaxAllocatedStorage", 200),
        ({"EnabledCloudwatchLogsExports": ["postgresql"]}, "EnableCloudwatchLogsExports", ["postgresql"]),
    ],
)
def test_a_restored_instance_is_given_what_it_would_not_have_by_itself(
    described: dict[str, Any], parameter: str, value: object
) -> None:
    assert given(instance(**described), POINT)[parameter] == value


def test_the_baseline_of_a_volume_is_not_asked_for() -> None:
    old = instance(StorageType="gp3", Iops=3000, StorageThroughput=125)
    assert not {"Iops", "StorageThroughput"} & given(old, POINT).keys()


def test_tags_are_taken_over_but_for_those_of_aws_itself() -> None:
    old = instance(TagList=[{"Key": "team", "Value": "orders"}, {"Key": "aws:backup:x", "Value": "y"}])
    assert given(old, POINT)["Tags"] == [
        {"Key": "team", "Value": "orders"},
        {"Key": "rollback:restored-from", "Value": "orders"},
        {"Key": "rollback:restored-to", "Value": "2026-01-05T03:00:00Z"},
    ]


def test_our_own_tags_make_no_difference_and_others_do() -> None:
    new = instance(TagList=[{"Key": "rollback:restored-from", "Value": "orders"}])
    assert differences(instance(), new) == ()
    (other,) = differences(instance(), instance(TagList=[{"Key": "team", "Value": "x"}]))
    assert str(other) == "tags: team=x instead of none"


def test_what_can_not_be_given_is_told() -> None:
    old = instance(
        MonitoringInterval=60, PerformanceInsightsEnabled=True, MasterUserSecret={"SecretArn": "a"}
    )
    assert old.lost == ("enhanced monitoring", "Performance Insights", "a master password that RDS manages")
    assert instance(MonitoringInterval=0).lost == ()

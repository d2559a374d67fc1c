from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollback.terraform.changes import STATEFUL, Action, Change, named, stateful
from rollback.terraform.hcl import without_keys


def at_risk(
    address: str, *patterns: str, action: Action = Action.DESTROY, protected: tuple[str, ...] = ()
) -> bool:
    kind = without_keys(address).split(".")[-2]
    return bool(stateful([Change(address, kind, action)], patterns, protected=protected))


@pytest.mark.parametrize(
    "kind",
    ["aws_db_instance", "aws_rds_cluster", "aws_s3_bucket", "aws_dynamodb_table", "aws_ebs_volume", "aws_efs_file_system",
     "aws_acm_certificate", "aws_route53_zone", "aws_kms_key"],
)  # fmt: skip
@pytest.mark.parametrize("action", [Action.DESTROY, Action.REPLACE])
def test_databases_buckets_tables_volumes_certificates_zones_and_keys_hold_data(
    kind: str, action: Action
) -> None:
    assert at_risk(f"{kind}.orders", action=action)
    assert at_risk(f'module.a["x"].{kind}.orders[0]', action=action)


def test_what_any_apply_makes_again_holds_none() -> None:
    assert not at_risk("aws_security_group.web")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("aws_sqs_queue", True),
        ("aws_sqs", False),
        ("aws_sqs_*", True),
        ('module.orders["eu"].aws_sqs_queue.all[0]', True),
        ("module.orders.aws_sqs_queue.all", True),
        ("module.orders.*", True),
        ("module.order", False),
        ("module.orders.aws_sqs_queue.al.", False),
        ("*.all", True),
        ("aws_sqs_queue.all", False),
    ],
)
def test_the_environment_adds_types_and_addresses(pattern: str, expected: bool) -> None:  # noqa: FBT001 - a table
    assert at_risk('module.orders["eu"].aws_sqs_queue.all[0]', pattern) is expected


def test_what_the_team_protects_is_taken_for_data() -> None:
    assert at_risk('module.a["x"].aws_lb.front[0]', protected=("module.a.aws_lb.front",))
    assert not at_risk("aws_lb.front", protected=("module.a.aws_lb.front",))


@given(
    st.sampled_from(sorted(STATEFUL)),
    st.sampled_from([Action.CREATE, Action.CHANGE, Action.READ, Action.FORGET]),
)
def test_nothing_is_lost_by_what_destroys_nothing(kind: str, action: Action) -> None:
    assert not at_risk(f"{kind}.a", "*", action=action, protected=(f"{kind}.a",))


def test_many_addresses_are_counted_in_a_sentence() -> None:
    assert named(["a", "b", "c"], most=2) == "a, b and 1 more"

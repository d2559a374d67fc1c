"""What whoever asks for help is told."""

from __future__ import annotations

import pytest

from rehearsal.gameday.hints import by_hand


@pytest.mark.parametrize(
    ("what", "typed"),
    [
        ("ecs:DescribeServices", "aws ecs describe-services"),
        ("s3:ListObjectVersions", "aws s3api list-object-versions"),
        ("elbv2:DescribeTargetHealth", "aws elbv2 describe-target-health"),
        ("GET /version", "GET /version"),
        ("s3:PUT /key", "s3:PUT /key"),
    ],
)
def test_an_operation_is_told_by_the_command_that_there_is(what: str, typed: str) -> None:
    assert by_hand(what) == typed

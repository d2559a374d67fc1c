from __future__ import annotations

import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rollback.git import Commit
from rollback.terraform import by_hand
from tests.rollback.builders import ENVIRONMENT

COMMIT = Commit(
    sha="1234567890" * 4, parents=(), tree="", author="Bob", at=datetime(2026, 1, 5, tzinfo=UTC), message="x"
)


@pytest.mark.parametrize("locked", [True, False])
def test_the_commit_s_lock_file_is_kept_to_where_there_is_one(*, locked: bool) -> None:
    lines = [
        *by_hand.manual(ENVIRONMENT, COMMIT, locked=locked),
        *by_hand.push_state(ENVIRONMENT, COMMIT, Path("a b"), locked=locked),
    ]
    inits = [line for line in lines if " init " in line]
    assert [line.endswith(" -lockfile=readonly") for line in inits] == [locked, locked]


def test_a_path_with_a_space_can_be_pasted() -> None:
    assert shlex.split(by_hand.push_state(ENVIRONMENT, COMMIT, Path("a b"))[-1])[-1] == "a b"


def test_the_lock_is_taken_away_by_its_id() -> None:
    line = by_hand.force_unlock(ENVIRONMENT, "11111111-2222", program="tofu")
    assert line == "tofu -chdir=terraform/test force-unlock 11111111-2222"

"""Nothing secret is left behind by a run: in no file, no line and no report."""

from __future__ import annotations

import base64
import json
import re
import zlib
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from rehearsal.secrets_scan import Leak, Place, leaks, play

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
PLANTED = 'pa"ss/w%rd+123'
NAME = "the password"
SAMPLE = (
    "features/application/refusals.feature::test_it_has_been_reverted_already",
    "features/certificate/repair.feature::test_the_record_trouble_in_environment[development-is missing-is missing]",
    "features/checklist/proven.feature::test_nothing_shows_that_the_last_deployment_is_to_blame",
    "features/database/restore.feature::test_a_destructive_migration_is_taken_back_with_the_database",
    "features/ecs/drill.feature::test_back_to_the_revision_before_and_forward_again",
    "features/infrastructure/state.feature::test_the_newest_state_damage_in_environment[development-broke off in the middle]",
    "features/principle/separate.feature::test_a_change_of_both_sides_cant_be_reverted_by_mistake",
    "features/record/report.feature::test_a_manager_reads_what_who_when_and_what_users_saw",
)
"""One of each chapter."""


@pytest.fixture
def _in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize(
    ("write", "form"),
    [
        (lambda secret: secret.encode(), "plain"),
        (lambda secret: quote(secret, safe="").encode(), "quoted for a URL"),
        (lambda secret: json.dumps({"a": secret}).encode(), "escaped in JSON"),
        (lambda secret: base64.b64encode(secret.encode()), "base64"),
        (lambda secret: base64.b64encode(f"user:{secret}@host".encode()), "base64"),
        (lambda secret: base64.b64encode(f"u:{secret}".encode()), "base64"),
        (lambda secret: base64.b64encode(f"{secret}!".encode()), "base64"),
        (lambda secret: secret.encode().hex().encode(), "hexadecimal"),
        (lambda secret: zlib.compress(secret.encode()), "plain"),
    ],
    ids=[
        "plain",
        "url",
        "json",
        "base64",
        "base64 in the middle",
        "base64 at the end",
        "base64 at the beginning",
        "hex",
        "packed",
    ],
)
def test_a_secret_is_found_however_it_is_written(
    tmp_path: Path, write: Callable[[str], bytes], form: str
) -> None:
    (tmp_path / "clean").write_bytes(b"nothing")
    path = tmp_path / "some" / "file.log"
    path.parent.mkdir()
    path.write_bytes(write(PLANTED) if form == "plain" else b"before " + write(PLANTED) + b" after")
    assert Leak("some/file.log", NAME, form) in leaks(tmp_path, {PLANTED: NAME})
    assert {leak.path for leak in leaks(tmp_path, {PLANTED: NAME})} == {"some/file.log"}


def test_a_place_that_may_hold_it_must_be_private(tmp_path: Path) -> None:
    place = Place(re.compile("state"), frozenset({NAME}), "Terraform's own")
    path = tmp_path / "state"
    path.write_text(PLANTED, encoding="utf-8")
    path.chmod(0o600)
    assert leaks(tmp_path, {PLANTED: NAME}, places=[place]) == []
    assert leaks(tmp_path, {PLANTED: "another"}, places=[place])
    path.chmod(0o644)
    assert leaks(tmp_path, {PLANTED: NAME}, places=[place])


@pytest.mark.usefixtures("_in_the_project")
def test_a_run_that_fails_on_purpose_leaves_no_secret_behind(tmp_path: Path) -> None:
    """With every traceback, every local variable and all output in the report."""
    played = play(
        [*SAMPLE, "-rA", "--showlocals"],
        tmp_path,
        fail_at=("ecs:UpdateService", "secretsmanager:PutSecretValue", "elbv2:ModifyListener"),
    )
    assert played.code == pytest.ExitCode.TESTS_FAILED
    assert "OnPurpose" in played.output
    assert len(played.secrets) > 4
    assert [str(leak) for leak in played.leaks] == []


@pytest.mark.usefixtures("_in_the_project")
def test_a_run_that_is_told_leaves_no_secret_behind(tmp_path: Path) -> None:
    played = play([SAMPLE[4], SAMPLE[-1], "--narrate"], tmp_path)
    assert played.secrets
    assert [str(leak) for leak in played.leaks] == []

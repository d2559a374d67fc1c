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

from rehearsal.secrets_scan import Leak, Place, Played, leaks, play
from rehearsal.secrets_scan.planting import KEYS, SECRETS, planted, unread
from rehearsal.secrets_scan.sightings import Sightings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).parents[2]
PLANTED = 'pa"ss/w%rd+123'
NAME = "the password"
BROKEN_OFF = (
    "features/checklist/before.feature::test_the_team_is_told_once_that_it_begins_and_once_how_it_ended",
    "features/database/restore.feature::test_a_destructive_migration_is_taken_back_with_the_database",
)
"""What breaks off on purpose, with secrets in its hands."""
TOLD = (
    "features/ecs/target.feature::test_a_parameter_that_the_target_reads_is_gone",
    "features/infrastructure/state.feature::test_the_newest_state_damage_in_environment[development-broke off in the middle]",
)
"""What is told whole; with the others it has every secret in its hands."""


@pytest.fixture(scope="module")
def broken_off(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """With every traceback, every local variable and all output in the report."""
    fail_at = ("ecs:UpdateService", "secretsmanager:PutSecretValue")
    return _play(tmp_path_factory, *BROKEN_OFF, "-rA", "--showlocals", "-vv", fail_at=fail_at)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """As people read it, which shows no traceback."""
    return _play(tmp_path_factory, *TOLD, "--narrate")


def _play(factory: pytest.TempPathFactory, *arguments: str, fail_at: Sequence[str] = ()) -> Played:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        return play(arguments, factory.mktemp("scanned"), fail_at=fail_at, here=True)


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


def test_pytests_own_directories_make_nothing_private(tmp_path: Path) -> None:
    """All that a test writes is below a directory of mode 0700."""
    place = Place(re.compile("(?:shut/)?state"), frozenset({NAME}), "Terraform's own")
    shut = tmp_path / "files/popen-gw0/test_it0/shut"
    shut.mkdir(parents=True)
    for each in (tmp_path / "files", *(tmp_path / "files").rglob("*")):
        each.chmod(0o700)
    for path in (shut / "state", shut.parent / "state"):
        path.write_text(PLANTED, encoding="utf-8")
        path.chmod(0o644)
    found = leaks(tmp_path, {PLANTED: NAME}, places=[place])
    assert [leak.path for leak in found] == ["files/popen-gw0/test_it0/state"]


def test_every_secret_has_been_in_the_hands_of_one_of_the_runs(broken_off: Played, told: Played) -> None:
    """Else that none is found would prove nothing."""
    for played in (broken_off, told):
        assert set(played.secrets.values()) >= {*SECRETS.values(), *KEYS.values()}
    assert {*broken_off.unread} & {*told.unread} == set()


def test_a_run_that_breaks_off_leaves_no_secret_behind(broken_off: Played) -> None:
    assert broken_off.code == pytest.ExitCode.TESTS_FAILED
    assert "2 failed" in broken_off.output
    assert broken_off.output.count("raise OnPurpose") == len(BROKEN_OFF)
    assert "access     = Access(" in broken_off.output, "local variables are shown"
    assert [str(leak) for leak in broken_off.leaks] == []


def test_a_run_that_is_told_leaves_no_secret_behind(told: Played) -> None:
    assert told.code == pytest.ExitCode.OK
    assert "\u2713 Then " in told.output
    assert [str(leak) for leak in told.leaks] == []


def test_what_nothing_has_read_is_named(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.touch()
    sightings = Sightings(notes)
    sightings.plant({PLANTED: NAME} | SECRETS)
    assert {*unread(notes)} == {*SECRETS.values(), *KEYS.values()}
    first, *others = SECRETS
    sightings.look(f"before {first} after")
    assert {*unread(notes)} == {*(SECRETS[each] for each in others), *KEYS.values()}
    assert planted(notes) == {PLANTED: NAME} | SECRETS

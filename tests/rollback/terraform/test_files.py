from __future__ import annotations

import os
import stat
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from rehearsal.clock import VirtualClock
from rollback.access import Access
from rollback.git import File
from rollback.terraform import files
from rollback.terraform.program import TerraformError

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


def access(directory: Path) -> Access:
    nothing = cast(Any, None)
    return Access(
        aws=nothing,
        http=nothing,
        github=nothing,
        journal=nothing,
        processes=nothing,
        directory=directory,
        clock=VirtualClock(),
    )


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_written_is_this_user_s_alone(tmp_path: Path) -> None:
    place = files.new_place(access(tmp_path / "kept"))
    files.write(place / "plan", b"x")
    assert mode(place / "plan") == 0o600
    for directory in (place, place.parent, place.parent.parent):
        assert mode(directory) == 0o700


def test_a_directory_that_others_may_look_into_is_closed(tmp_path: Path) -> None:
    open_ = tmp_path / "terraform"
    open_.mkdir(mode=0o755)
    files.room(access(tmp_path), "work")
    assert mode(open_) == 0o700


def test_a_directory_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "terraform").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(TerraformError, match="belongs to somebody else"):
        files.room(access(tmp_path), "work")


def test_a_disk_that_says_no_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "terraform").write_text("a file")
    with pytest.raises(TerraformError, match=r"can't be kept in .*terraform"):
        files.room(access(tmp_path), "work")


def test_files_are_unpacked_as_they_are(tmp_path: Path) -> None:
    told = [
        File("infra/run.sh", b"#!", executable=True),
        File("infra/a/main.tf", b"\r\n\xff"),
        File("infra/a/link", b"../run.sh", is_link=True),
    ]
    files.unpack(told, tmp_path)
    assert (tmp_path / "infra/a/main.tf").read_bytes() == b"\r\n\xff"
    assert mode(tmp_path / "infra/run.sh") == 0o700
    assert (tmp_path / "infra/a/link").read_bytes() == b"#!"


@pytest.mark.parametrize(
    "file",
    [
        File("../out", b""),
        File("a/../../out", b""),
        File("/out", b""),
        File("a/.git/config", b""),
        File("a/.GIT/config", b""),
        File("a/link", b"/etc/passwd", is_link=True),
        File("a/link", b"../../out", is_link=True),
        File("../link", b"here", is_link=True),
    ],
)
def test_nothing_is_unpacked_outside(file: File, tmp_path: Path) -> None:
    root = tmp_path / "deep" / "root"
    root.mkdir(parents=True)
    with pytest.raises(TerraformError, match="leads out of the repository"):
        files.unpack([file], root)
    assert not [path for path in tmp_path.rglob("*") if not path.is_relative_to(root.parent)]
    assert not [path for path in root.rglob("*") if path.is_symlink()]


def test_no_link_leads_a_file_elsewhere(tmp_path: Path) -> None:
    """A malformed tree holds a link and a directory of one name; the link comes last and is in the way of nothing."""
    told = [File("a", b"b", is_link=True), File("a/file", b"x")]
    with pytest.raises(OSError, match="exists"):
        files.unpack(told, tmp_path)
    assert (tmp_path / "a/file").read_bytes() == b"x"
    assert not (tmp_path / "b").exists()


def test_a_file_is_written_once(tmp_path: Path) -> None:
    (tmp_path / "there").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        files.write(tmp_path / "there", b"x")


def test_old_places_are_swept_but_for_a_state_that_was_left_behind(tmp_path: Path) -> None:
    def place(age: timedelta, number: int) -> Path:
        made = tmp_path / f"{NOW - age:%Y%m%dT%H%M%S}-{number:016x}"
        (made / "tree").mkdir(parents=True)
        return made

    old, young, kept = (place(timedelta(hours=age), age) for age in (25, 23, 48))
    (kept / "tree" / files.ERRORED).write_text("{}")
    other = tmp_path / "somebody's"
    other.mkdir()
    files.sweep(tmp_path, NOW)
    assert sorted(tmp_path.iterdir()) == sorted([young, kept, other])
    assert not old.exists()


def test_what_was_used_last_is_kept(tmp_path: Path) -> None:
    for number, name in enumerate("abc"):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (number, number))
    files.touch(tmp_path / "a")
    files.keep_newest(tmp_path, 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "c"]

"""What disk, remote and git itself say no to while a copy is made is a sentence."""

from __future__ import annotations

import errno
import os
import resource
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rollback.git import (
    DiskFull,
    GitError,
    GitTooOld,
    RemoteDenied,
    RemoteUnreachable,
)
from rollback.process import NotStarted

if TYPE_CHECKING:
    from tests.rollback.git.house import House


class TestTheDisk:
    @pytest.mark.parametrize(
        ("number", "kind", "words"),
        [
            (errno.ENOSPC, DiskFull, "There is no room left for a copy of the repository in "),
            (errno.EDQUOT, DiskFull, "There is no room left for a copy of the repository in "),
            (errno.EROFS, GitError, "can't be kept in .*: Read-only file system"),
            (errno.EACCES, GitError, "can't be kept in .*: Permission denied"),
            (errno.ENOLCK, GitError, "can't be kept in .*: No locks available"),
        ],
    )
    def test_what_the_disk_says_is_a_sentence(
        self, house: House, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[GitError], words: str
    ) -> None:
        def refuse(path: Path, *_: object, **__: object) -> None:
            raise OSError(number, os.strerror(number), str(path))

        monkeypatch.setattr(Path, "mkdir", refuse)
        with pytest.raises(kind, match=words) as caught:
            house.copy()
        assert caught.value.remedy
        assert type(caught.value) is kind

    def test_a_file_in_its_way_is_a_sentence(self, house: House) -> None:
        house.directory.write_text("")
        with pytest.raises(GitError, match=r"can't be kept in .*: Not a directory"):
            house.copy()

    @pytest.mark.parametrize("kept", [False, True])
    def test_a_full_disk_is_told_from_all_else_and_leaves_nothing_half_made(
        self, house: House, *, kept: bool
    ) -> None:
        """A limit on the size of files stands in for a disk that is full: the same calls of the system fail."""
        if kept:
            house.copy()
        house.commit("Large", {"large": os.urandom(300_000)})
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
        try:
            with pytest.raises(DiskFull, match="There is no room left for git to write in") as caught:
                house.copy()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert caught.value.remedy.startswith("Make room")
        assert not list((house.directory / "git").glob("*.new-*"))
        assert house.copy().tip("main").sha == house.at_remote()


class TestTheRemote:
    @pytest.mark.parametrize(
        ("remote", "kind"),
        [
            ("http://127.0.0.1:9/team/app.git", RemoteUnreachable),
            ("ssh://git@127.0.0.1:9/team/app.git", RemoteUnreachable),
        ],
    )
    def test_one_that_does_not_answer_is_unreachable(
        self, house: House, remote: str, kind: type[GitError]
    ) -> None:
        house.env |= {"http_proxy": None, "all_proxy": None, "ALL_PROXY": None}
        if remote.startswith("ssh") and not shutil.which("ssh"):
            pytest.skip("there is no ssh here")
        with pytest.raises(kind, match="can't be reached: ") as caught:
            house.copy(remote=remote)
        assert caught.value.remedy

    def test_one_that_is_not_there_is_denied(self, house: House) -> None:
        house.remote.rename(house.root / "away")
        with pytest.raises(RemoteDenied, match="does not appear to be a git repository"):
            house.copy()

    def test_a_transfer_that_takes_too_long_is_unreachable(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("rollback.git.keeping.FIRST_SECONDS", 0.001)
        with pytest.raises(RemoteUnreachable, match="did not send what was asked for"):
            house.copy()
        monkeypatch.undo()
        assert house.copy().branches


class TestGitItself:
    @pytest.mark.parametrize(
        ("version", "fits"),
        [
            ("git version 2.37.9", False),
            ("git version 1.99.0", False),
            ("git version 2.38.0.windows.1", True),
            ("git version 2.39.5 (Apple Git-154)", True),
            ("git version 3.0.0-rc1", True),
            ("not git at all", False),
        ],
    )
    def test_an_old_one_is_refused_in_one_sentence(self, house: House, version: str, *, fits: bool) -> None:
        programs = house.root / "bin"
        programs.mkdir()
        real = shutil.which("git")
        (programs / "git").write_text(
            f'#!/bin/sh\n[ "$1" = version ] && echo "{version}" && exit\nexec {real} "$@"\n'
        )
        (programs / "git").chmod(0o755)
        house.env["PATH"] = f"{programs}:{os.environ['PATH']}"
        if fits:
            assert house.copy().branches
            return
        with pytest.raises(GitTooOld, match=f"Here is {version}") as caught:
            house.copy()
        assert caught.value.remedy == "Install git 2.38 or newer, or have PATH lead to it."

    def test_one_that_has_become_old_is_refused_where_it_falls_short(self, house: House) -> None:
        """The copy was made by a newer one; its version isn't asked for each time."""
        house.copy()
        programs = house.root / "bin"
        programs.mkdir()
        (programs / "git").write_text(
            '#!/bin/sh\ncase " $* " in *" merge-tree "*) echo "usage: git merge-tree" >&2; exit 129;;\n'
            f'*" version "*) echo "git version 2.37.1"; exit;; esac\nexec {shutil.which("git")} "$@"\n'
        )
        (programs / "git").chmod(0o755)
        house.env["PATH"] = f"{programs}:{os.environ['PATH']}"
        copy = house.copy()
        with pytest.raises(GitTooOld, match=r"Here is git version 2\.37\.1"):
            copy.try_revert(copy.tip("main"), [copy.tip("main")])

    def test_none_at_all_is_a_sentence(self, house: House) -> None:
        house.env["PATH"] = str(house.root)
        with pytest.raises(NotStarted, match='The program "git" was not found'):
            house.copy()

    def test_it_is_asked_to_complain_in_english(self, house: House) -> None:
        """What went wrong is told by its words."""
        programs = house.root / "bin"
        programs.mkdir()
        (programs / "git").write_text(
            f'#!/bin/sh\necho "$LC_ALL" >> {house.root}/spoken\nexec {shutil.which("git")} "$@"\n'
        )
        (programs / "git").chmod(0o755)
        house.env |= {"PATH": f"{programs}:{os.environ['PATH']}", "LC_ALL": "de_DE.UTF-8", "LANGUAGE": "de"}
        house.copy()
        assert set((house.root / "spoken").read_text().split()) == {"C"}

    def test_settings_that_git_can_not_read_are_told(self, house: House) -> None:
        house.settings.write_text("[rubbish\n")
        with pytest.raises(GitError, match="bad config line 1 in file"):
            house.copy()

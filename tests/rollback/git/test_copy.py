"""The copy of the remote: made, kept, mended."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from rollback.git import (
    CopyDamaged,
    DiskFull,
    GitError,
    GitTooOld,
    RemoteDenied,
    RemoteUnreachable,
    UnknownBranch,
)
from rollback.process import NotStarted
from tests.rollback.git.house import House

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT: Final = Path(__file__).parents[3]
FETCH: Final = """\
from pathlib import Path
from types import SimpleNamespace

from rollback.clock import SystemClock
from rollback.git import Copy
from rollback.process import Processes
from tests.rollback.builders import REPOSITORY
from tests.rollback.git.house import Notes

clock = SystemClock()
processes = Processes(Notes(), clock, env={env!r})
Copy.fetched(REPOSITORY, SimpleNamespace(processes=processes, directory=Path({directory!r}), clock=clock))
"""
"""A process of its own that fetches."""


def commands(house: House) -> list[str]:
    """Which of git's commands were run."""
    return [line.split("--git-dir=")[-1].split(" ")[1] for line in house.notes.lines]


class TestKeeping:
    def test_it_is_fetched_and_made_only_once(self, house: House) -> None:
        house.copy()
        assert "init" in commands(house)
        house.notes.lines.clear()
        sha = house.commit("Later")
        assert house.copy().tip("main").sha == sha
        assert "init" not in commands(house)

    def test_it_has_all_branches_and_follows_what_becomes_of_them(self, house: House) -> None:
        house.push("HEAD:refs/heads/a")
        assert set(house.copy().branches) == {"main", "a"}
        house.push(":refs/heads/a", "HEAD:refs/heads/a/b")
        first = house.at_remote()
        house.commit("To be forgotten")
        house.push(f"+{first}:refs/heads/main")
        copy = house.copy()
        assert set(copy.branches) == {"main", "a/b"}
        assert copy.tip("main").sha == first

    def test_what_it_says_of_a_branch_is_of_one_moment(self, house: House) -> None:
        before, copy = house.at_remote(), house.copy()
        house.commit("Later")
        house.copy()
        assert copy.tip("main").sha == before

    def test_an_empty_remote_has_no_branch(self, tmp_path: Path) -> None:
        with pytest.raises(UnknownBranch, match='has no branch "main"'):
            House(tmp_path).copy().tip("main")

    def test_two_remotes_are_two_copies(self, house: House) -> None:
        house.copy()
        house.repository = replace(house.repository, remote="https://github.example/team_app.git")
        house.set_up(name="A", email="a@a")
        house.copy()
        assert len(list((house.directory / "git").glob("*.git"))) == 2

    def test_nobody_else_can_read_it(self, house: House) -> None:
        before = os.umask(0)
        try:
            house.copy()
        finally:
            os.umask(before)
        assert stat.S_IMODE((house.directory / "git").stat().st_mode) == 0o700

    def test_what_was_open_to_all_is_closed(self, house: House) -> None:
        (house.directory / "git").mkdir(parents=True, mode=0o777)
        house.copy()
        assert stat.S_IMODE((house.directory / "git").stat().st_mode) == 0o700

    def test_a_directory_that_somebody_else_has_laid_there_is_not_used(self, house: House) -> None:
        (house.root / "theirs").mkdir()
        house.directory.mkdir()
        (house.directory / "git").symlink_to(house.root / "theirs")
        with pytest.raises(GitError, match="belongs to somebody else"):
            house.copy()
        assert not list((house.root / "theirs").iterdir())

    @pytest.mark.parametrize("digits", [64, 7])
    def test_a_remote_with_names_of_64_digits_is_as_good(self, tmp_path: Path, digits: int) -> None:
        house = House(tmp_path, object_format="sha256")
        house.commit("Begin", {"a": "1\n"})
        for _ in range(2):
            bad = house.commit("Bad", {"a": f"{house.at_remote()}\n"})
            copy = house.copy()
            tip = copy.tip("main")
            trial = copy.try_revert(tip, [copy.commit(bad[:digits])])
            assert len(tip.sha) == 64
            assert trial.tree == house.run("rev-parse", "HEAD~1^{tree}")
        assert copy.try_revert(tip, [copy.commit(house.run("rev-list", "--max-parents=0", "HEAD"))]).conflicts

    def test_many_fetches_do_not_pile_up(self, house: House) -> None:
        house.copy()
        objects = house.kept / "objects"
        (objects / "17").mkdir(exist_ok=True)
        shas = [house.commit(f"Number {number}", {"n": str(number)}, push=False) for number in range(3)]
        house.push()
        house.copy()
        for number in range(45):
            (objects / "17" / f"{number:038x}").touch()
        house.copy()
        assert list((objects / "pack").glob("*.pack"))
        assert house.copy().commit(shas[1]).subject == "Number 1"


class TestNothingOfAnybodysCheckout:
    def test_the_variables_of_another_repository_lead_nowhere(self, house: House) -> None:
        """As they are set within a hook, where somebody may run this."""
        other = house.root / "other"
        house.run("init", "-q", str(other), cwd=house.root)
        house.env |= {
            "GIT_DIR": str(other / ".git"),
            "GIT_WORK_TREE": str(other),
            "GIT_INDEX_FILE": str(other / "index"),
            "GIT_OBJECT_DIRECTORY": str(other / "objects"),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(other / ".git/objects"),
            "GIT_NAMESPACE": "elsewhere",
            "GIT_COMMON_DIR": str(other / ".git"),
            "GIT_CEILING_DIRECTORIES": "/",
            "GIT_SHALLOW_FILE": str(other / "shallow"),
            "GIT_GRAFT_FILE": str(other / "grafts"),
            "GIT_ICASE_PATHSPECS": "1",
            "GIT_ATTR_SOURCE": "HEAD",
        }
        bad = house.commit("Bad", {"a": "1\n", "A": "1\n"})
        (other / "shallow").write_text(f"{bad}\n")
        before = sorted(other.rglob("*"))
        copy = house.copy()
        tip = copy.tip("main")
        trial = copy.try_revert(tip, [copy.commit(bad)])
        assert copy.holds(tip, copy.commit(house.run("rev-parse", "HEAD~1")))
        assert copy.later(copy.commit(house.run("rev-parse", "HEAD~1")), tip, ["a"])
        assert copy.later(copy.commit(house.run("rev-parse", "HEAD~1")), tip, ["B"]) == ()
        copy.push(copy.write(trial.tree, tip.sha, "Revert"), "main")
        assert sorted(other.rglob("*")) == before
        assert house.run("log", "-1", "--format=%s", "main", cwd=house.remote) == "Revert"

    def test_a_directory_that_is_gone_is_no_trouble(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        gone = house.root / "gone"
        gone.mkdir()
        monkeypatch.chdir(gone)
        gone.rmdir()
        assert house.copy().branches

    def test_a_checkout_stays_as_it_is(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        house.commit("Second", {"b": "1\n"})
        (house.checkout / "dirty").write_text("x")
        monkeypatch.chdir(house.checkout)
        before = {path: path.stat().st_mtime_ns for path in house.checkout.rglob("*")}
        copy = house.copy()
        copy.try_revert(copy.tip("main"), [copy.tip("main")])
        assert {path: path.stat().st_mtime_ns for path in house.checkout.rglob("*")} == before

    def test_hooks_of_the_operator_do_not_run(self, house: House) -> None:
        house.run("config", "core.hooksPath", "hooks", cwd=house.remote)  # which here is the same machine
        hooks = house.root / "hooks"
        hooks.mkdir()
        for name in ("reference-transaction", "pre-push", "post-checkout", "post-merge", "pre-auto-gc"):
            (hooks / name).write_text(f"#!/bin/sh\ntouch {house.root}/ran\nexit 1\n")
            (hooks / name).chmod(0o755)
        house.set_up(
            f"[core]\n\thooksPath = {hooks}\n[init]\n\ttemplateDir = {house.root}", name="A", email="a@a"
        )
        copy = house.copy()
        tip = copy.tip("main")
        copy.push(copy.write(tip.tree, tip.sha, "Empty"), "main")
        assert not (house.root / "ran").exists()


def emptied(path: Path) -> None:
    path.chmod(0o600)
    path.write_bytes(b"")


def truncated(path: Path) -> None:
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def all_of(pattern: str, what: Callable[[Path], object]) -> Callable[[Path], None]:
    """Do something to each file of the copy that fits."""

    def damage(kept: Path) -> None:
        found = [path for path in kept.glob(pattern) if path.is_file()]
        assert found, f"nothing is called {pattern}"
        for path in found:
            what(path)

    return damage


def left_empty(kept: Path) -> None:
    shutil.rmtree(kept)
    kept.mkdir()


def replaced_by_a_file(kept: Path) -> None:
    shutil.rmtree(kept)
    kept.write_text("")


DAMAGE: Final[dict[str, Callable[[Path], object]]] = {
    "left empty": left_empty,
    "a file in its place": replaced_by_a_file,
    "no objects": lambda kept: shutil.rmtree(kept / "objects"),
    "no refs": lambda kept: shutil.rmtree(kept / "refs"),
    "HEAD empty": all_of("HEAD", emptied),
    "HEAD gone": all_of("HEAD", Path.unlink),
    "the settings empty": all_of("config", emptied),
    "the settings torn": all_of("config", truncated),
    "a branch empty": all_of("refs/heads/main", emptied),
    "a branch that names nothing": all_of("refs/heads/main", lambda path: path.write_text("1" * 40 + "\n")),
    "a branch that is no branch": all_of("refs/heads/main", lambda path: path.write_text("rubbish\n")),
    "objects empty": all_of("objects/??/*", emptied),
    "objects gone": all_of("objects/??/*", Path.unlink),
    "objects torn": all_of("objects/??/*", truncated),
    "the commit graph torn": all_of("objects/info/commit-graphs/*.graph", truncated),
    "the commit graph gone": all_of("objects/info/commit-graphs/*.graph", Path.unlink),
    "the commit graph empty": all_of("objects/info/commit-graphs/*.graph", emptied),
}
PACKED: Final[dict[str, Callable[[Path], object]]] = {
    "packs empty": all_of("objects/pack/*.pack", emptied),
    "packs gone": all_of("objects/pack/*.pack", Path.unlink),
    "packs torn": all_of("objects/pack/*.pack", truncated),
    "their indices gone": all_of("objects/pack/*.idx", Path.unlink),
    "their indices torn": all_of("objects/pack/*.idx", truncated),
}


def all_that_is_asked(house: House, bad: str) -> str:
    """A whole plan and what it changes; the tree that is pushed."""
    copy = house.copy()
    tip, commit = copy.tip("main"), copy.commit(bad)
    assert copy.holds(tip, commit)
    assert copy.files(commit) == ("bad",)
    assert copy.later(commit, tip, ["bad"]) == ()
    assert copy.reverted_by(commit, tip) is None
    trial = copy.try_revert(tip, [commit])
    sha = copy.write(trial.tree, tip.sha, "Revert")
    copy.push(sha, "try")
    return house.run("rev-parse", "try^{tree}", cwd=house.remote)


class TestDamage:
    @pytest.mark.parametrize("packed", [False, True])
    @pytest.mark.parametrize("damage", [*DAMAGE, *PACKED])
    def test_a_damaged_copy_is_made_anew_at_the_latest_the_next_time(
        self, house: House, damage: str, *, packed: bool
    ) -> None:
        bad = house.commit("Bad", {"bad": "x\n"})
        house.commit("Good", {"good": "x\n"})
        house.copy()
        if packed:
            house.run("repack", "-adq", cwd=house.kept)
        elif damage in PACKED:
            pytest.skip("there are no packs")
        if packed and damage.startswith("objects "):
            pytest.skip("there are none but packs")
        {**DAMAGE, **PACKED}[damage](house.kept)
        house.commit("And later", {"later": "x\n"})
        expected = house.run("rev-parse", "HEAD^{tree}")
        with suppress(CopyDamaged):
            all_that_is_asked(house, bad)
        tree = all_that_is_asked(house, bad)
        house.commit("As it must be", {"bad": None}, push=False)
        assert tree == house.run("rev-parse", "HEAD^{tree}") != expected

    def test_the_copy_stays_while_the_remote_can_not_be_reached(self, house: House) -> None:
        """Whatever git's words for it: the old one is given up only for a new one."""
        house.copy()
        before = sorted(house.kept.rglob("*"))
        away = house.remote.rename(house.root / "away")
        with pytest.raises(GitError):
            house.copy()
        away.rename(house.remote)
        assert sorted(house.kept.rglob("*")) == before
        assert commands(house).count("init") == 1
        house.notes.lines.clear()
        house.copy()
        assert "init" not in commands(house)

    @pytest.mark.parametrize(
        "lock",
        [
            "packed-refs.lock",
            "refs/heads/main.lock",
            "refs/heads/new.lock",
            "objects/info/commit-graphs/commit-graph-chain.lock",
            "HEAD.lock",
            "shallow.lock",
        ],
    )
    def test_the_locks_of_a_git_that_was_killed_are_taken_away(self, house: House, lock: str) -> None:
        house.push("HEAD:refs/heads/gone")
        house.copy()
        house.run("pack-refs", "--all", cwd=house.kept)
        house.commit("Later")
        house.push("HEAD:refs/heads/new", ":refs/heads/gone")
        path = house.kept / lock
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        house.notes.lines.clear()
        copy = house.copy()
        assert copy.tip("main").sha == house.at_remote()
        assert set(copy.branches) == {"main", "new"}
        assert "init" not in commands(house)

    def test_what_a_killed_fetch_has_left_is_cleared_away(self, house: House) -> None:
        house.copy()
        left = house.kept / "objects/pack/tmp_pack_x"
        left.write_bytes(b"x")
        house.copy()
        assert not left.exists()

    def test_a_first_copy_that_was_killed_half_way_is_no_copy(self, house: House) -> None:
        """The whole process dies, by SIGKILL, while git has already begun."""
        wrapper = house.root / "bin"
        wrapper.mkdir()
        real = shutil.which("git")
        (wrapper / "git").write_text(
            f'#!/bin/sh\ncase " $* " in *" fetch "*) {real} "$@"; kill -9 $PPID; exit 0;; esac\nexec {real} "$@"\n'
        )
        (wrapper / "git").chmod(0o755)
        script = house.root / "script.py"
        script.write_text(FETCH.format(env=dict(house.env), directory=str(house.directory)))
        done = subprocess.run(  # noqa: S603 - an argument list of our own
            [sys.executable, str(script)],
            cwd=ROOT,
            env={**os.environ, "PATH": f"{wrapper}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=False,
        )
        assert done.returncode == -signal.SIGKILL, done.stderr
        rooms = house.directory / "git"
        assert list(rooms.glob("*.git.new-*"))
        assert not list(rooms.glob("*.git"))
        assert house.copy().tip("main").sha == house.at_remote()
        assert not list(rooms.glob("*.git.new-*"))

    def test_damage_that_only_a_plan_comes_across_is_remembered(self, house: House) -> None:
        """Fetching has no reason to read an old tree."""
        bad = house.commit("Bad", {"bad": "x\n"})
        tree = house.run("rev-parse", "HEAD^{tree}")
        house.commit("Good", {"good": "x\n"})
        house.copy()
        (house.kept / "objects" / tree[:2] / tree[2:]).unlink()
        with pytest.raises(CopyDamaged, match=r"The copy of the repository in .* is damaged") as caught:
            all_that_is_asked(house, bad)
        assert caught.value.remedy == "Start again: it is made anew then."
        assert all_that_is_asked(house, bad)


class TestTwoAtOnce:
    def test_they_wait_for_each_other_and_both_get_it(self, house: House) -> None:
        found: list[str] = []
        threads = [
            threading.Thread(target=lambda: found.append(house.copy().tip("main").sha)) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [house.at_remote()] * 4
        assert commands(house).count("init") == 1


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

"""A copy of the remote that was damaged, or left half made, is mended or made anew."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from rollback.git import (
    CopyDamaged,
    GitError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.rollback.git.house import House

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
    "no objects": DAMAGE["no objects"],
    "the commit graph torn": DAMAGE["the commit graph torn"],
}
"""What can become of a copy whose objects are in packs."""


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
    @pytest.mark.parametrize(
        ("damage", "packed"),
        [*((name, False) for name in DAMAGE), *((name, True) for name in PACKED)],
    )
    def test_a_damaged_copy_is_made_anew_at_the_latest_the_next_time(
        self, house: House, damage: str, *, packed: bool
    ) -> None:
        bad = house.commit("Bad", {"bad": "x\n"})
        house.commit("Good", {"good": "x\n"})
        house.copy()
        if packed:
            house.run("repack", "-adq", cwd=house.kept)
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
        assert house.commands.count("init") == 1
        house.notes.lines.clear()
        house.copy()
        assert "init" not in house.commands

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
        assert "init" not in house.commands

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

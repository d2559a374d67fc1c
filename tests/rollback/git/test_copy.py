"""The copy of the remote: made once, kept, and apart from everybody's checkout."""

from __future__ import annotations

import os
import stat
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rollback.git import (
    GitError,
    UnknownBranch,
)
from tests.rollback.git.house import House

if TYPE_CHECKING:
    from pathlib import Path


class TestKeeping:
    def test_it_is_fetched_and_made_only_once(self, house: House) -> None:
        house.copy()
        assert "init" in house.commands
        house.notes.lines.clear()
        sha = house.commit("Later")
        assert house.copy().tip("main").sha == sha
        assert "init" not in house.commands

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
        assert house.commands.count("init") == 1

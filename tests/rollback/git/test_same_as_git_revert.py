"""Whatever the history: what a trial says is what `git revert` does in a working tree."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.rollback.git.house import House

if TYPE_CHECKING:
    from rollback.git import Commit, Copy

Tree = dict[str, tuple[str, tuple[str, ...]]]
"""A mode and lines, by path."""

NAMES: Final = ("a", "b", "d", "d/c", "d/e", "f/g")
_SIDE: Final = re.compile(r"~(?:HEAD|parent of .*)\Z", re.DOTALL)


@dataclass(frozen=True)
class Made:
    """A commit to be made: its parents by number, and its tree."""

    parents: tuple[int, ...]
    tree: Tree


def fits(tree: Tree, name: str) -> bool:
    """Whether a file can be called so beside the others."""
    return not any(other.startswith(f"{name}/") or name.startswith(f"{other}/") for other in tree)


def changed(draw: st.DrawFn, before: Tree) -> Tree:
    """A tree after one person's change."""
    tree = dict(before)
    for _ in range(draw(st.integers(0, 3))):
        name = draw(st.sampled_from(NAMES))
        if name in tree:
            change(draw, tree, name)
        elif fits(tree, name):
            module = draw(st.integers(0, 5)) == 0
            lines = tuple(f"{name} {n}" for n in range(8))
            tree[name] = ("160000", ("1" * 40,)) if module else ("100644", lines)
    return tree


def change(draw: st.DrawFn, tree: Tree, name: str) -> None:
    """Do something to a file that is there."""
    mode, lines = tree[name]
    what = draw(st.sampled_from(["edit", "edit", "edit", "delete", "rename", "mode", "link"]))
    if what in {"delete", "rename"}:
        del tree[name]
        to = draw(st.sampled_from(NAMES))
        if what == "rename":
            tree[to if to not in tree and fits(tree, to) else name] = (mode, lines)
    elif mode == "160000":
        tree[name] = (mode, (draw(st.sampled_from("234")) * 40,))
    elif what == "mode" and mode != "120000":
        tree[name] = ("100755" if mode == "100644" else "100644", lines)
    elif what == "link":
        tree[name] = ("120000", (draw(st.sampled_from(["a", "b"])),))
    elif mode != "120000":
        at = draw(st.integers(0, len(lines) - 1))
        tree[name] = (mode, (*lines[:at], draw(st.sampled_from(["x", "y", "z"])), *lines[at + 1 :]))


@st.composite
def histories(draw: st.DrawFn) -> list[Made]:
    """A few commits, each on the last or beside it, some of them merges of two or three."""
    tree: Tree = {name: ("100644", tuple(f"{name} {n}" for n in range(8))) for name in ("a", "b", "d/c")}
    made = [Made((), tree)]
    for number in range(1, draw(st.integers(2, 6)) + 1):
        parents = [number - 1]
        if number > 2 and draw(st.integers(0, 3)) == 0:
            parents += draw(st.lists(st.integers(0, number - 2), min_size=1, max_size=2, unique=True))
        elif draw(st.integers(0, 5)) == 0:
            parents = [draw(st.integers(0, number - 1))]
        base: Tree = dict(made[parents[0]].tree)
        for other in parents[1:]:
            base |= {
                name: what for name, what in made[other].tree.items() if name in base or fits(base, name)
            }
        made.append(Made(tuple(parents), changed(draw, base)))
    return made


def stream(history: list[Made]) -> bytes:
    """The history for git fast-import."""
    told = []
    for number, each in enumerate(history):
        told += [f"commit refs/heads/main\nmark :{number + 1}"]
        told += [f"committer Bob <bob@team.example> {1767600000 + number * 60} +0000\ndata 1\n{number}"]
        for verb, parent in zip(("from", "merge", "merge"), each.parents, strict=False):
            told.append(f"{verb} :{parent + 1}")
        told.append("deleteall")
        for name, (mode, lines) in each.tree.items():
            if mode == "160000":
                told.append(f"M {mode} {lines[0]} {name}")
                continue
            content = lines[0] if mode == "120000" else "".join(f"{line}\n" for line in lines)
            told.append(f"M {mode} inline {name}\ndata {len(content)}\n{content}")
        told.append("")
    return "\n".join(told).encode()


class Worktree:
    """A person's working tree, in which the same is done by hand."""

    def __init__(self, house: House) -> None:
        self._house = house

    def revert(self, tip: Commit, commits: list[Commit]) -> tuple[str, tuple[str, ...]]:
        """The tree that comes of it, or the files that conflict."""
        self.run("reset", "-q", "--hard", tip.sha)
        self.run("clean", "-ffdxq")
        for each in commits:
            mainline = ("-m", "1") if each.is_merge else ()
            if self.run("revert", "--no-commit", *mainline, each.sha, ok=(0, 1)):
                listed = self.text("diff", "--name-only", "--diff-filter=U", "-z")
                files = {_SIDE.sub("", name) for name in listed.split("\0") if name}
                return "", tuple(sorted(files))
        return self.text("write-tree"), ()

    def run(self, *args: str, ok: tuple[int, ...] = (0,)) -> int:
        done = self.process(*args)
        assert done.returncode in ok, done.stderr
        return done.returncode

    def text(self, *args: str) -> str:
        return self.process(*args).stdout.strip()

    def process(self, *args: str) -> subprocess.CompletedProcess[str]:
        env = {name: value for name, value in self._house.env.items() if value is not None}
        return subprocess.run(  # noqa: S603 - an argument list of our own
            ["git", *args],  # noqa: S607 - that of PATH, as a person has it
            cwd=self._house.checkout,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C", **env},
            check=False,
            capture_output=True,
            text=True,
        )


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(tmp_path_factory.mktemp("house"))


def published(house: House, history: list[Made]) -> Copy:
    """A copy of a remote with this history."""
    told = stream(history)
    (house.root / "stream").write_bytes(told)
    with (house.root / "stream").open("rb") as file:
        subprocess.run(
            ["git", "fast-import", "--quiet", "--force"],  # noqa: S607 - likewise
            cwd=house.remote,
            stdin=file,
            check=True,
            capture_output=True,
        )
    house.run("fetch", "-q", str(house.remote), "+main:refs/remotes/origin/main")
    return house.copy()


@given(history=histories(), data=st.data())
@settings(max_examples=30, suppress_health_check=list(HealthCheck))
def test_a_trial_comes_out_as_git_revert_does(house: House, history: list[Made], data: st.DataObject) -> None:
    copy = published(house, history)
    tip = copy.tip("main")
    reachable = house.run("rev-list", tip.sha).split()
    chosen = data.draw(st.lists(st.sampled_from(reachable), min_size=1, max_size=2, unique=True))
    commits = [copy.commit(sha) for sha in chosen]

    trial = copy.try_revert(tip, commits)
    tree, conflicts = Worktree(house).revert(tip, commits)

    assert trial.conflicts == conflicts
    if not conflicts:
        assert trial.tree == tree
        assert trial.empty == (tree == tip.tree)


def test_this_file_looks_at_conflicts_and_at_clean_reverts(house: House) -> None:
    """Neither side of the comparison above is always the same."""
    lines = tuple(f"a {n}" for n in range(8))
    one: Tree = {"a": ("100644", lines)}
    two: Tree = {"a": ("100644", ("x", *lines[1:]))}
    three: Tree = {"a": ("100644", ("y", *lines[1:]))}
    copy = published(house, [Made((), one), Made((0,), two), Made((1,), three)])
    tip = copy.tip("main")
    worktree = Worktree(house)
    assert worktree.revert(tip, [tip])[1] == ()
    assert worktree.revert(tip, [copy.commit(tip.parents[0])]) == ("", ("a",))

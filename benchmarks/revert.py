"""What planning a revert costs in a large repository, beside `git revert` in a working tree of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast
from unittest import mock

from benchmarks.harness import Answer, Cost, Figure, cost, in_turns, median, ratio
from benchmarks.setting import CHECKOUT
from rollback.access import Access
from rollback.clock import SystemClock
from rollback.environment import load
from rollback.git import Copy, Trial
from rollback.journal import Journal
from rollback.process import Processes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from benchmarks.harness import Size
    from rollback.environment import Repository

BOUND: Final = 3.0
COMMITS: Final = 20_000
FILES: Final = 5_000
DEPTHS: Final = (10, 200, 10_000)
"""How many commits before the tip the bad one is: this morning's, last week's, and one of long ago."""
RECENT: Final = 200
"""Up to which the bound holds: what a plan looks for, it looks for in all that came later."""


class Large:
    """A remote of 20,000 commits and 5,000 files, a person's checkout of it, and a rollback's hands."""

    def __init__(self, root: Path, repository: Repository, journal: Journal) -> None:
        self.repository = repository
        self.remote = root / "remote.git"
        self.checkout = root / "checkout"
        self.kept = root / "kept"
        (root / "settings").write_text(
            "[user]\n\tname = Ann\n\temail = ann@team.example\n"
            f'[url "file://{self.remote}"]\n\tinsteadOf = {repository.remote}\n'
        )
        self._env: dict[str, str | None] = {
            **{name: None for name in os.environ if name.startswith("GIT_")},
            "GIT_CONFIG_GLOBAL": str(root / "settings"),
            "GIT_CONFIG_NOSYSTEM": "1",
        }
        nothing = cast(Any, None)
        clock = SystemClock()
        self.access = Access(
            aws=nothing,
            http=nothing,
            github=nothing,
            journal=journal,
            clock=clock,
            directory=self.kept,
            processes=Processes(journal, clock, env=self._env),
        )
        self.build()

    def git(self, *args: str, cwd: Path | None = None, stdin: bytes | None = None) -> str:
        """Run git as a person would."""
        env = {**os.environ, **self._env}
        done = subprocess.run(  # noqa: S603 - an argument list of our own
            ["git", *args],  # noqa: S607 - that of PATH, as a person has it
            cwd=cwd or self.checkout,
            env={name: value for name, value in env.items() if value is not None},
            input=stdin,
            check=True,
            capture_output=True,
        )
        return done.stdout.decode().strip()

    def build(self) -> None:
        """Make the remote, and the checkout."""
        self.git("init", "-q", "--bare", "-b", "main", str(self.remote), cwd=self.remote.parent)
        self.git("fast-import", "--quiet", cwd=self.remote, stdin=b"".join(stream()))
        self.git("repack", "-adq", "--write-bitmap-index", cwd=self.remote)
        self.git("clone", "-q", str(self.remote), str(self.checkout), cwd=self.remote.parent)

    def bad(self, depth: int) -> str:
        """The commit so many before the tip."""
        return self.git("rev-parse", f"origin/main~{depth}")

    def plan(self, sha: str) -> Trial:
        """The git part of a plan, as a rollback asks it."""
        copy = Copy.fetched(self.repository, self.access)
        tip = copy.tip("main")
        commit = copy.commit(sha)
        assert copy.holds(tip, commit)
        files = copy.files(commit)
        copy.later(commit, tip, files)
        assert copy.reverted_by(commit, tip) is None
        assert copy.identity()
        return copy.try_revert(tip, [commit])

    def by_hand(self, sha: str) -> Cost:
        """Revert it in the checkout, which is put back outside the measurement."""
        measured = cost(lambda: self.git("revert", "--no-edit", sha))
        self.git("reset", "-q", "--hard", "origin/main")
        return measured

    def at_first(self, sha: str) -> Cost:
        """Plan without a copy."""
        shutil.rmtree(self.kept, ignore_errors=True)
        return cost(lambda: self.plan(sha))


def stream() -> Iterator[bytes]:
    """The history for git fast-import: all files at first, and then each commit changes a line of two of them.

    The lines of a file are changed in turns and stand apart, so that any commit can be reverted.
    """
    lines = [[f"line {line} of file {number}" for line in range(50)] for number in range(FILES)]
    touched = [0] * FILES
    yield b"commit refs/heads/main\ncommitter Bob <bob@team.example> 1700000000 +0000\ndata 5\nBegin\n"
    for number in range(FILES):
        yield _file(number, lines[number])
    for number in range(1, COMMITS):
        message = f"Change number {number}\n\nBecause of this and that.\n"
        yield b"commit refs/heads/main\n"
        yield f"committer Bob <bob@team.example> {1700000000 + number * 600} +0000\n".encode()
        yield f"data {len(message)}\n{message}".encode()
        for each in dict.fromkeys((number % FILES, number * 7 % FILES)):
            lines[each][touched[each] * 5 % 50] += f", changed by {number}"
            touched[each] += 1
            yield _file(each, lines[each])


def _file(number: int, lines: list[str]) -> bytes:
    content = "\n".join(lines) + "\n"
    path = f"app/part{number % 20}/module{number % 250}/file{number}.py"
    return f"M 644 inline {path}\ndata {len(content)}\n{content}".encode()


@contextmanager
def opened() -> Iterator[Large]:
    """Build it, and have it gone afterwards."""
    repository = load(CHECKOUT / "environments.toml").default.repository
    with (
        tempfile.TemporaryDirectory() as directory,
        Journal.create(Path(directory) / "journal.jsonl", SystemClock()) as journal,
    ):
        yield Large(Path(directory), repository, journal)


def answer(size: Size) -> Answer:
    """Plan and revert by hand in turns, for a commit of each age."""
    figures: list[Figure] = []
    with opened() as large:
        shas = {depth: large.bad(depth) for depth in DEPTHS}
        first = in_turns({"first": lambda: large.at_first(shas[DEPTHS[0]])}, 1, warm_up=0)["first"]
        for depth, sha in shas.items():
            same_as_by_hand(large, sha)
            costs = in_turns(
                {
                    "ours": partial(planned, large, sha, synced=False),
                    "git": partial(large.by_hand, sha),
                    "synced": partial(planned, large, sha, synced=True),
                },
                size.rounds,
            )
            figures += of_depth(depth, costs)
    figures.append(Figure("the first time, without a copy", first[0].seconds * 1000, "ms"))
    return Answer(
        tuple(figures),
        (
            f"{COMMITS:,} commits, {FILES:,} files. Planning asks the remote, which is on this disk, and journals each command.",
            "Bare git revert asks no remote and looks at nothing that came later; a plan does, and takes the longer the older the commit.",
        ),
    )


def planned(large: Large, sha: str, *, synced: bool) -> Cost:
    """What planning costs, with the journal on disk before each next thing or without waiting for that."""
    with mock.patch.object(os, "fsync", os.fsync if synced else lambda _: None):
        return cost(lambda: large.plan(sha))


def same_as_by_hand(large: Large, sha: str) -> None:
    """What is compared comes to the same."""
    trial = large.plan(sha)
    large.git("revert", "--no-edit", sha)
    assert large.git("rev-parse", "HEAD^{tree}") == trial.tree
    large.git("reset", "-q", "--hard", "origin/main")


def of_depth(depth: int, costs: Mapping[str, list[Cost]]) -> list[Figure]:
    """How the two compare for a commit of that age."""
    ours, theirs, synced = ([each.seconds for each in costs[name]] for name in ("ours", "git", "synced"))
    what = f"planning the revert of a commit {depth:,} back, in git / bare git revert in a worktree"
    return [
        Figure(what, ratio(ours, theirs), bound=BOUND if depth <= RECENT else None),
        Figure("  with this disk's fsync of the journal", ratio(synced, theirs)),
        Figure("  which takes", median(ours) * 1000, "ms"),
        Figure("  and bare git revert", median(theirs) * 1000, "ms"),
    ]

"""Whatever is committed and merged in the remote: git finds it sound, and merged as git itself merges."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rehearsal.clock import VirtualClock
from rehearsal.origin import command
from rehearsal.origin.repository import Bare, MergeConflict, NothingToMerge

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

BRANCHES = ("main", "one", "two")
FILES = ("a.txt", "b.txt", "d/c.txt", "d/d.txt")
LINES = 6

_edit = st.tuples(
    st.just("commit"),
    st.sampled_from(BRANCHES),
    st.dictionaries(st.sampled_from(FILES), st.one_of(st.none(), st.integers(0, LINES - 1)), min_size=1),
)
_join = st.tuples(st.sampled_from(["merge", "squash"]), st.sampled_from(BRANCHES), st.sampled_from(BRANCHES))


def git(directory: Path, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - an argument list, and never a shell
        ["git", "-c", "user.name=x", "-c", "user.email=x@example.com", *args],  # noqa: S607 - the one of PATH
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
        env=command.environ(),
    )


def merged_by_git(work: Path, into: str, head: str) -> str | None:
    """The tree that ``git merge`` makes in a working tree; None where it conflicts or has nothing to do."""
    git(work, "merge", "--abort")
    git(work, "fetch", "--quiet", "origin")
    assert git(work, "checkout", "--quiet", "--force", "--detach", into).returncode == 0
    done = git(work, "merge", "--no-ff", "--quiet", "-m", "x", head)
    made, tree = git(work, "rev-parse", "HEAD", "HEAD^{tree}").stdout.split()
    return None if done.returncode or made == into else tree


def text(path: str, lines: dict[int, int]) -> str:
    return "".join(f"{path} line {number}: {lines.get(number, 0)}\n" for number in range(LINES))


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(st.one_of(_edit, _join), min_size=3, max_size=10))
def test_the_repository_is_what_was_done(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str, object]]
) -> None:
    directory = tmp_path_factory.mktemp("property")
    clock = VirtualClock()
    bare = Bare(directory / "origin.git", clock)
    first = bare.commit("main", "First", {path: text(path, {}) for path in FILES})
    for branch in BRANCHES[1:]:
        bare.point(branch, first)
    git(directory, "clone", "--quiet", "origin.git", "work")
    model = {branch: bare.files(branch) for branch in BRANCHES}
    count = 0
    for number, (kind, branch, what) in enumerate(steps, start=1):
        clock.sleep(1)
        before = bare.branches()
        if isinstance(what, dict):
            files = {
                path: None if line is None else text(path, {line: number})
                for path, line in what.items()
                if line is not None or path in model[branch]
            }
            sha = bare.commit(branch, f"Step {number}", files)
            model[branch] = {path: new for path, new in (model[branch] | files).items() if new is not None}
            parents: tuple[str, ...] = (before[branch],)
        else:
            expected = merged_by_git(directory / "work", before[branch], before[str(what)])
            join = bare.merge if kind == "merge" else bare.squash
            try:
                sha = join(branch, str(what), f"Step {number}")
            except (MergeConflict, NothingToMerge):
                assert expected is None
                assert bare.branches() == before
                continue
            assert bare.show(sha).tree == expected
            model[branch] = bare.files(sha)
            parents = (before[branch], before[str(what)])[: 2 if kind == "merge" else 1]
        count += 1
        assert bare.branches() == before | {branch: sha}
        assert bare.show(sha).parents == parents
        assert bare.files(branch) == model[branch]
    checked = git(bare.path, "fsck", "--strict", "--no-dangling")
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
    assert int(git(bare.path, "rev-list", "--all", "--count").stdout) == 1 + count
    for branch in BRANCHES:
        listed = git(bare.path, "log", "--format=%H %s", branch).stdout.splitlines()
        assert [f"{commit.sha} {commit.subject}" for commit in bare.log(branch, 100)] == listed

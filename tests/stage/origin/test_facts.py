"""What is known of an object by its name is known in each repository; that it is there is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rehearsal.clock import VirtualClock
from rehearsal.origin.command import git
from rehearsal.origin.github.reading import GitReader
from rehearsal.origin.repository import Bare

if TYPE_CHECKING:
    from pathlib import Path


def test_a_commit_of_another_repository_is_unknown_here(tmp_path: Path) -> None:
    one, other = (Bare(tmp_path / name, VirtualClock()) for name in ("one", "other"))
    sha = one.commit("main", "First", {"a": "1\n"})
    assert one.read(sha, "a") == "1\n"
    found = GitReader(one.path).commit(sha)
    assert found is not None
    assert found.message == "First"
    assert other.found(sha) is None
    assert GitReader(other.path).commit(sha) is None


def test_branches_are_the_same_whether_git_has_packed_them_or_not(tmp_path: Path) -> None:
    """Nothing on the stage packs any, but whoever works on its disk may."""

    bare = Bare(tmp_path / "bare", VirtualClock())
    first = bare.commit("main", "First", {"a": "1\n"})
    bare.commit("fix/slow", "Slow", {"a": "2\n"}, parent=first)
    before = bare.branches()
    assert list(before) == ["fix/slow", "main"]
    git(bare.path, "pack-refs", "--all")
    assert bare.branches() == before
    assert GitReader(bare.path).branches() == before
    assert bare.tip("main") == bare.resolve("main") == first
    bare.delete("fix/slow")
    assert bare.branches() == {"main": first}
    assert not bare.exists("fix/slow")

"""The remote repository, as it is worked on where it lies."""

from __future__ import annotations

import os
import subprocess
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from rehearsal.clock import OPENING, VirtualClock
from rehearsal.origin import command
from rehearsal.origin.drafts import Draft
from rehearsal.origin.push import ZERO
from rehearsal.origin.repository import Bare, MergeConflict, NothingToMerge, Person, UnknownRevision
from rollback.errors import RollbackError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KIM = Person("Kim Ito", "kim@example.com", "kim")


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def bare(tmp_path: Path, clock: VirtualClock) -> Bare:
    bare = Bare(tmp_path / "origin.git", clock)
    bare.commit("main", "First", {"app/a.py": "a\n", "app/b.py": "b\n"})
    return bare


def seen(bare: Bare, *args: str) -> str:
    """What git itself says of the repository."""
    done = subprocess.run(  # noqa: S603 - an argument list, and never a shell
        ["git", f"--git-dir={bare.path}", *args],  # noqa: S607 - the git that PATH names
        capture_output=True,
        text=True,
        check=True,
        env=command.environ(),
    )
    return done.stdout.strip()


def test_a_commit_is_on_top_of_its_branch(bare: Bare, clock: VirtualClock) -> None:
    first = bare.tip("main")
    clock.sleep(90)
    sha = bare.commit(
        "main", "Change a", {"app/a.py": "A\n", "docs/ö ü.md": "ß\n"}, author=KIM, body="For good.\n\nReally."
    )
    assert seen(bare, "rev-parse", "main", "main^") == f"{sha}\n{first}"
    assert seen(bare, "log", "-1", "--format=%an <%ae> %cn %B", "main") == (
        "Kim Ito <kim@example.com> Kim Ito Change a\n\nFor good.\n\nReally."
    )
    at = int((OPENING + timedelta(seconds=90)).timestamp())
    assert seen(bare, "log", "-1", "--format=%at %ct", "main") == f"{at} {at}"
    assert bare.files(sha) == {"app/a.py": "A\n", "app/b.py": "b\n", "docs/ö ü.md": "ß\n"}


def test_a_new_branch_begins_at_its_parent(bare: Bare) -> None:
    first = bare.tip("main")
    bare.commit("main", "Second", {"app/a.py": "2\n"})
    sha = bare.commit("feature/x", "Topic", {"app/c.py": "c\n"}, parent=first)
    assert bare.show(sha).parents == (first,)
    assert bare.branches() == {"main": bare.tip("main"), "feature/x": sha}
    assert bare.exists("feature/x")
    assert not bare.exists("feature")


def test_a_branch_that_is_not_there_is_not_made_by_mistake(bare: Bare) -> None:
    with pytest.raises(UnknownRevision, match="no branch mian; name the parent"):
        bare.commit("mian", "Typo", {})
    with pytest.raises(UnknownRevision, match="no nowhere"):
        bare.commit("topic", "Topic", {}, parent="nowhere")
    assert list(bare.branches()) == ["main"]


def test_a_branch_that_is_there_does_not_begin_anew(bare: Bare) -> None:
    first = bare.tip("main")
    with pytest.raises(ValueError, match="is there already"):
        bare.commit("main", "Again", {}, parent=first)
    assert bare.tip("main") == first


def test_a_file_goes_and_only_one_that_is_there(bare: Bare) -> None:
    bare.commit("main", "Delete a", {"app/a.py": None, "app/b.py": None, "app": "now a file\n"})
    assert bare.files("main") == {"app": "now a file\n"}
    with pytest.raises(UnknownRevision, match=r"no app/a\.py that could be deleted"):
        bare.commit("main", "Delete it again", {"app/a.py": None})
    assert bare.show("main").subject == "Delete a"


def test_a_file_may_become_a_directory(bare: Bare) -> None:
    bare.commit("main", "A file", {"x": "file\n"})
    bare.commit("main", "A directory", {"x/y": "file in it\n", "x": None})
    assert bare.read("main", "x/y") == "file in it\n"


def test_a_commit_may_change_nothing(bare: Bare) -> None:
    before = bare.tip("main")
    sha = bare.commit("main", "Nothing", {})
    assert bare.changed(before, sha) == ()
    assert sha != before


@pytest.mark.parametrize(
    "path",
    ["/etc/x", "../x", "a/../b", "a//b", "", "a/", ".git/hooks/x", "a/.GIT/x", "a\nb", 'a"b', "a\\b", "a\0b"],
)
def test_a_path_that_leads_out_of_the_repository_is_refused(bare: Bare, path: str) -> None:
    with pytest.raises(ValueError, match=r"can be called|may be called"):
        bare.commit("main", "Out", {path: "x"})
    assert bare.show("main").subject == "First"


@pytest.mark.parametrize(
    ("name", "email"), [("", "a@b"), (" ", "a@b"), ("A <b>", "a@b"), ("A\nfrom x", "a@b"), ("A", "a@b>\n")]
)
def test_a_person_can_not_write_git_s_lines(name: str, email: str) -> None:
    with pytest.raises(ValueError, match="can't name"):
        Person(name, email, "a")


def test_a_message_can_not_write_git_s_lines(bare: Bare) -> None:
    body = "data 3\nfrom refs/heads/x\n\ncommit refs/heads/other\ndone"
    bare.commit("main", "Sly", {"a.txt": body}, body=body)
    assert bare.message("main") == f"Sly\n\n{body}\n"
    assert bare.read("main", "a.txt") == body
    assert list(bare.branches()) == ["main"]


def test_a_merge_is_a_merge_commit_also_where_it_could_be_fast_forward(
    bare: Bare, clock: VirtualClock
) -> None:
    into = bare.tip("main")
    head = bare.commit("topic", "Topic", {"app/c.py": "c\n"}, parent="main")
    clock.sleep(60)
    sha = bare.merge("main", "topic", "Merge pull request #1 from owner/topic", body="Topic", author=KIM)
    commit = bare.show("main")
    assert (commit.sha, commit.parents) == (sha, (into, head))
    assert commit.message == "Merge pull request #1 from owner/topic\n\nTopic\n"
    assert (commit.author.name, commit.committer.name, commit.committer.email) == (
        "Kim Ito",
        "GitHub",
        "noreply@github.com",
    )
    assert commit.at == commit.authored_at == OPENING + timedelta(seconds=60)
    assert set(bare.files("main")) == {"app/a.py", "app/b.py", "app/c.py"}
    assert bare.tip("topic") == head


def test_a_squash_has_one_parent_and_all_of_it(bare: Bare) -> None:
    into = bare.tip("main")
    bare.commit("topic", "One", {"app/c.py": "c\n"}, parent="main")
    bare.commit("topic", "Two", {"app/a.py": None})
    sha = bare.squash("main", "topic", "Both (#2)")
    assert bare.show(sha).parents == (into,)
    assert bare.changed(into, sha) == ("app/a.py", "app/c.py")
    assert bare.tip("main") == sha


def test_a_conflict_names_its_files_and_changes_nothing(bare: Bare) -> None:
    bare.commit("topic", "Theirs", {"app/a.py": "theirs\n", "app/b.py": "b2\n"}, parent="main")
    ours = bare.commit("main", "Ours", {"app/a.py": "ours\n"})
    for join in (bare.merge, bare.squash):
        with pytest.raises(MergeConflict) as caught:
            join("main", "topic", "Merge")
        assert caught.value.files == ("app/a.py",)
    assert bare.tip("main") == ours


def test_what_is_merged_already_is_not_merged_again(bare: Bare) -> None:
    bare.commit("topic", "Topic", {"app/c.py": "c\n"}, parent="main")
    bare.merge("main", "topic", "Merge")
    before = bare.tip("main")
    with pytest.raises(NothingToMerge):
        bare.merge("main", "topic", "Again")
    with pytest.raises(UnknownRevision):
        bare.merge("main", "nowhere", "Merge")
    assert bare.tip("main") == before


def test_what_git_itself_can_not_merge_is_no_conflict(bare: Bare, clock: VirtualClock) -> None:
    bare.make([Draft(ref="refs/heads/other", parents=(), message="Unrelated\n", at=clock.now())])
    with pytest.raises(command.GitFailed, match="unrelated histories"):
        bare.merge("main", "other", "Merge")


def test_no_setting_of_this_machine_is_read(bare: Bare) -> None:
    scopes = {row.split("\t")[0] for row in seen(bare, "config", "--list", "--show-scope").splitlines()}
    assert scopes == {"local"}


def test_files_are_read_as_they_were(bare: Bare) -> None:
    first = bare.tip("main")
    bare.commit("main", "Second", {"app/a.py": "2\n", "x/deep/er.txt": ""})
    assert bare.read(first, "app/a.py") == "a\n"
    assert bare.read("main", "app/a.py") == "2\n"
    assert bare.read("main", "x/deep/er.txt") == ""
    assert bare.read(first, "x/deep/er.txt") is None
    assert bare.read("main", "app") is None
    for missing in (ZERO, "nowhere", "-x", "--all"):
        with pytest.raises(UnknownRevision):
            bare.read(missing, "app/a.py")
        with pytest.raises(UnknownRevision):
            bare.files(missing)


def test_what_changed_is_told_with_both_names_of_a_renamed_file(bare: Bare) -> None:
    first = bare.tip("main")
    second = bare.commit("main", "Rename", {"app/a.py": None, "app/z.py": "a\n"})
    assert bare.changed(first, second) == bare.changed(second, first) == ("app/a.py", "app/z.py")
    assert bare.changed(ZERO, first) == bare.changed(first, ZERO) == ("app/a.py", "app/b.py")


def test_the_log_is_git_s(bare: Bare, clock: VirtualClock) -> None:
    for number in range(5):
        clock.sleep(1)
        bare.commit("main", f"Commit {number}", {"app/a.py": f"{number}\n"})
    assert [commit.sha for commit in bare.log("main", 3)] == seen(
        bare, "log", "-3", "--format=%H", "main"
    ).split()
    assert len(bare.log("main")) == 6
    assert bare.log("main", 1)[0].tree == seen(bare, "rev-parse", "main^{tree}")


def test_tags_are_light_or_have_a_message(bare: Bare) -> None:
    bare.tag("light", "main")
    bare.tag("v1", "main", "One")
    kinds = [seen(bare, "cat-file", "-t", f"refs/tags/{name}") for name in ("light", "v1")]
    assert kinds == ["commit", "tag"]
    assert bare.resolve("v1") == bare.tip("main")


def test_branches_are_pointed_deleted_and_checked_out(bare: Bare) -> None:
    first = bare.tip("main")
    bare.commit("main", "Second", {})
    bare.point("release", first)
    bare.point("main", first)
    assert bare.branches() == {"main": first, "release": first}
    bare.check_out("release")
    bare.delete("main")
    assert seen(bare, "rev-parse", "HEAD") == first
    with pytest.raises(UnknownRevision):
        bare.tip("main")
    with pytest.raises(UnknownRevision):
        bare.delete("main")


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty directory as this machine's PATH, and a stage that hasn't looked for git yet."""
    directory = tmp_path / "bin"
    directory.mkdir()
    monkeypatch.setenv("PATH", str(directory))
    command.require_git.cache_clear()
    yield directory
    command.require_git.cache_clear()


@pytest.mark.parametrize("version", ["git version 2.37.9", "git version 1.99.0", "git version unknown"])
def test_a_git_that_is_too_old_is_named(
    tmp_path: Path, clock: VirtualClock, programs: Path, version: str
) -> None:
    (programs / "git").write_text(f"#!/bin/sh\necho '{version}'\n")
    (programs / "git").chmod(0o755)
    with pytest.raises(RollbackError) as caught:
        Bare(tmp_path / "x.git", clock)
    assert "needs git 2.38 or newer, and this is" in caught.value.sentence
    assert caught.value.remedy


def test_a_machine_without_git_is_told_so(tmp_path: Path, clock: VirtualClock, programs: Path) -> None:
    assert not list(programs.iterdir())
    with pytest.raises(RollbackError, match="needs git, which was not found"):
        Bare(tmp_path / "x.git", clock)


def test_where_no_program_can_run_nothing_could_be_refused(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a file system that is mounted noexec git overlooks its hooks."""
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(RollbackError, match="could refuse no push"):
        Bare(tmp_path / "x.git", clock)

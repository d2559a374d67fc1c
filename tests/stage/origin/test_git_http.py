"""The remote over HTTP, as the real git client finds it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest

from rehearsal.origin.push import WORKFLOW_ACTOR, ZERO, Push
from rehearsal.origin.wire import Request
from tests.stage.origin.house import NAME, OPERATOR, REMOTE, House

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rehearsal.origin.wire import Response


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path) as house:
        yield house


@pytest.mark.parametrize("version", [0, 1, 2])
def test_a_clone_has_all_of_it_in_every_version_of_the_protocol(house: House, version: int) -> None:
    house.bare.commit("topic", "Second", {"app/b.py": "b = 2\n"}, parent="main")
    house.bare.tag("v1", "main", "One")
    house.well("-c", f"protocol.version={version}", "clone", "--quiet", REMOTE, "clone")
    clone = house.directory / "clone"
    assert (clone / "app/a.py").read_text() == "a = 1\n"
    assert house.well("rev-parse", "origin/topic", at=clone).strip() == house.bare.tip("topic")
    assert house.well("cat-file", "-t", "v1", at=clone).strip() == "tag"


def test_a_fetch_brings_what_came_later(house: House) -> None:
    clone = house.clone("clone")
    later = house.bare.commit("main", "Later", {"app/a.py": "a = 2\n"})
    house.well("fetch", "--quiet", at=clone)
    assert house.well("rev-parse", "origin/main", at=clone).strip() == later


def test_a_push_arrives_and_is_told_once(house: House) -> None:
    clone = house.clone("clone")
    sha = house.commits(clone, "app/b.py", "b = 2\n")
    house.well("push", "--quiet", at=clone)
    assert house.bare.tip("main") == sha
    assert house.bare.read("main", "app/b.py") == "b = 2\n"
    assert house.pushes == [Push(branch="main", before=house.first, after=sha, actor=OPERATOR.login)]


def test_each_branch_of_a_push_is_told_and_tags_are_not(house: House) -> None:
    clone = house.clone("clone")
    old = house.bare.commit("old", "Old", {}, parent="main")
    house.well("tag", "v1", at=clone)
    house.well("push", "--quiet", "origin", "HEAD:a/b", "HEAD:c", ":old", "v1", at=clone)
    assert {(push.branch, push.before, push.after) for push in house.pushes} == {
        ("a/b", ZERO, house.first),
        ("c", ZERO, house.first),
        ("old", old, ZERO),
    }
    assert len(house.pushes) == 3
    assert not house.bare.exists("old")


def test_who_pushes_can_be_a_workflow(house: House) -> None:
    clone = house.clone("clone")
    house.remote.actor = WORKFLOW_ACTOR
    house.well("push", "--quiet", "origin", "HEAD:topic", at=clone)
    assert [push.actor for push in house.pushes] == [WORKFLOW_ACTOR]


def test_a_push_that_moves_nothing_is_not_told(house: House) -> None:
    clone = house.clone("clone")
    house.well("push", "--quiet", at=clone)
    assert house.pushes == []


def test_a_large_push_comes_in_chunks(house: House) -> None:
    """Beyond http.postBuffer (1 MiB) git asks first and then sends without saying how much."""
    clone = house.clone("clone")
    text = "".join(f"{number * number:x}\n" for number in range(400_000))
    sha = house.commits(clone, "data.txt", text)
    house.well("push", "--quiet", at=clone)
    assert house.bare.tip("main") == sha
    assert house.bare.read(sha, "data.txt") == text


def test_a_fetch_with_many_haves_is_compressed(house: House) -> None:
    """git sends what is larger than 1 KiB as gzip."""
    for number in range(40):
        house.bare.commit("main", f"Commit {number}", {"app/a.py": f"a = {number}\n"})
    clone = house.clone("clone")
    for number in range(40):
        house.commits(clone, "own.txt", f"{number}\n")
    compressed: list[str] = []

    def note(request: Request, proceed: Callable[[], Response]) -> Response:
        compressed.append(request.headers.get("content-encoding", ""))
        return proceed()

    house.remote.interceptors.append(note)
    later = house.bare.commit("main", "Later", {"app/a.py": "later\n"})
    house.well("fetch", "--quiet", at=clone)
    assert "gzip" in compressed
    assert house.well("rev-parse", "origin/main", at=clone).strip() == later


def test_a_partial_clone_gets_its_blobs_when_they_are_needed(house: House) -> None:
    clone = house.clone("clone", "--filter=blob:none", "--no-checkout")
    listed = house.well("rev-list", "--objects", "--all", "--missing=print", at=clone)
    assert sum(line.startswith("?") for line in listed.splitlines()) == 2
    assert house.well("show", "origin/main:app/a.py", at=clone) == "a = 1\n"


@pytest.mark.parametrize("version", [0, 2])
def test_a_commit_can_be_fetched_by_its_name(house: House, version: int) -> None:
    house.bare.commit("main", "Second", {"app/a.py": "a = 2\n"})
    house.well("init", "--quiet", "empty")
    empty = house.directory / "empty"
    house.well("-c", f"protocol.version={version}", "fetch", "--quiet", REMOTE, house.first, at=empty)
    assert house.well("rev-parse", "FETCH_HEAD", at=empty).strip() == house.first


def test_a_shallow_clone_has_one_commit(house: House) -> None:
    house.bare.commit("main", "Second", {"app/a.py": "a = 2\n"})
    clone = house.clone("clone", "--depth=1")
    assert house.well("rev-list", "--count", "HEAD", at=clone).strip() == "1"


def test_a_branch_that_moved_refuses_the_push(house: House) -> None:
    clone = house.clone("clone")
    house.commits(clone, "app/b.py", "b = 2\n")
    theirs = house.bare.commit("main", "Faster", {"app/c.py": "c = 3\n"})
    said = house.git("push", at=clone)
    assert said.code == 1
    assert "(fetch first)" in said.err
    assert house.bare.tip("main") == theirs
    assert house.pushes == []


def test_a_protected_branch_refuses_in_github_s_words_and_others_do_not(house: House) -> None:
    clone = house.clone("clone")
    house.commits(clone, "app/b.py", "b = 2\n")
    house.bare.protect("main", "Changes must be made through a pull request.")
    said = house.git("push", at=clone)
    assert said.code == 1
    assert "remote: error: GH006: Protected branch update failed for refs/heads/main." in said.err
    assert "remote: error: Changes must be made through a pull request." in said.err
    assert "[remote rejected] main -> main (pre-receive hook declined)" in said.err
    assert house.git("push", "--force", at=clone).code == 1
    assert (house.bare.tip("main"), house.pushes) == (house.first, [])
    house.well("push", "--quiet", "origin", "HEAD:main-2", at=clone)
    house.bare.unprotect("main")
    house.well("push", "--quiet", at=clone)
    assert [push.branch for push in house.pushes] == ["main-2", "main"]


def test_a_branch_in_a_folder_can_be_protected(house: House) -> None:
    clone = house.clone("clone")
    house.bare.protect("release/1.0", "No.")
    assert "GH006" in house.git("push", "origin", "HEAD:release/1.0", at=clone).err
    house.well("push", "--quiet", "origin", "HEAD:release/1.1", at=clone)


def test_a_ruleset_refuses_in_its_own_words(house: House) -> None:
    clone = house.clone("clone")
    house.commits(clone, "app/b.py", "b = 2\n")
    house.bare.protect("main", "Changes must be made through a pull request.", ruleset=True)
    said = house.git("push", at=clone)
    assert "remote: error: GH013: Repository rule violations found for refs/heads/main." in said.err
    assert "remote: - Changes must be made through a pull request." in said.err
    assert house.bare.tip("main") == house.first


def test_a_push_of_two_branches_is_refused_as_a_whole(house: House) -> None:
    clone = house.clone("clone")
    house.commits(clone, "app/b.py", "b = 2\n")
    house.bare.protect("main", "No.")
    assert house.git("push", "origin", "HEAD:topic", "HEAD:main", at=clone).code == 1
    assert (house.bare.branches(), house.pushes) == ({"main": house.first}, [])


def test_an_organisation_s_hook_refuses_every_push_until_it_is_taken_away(house: House) -> None:
    clone = house.clone("clone")
    house.commits(clone, "app/b.py", "b = 2\n")
    house.bare.refuse_pushes("Pushes are frozen until $(Monday); ask `ops`.")
    for target in ("main", "topic"):
        said = house.git("push", "origin", f"HEAD:{target}", at=clone)
        assert said.code == 1
        assert "remote: Pushes are frozen until $(Monday); ask `ops`." in said.err
    assert (house.bare.branches(), house.pushes) == ({"main": house.first}, [])
    house.bare.refuse_pushes("")
    house.well("push", "--quiet", at=clone)
    assert [push.branch for push in house.pushes] == ["main"]


def test_a_commit_that_is_malformed_is_refused(house: House) -> None:
    """GitHub checks what it is sent; so a revert that is written wrongly doesn't pass here either."""
    clone = house.clone("clone")
    raw = f"tree {house.well('rev-parse', 'HEAD^{tree}', at=clone).strip()}\nauthor nobody\n\nx\n"
    (clone / "raw").write_text(raw)
    bad = house.well("hash-object", "-t", "commit", "-w", "--literally", "raw", at=clone).strip()
    said = house.git("push", "origin", f"{bad}:refs/heads/bad", at=clone)
    assert said.code != 0
    assert not house.bare.exists("bad")


def test_pull_requests_references_can_not_be_pushed(house: House) -> None:
    clone = house.clone("clone")
    house.well("push", "--quiet", "origin", "HEAD:refs/heads/topic", at=clone)
    assert house.git("push", "origin", "HEAD:refs/pull/1/head", at=clone).code != 0


def test_clients_at_once_lose_nothing(house: House) -> None:
    clones = [house.clone(f"clone-{number}") for number in range(6)]
    shas = [house.commits(clone, f"app/{clone.name}.py", "x = 1\n") for clone in clones]

    def both(clone: Path) -> None:
        house.well("push", "--quiet", "origin", f"HEAD:{clone.name}", at=clone)
        house.well("fetch", "--quiet", at=clone)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(both, clones))
    assert [house.bare.tip(clone.name) for clone in clones] == shas
    assert sorted(push.after for push in house.pushes) == sorted(shas)


def test_of_clients_at_once_on_one_branch_one_wins(house: House) -> None:
    clones = [house.clone(f"clone-{number}") for number in range(5)]
    shas = [house.commits(clone, f"app/{clone.name}.py", "x = 1\n") for clone in clones]
    with ThreadPoolExecutor(5) as pool:
        codes = list(pool.map(lambda clone: house.git("push", at=clone).code, clones))
    won = [sha for sha, code in zip(shas, codes, strict=True) if code == 0]
    assert [house.bare.tip("main")] == won == [push.after for push in house.pushes]


def test_what_is_told_of_a_push_may_wait_for_the_clock(house: House) -> None:
    """Who plays the clock's events may be changing the repository just then."""
    clone = house.clone("clone")
    sha = house.commits(clone, "app/b.py", "b = 2\n")
    told: list[Push] = []

    def note(push: Push) -> None:
        with house.clock.lock:
            told.append(push)

    house.remote._pushed = note
    with ThreadPoolExecutor(2) as pool:
        with house.clock.lock:
            pushing = pool.submit(house.git, "push", at=clone)
            while house.bare.tip("main") == house.first:
                assert not pushing.done()
            meanwhile = pool.submit(house.bare.commit, "topic", "Meanwhile", {}, parent="main")
            assert meanwhile.result(timeout=30)
        assert pushing.result().code == 0
    assert [push.after for push in told] == [sha]


def test_nobody_else_changes_a_branch_while_a_push_is_taken(house: House) -> None:
    clone = house.clone("clone")
    house.commits(clone, "app/b.py", "b = 2\n")
    moved, free = house.bare.moved, []

    def look() -> tuple[tuple[str, str, str], ...]:
        with ThreadPoolExecutor(1) as pool:
            free.append(pool.submit(house.bare.lock.acquire, blocking=False).result())
        return moved()

    with patch.object(house.bare, "moved", look):
        house.well("push", "--quiet", at=clone)
    assert free
    assert not any(free)


def test_a_push_is_told_before_the_next_is_taken(house: House) -> None:
    """Else its pipeline could hear of the later one first."""
    clone = house.clone("clone")
    house.commits(clone, "app/b.py", "b = 2\n")
    alone: list[bool] = []
    house.remote._pushed = lambda _: alone.append(house.remote._pushes.locked())
    house.well("push", "--quiet", at=clone)
    assert alone == [True]


@pytest.mark.parametrize(
    ("wanted", "begins"),
    [
        ("version=2", b"000eversion 2\n"),
        ("version=1", b"001e# service=git-upload-pack\n0000000eversion 1\n"),
        ("version=2\0", b"001e# service=git-upload-pack\n0000"),
        ("", b"001e# service=git-upload-pack\n0000"),
    ],
)
def test_the_listing_begins_as_its_protocol_asks(house: House, wanted: str, begins: bytes) -> None:
    listing = Request(
        method="GET",
        host="127.0.0.1",
        path=f"/{NAME}.git/info/refs",
        query="service=git-upload-pack",
        headers={"git-protocol": wanted},
    )
    assert house.remote.respond(listing).body.startswith(begins)


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        ("GET", f"/{NAME}.git/info/refs", ""),
        ("GET", f"/{NAME}.git/info/refs", "service=git-upload-archive"),
        ("POST", f"/{NAME}.git/info/refs", "service=git-upload-pack"),
        ("GET", f"/{NAME}.git/git-receive-pack", ""),
        ("GET", f"/{NAME}.git/HEAD", ""),
        ("GET", f"/{NAME}.git/objects/info/packs", ""),
        ("GET", "/owner/other.git/info/refs", "service=git-upload-pack"),
        ("GET", f"/x/{NAME}.git/info/refs", "service=git-upload-pack"),
    ],
)
def test_anything_else_is_not_there(house: House, method: str, path: str, query: str) -> None:
    answer = house.remote.respond(Request(method=method, host="127.0.0.1", path=path, query=query))
    assert answer.status == HTTPStatus.NOT_FOUND


def test_another_repository_is_not_found(house: House) -> None:
    url = house.well("config", "--get-regexp", "insteadof").split(".insteadof")[0].removeprefix("url.")
    said = house.git("clone", url.replace("shop", "other"), "clone")
    assert said.code == 128
    assert "remote: Repository not found." in said.err


def test_the_repository_is_found_without_its_ending(house: House) -> None:
    said = house.git("ls-remote", "http://127.0.0.1/owner/shop")
    assert said.code == 128, "an address that isn't the remote's went through"
    url = house.well("config", "--get-regexp", "insteadof").split(".insteadof")[0].removeprefix("url.")
    assert house.first in house.well("ls-remote", url.removesuffix(".git"))

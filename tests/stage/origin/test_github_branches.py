"""Branches, what they ask of a change, and commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rehearsal.clock import VirtualClock
from rehearsal.origin.github.reading import GitReader
from rehearsal.origin.github.store import BranchRules
from rehearsal.origin.repository import Bare
from tests.stage.origin.github_house import ROOT, build

if TYPE_CHECKING:
    from pathlib import Path

    from tests.stage.origin.github_house import House


def rules(house: House, branch: str) -> list[str]:
    return [rule["type"] for rule in house.told(f"/rules/branches/{branch}")]


@pytest.mark.parametrize("path", ["fix/total", "fix%2Ftotal"])
def test_the_name_of_a_branch_may_hold_a_slash(path: str) -> None:
    house = build()
    told = house.told(f"/branches/{path}")
    assert (told["name"], told["commit"]["sha"], told["protected"]) == ("fix/total", house.known.fix, False)
    assert house.told(f"/branches/{path}/protection", 404, who=ROOT)["message"] == "Branch not protected"
    assert rules(house, path) == []


def test_a_branch_protection_rule_is_no_ruleset() -> None:
    house = build()
    told = house.told("/branches/main")
    assert (told["protected"], told["protection"]["enabled"]) == (True, True)
    assert told["protection"]["required_status_checks"]["contexts"] == ["test"]
    assert rules(house, "main") == []


def test_a_ruleset_is_no_branch_protection_rule() -> None:
    """The branch is protected all the same, which is why both have to be asked for."""
    house = build()
    told = house.told("/branches/clash")
    assert (told["protected"], told["protection"]["enabled"]) == (True, False)
    assert house.told("/branches/clash/protection", 404, who=ROOT)["message"] == "Branch not protected"
    assert rules(house, "clash") == [
        "deletion",
        "non_fast_forward",
        "pull_request",
        "required_status_checks",
        "required_signatures",
        "update",
    ]


def test_rules_ask_for_what_is_stored() -> None:
    house = build()
    (review,) = (rule for rule in house.told("/rules/branches/clash") if rule["type"] == "pull_request")
    assert review["parameters"]["required_approving_review_count"] == 2
    house.store.rules["clash"] = BranchRules(classic=False)
    assert rules(house, "clash") == ["deletion", "non_fast_forward"]


def test_rules_are_told_of_a_branch_that_is_yet_to_be() -> None:
    house = build()
    house.store.rules["later"] = BranchRules(approvals=1, classic=False)
    assert "pull_request" in rules(house, "later")
    assert house.told("/branches/later", 404)["message"] == "Branch not found"
    assert house.told("/branches/later/protection", 404, who=ROOT)["message"] == "Branch not found"


def test_a_protection_tells_what_it_asks_for_and_nothing_else() -> None:
    house = build()

    def told() -> tuple[object, ...]:
        protection = house.told("/branches/main/protection", who=ROOT)
        reviews = protection.get("required_pull_request_reviews", {})
        checks = protection.get("required_status_checks", {})
        return (
            reviews.get("required_approving_review_count"),
            checks.get("contexts"),
            protection["required_signatures"]["enabled"],
            protection["lock_branch"]["enabled"],
        )

    assert told() == (1, ["test"], True, False)
    house.store.rules["main"] = BranchRules(lock=True)
    assert told() == (None, None, False, True)
    house.store.rules["main"] = BranchRules(approvals=0)
    assert told() == (0, None, False, False)


def test_a_commit_is_found_by_any_of_its_names() -> None:
    house = build()
    for name in (house.known.merge, house.known.merge[:10], "main", "heads/main"):
        assert house.told(f"/commits/{name}")["sha"] == house.known.merge


@pytest.mark.parametrize(
    "name", ["gone", "main~1", "main^", "-x", "--all", "main@{0}", "main:app", ".", "a..b", "%20", "0000000"]
)
def test_what_names_no_commit_is_refused(name: str) -> None:
    assert build().told(f"/commits/{name}", 422)["message"].startswith("No commit found for SHA: ")


def test_a_merge_is_told_with_its_parents_and_what_it_brought() -> None:
    house = build()
    told = house.told(f"/commits/{house.known.merge}")
    assert [parent["sha"] for parent in told["parents"]] == [
        house.known.first,
        house.known.bare.tip("basket"),
    ]
    assert told["commit"]["message"] == "Merge pull request #1 from acme/basket\n\nFill the basket"
    assert [(file["filename"], file["status"]) for file in told["files"]] == [("app/basket.py", "modified")]
    assert told["stats"] == {"total": 1, "additions": 1, "deletions": 0}


def test_a_first_commit_adds_all_its_files() -> None:
    house = build()
    told = house.told(f"/commits/{house.known.first}")
    assert [(file["filename"], file["status"]) for file in told["files"]] == [
        ("app/basket.py", "added"),
        ("docs/old.md", "added"),
    ]


def test_commits_are_their_authors_where_github_knows_the_address() -> None:
    house = build()
    commit = house.told(f"/commits/{house.known.fix}")
    assert commit["author"] is None
    house.store.logins[commit["commit"]["author"]["email"]] = "octavia"
    assert house.told(f"/commits/{house.known.fix}")["author"]["login"] == "octavia"


def test_a_commit_leads_to_its_pull_request() -> None:
    house = build()

    def numbers(sha: str) -> list[int]:
        return [pull["number"] for pull in house.told(f"/commits/{sha}/pulls")]

    assert numbers(house.known.merge) == numbers(house.known.bare.tip("basket")) == [1]
    assert numbers(house.known.clash) == []
    house.store.pulls[1].head_sha = "0" * 40
    assert numbers(house.known.bare.tip("basket")) == []


def test_a_renamed_a_deleted_and_a_binary_file_are_told(tmp_path: Path) -> None:
    bare = Bare(tmp_path / "own.git", VirtualClock())
    before = bare.commit("main", "Begin", {"old name.md": "a\nb\nc\nd\n", "gone": "x\n", "raw": "\0one"})
    after = bare.commit(
        "main", "Tidy", {"old name.md": None, "néw.md": "a\nb\nc\nd\n", "gone": None, "raw": "\0two"}
    )
    changes = {change.path: change for change in GitReader(bare.path).changes(before, after)}
    assert {path: change.status for path, change in changes.items()} == {
        "néw.md": "renamed",
        "gone": "removed",
        "raw": "modified",
    }
    assert changes["néw.md"].previous == "old name.md"
    assert (changes["raw"].additions, changes["gone"].deletions) == (0, 1)


def test_a_branch_that_moves_is_seen_at_once(tmp_path: Path) -> None:
    """Only what can't change is read once."""
    bare = Bare(tmp_path / "own.git", VirtualClock())
    reader = GitReader(bare.path)
    for text in ("one", "two"):
        sha = bare.commit("main", text, {"a": text})
        assert reader.branches() == {"main": sha}
        newest = reader.commit("main")
        assert newest is not None
        assert (newest.sha, newest.message) == (sha, text)


def test_a_branch_forks_where_it_left_the_other(tmp_path: Path) -> None:
    bare = Bare(tmp_path / "own.git", VirtualClock())
    reader = GitReader(bare.path)
    first = bare.commit("main", "one", {"a": "1"})
    second = bare.commit("side", "two", {"b": "2"}, parent=first)
    assert reader.fork(first, second) == first
    assert reader.between(first, second) == (second,)
    assert reader.between(second, first) == ()
    assert not reader.conflicts(first, second)

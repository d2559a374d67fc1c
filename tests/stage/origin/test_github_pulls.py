"""Pull requests: opened, looked at, merged, and refused in GitHub's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rehearsal.origin.github.api import Api
from rehearsal.origin.github.endpoints import pulls
from rehearsal.origin.github.store import Permission
from tests.stage.origin.github_description import models
from tests.stage.origin.github_house import API, FINE_GRAINED, WEB, build, key

if TYPE_CHECKING:
    from tests.stage.origin.github_house import House

UNDO = {"title": "Undo the basket", "head": "clash", "base": "main", "body": "It broke."}


def create(house: House, status: int = 201, **changes: object) -> Any:
    return house.told("/pulls", status, method="POST", body=UNDO | changes)


def merge(house: House, status: int = 200, **body: object) -> Any:
    return house.told("/pulls/2/merge", status, method="PUT", body=body)


def approved(house: House) -> House:
    house.store.pulls[2].approvals = 1
    return house


def test_an_opened_pull_request_is_there() -> None:
    house = build()
    house.clock.sleep(90)
    response = house.ask("/pulls", method="POST", body=UNDO)
    assert response.headers["Location"] == f"{API}/repos/acme/shop/pulls/3"
    told = house.told("/pulls/3")
    assert (told["title"], told["body"], told["state"]) == ("Undo the basket", "It broke.", "open")
    assert (told["head"]["label"], told["base"]["ref"]) == ("acme:clash", "main")
    assert (told["head"]["sha"], told["base"]["sha"]) == (house.known.clash, house.known.merge)
    assert (told["user"]["login"], told["created_at"]) == ("octavia", "2026-01-05T03:01:30Z")
    assert (told["commits"], told["additions"], told["deletions"], told["changed_files"]) == (1, 1, 1, 1)
    assert [pull.number for pull in house.opened] == [3]


def test_no_number_is_given_twice() -> None:
    house = build()
    house.store.pulls[8] = house.store.pulls.pop(1)
    assert create(house)["number"] == 9


def test_a_head_may_name_its_owner() -> None:
    assert create(build(), head="acme:clash")["head"]["ref"] == "clash"


def test_a_draft_is_one() -> None:
    assert create(build(), draft=True)["draft"]


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"head": "gone"}, [{"resource": "PullRequest", "code": "invalid", "field": "head"}]),
        ({"head": "mallory:clash"}, [{"resource": "PullRequest", "code": "invalid", "field": "head"}]),
        ({"base": "gone"}, [{"resource": "PullRequest", "code": "invalid", "field": "base"}]),
        ({"title": " "}, [{"resource": "Issue", "code": "missing_field", "field": "title"}]),
        (
            {"head": "main"},
            [{"resource": "PullRequest", "code": "custom", "message": "No commits between main and main"}],
        ),
        (
            {"head": "basket"},
            [{"resource": "PullRequest", "code": "custom", "message": "No commits between main and basket"}],
        ),
        (
            {"head": "fix/total"},
            [
                {
                    "resource": "PullRequest",
                    "code": "custom",
                    "message": "A pull request already exists for acme:fix/total.",
                }
            ],
        ),
    ],
)
def test_what_can_t_be_opened_is_invalid(changes: dict[str, object], problems: list[object]) -> None:
    house = build()
    told = create(house, 422, **changes)
    assert (told["message"], told["errors"]) == ("Validation Failed", problems)
    assert not house.opened
    assert sorted(house.store.pulls) == [1, 2]


def test_a_branch_may_be_proposed_again_once_its_pull_request_is_closed() -> None:
    house = build()
    house.store.pulls[2].state = "closed"
    assert create(house, head="fix/total")["number"] == 3


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"{", 400, "Problems parsing JSON"),
        (b"\xff", 400, "Problems parsing JSON"),
        (b"[]", 400, "Body should be a JSON object"),
        (b"", 422, 'Invalid request.\n\n"head" wasn\'t supplied.\n"base" wasn\'t supplied.'),
        (
            b'{"head": "clash", "base": 1, "draft": "no"}',
            422,
            """Invalid request.

For 'properties/base', 1 is not a string.
For 'properties/draft', "no" is not a boolean.""",
        ),
    ],
)
def test_a_body_that_is_none_is_refused(body: bytes, status: int, said: str) -> None:
    assert build().told("/pulls", status, method="POST", body=body)["message"] == said


@pytest.mark.parametrize(
    ("accepted", "model", "left_out"),
    [
        (pulls.OPENED, "ReposOwnerRepoPullsPostBody", {"head_repo", "issue"}),
        (pulls.MERGED, "ReposOwnerRepoPullsPullNumberMergePutBody", set()),
    ],
)
def test_bodies_are_those_that_github_describes(
    accepted: dict[str, type], model: str, left_out: set[str]
) -> None:
    """Another repository's branch, and an issue that becomes a pull request, are not rehearsed."""
    fields = getattr(models(), model).model_fields
    assert accepted.keys() == fields.keys() - left_out
    for name, kind in accepted.items():
        described = str(fields[name].annotation)
        assert ("bool" if kind is bool else "str" if "Literal['" not in described else "Literal") in described


def test_whether_it_merges_is_only_known_at_a_second_look() -> None:
    """GitHub finds it out in the background; until then ``mergeable`` is null."""
    house = approved(build())
    first, second = house.told("/pulls/2"), house.told("/pulls/2")
    assert (first["mergeable"], first["mergeable_state"], first["merge_commit_sha"]) == (
        None,
        "unknown",
        None,
    )
    assert (second["mergeable"], second["mergeable_state"]) == (True, "clean")


def test_an_open_one_s_merge_commit_is_on_no_branch() -> None:
    """Who takes it for the merge would revert a commit that nobody has."""
    house = build()
    house.told("/pulls/2")
    tried = house.told("/pulls/2")["merge_commit_sha"]
    assert len(tried) == 40
    house.told(f"/commits/{tried}", 422)
    assert house.told("/pulls/1")["merge_commit_sha"] == house.known.merge


@pytest.mark.parametrize(
    ("number", "approvals", "state"), [(2, 0, "blocked"), (2, 1, "clean"), (3, 1, "dirty")]
)
def test_what_stands_in_the_way_of_a_merge_is_told(number: int, approvals: int, state: str) -> None:
    house = build()
    create(house)
    house.store.pulls[number].approvals = approvals
    house.told(f"/pulls/{number}")
    assert house.told(f"/pulls/{number}")["mergeable_state"] == state


def test_an_open_one_follows_its_branch_and_a_closed_one_stays() -> None:
    house = build()
    assert house.store.pulls[2].head_sha != house.known.fix
    assert house.told("/pulls/2")["head"]["sha"] == house.known.fix
    assert house.told("/pulls?head=acme:fix/total")[0]["head"]["sha"] == house.known.fix
    house.store.pulls[2].state = "closed"
    assert house.told("/pulls/2")["head"]["sha"] == house.known.first


def test_one_whose_commits_are_gone_can_still_be_told() -> None:
    house = build()
    house.store.pulls[1].head_sha = "0" * 40
    told = house.told("/pulls/1")
    assert (told["merged"], told["commits"], told["changed_files"]) == (True, 1, 0)


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [2]),
        ("state=open", [2]),
        ("state=closed", [1]),
        ("state=all", [2, 1]),
        ("state=all&direction=asc", [1, 2]),
        ("state=all&sort=updated", [1, 2]),
        ("state=all&sort=created", [2, 1]),
        ("head=acme:fix/total", [2]),
        ("head=mallory:fix/total", []),
        ("state=all&head=acme:basket", [1]),
        ("base=main", [2]),
        ("base=clash", []),
    ],
)
def test_pull_requests_are_found_by_what_they_are(query: str, numbers: list[int]) -> None:
    assert [pull["number"] for pull in build().told(f"/pulls?{query}")] == numbers


def test_a_merge_is_done_by_the_house_and_told_afterwards() -> None:
    house = approved(build())
    house.clock.sleep(30)
    told = merge(house, merge_method="squash", sha=house.known.fix)
    assert told == {"sha": house.known.clash, "merged": True, "message": "Pull Request successfully merged"}
    assert house.merged == [(2, "octavia", "squash")]
    after = house.told("/pulls/2")
    assert (after["state"], after["merged"], after["merged_by"]["login"]) == ("closed", True, "octavia")
    assert (after["merge_commit_sha"], after["merged_at"]) == (house.known.clash, "2026-01-05T03:00:30Z")
    assert after["head"]["sha"] == house.known.fix
    merge(house, 405)


def test_a_merge_is_a_merge_commit_by_default() -> None:
    house = approved(build())
    merge(house)
    assert house.merged == [(2, "octavia", "merge")]


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"sha": "0" * 40}, 409, "Head branch was modified. Review and try the merge again."),
        ({"merge_method": "rebase"}, 405, "Rebase merges are not allowed on this repository."),
        ({"merge_method": "octopus"}, 422, "Validation Failed"),
        ({"merge_method": 1}, 422, "Invalid request.\n\nFor 'properties/merge_method', 1 is not a string."),
    ],
)
def test_a_merge_that_can_t_be_is_refused(body: dict[str, object], status: int, said: str) -> None:
    house = approved(build())
    assert house.told("/pulls/2/merge", status, method="PUT", body=body)["message"] == said
    assert not house.merged
    assert house.store.pulls[2].state == "open"


@pytest.mark.parametrize(
    ("needed", "given", "said"), [(1, 0, "1 approving review is"), (3, 1, "2 approving reviews are")]
)
def test_no_merge_without_the_reviews_that_its_branch_asks_for(needed: int, given: int, said: str) -> None:
    house = build()
    house.store.rules["main"].approvals = needed
    house.store.pulls[2].approvals = given
    assert said in merge(house, 405)["message"]
    assert not house.merged


@pytest.mark.parametrize("why", ["closed", "draft", "conflict"])
def test_what_is_not_mergeable_is_not_merged(why: str) -> None:
    house = approved(build())
    pull = house.store.pulls[2]
    pull.state = "closed" if why == "closed" else "open"
    pull.draft = why == "draft"
    pull.head = "clash" if why == "conflict" else pull.head
    assert merge(house, 405)["message"] == "Pull Request is not mergeable"
    assert not house.merged


def test_who_may_only_read_can_t_merge() -> None:
    house = approved(build())
    house.store.permissions["octavia"] = Permission.TRIAGE
    merge(house, 404)
    refused = house.ask("/pulls/2/merge", method="PUT", body={}, who=FINE_GRAINED)
    assert (refused.status, house.merged) == (403, [])


def test_words_of_one_s_own_for_a_merge_prove_nothing() -> None:
    """The stage would drop them silently, so it fails instead."""
    with pytest.raises(NotImplementedError):
        merge(approved(build()), commit_title="Mine")


def test_a_house_without_anybody_who_merges_merges_nothing() -> None:
    house = approved(build())
    house.api = Api(
        house.store, house.clock, api=API, web=WEB, tokens={key("octavia"): "octavia"}, bare=house.known.bare
    )
    merge(house, 405)
    assert house.store.pulls[2].state == "open"
    create(house)

"""Which revert of a commit is in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.rollback.git.house import House


def reverted_by(house: House, sha: str) -> str | None:
    """The subject of the revert in force."""
    copy = house.copy()
    found = copy.reverted_by(copy.commit(sha), copy.tip("main"))
    return found.subject if found else None


@pytest.fixture
def bad(house: House) -> str:
    return house.commit("Bad", {"bad": "x\n"})


def pull_request(house: House, number: int, branch: str, message: str = "") -> str:
    """Merge a branch as GitHub does."""
    house.switch("main")
    return house.merge(branch, message or f"Merge pull request #{number} from team/{branch}\n\n{branch}")


def test_what_nobody_has_reverted_is_not(house: House, bad: str) -> None:
    house.commit("Later")
    assert reverted_by(house, bad) is None


def test_a_revert_by_git_is_found_and_says_what_it_reverts(house: House, bad: str) -> None:
    revert = house.revert(bad)
    assert reverted_by(house, bad) == 'Revert "Bad"'
    copy = house.copy()
    assert copy.reverts(copy.commit(revert)) == bad
    assert copy.reverts(copy.commit(bad)) == ""


def test_the_revert_of_a_merge_is_found(house: House, bad: str) -> None:
    del bad
    house.branch("feature")
    house.commit("Feature", {"feature": "x"})
    merge = pull_request(house, 12, "feature")
    revert = house.revert("-m", "1", merge)
    assert reverted_by(house, merge) == 'Revert "Merge pull request #12 from team/feature"'
    copy = house.copy()
    assert copy.reverts(copy.commit(revert)) == merge


def test_a_reverted_revert_does_not_count(house: House, bad: str) -> None:
    revert = house.revert(bad)
    house.revert(revert)
    assert reverted_by(house, bad) is None


def test_reverted_again_counts_again(house: House, bad: str) -> None:
    again = house.revert(house.revert(bad))
    house.revert(again)
    assert reverted_by(house, bad) is not None


def test_two_reverts_of_which_one_is_reverted_still_count(house: House, bad: str) -> None:
    first = house.revert(bad)
    house.commit("Bad once more", {"bad": "x\n"})
    house.revert(bad)
    house.revert(first, push=False)
    house.push()
    assert reverted_by(house, bad) == 'Revert "Bad"'


def test_a_short_name_is_enough(house: House, bad: str) -> None:
    """As `git revert --reference` writes it."""
    house.commit(f"Undo\n\nThis reverts commit {bad[:8]} (Bad, 2026-01-05).", {"bad": None})
    assert reverted_by(house, bad) == "Undo"


def test_another_commit_that_begins_otherwise_is_not_meant(house: House, bad: str) -> None:
    house.commit(f"Undo\n\nThis reverts commit {bad[:7]}{'0' * 33}.")
    house.commit(f"Undo\n\nThis reverts commit {bad[:4]}.")
    assert reverted_by(house, bad) is None


def test_a_revert_before_it_does_not_count(house: House) -> None:
    """The change has come back by itself: the same bytes, committed anew."""
    first = house.commit("Bad", {"bad": "x\n"})
    house.revert(first)
    again = house.commit("Bad", {"bad": "x\n"})
    assert reverted_by(house, again) is None
    assert reverted_by(house, first) is not None


def test_a_revert_on_another_branch_does_not_count(house: House, bad: str) -> None:
    house.branch("other")
    house.revert(bad)
    house.switch("main")
    house.commit("Later")
    assert reverted_by(house, bad) is None


def test_the_revert_of_a_pull_request_by_a_pull_request_counts(house: House) -> None:
    """GitHub's button makes a branch with the revert of the merge, and merges that."""
    house.branch("feature")
    inside = house.commit("Feature", {"feature": "x"})
    merge = pull_request(house, 12, "feature")
    house.branch("revert-12-feature")
    house.revert("-m", "1", merge)
    pull_request(house, 13, "revert-12-feature")
    assert reverted_by(house, merge) == 'Revert "Merge pull request #12 from team/feature"'
    assert reverted_by(house, inside) == 'Revert "Merge pull request #12 from team/feature"'


def test_a_revert_whose_own_pull_request_was_reverted_does_not_count(house: House) -> None:
    house.branch("feature")
    house.commit("Feature", {"feature": "x"})
    merge = pull_request(house, 12, "feature")
    house.branch("revert-12-feature")
    house.revert("-m", "1", merge)
    second = pull_request(house, 13, "revert-12-feature")
    house.branch("revert-13")
    house.revert("-m", "1", second)
    pull_request(house, 14, "revert-13")
    assert reverted_by(house, merge) is None
    assert reverted_by(house, second) is not None


def test_what_was_on_the_branch_before_a_reverted_merge_is_not_reverted(house: House, bad: str) -> None:
    house.branch("feature")
    house.commit("Feature", {"feature": "x"})
    merge = pull_request(house, 12, "feature")
    house.revert("-m", "1", merge)
    assert reverted_by(house, bad) is None


@pytest.mark.parametrize(
    ("brought", "words"),
    [
        ("Merge pull request #12 from team/feature\n\nFeature", "Reverts team/app#12"),
        ("Merge pull request #12 from team/feature\n\nFeature", "Reverts Team/App#12"),
    ],
)
def test_a_squashed_revert_names_the_pull_request(house: House, brought: str, words: str) -> None:
    house.branch("feature")
    house.commit("Feature", {"feature": "x"})
    merge = pull_request(house, 12, "feature", brought)
    house.commit(f'Revert "Feature" (#13)\n\n{words}', {"feature": None})
    assert reverted_by(house, merge) == 'Revert "Feature" (#13)'


def test_squashed_pull_requests_are_known_by_the_number_in_their_subject(house: House) -> None:
    squashed = house.commit("Feature (#12)", {"feature": "x"})
    house.commit('Revert "Feature" (#13)\n\nReverts team/app#12', {"feature": None})
    assert reverted_by(house, squashed) == 'Revert "Feature" (#13)'
    house.commit('Reapply "Feature" (#14)\n\nReverts team/app#13', {"feature": "x"})
    assert reverted_by(house, squashed) is None


@pytest.mark.parametrize("words", ["Reverts other/app#12", "Reverts team/app#120", "Reverts team/app#1"])
def test_a_pull_request_of_another_number_or_repository_is_not_meant(house: House, words: str) -> None:
    squashed = house.commit("Feature (#12)", {"feature": "x"})
    house.commit(f'Revert "Feature" (#13)\n\n{words}', {"feature": None})
    assert reverted_by(house, squashed) is None


def test_a_pull_request_of_another_repository_is_not_meant_beside_one_of_ours(house: House) -> None:
    squashed = house.commit("Feature (#12)", {"feature": "x"})
    house.commit("Two (#13)\n\nReverts other/app#12\nReverts team/app#99", {"feature": None})
    assert reverted_by(house, squashed) is None


def test_later_commits_that_say_they_revert_each_other_do_not_go_round_either(house: House) -> None:
    squashed = house.commit("Feature (#12)")
    house.commit("One (#13)\n\nReverts team/app#12\nReverts team/app#14")
    house.commit("Other (#14)\n\nReverts team/app#13")
    assert reverted_by(house, squashed) is None


def test_commits_that_say_they_revert_each_other_do_not_go_round_for_ever(house: House) -> None:
    squashed = house.commit("Feature (#12)\n\nReverts team/app#13")
    house.commit('Revert "Feature" (#13)\n\nReverts team/app#12')
    assert reverted_by(house, squashed) == 'Revert "Feature" (#13)'

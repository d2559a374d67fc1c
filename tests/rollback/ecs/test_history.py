from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollback.ecs.history import History, candidates, choose
from rollback.ecs.model import Revision
from tests.rollback.builders import app, completed

SAME: Final = "sha256:same"


def chosen(current: int, *history: int, images: dict[int, str] | None = None) -> int | None:
    """What is gone back to from `current`, after these deployments, newest first."""
    entry = choose(app(current), completed(*history, images=images))
    return entry.revision.number if entry else None


def test_the_revision_before_is_chosen() -> None:
    assert chosen(42, 42, 41, 40) == 41


def test_the_revision_before_never_completed_so_an_older_one_is_chosen() -> None:
    assert chosen(43, 43, 41, 40) == 41


def test_the_current_revision_never_completed_so_the_last_good_one_is_chosen() -> None:
    assert chosen(43, 42, 41, 40) == 42


def test_after_going_back_the_next_is_older_still() -> None:
    """42 was bad, so 41 was put back; that is bad as well, and 42 is no way out."""
    assert chosen(41, 41, 42, 41, 40) == 40


def test_a_revision_that_was_rolled_back_from_is_not_gone_back_to() -> None:
    assert chosen(43, 43, 41, 42, 41, 40) == 41


def test_a_revision_that_was_rolled_back_from_counts_again_once_it_was_deployed_anew() -> None:
    assert chosen(43, 43, 42, 41, 42, 41) == 42


def test_going_forward_through_several_bad_revisions() -> None:
    """42 and 43 were each rolled back from, to 41."""
    assert chosen(44, 44, 41, 43, 41, 42, 41, 40) == 41


def test_the_copy_of_an_earlier_revision_shows_that_somebody_went_back() -> None:
    """41 was deregistered, so going back from 42 was deploying a copy of it, 43."""
    copy = {41: SAME, 43: SAME}
    assert chosen(44, 44, 43, 42, 41, 40, images=copy) == 43


def test_going_back_from_a_copy_is_not_going_to_its_original() -> None:
    copy = {41: SAME, 43: SAME}
    assert chosen(43, 43, 42, 41, 40, images=copy) == 40
    assert chosen(43, 43, 42, 41, images=copy) is None


def test_neither_is_what_lies_between_a_copy_and_its_original_when_nothing_is_proven() -> None:
    among = candidates(app(43), completed(43, 42, 41, images={41: SAME, 43: SAME}))
    assert [n for n in range(39, 45) if app(n) in among] == [39, 40]


def test_a_revision_that_changes_only_the_configuration_is_gone_back_from() -> None:
    assert chosen(42, 42, 41, 40, images={41: SAME, 42: SAME}) == 41


def test_only_what_was_deployed_before_makes_a_copy() -> None:
    """43 was new when it followed 42; that 40 later ran the same images says nothing of 42."""
    assert chosen(44, 40, 43, 42, images={40: SAME, 43: SAME}) == 42


def test_without_images_only_the_numbers_count() -> None:
    assert chosen(43, 43, 42, 41, images={41: "", 42: "", 43: ""}) == 42
    assert chosen(43, 43, 42, 41, images={41: "", 43: ""}) == 42


def test_a_revision_of_another_family_is_never_chosen() -> None:
    assert choose(Revision("other", 42), completed(42, 41)) is None


def test_nothing_is_chosen_where_nothing_completed() -> None:
    assert chosen(42) is None
    assert chosen(42, 42) is None


@pytest.mark.parametrize(("revision", "hours"), [(41, 1), (42, 0), (40, None)])
def test_the_newest_deployment_of_a_revision_is_found(revision: int, hours: int | None) -> None:
    past = History(completed(42, 41, 42, 41))
    found = past.of(app(revision))
    assert found == (None if hours is None else past.completed[hours])


histories = st.lists(st.integers(min_value=1, max_value=9), max_size=12)
some_images = st.dictionaries(st.integers(min_value=1, max_value=9), st.sampled_from(["a", "b", "c"]))


@given(current=st.integers(min_value=1, max_value=9), past=histories, images=some_images)
def test_what_is_chosen_is_proven_lower_and_not_abandoned(
    current: int, past: list[int], images: dict[int, str]
) -> None:
    number = chosen(current, *past, images=images)
    if number is None:
        return
    assert number < current
    assert number in past
    last = past.index(number)
    if last > 0:
        assert past[last - 1] >= number, "it was rolled back from"


@given(past=st.lists(st.integers(min_value=1, max_value=20), min_size=2, unique=True))
def test_where_nobody_ever_went_back_it_is_the_one_before(past: list[int]) -> None:
    past.sort(reverse=True)
    assert chosen(past[0], *past) == past[1]


@given(past=histories, images=some_images)
def test_a_chain_of_rollbacks_comes_to_an_end(past: list[int], images: dict[int, str]) -> None:
    """Each one goes lower, so nobody goes round in circles at night."""
    current = 9
    for _ in range(10):
        number = chosen(current, *past, images=images)
        if number is None:
            return
        past = [number, *past]
        current = number
    pytest.fail("it went on for ever")

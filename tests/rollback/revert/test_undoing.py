"""Bringing a reverted change back, from what the journal tells."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rehearsal.clock import OPENING
from rollback import revert
from rollback.errors import JournalError, Refused
from rollback.journal import Entry, Kind, read
from rollback.revert import Outcome, SavedPoint, Side
from tests.rollback.builders import ENVIRONMENT
from tests.rollback.revert.house import House, found, weighed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rollback.journal import Json

SAVED = SavedPoint(
    environment="testing",
    branch="testing",
    before="a" * 40,
    commits=("b" * 40, "c" * 40),
    deployments=("ecs-svc/1",),
    sides=(Side.INFRASTRUCTURE, Side.APPLICATION),
)
DETAIL: dict[str, Json] = {
    "environment": "testing",
    "branch": "testing",
    "before": "a" * 40,
    "commits": ["b" * 40, "c" * 40],
    "deployments": ["ecs-svc/1"],
    "sides": ["infrastructure", "application"],
}
BACK = "It was not the cause."


def entry(changed: Mapping[str, Json] | None = None, kind: Kind = Kind.SAVED) -> Entry:
    return Entry(1, OPENING, kind, "testing is at aaaaaaaaaa", {**DETAIL, **(changed or {})})


class TestWhatAJournalTells:
    def test_it_is_what_was_saved_last(self) -> None:
        entries = [entry({"before": "0" * 40}), entry(), entry({"before": "1" * 40}, Kind.OUTCOME)]
        assert revert.saved_point(ENVIRONMENT, entries) == SAVED
        assert SAVED.commit == "c" * 40
        assert replace(SAVED, commits=()).commit == ""

    def test_what_an_emergency_rollback_saved_is_passed_over(self) -> None:
        of_ecs = Entry(2, OPENING, Kind.SAVED, "service runs app:42", {"revision": "app:42"})
        assert revert.saved_point(ENVIRONMENT, [entry(), of_ecs]) == SAVED
        with pytest.raises(JournalError, match="tells of no revert"):
            revert.saved_point(ENVIRONMENT, [of_ecs])

    @pytest.mark.parametrize("changed", [{"environment": "production"}, {"branch": "main"}])
    def test_what_was_done_elsewhere_is_not_undone_here(self, changed: dict[str, Json]) -> None:
        with pytest.raises(JournalError, match="not of testing in testing") as caught:
            revert.saved_point(ENVIRONMENT, [entry(), entry(changed)])
        assert caught.value.remedy

    @pytest.mark.parametrize(
        "changed",
        [
            {"sides": ["the other side"]},
            {"sides": "application"},
            {"commits": "b" * 40},
            {"commits": ["--all"]},
            {"before": None},
            {"before": "HEAD"},
            {"deployments": [7]},
        ],
    )
    def test_one_that_somebody_has_written_into_is_refused(self, changed: dict[str, Json]) -> None:
        with pytest.raises(
            JournalError,
            match=r"In entry 1 of this journal (sides|commits|before|deployments)[.0-9]* is not as",
        ) as caught:
            revert.saved_point(ENVIRONMENT, [entry(changed)])
        assert caught.value.remedy


class TestOnTheStage:
    def test_where_nothing_was_pushed_there_is_nothing_to_undo(self, house: House) -> None:
        asked = len(read(house.access.journal.path))
        with pytest.raises(JournalError, match="nothing to undo"):
            revert.plan_undo(house.environment, house.access, replace(SAVED, commits=()), why=BACK)
        assert len(read(house.access.journal.path)) == asked

    def test_all_commits_of_a_revert_are_undone_together(self, house: House) -> None:
        before = house.tip
        for name in ("one", "two"):
            house.developers.commit(name, {f"docs/{name}.md": f"{name}\n"})
        bad = house.tip
        result = house.apply(house.plan(f"{before}..{bad}"))
        house.developers.commit("meanwhile", {"docs/meanwhile.md": "M\n"})
        plan = revert.plan_undo(house.environment, house.access, result.saved, why=BACK)
        assert [commit.sha for commit in plan.commits] == [*reversed(result.saved.commits)]
        assert weighed(plan, "refusal") == []
        undone = house.apply(plan)
        assert house.subjects(2) == ['Reapply "two"', 'Reapply "one"']
        assert BACK in house.origin.bare.message(house.tip)
        assert house.origin.bare.changed(bad, house.tip) == ("docs/meanwhile.md",)
        tip = house.tip
        nothing = revert.undo(house.environment, house.access, result.saved, why=BACK)
        assert (nothing.outcome, house.tip) == (Outcome.NOTHING, tip)
        again = revert.undo(house.environment, house.access, undone.saved, why="It was after all.")
        assert again.landed
        assert house.origin.bare.changed(before, house.tip) == ("docs/meanwhile.md",)

    def test_both_sides_need_not_be_asked_for_again(self, house: House) -> None:
        settings = house.developers.other_log_retention()
        house.developers.commit("both", {"app/both.py": "B = 1\n", **settings})
        plan = house.plan(house.tip, both_sides=True)
        house.troubles.interrupted_in(20)
        with pytest.raises(KeyboardInterrupt):
            house.apply(plan)
        saved = revert.saved_point(house.environment, read(house.access.journal.path))
        assert saved.sides == (Side.INFRASTRUCTURE, Side.APPLICATION)
        back = revert.plan_undo(house.environment, house.access, saved, why=BACK)
        assert weighed(back, "refusal") == []
        one = replace(saved, sides=(Side.APPLICATION,))
        back = revert.plan_undo(house.environment, house.access, one, why=BACK)
        assert weighed(back, "refusal") == ["one-side"]

    def test_a_proposal_that_nobody_has_merged_can_not_be_undone(self, house: House) -> None:
        proposed = house.apply(house.plan(house.tip, propose=True))
        plan = revert.plan_undo(house.environment, house.access, proposed.saved, why=BACK)
        assert "is not on main" in found(plan, "change-on-branch").seen
        with pytest.raises(Refused):
            revert.undo(house.environment, house.access, proposed.saved, why=BACK)

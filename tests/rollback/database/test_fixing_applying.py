"""From a plan to a fixed database, and what else may come of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rehearsal.world.database_admin import DatabaseAdmin
from rehearsal.world.database_house import ROWS
from rollback import record, revert
from rollback.database import fixing
from rollback.database.fixing import Outcome
from rollback.errors import JournalError, Refused
from rollback.git import Copy
from rollback.journal import read
from tests.rollback.builders import ENVIRONMENT
from tests.rollback.revert.house import House, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with opened(tmp_path) as made:
        yield made


def migrated_and_rolled_back(house: House, does: str = "drops a column") -> None:
    """A migration was deployed, and somebody has rolled the service back by hand since."""
    house.merged("Tidy", {**house.developers.code("Tidy"), **house.developers.migration("Tidy", does)})
    house.world.team.deploy(house.world.look.primary_revision() - 1, force=True)
    house.world.settle()


def planned(house: House, migration: Path | None = None, *, propose: bool = False) -> fixing.FixPlan:
    return fixing.plan(house.environment, house.access, migration=migration, propose=propose)


def applied(house: House, plan: fixing.FixPlan) -> fixing.Result:
    return fixing.apply(house.environment, house.access, plan)


def test_killed_after_the_push_it_is_gone_on_with_from_the_journal_and_nothing_is_pushed_twice(
    house: House,
) -> None:
    migrated_and_rolled_back(house)
    before = house.tip

    def press() -> None:
        raise KeyboardInterrupt

    house.stage.clock.call_in(60, press)
    with pytest.raises(KeyboardInterrupt):
        applied(house, planned(house))
    again = planned(replace(house, access=house.stage.access()))
    assert (again.on_the_branch, again.draft, again.refusals) == (True, None, ())
    result = record.resume(house.environment, house.access, record.begun(house.access.journal.path))
    assert result.landed, result.sentence
    assert house.origin.bare.show(house.tip).parents == (before,)
    assert house.answers() == {(200, house.tip)}
    assert house.origin.database.count() == ROWS
    saved = fixing.saved_point(house.environment, read(house.access.journal.path))
    assert fixing.verify(house.environment, house.access, saved).landed
    with pytest.raises(JournalError, match="tells of no revert"):
        revert.saved_point(house.environment, read(house.access.journal.path))
    with pytest.raises(Refused, match="is not undone"):
        fixing.undo(house.environment, house.access, saved)


def test_what_a_colleague_has_pushed_before_us_is_followed(house: House) -> None:
    migrated_and_rolled_back(house)
    plan = planned(house)
    assert plan.draft is not None
    house.developers.commit("Bring it back", {plan.draft.path: plan.draft.text})
    again = planned(house)
    assert again.on_the_branch
    result = applied(house, again)
    assert (result.outcome, house.answers()) == (Outcome.FIXED, {(200, house.tip)})
    assert len(house.origin.bare.log(house.tip, 2)) == 2


def test_killed_before_the_push_nothing_is_there_and_it_is_planned_again(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, tip = planned(house, house.developers.written(tmp_path, "brings another column")), house.tip

    def press(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Copy, "push", press)
    with pytest.raises(KeyboardInterrupt):
        applied(house, plan)
    saved = fixing.saved_point(house.environment, read(house.access.journal.path))
    assert not fixing.is_on_the_branch(house.environment, house.access, saved)
    with pytest.raises(Refused, match="doesn't hold the migration 0003"):
        fixing.go_on(house.environment, house.access, saved)
    assert house.tip == tip


def test_what_is_not_as_on_the_copy_is_no_success(house: House, tmp_path: Path) -> None:
    admin = DatabaseAdmin(house.origin.database)
    plan = planned(house, house.developers.written(tmp_path, "brings another column"))
    house.stage.clock.call_in(60, admin.lose_rows)
    house.stage.clock.call_in(61, admin.add_column)
    result = applied(house, plan)
    assert (result.outcome, result.landed) == (Outcome.NOT_AS_TRIED, False)
    assert "orders has 2 rows, and had 12" in result.sentence
    assert "Its schema is not as it was on the copy" in result.sentence


def test_where_the_branch_takes_no_push_it_is_proposed_and_gone_on_with_once_merged(
    house: House, tmp_path: Path
) -> None:
    house.troubles.protected()
    plan = planned(house, house.developers.written(tmp_path, "brings another column"))
    result = applied(house, plan)
    assert (result.outcome, plan.proposes) == (Outcome.PROPOSED, True)
    saved = fixing.saved_point(house.environment, read(house.access.journal.path))
    with pytest.raises(Refused, match="not merged yet"):
        fixing.go_on(house.environment, house.access, saved)
    assert result.delivery is not None
    assert result.delivery.pull_request is not None
    house.troubles.merged_in(result.delivery.pull_request.number, 1)
    house.stage.clock.sleep(2)
    ended = fixing.go_on(house.environment, house.access, saved)
    assert ended.outcome is Outcome.FIXED, ended.sentence
    assert "wish" in house.origin.database.schema().columns["orders"]


def test_a_journal_without_a_fix_has_nothing_to_go_on_with() -> None:
    with pytest.raises(JournalError, match="tells of no fix forward"):
        fixing.saved_point(ENVIRONMENT, ())

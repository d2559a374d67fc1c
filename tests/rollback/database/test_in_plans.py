"""What the plans of a revert and of an emergency rollback say of migrations, on the stage."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rollback import ecs
from rollback.ecs import migrations
from rollback.git import Copy, RemoteUnreachable
from tests.rollback.revert.house import House, found, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with opened(tmp_path) as made:
        yield made


def migrated(house: House, does: str) -> str:
    """A pull request with such a migration is merged and deployed."""
    files = {**house.developers.code("Tidy"), **house.developers.migration("Tidy", does)}
    return house.merged("Tidy", files).commit


def said(plan: ecs.EcsPlan) -> list[tuple[str, str]]:
    return [(each.check, each.severity) for each in plan.findings if each.check.startswith("migrations")]


@pytest.mark.parametrize(
    ("does", "severity"),
    [("drops a column", "refusal"), ("adds a column", "ok"), ("changes rows", "warning")],
)
def test_an_emergency_is_refused_by_what_the_migration_does(house: House, does: str, severity: str) -> None:
    migrated(house, does)
    assert said(ecs.plan(house.environment, house.access)) == [("migrations", severity)]


def test_going_forward_again_is_allowed_with_a_word_about_the_schema(house: House) -> None:
    migrated(house, "adds a column")
    newest = house.world.look.primary_revision()
    house.world.team.deploy(newest - 1, force=True)
    house.world.settle()
    plan = ecs.plan(house.environment, house.access, to=str(newest))
    assert said(plan) == [("migrations-missing", "warning")]


def test_what_was_rolled_back_from_may_still_be_in_the_database(house: House) -> None:
    """The branch holds a migration beyond what runs; nobody can tell from git whether it was run."""
    migrated(house, "drops a column")
    house.world.team.deploy(house.world.look.primary_revision() - 1, force=True)
    house.world.settle()
    target = house.world.look.primary_revision() - 1
    plan = ecs.plan(house.environment, house.access, to=str(target))
    assert said(plan) == [("migrations", "ok"), ("migrations-ahead", "warning")]
    migrated_back = ecs.plan(house.environment, house.access, to=str(target + 2))
    assert said(migrated_back) == [("migrations-missing", "warning")]


def test_where_tags_name_no_commit_git_is_not_asked(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.by_hand("v1")
    house.by_hand("v2")
    monkeypatch.setattr(Copy, "fetched", None)
    assert said(ecs.plan(house.environment, house.access)) == [("migrations", "warning")]


def test_what_runs_may_have_been_built_by_hand(house: House) -> None:
    house.by_hand("v1")
    assert said(ecs.plan(house.environment, house.access)) == [("migrations", "warning")]


def test_an_environment_without_migrations_is_asked_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrated(house, "drops a column")
    monkeypatch.setattr(Copy, "fetched", None)
    without = replace(house.environment, repository=replace(house.environment.repository, migrations=()))
    assert said(ecs.plan(without, house.access)) == []


def test_an_emergency_does_not_wait_long_for_the_repository(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrated(house, "drops a column")
    waited: list[float] = []

    def fetched(*_: object, at_most_seconds: float) -> Copy:
        waited.append(at_most_seconds)
        raise RemoteUnreachable("The remote doesn't answer.")

    monkeypatch.setattr(Copy, "fetched", fetched)
    plan = ecs.plan(house.environment, house.access)
    assert said(plan) == [("migrations", "warning")]
    assert "The remote doesn't answer." in next(f for f in plan.warnings if f.check == "migrations").seen
    assert waited == [migrations.PATIENCE_SECONDS]


def test_a_revert_takes_the_code_back_and_leaves_the_migration(house: House) -> None:
    sha = migrated(house, "adds a column")
    plan = house.plan(sha)
    assert found(plan, "migrations").severity == "ok"
    result = house.apply(plan)
    assert result.landed, result.sentence
    assert house.answers() == {(200, house.tip)}
    files = house.origin.bare.files(house.tip)
    assert "migrations/versions/0003_tidy.py" in files
    assert any("checkout" in line and "0003_tidy.py" in line for line in plan.commands)
    again = house.apply(house.plan(house.tip))
    assert again.landed, again.sentence
    assert house.tree(house.tip) == house.tree(sha)


def test_a_commit_of_nothing_but_a_migration_can_not_be_reverted(house: House) -> None:
    only = {p: t for p, t in house.developers.migration("Tidy", "adds a column").items() if "versions" in p}
    sha = house.merged("Tidy", only).commit
    (refused,) = house.plan(sha).refusals
    assert (refused.check, "has to stay" in refused.seen) == ("empty", True)


def test_a_kept_file_carries_a_later_migration(house: House) -> None:
    """One that nobody reverts stands on it."""
    sha = migrated(house, "adds a column")
    house.merged("Later", house.developers.migration("Later", "changes rows"))
    assert house.plan(sha).refusals == ()


def test_what_was_taken_away_before_comes_back_with_a_word(house: House) -> None:
    sha = migrated(house, "adds a column")
    files: dict[str, str | None] = dict.fromkeys(house.origin.bare.changed(f"{sha}^", sha))
    taken_away = house.merged("Away with it", {path: None for path in files if "versions" in path}).commit
    assert found(house.plan(taken_away), "migrations-again").severity == "warning"


def test_a_conflict_is_told_beside_the_migration(house: House) -> None:
    sha = migrated(house, "drops a column")
    house.merged("Later", house.developers.following("Tidy", same_lines=True))
    plan = house.plan(sha)
    assert {each.check for each in plan.refusals} == {"migrations", "conflicts"}

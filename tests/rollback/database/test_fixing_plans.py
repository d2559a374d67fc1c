"""What a plan to fix the database forward finds, on the stage; one house for all, whose database is put right again."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rehearsal.embedded import ON_CALL
from rehearsal.origin.terminal import Terminal
from rehearsal.world.database import PASSWORD
from rehearsal.world.database_admin import BY_HAND, DatabaseAdmin
from rollback.database import fixing
from rollback.database.errors import DatabaseError
from rollback.errors import Outdated, Refused
from rollback.show import as_json
from tests.rollback.database.written import own
from tests.rollback.revert.house import House, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rollback.plan import Finding


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with opened(tmp_path_factory.mktemp("house")) as made:
        yield made


@pytest.fixture
def house(shared: House) -> Iterator[House]:
    """With a journal of this test's own, and with the database that the others have found."""
    shared.origin.database.open()
    server = shared.origin.database.server
    server.copy("application", "kept")
    yield replace(shared, access=shared.stage.access())
    if engine := shared.origin.database._engines.pop("application", None):
        engine.dispose()  # on PostgreSQL it is another one afterwards
    server.drop("application")
    server.copy("kept", "application")
    server.drop("kept")


@pytest.fixture
def admin(house: House) -> DatabaseAdmin:
    return DatabaseAdmin(house.origin.database)


def planned(house: House, migration: Path | None = None) -> fixing.FixPlan:
    return fixing.plan(house.environment, house.access, migration=migration)


def found(plan: fixing.FixPlan, check: str) -> Finding:
    (finding,) = [each for each in plan.findings if each.check == check]
    return finding


def test_a_version_table_that_is_gone_is_told_with_what_the_schema_says(
    house: House, admin: DatabaseAdmin
) -> None:
    admin.drop_the_version_table()
    refused = found(planned(house), "version-table")
    assert "has no table alembic_version" in refused.seen
    assert "Its schema is that of 0002." in refused.seen
    assert "alembic stamp --purge 0002" in refused.commands


def test_what_somebody_has_added_by_hand_is_a_warning_with_its_name(
    house: House, admin: DatabaseAdmin
) -> None:
    admin.add_column()
    plan = planned(house)
    assert (found(plan, "schema").severity, plan.nothing_to_do) == ("warning", True)
    assert f"It has more: the column orders.{BY_HAND}." in found(plan, "schema").seen


def test_a_lying_version_table_is_not_believed(house: House, admin: DatabaseAdmin) -> None:
    admin.stamp("0001")
    refused = found(planned(house), "schema")
    assert refused.severity == "refusal"
    assert "it says 0001, and the schema is that of 0002" in refused.seen


def test_rows_that_it_would_lose_are_counted_on_the_copy(house: House, tmp_path: Path) -> None:
    plan = planned(house, own(tmp_path, 'op.execute("DELETE FROM orders WHERE id > 3")'))
    assert found(plan, "rows").seen == "On a copy the table orders has 3 rows after it, and had 12 before."
    assert found(plan, "rows").severity == "refusal"
    assert house.origin.database.count() == 12


def test_no_value_of_a_statement_that_fails_on_the_copy_is_told(house: House, tmp_path: Path) -> None:
    plan = planned(house, own(tmp_path, "op.execute(\"INSERT INTO orders (id, note) VALUES (1, 'Kim')\")"))
    refused = found(plan, "tried-on-a-copy")
    assert refused.severity == "refusal"
    assert "Kim" not in f"{plan.findings}{house.access.journal.path.read_text()}"


def test_a_database_that_has_changed_since_the_plan_is_planned_again(
    house: House, admin: DatabaseAdmin, tmp_path: Path
) -> None:
    plan, tip = planned(house, own(tmp_path)), house.tip
    admin.stamp("0001")
    with pytest.raises(Outdated, match="The version table of production has changed since"):
        fixing.apply(house.environment, house.access, plan)
    admin.stamp("0002")
    admin.add_column()
    with pytest.raises(Outdated, match="The schema of production has changed since"):
        fixing.apply(house.environment, house.access, plan)
    assert house.tip == tip


def test_a_database_that_can_not_be_reached_is_a_sentence_without_its_address(house: House) -> None:
    there = house.origin.database.at()
    assert there is not None
    house.origin.database.forget("db.internal")
    try:
        with pytest.raises(DatabaseError, match=r"db\.internal") as refused:
            planned(house)
    finally:
        house.origin.database.register("db.internal", there)
    assert PASSWORD not in str(refused.value)


def test_a_plan_for_another_environment_is_not_applied(house: House) -> None:
    plan = replace(planned(house), environment="staging")
    with pytest.raises(Refused, match="The plan is for staging"):
        fixing.apply(house.environment, house.access, plan)


def test_the_plan_s_commands_put_just_that_file_on_the_branch_and_tell_no_address(
    house: House, tmp_path: Path
) -> None:
    plan, before = planned(house, own(tmp_path)), house.tip
    shown = json.loads(as_json(plan))
    assert (shown["draft"]["revision"], shown["trial"]["before_rows"]) == ("0003", {"orders": 12})
    assert PASSWORD not in f"{plan!r}{shown}{house.access.journal.path.read_text()}"
    (tmp_path / "desk").mkdir()
    terminal = Terminal(
        tmp_path / "desk" / "checkout",
        remote=house.environment.repository.remote,
        branch=house.environment.branch,
        variables=house.stage.git_variables(ON_CALL),
    )
    typed = "set -e\n" + "\n".join(plan.commands)
    subprocess.run(["bash", "-c", typed], cwd=terminal.directory, env=terminal._environ, check=True)  # noqa: S603, S607
    assert plan.draft is not None
    after = house.tip
    house.origin.bare.point(house.environment.branch, before)
    assert house.origin.bare.changed(before, after) == (plan.draft.path,)
    assert house.origin.bare.read(after, plan.draft.path) == plan.draft.text

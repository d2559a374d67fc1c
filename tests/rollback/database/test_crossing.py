"""Which migrations lie between two commits, and what a plan says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollback.database.migrations import Crossing, Effect, Head, of_deployment, of_revert
from rollback.database.migrations.past import Past, scripts
from tests.rollback.builders import ENVIRONMENT
from tests.rollback.database.team import DROPS, FILLS, FOREIGN, WIDENS, Team, revision

if TYPE_CHECKING:
    import random
    from pathlib import Path

    from rollback.plan import Finding


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team(tmp_path)


def deployed(found: Crossing) -> list[Finding]:
    return list(of_deployment(ENVIRONMENT, found, here="app:42", there="app:41"))


def names(found: Crossing) -> tuple[list[str], list[str], list[str]]:
    taken, wanted, edited = (
        [each.head.revision for each in some] for some in (found.taken, found.wanted, found.edited)
    )
    return taken, wanted, edited


A = {"a": revision("a", None)}
B = {"b": revision("b", "a", WIDENS)}
C = {"c": revision("c", "b", DROPS)}


def test_between_a_commit_and_an_earlier_one_lie_the_newer_migrations_the_newest_first(team: Team) -> None:
    first, last = team.commit(**A), team.commit(**A, **B, **C)
    assert names(team.between(last, first)) == (["c", "b"], [], [])
    assert names(team.between(first, last)) == ([], ["b", "c"], [])
    assert team.between(last, last).empty


def test_a_file_that_was_moved_or_whose_comments_were_changed_is_the_same_migration(team: Team) -> None:
    first = team.commit(**A, **B)
    text = B["b"].replace("b.", "Another word.") + "\n\ndef downgrade():\n    pass\n"
    assert team.between(team.commit(**A, elsewhere=text), first).empty


def test_a_migration_that_was_edited_after_it_may_have_been_run_is_refused(team: Team) -> None:
    first, last = team.commit(**A, **B), team.commit(**A, b=revision("b", "a", DROPS))
    found = team.between(last, first)
    assert names(found) == ([], [], ["b"])
    (finding,) = deployed(found)
    assert (finding.severity, "can't be told what the database" in finding.seen) == ("refusal", True)


@pytest.mark.parametrize(
    ("upgrade", "severity", "says"),
    [
        (WIDENS, "ok", "adds the column orders.placed_at. That only widens the schema"),
        (FILLS, "warning", "Going back doesn't take that back"),
        (DROPS, "refusal", "drops the column orders.note. Going back doesn't take back"),
        (FOREIGN, "refusal", "perhaps meet a schema that it doesn't know"),
        ("((", "refusal", "can't be read (It is no Python"),
    ],
)
def test_a_deployment_goes_back_across_what_the_old_code_can_do_with_only(
    team: Team, upgrade: str, severity: str, says: str
) -> None:
    first, last = team.commit(**A), team.commit(**A, b=revision("b", "a", upgrade))
    (finding,) = deployed(team.between(last, first))
    assert (finding.check, finding.severity) == ("migrations", severity)
    assert says in finding.seen
    if severity == "refusal":
        assert finding.remedy == "Fix forward with a new migration, or restore the database from a backup."
        typed = "\n".join(finding.commands)
        assert "alembic revision" in typed
        assert "restore-db-instance-to-point-in-time" in typed


@pytest.mark.parametrize(("upgrade", "severity"), [(WIDENS, "ok"), (FILLS, "warning")])
def test_a_revert_leaves_the_file_that_alembic_needs(team: Team, upgrade: str, severity: str) -> None:
    first, last = team.commit(**A), team.commit(**A, b=revision("b", "a", upgrade))
    found = team.between(last, first)
    assert found.keepable == ("migrations/versions/b.py",)
    (finding,) = of_revert(ENVIRONMENT, found)
    assert finding.severity == severity
    assert "leaves migrations/versions/b.py where it is" in finding.seen


def test_of_what_the_old_code_cannot_bear_nothing_is_kept(team: Team) -> None:
    first, last = team.commit(**A), team.commit(**A, b=revision("b", "a", DROPS))
    assert team.between(last, first).keepable == ()


def test_a_revert_across_a_destructive_migration_has_the_two_ways_out(team: Team) -> None:
    first, last = team.commit(**A, **B), team.commit(**A, **B, **C)
    (finding,) = of_revert(ENVIRONMENT, team.between(last, first))
    assert finding.remedy == "Fix forward with a new migration, or restore the database from a backup."


def test_without_migrations_between_all_is_well(team: Team) -> None:
    first, last = team.commit(**A), team.commit(**A)
    found = team.between(last, first)
    assert [finding.severity for finding in (*deployed(found), *of_revert(ENVIRONMENT, found))] == [
        "ok",
        "ok",
    ]


def test_a_target_that_is_newer_may_lack_its_schema(team: Team) -> None:
    first, last = team.commit(**A), team.commit(**A, **B)
    assert [(each.check, each.severity) for each in deployed(team.between(first, last))] == [
        ("migrations-missing", "warning")
    ]
    assert [each.check for each in of_revert(ENVIRONMENT, team.between(first, last))] == ["migrations-again"]


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"b": revision("b", "a"), "c": revision("c", "a")}, "2 heads, b, c"),
        ({"b": revision("b", "nowhere")}, "stands on nowhere, which no file holds"),
        ({"b": revision("b", "c"), "c": revision("c", "b")}, "b -> c -> b is a circle"),
        ({"b": revision("b", "b")}, "b -> b is a circle"),
        ({"b": revision("b", "a"), "c": revision("b", "a")}, "b is claimed by migrations/versions/b.py and"),
        ({"b": "x = 1\n"}, "migrations/versions/b.py can't be read: It names no revision."),
    ],
)
def test_what_is_wrong_with_the_files_is_a_sentence(team: Team, files: dict[str, str], says: str) -> None:
    good, bad = team.commit(**A), team.commit(**A, **files)
    found = team.between(bad, good)
    assert says in " ".join(found.troubles_here)
    assert "migrations-history" in [each.check for each in deployed(found)]
    refusals = [
        each.check for each in of_revert(ENVIRONMENT, team.between(good, bad)) if each.severity == "refusal"
    ]
    assert refusals == ["migrations-history"]


def test_a_merge_of_two_heads_is_well(team: Team) -> None:
    both = {"b": revision("b", "a"), "c": revision("c", "a"), "d": revision("d", ("b", "c"))}
    found = team.between(team.commit(**A, **both), team.commit(**A))
    assert found.troubles_here == ()
    assert found.taken[0].head.revision == "d"


def test_files_that_are_not_alembics_are_read_where_they_are_sql_and_doubted_where_not(team: Team) -> None:
    first = team.commit(**A)
    sql = team.commit(**A, **{"migrations/2.sql": "ALTER TABLE orders ADD COLUMN a int;"})
    ruby = team.commit(**A, **{"migrations/2.rb": "drop_table :orders"})
    aside = team.commit(**A, **{"migrations/env.py": "run()", "migrations/alembic.ini": "x"})
    assert team.between(sql, first).effect is Effect.EXPAND
    assert team.between(ruby, first).effect is Effect.UNKNOWN
    assert team.between(aside, first).empty


def test_a_repository_without_migrations_has_none_between_anything(team: Team) -> None:
    assert team.between(team.commit(), team.commit()).empty


def test_where_there_is_a_directory_of_versions_only_what_is_in_it_is_a_revision() -> None:
    assert scripts(["m/versions/a.py", "m/versions/2024/b.py", "m/tool.py", "m/env.py"]) == {
        "m/versions/a.py",
        "m/versions/2024/b.py",
    }
    assert scripts(["m/a.py", "m/env.py", "m/b.sql"]) == {"m/a.py"}


@given(st.integers(1, 30), st.randoms(use_true_random=False))
def test_any_order_of_files_comes_to_one_in_which_each_stands_on_earlier_ones(
    count: int, chance: random.Random
) -> None:
    heads = [
        Head(
            path=f"{n}.py",
            revision=str(n),
            down=tuple({str(chance.randrange(n)) for _ in range(2)}) if n else (),
        )
        for n in range(count)
    ]
    chance.shuffle(heads)
    found = Past(heads={head.revision: (head,) for head in heads})
    place = {revision: at for at, revision in enumerate(found.ordered())}
    assert sorted(place) == sorted(head.revision for head in heads)
    assert all(place[down] < place[head.revision] for head in heads for down in head.down)
    assert found.circle() == ()


@given(st.integers(1, 12), st.integers(0, 12))
def test_a_circle_is_found_wherever_one_comes_from(length: int, before: int) -> None:
    """A line of revisions stands on a circle: the circle alone is named."""
    ring = [Head(path="", revision=f"r{n}", down=(f"r{(n + 1) % length}",)) for n in range(length)]
    line = [
        Head(path="", revision=f"l{n}", down=(f"l{n + 1}" if n + 1 < before else "r0",))
        for n in range(before)
    ]
    found = Past(heads={head.revision: (head,) for head in (*line, *ring)})
    assert set(found.circle()) == {head.revision for head in ring}

"""Which side a path belongs to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollback.git import Kinds, kinds_of
from tests.rollback.builders import REPOSITORY


@pytest.mark.parametrize(
    ("path", "kinds"),
    [
        ("infra/main.tf", Kinds(infrastructure=("infra/main.tf",))),
        ("infra", Kinds(infrastructure=("infra",))),
        (".github/workflows/infra.yml", Kinds(infrastructure=(".github/workflows/infra.yml",))),
        (".github/workflows/deploy.yml", Kinds(application=(".github/workflows/deploy.yml",))),
        ("app/infra/main.py", Kinds(application=("app/infra/main.py",))),
        ("infrastructure/x", Kinds(application=("infrastructure/x",))),
        (
            "migrations/0001.py",
            Kinds(application=("migrations/0001.py",), migrations=("migrations/0001.py",)),
        ),
        ("docs/a.py", Kinds(neutral=("docs/a.py",))),
        ("README.md", Kinds(neutral=("README.md",))),
        ("infra/README.md", Kinds(neutral=("infra/README.md",))),
        ("README.mdx", Kinds(application=("README.mdx",))),
        ("INFRA/x", Kinds(application=("INFRA/x",))),
        ("infra/a\nb", Kinds(infrastructure=("infra/a\nb",))),
        ("infra/caf\udce9", Kinds(infrastructure=("infra/caf\udce9",))),
    ],
)
def test_a_path_is_sorted_by_the_lists(path: str, kinds: Kinds) -> None:
    assert kinds_of([path], REPOSITORY) == kinds


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("modules/*/net/", "modules/a/net/x.tf", True),
        ("modules/*/net/", "modules/a/b/net/x.tf", True),
        ("modules/*/net/", "modules/a/network/x.tf", False),
        ("*.tf", "deep/down/x.tf", True),
        ("*.tf", "x.tfvars", False),
        ("a.tf", "axtf", False),
        ("a+b/", "a+b/c", True),
        ("a+b/", "aab/c", False),
    ],
)
def test_a_star_stands_for_anything_and_nothing_else_stands_for_something(
    pattern: str, path: str, *, fits: bool
) -> None:
    assert bool(kinds_of([path], replace(REPOSITORY, infrastructure=(pattern,))).infrastructure) == fits


@pytest.mark.parametrize(
    ("paths", "mixed"),
    [
        ([], False),
        (["infra/a", "README.md", "docs/x"], False),
        (["app/a", "migrations/b", "docs/x"], False),
        (["infra/a", "app/b"], True),
        (["infra/a", "migrations/b"], True),
    ],
)
def test_both_sides_are_mixed_and_what_is_neutral_mixes_with_either(paths: list[str], *, mixed: bool) -> None:
    assert kinds_of(paths, REPOSITORY).mixed == mixed


def test_a_migration_among_the_infrastructure_is_still_a_migration() -> None:
    kinds = kinds_of(["infra/db/1.sql"], replace(REPOSITORY, migrations=("infra/db/",)))
    assert kinds.migrations == ("infra/db/1.sql",)
    assert kinds.mixed


PATHS = st.lists(
    st.lists(
        st.sampled_from(["infra", "app", "docs", "migrations", "x.md", "y.py"]), min_size=1, max_size=3
    ).map("/".join),
    max_size=6,
)


@given(PATHS)
def test_no_path_is_lost_or_on_two_sides(paths: list[str]) -> None:
    kinds = kinds_of(paths, REPOSITORY)
    sides = [*kinds.infrastructure, *kinds.application, *kinds.neutral]
    assert sorted(sides) == sorted(set(paths))
    assert set(kinds.migrations) <= set(kinds.application)

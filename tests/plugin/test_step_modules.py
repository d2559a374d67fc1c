"""The step modules of the suite share one room: what one of them calls something, no other may."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

STEPS = Path(__file__).parents[2] / "steps"


def fixtures(path: Path) -> list[str]:
    """The names of the fixtures that a module defines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        each.name
        for each in tree.body
        if isinstance(each, ast.FunctionDef)
        and any("pytest.fixture" in ast.unparse(decorator) for decorator in each.decorator_list)
    ]


def test_no_two_of_them_have_a_fixture_of_one_name() -> None:
    """The module that pytest loads last would take it from the others' sentences."""
    names = Counter(name for path in STEPS.glob("*.py") for name in fixtures(path))
    assert len(names) > 10
    assert [name for name, times in names.items() if times > 1] == []

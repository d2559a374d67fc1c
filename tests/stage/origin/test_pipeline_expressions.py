"""Expressions in workflow files, as GitHub evaluates them."""

from __future__ import annotations

import pytest

from rehearsal.origin.pipeline.expressions import Unrehearsed, evaluate, fill

CONTEXT = {"github.ref_name": "main", "github.actor": "Ada", "github.sha": "abc"}
CHOICE = "${{ github.ref_name == 'main' && 'production' || github.ref_name }}"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("github.ref_name", "main"),
        ("GitHub.Ref_Name", "main"),
        ("'it''s'", "it's"),
        ("github.actor == 'ADA'", True),
        ("github.actor != 'ada'", False),
        ("github.ref_name == 'develop' || 'other'", "other"),
        ("github.ref_name == 'main' && 'production' || github.ref_name", "production"),
        ("false || 'a' && 'b'", "b"),
        ("'a' || 'b' && false", "a"),
        ("(false || 'a') && 'b'", "b"),
        ("!(github.ref_name == 'main')", False),
        ("!''", True),
        ("true == 1", True),
        ("null == 0", True),
        ("'1' == 1", True),
        ("'x' == 1", False),
        ("startsWith(github.ref_name, 'MA')", True),
        ("endsWith(github.ref_name, 'ma')", False),
        ("contains(github.ref_name, 'AI') && 2", 2.0),
    ],
)
def test_an_expression_has_the_value_that_github_gives_it(expression: str, value: object) -> None:
    assert evaluate(expression, CONTEXT) == value


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("deploy-${{ github.ref_name }}", "deploy-main"),
        ("${{github.ref_name}}/${{ github.sha }}", "main/abc"),
        (CHOICE, "production"),
        ("${{ '}}' }}", "}}"),
        ("${{ true }} ${{ null }} ${{ 1.5 }} ${{ 2 }}", "true  1.5 2"),
        ("nothing $HERE {{ at all }}", "nothing $HERE {{ at all }}"),
    ],
)
def test_a_text_is_filled_with_the_values_of_its_expressions(text: str, filled: str) -> None:
    assert fill(text, CONTEXT) == filled


@pytest.mark.parametrize(
    "expression",
    [
        "secrets.TOKEN",
        "hashFiles('x')",
        "github.ref_name ==",
        "(1",
        "1 2",
        "contains('a')",
        "a[0]",
        "1 < 2",
        '"double"',
        "",
    ],
)
def test_what_is_not_known_here_is_refused(expression: str) -> None:
    with pytest.raises(Unrehearsed, match="The rehearsed pipeline doesn't know what"):
        evaluate(expression, CONTEXT)

"""The filter patterns of GitHub's cheat sheet, each with the examples that it gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.origin.pipeline.patterns import chooses

MATCHES = [
    ("feature/*", "feature/my-branch feature/your-branch", "feature/a/b feature other/feature/a"),
    ("feature/**", "feature/beta-a/my-branch feature/your-branch feature/mona/the/octocat", "features/a"),
    ("main", "main", "main2 amain releases/main"),
    ("*", "main releases", "all/the/branches"),
    ("**", "main all/the/branches every/tag", ""),
    ("*feature", "mona-feature feature ver-10-feature", "a/feature feature-1"),
    ("v2*", "v2 v2.0 v2.9", "v1 v2/0"),
    ("v[12].[0-9]+.[0-9]+", "v1.10.1 v2.0.0", "v3.0.0 v1.1 v1.a.0 v1x1.0"),
    ("*.jsx?", "page.js page.jsx", "page.jsxx page.j"),
    ("**.js", "index.js js/index.js src/js/app.js", "index.jsx"),
    ("docs/*", "docs/README.md docs/file.txt", "docs/a/b.md"),
    ("docs/**", "docs/README.md docs/mona/octocat.txt", "docs other/docs/a"),
    ("docs/**/*.md", "docs/README.md docs/mona/hello-world.md docs/a/markdown/file.md", "docs/a.txt"),
    ("**/docs/**", "docs/hello.md dir/docs/my-file.txt space/docs/plan/space.doc", "docs adocs/x"),
    ("**/README.md", "README.md js/README.md", "aREADME.md README.md/x"),
    ("**/*src/**", "a/src/app.js my-src/code/js/app.js", "src.js"),
    (
        "**/migrate-*.sql",
        "migrate-10909.sql db/migrate-v1.0.sql db/sept/migrate-v1.sql",
        "db/immigrate-1.sql",
    ),
    ("[CB]at", "Cat Bat", "cat Rat"),
    ("[1-2]00", "100 200", "300 1-00"),
    (r"a\*b", "a*b", "aab"),
    ("a.b", "a.b", "axb"),
    ("?a", "?a", "a"),
]


@pytest.mark.parametrize(("pattern", "these", "those"), MATCHES, ids=[match[0] for match in MATCHES])
def test_a_pattern_matches_what_github_says_it_does(pattern: str, these: str, those: str) -> None:
    assert [name for name in these.split() if not chooses([pattern], name)] == []
    assert [name for name in those.split() if chooses([pattern], name)] == []


def test_the_last_pattern_that_matches_counts() -> None:
    patterns = ["releases/**", "!releases/**-alpha", "releases/9-alpha"]
    chosen = ["releases/10", "releases/9-alpha"]
    assert [name for name in (*chosen, "releases/beta/3-alpha", "main") if chooses(patterns, name)] == chosen


def test_a_pattern_that_takes_out_chooses_nothing_by_itself() -> None:
    assert not chooses(["!docs/**"], "app/orders.py")
    assert not chooses([], "anything")
    assert chooses(["*.md", "!README.md"], "a.md")
    assert not chooses(["*.md", "!README.md"], "README.md")


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="*?+[]!\\"), min_size=1))
def test_a_name_without_signs_matches_itself_and_no_longer_one(name: str) -> None:
    assert chooses([name], name)
    assert not chooses([name], name + "x")
    assert not chooses([name], "x" + name)
    assert chooses(["**"], name)
    assert chooses(["*"], name) == ("/" not in name)

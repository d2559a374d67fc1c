"""Words on the page."""

from __future__ import annotations

import pytest

from rehearsal.report.phrases import heading


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("It answers with errors, in <environment>", "It answers with errors"),
        ("Going back across what <does> is refused, in <environment>", "Going back across what … is refused"),
        ("Something is missing: <what has happened>", "Something is missing: …"),
        ("The image is gone", "The image is gone"),
    ],
)
def test_an_outline_is_headed_by_what_its_rows_have_in_common(name: str, shown: str) -> None:
    assert heading(name) == shown

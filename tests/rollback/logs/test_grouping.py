"""Which messages are one, and what is never shown of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollback.logs.grouping import MOST_GROUPS, OTHERS, Tally, shape

SAME = [
    ("ERROR order 4711 failed", "ERROR order 12 failed"),
    ("2026-01-05T03:00:00.123Z ERROR x", "2026-01-06T04:10:00.999Z ERROR x"),
    ("ERROR user kim@example.com", "ERROR user sam@example.org"),
    ("ERROR no 'blue' there", "ERROR no 'red' there"),
    ("ERROR request 6f1c9a50-0f3d-4e6b-9a57-8f2d7c1b0a9e", "ERROR request 00000000-0f3d-4e6b-9a57-8f2d7c1b0a9e"),
    ("ERROR from 10.0.0.1:8080", "ERROR from 10.1.2.3:443"),
    ("Traceback (most recent call last):\n  File \"a.py\", line 1\nKeyError: 'a'",
     "Traceback (most recent call last):\n  File \"b.py\", line 9\nKeyError: 'b'"),
]  # fmt: skip
SECRETS = [
    "ERROR password=hunter2hunter2 refused",
    'ERROR {"password": "hunter2 hunter2"}',
    "ERROR Authorization: Bearer hunter2hunter2",
    "ERROR Bearer hunter2hunter2",
    "ERROR postgres://app:hunter2hunter2@db/app",
    "ERROR DB_PASSWORD: hunter2hunter2",
    "ERROR session_token=hunter2hunter2;",
    "ERROR key hunter2hunter2HUNTERHUNTERHUNTERHUNTER",
]


class TestShape:
    @pytest.mark.parametrize(("one", "other"), SAME)
    def test_what_differs_only_in_detail_is_one(self, one: str, other: str) -> None:
        assert shape(one) == shape(other)

    def test_what_says_something_else_is_another(self) -> None:
        messages = [
            "ERROR GET /orders: no table",
            "ERROR GET /orders: no column",
            "ERROR can't or won't",
            "KeyError: 1",
        ]
        assert len({shape(message) for message in messages}) == len(messages)
        assert shape(messages[0]) == messages[0]

    @pytest.mark.parametrize("message", SECRETS)
    def test_a_secret_is_not_shown(self, message: str) -> None:
        assert "hunter" not in shape(message).lower()

    @given(st.text())
    def test_is_one_short_line_fit_for_a_terminal(self, message: str) -> None:
        assert shape(message).isprintable()
        assert 0 < len(shape(message)) <= 200


class TestTally:
    def test_only_words_make_an_error(self) -> None:
        tally = Tally(("ERROR", "Traceback"))
        for message in (
            "ERROR a",
            "[ERROR] a",
            "xTraceback",
            "error",
            "ERRORS",
            "NO_ERROR",
            "Traceback (most",
        ):
            tally.take(1, message, "s")
        assert tally.total == 3

    def test_no_log_can_fill_the_memory(self) -> None:
        tally = Tally(("ERROR",))
        letters = "abcdefghij"
        for n in range(2 * MOST_GROUPS):
            tally.take(n, "ERROR " + "".join(letters[int(digit)] for digit in str(n)), "s")
        assert len(list(tally)) == MOST_GROUPS + 1
        assert tally.count(OTHERS) == MOST_GROUPS
        assert tally.total == 2 * MOST_GROUPS

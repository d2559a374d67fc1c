from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.environment.shop import SHOP, complaint, loaded, toml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WORDS: Final = st.from_regex(r"[a-z]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)
TEXTS: Final = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)
TABLES: Final = st.sampled_from(["", *re.findall(r"^\[.*\]$", SHOP, re.MULTILINE)])
KEYS: Final = st.sampled_from(
    sorted({*re.findall(r"^(\w+) = ", SHOP, re.MULTILINE), "drill", "probe", "budgets", "rehearsal"})
) | TEXTS.map(toml)


def with_line(table: str, key: str, value: object) -> str:
    """`SHOP` with a line in `table`, in place of the one with that key."""
    above, _, below = SHOP.partition(f"{table}\n") if table else ("", "", SHOP)
    lines, *others = below.split("\n[", 1)
    kept = [line for line in lines.split("\n") if line.split(" = ")[0] != key]
    written = [above + table, f"{key} = {toml(value)}", *kept]
    return "\n[".join(["\n".join(written).lstrip("\n"), *others])


class TestWhateverIsInTheFile:
    @given(
        name=WORDS,
        short=WORDS,
        pattern=st.sampled_from(["{short}", "x-{environment}", "{environment}_{short}-9"]),
    )
    @settings(deadline=None)
    def test_a_pattern_is_filled_in_with_both_names(self, name: str, short: str, pattern: str) -> None:
        text = SHOP.replace("environments.production", f"environments.{name}").replace('"prod"', f'"{short}"')
        text = text.replace('default = "production"', f'default = "{name}"').replace("shop-{short}", pattern)

        found = loaded(text)

        if found is not None:
            assert found.default.name == name
            assert found.default.cluster == pattern.replace("{environment}", name).replace("{short}", short)
        else:
            assert {name, short} & {"staging", "stg"}

    @given(table=TABLES, key=KEYS, value=VALUES)
    @settings(deadline=None, max_examples=200)
    def test_a_stray_value_is_taken_or_complained_about(self, table: str, key: str, value: object) -> None:
        if value is not None:
            loaded(with_line(table, key, value))

    def test_a_stray_value_stands_where_it_would_be_read(self) -> None:
        """Otherwise the test above would only ever see a file that is no TOML."""
        found = loaded(with_line("[defaults.repository]", "name", "other/name"))
        assert found is not None
        assert found.default.repository.name == "other/name"
        found = loaded(with_line("", "default", "staging"))
        assert found is not None
        assert found.default.name == "staging"

    @given(start=st.integers(0, len(SHOP)), length=st.integers(0, 80), put=TEXTS)
    @settings(deadline=None, max_examples=200)
    def test_a_torn_file_is_taken_or_complained_about(self, start: int, length: int, put: str) -> None:
        loaded(SHOP[:start] + put + SHOP[start + length :])

    @given(st.binary(max_size=200))
    @settings(deadline=None)
    def test_bytes_are_complained_about(self, data: bytes) -> None:
        assert loaded(data) is None

    @pytest.mark.parametrize(
        "key", [line.split(" = ", 1)[0] for line in SHOP.splitlines()[:17] if '"' in line]
    )
    def test_a_secret_in_the_wrong_place_is_not_repeated(self, write: Callable[..., Path], key: str) -> None:
        text = re.sub(
            rf'^{key} = ".*"', f'{key} = " wJalrXUtnFEMI/K7MDENG"', SHOP, count=1, flags=re.MULTILINE
        )

        assert "MDENG" not in complaint(write(text=text))

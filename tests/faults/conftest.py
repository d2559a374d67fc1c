"""Every call fails in every way; which of these cases a run plays."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HERE: Final = Path(__file__).parent
MANY: Final = 15
"""So many cases of a test are always played."""
ONE_OF: Final = 3
"""Of more, one in so many."""
_ALONG: Final = 7
"""After so many cases in a row the choice moves on by one, so that it isn't always the same way of failing."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without ``--exhaustive``, leave two thirds of the large tables out, the same ones each time.

    Each call still fails in some ways, and each way at some calls, as on the diagonals of the table.
    """
    if config.getoption("exhaustive"):
        return
    tables: dict[tuple[Path, str], list[pytest.Function]] = defaultdict(list)
    for item in items:
        if isinstance(item, pytest.Function) and item.path.parent == HERE:
            tables[item.path, item.originalname].append(item)
    left_out = {item for cases in tables.values() if len(cases) > MANY for item in _others(cases)}
    if left_out:
        config.hook.pytest_deselected(items=[item for item in items if item in left_out])
        items[:] = [item for item in items if item not in left_out]


def _others(cases: Iterable[pytest.Function]) -> Iterator[pytest.Function]:
    for item in cases:
        indices = item.callspec.indices.values()
        along, *more = set(indices)
        if (sum(indices) if more else along + along // _ALONG) % ONE_OF:
            yield item

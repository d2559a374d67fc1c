"""Programs that find a part of AWS in LocalStack, and all else on the stage."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rehearsal.served import Served

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager


@contextmanager
def with_variables(elsewhere: Mapping[str, str], serving: AbstractContextManager[Served]) -> Iterator[Served]:
    """Serve the stage for as long as the block lasts, with variables that lead some requests elsewhere."""
    with serving as served:
        yield Served(served.url, {**served.variables, **elsewhere})

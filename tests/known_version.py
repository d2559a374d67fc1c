"""Terraform, asked which version it is once in a process: that is a fifth of what the tests would run of it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rollback.terraform import program

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rollback.process import Processes
    from rollback.terraform import Version

_known: dict[tuple[Any, ...], Version] = {}
_asked = program._version


def _once(name: str, argv: Sequence[str], processes: Processes) -> Version:
    told = name, *argv, program._file(argv[0])
    if told not in _known:
        _known[told] = _asked(name, argv, processes)
    return _known[told]


@contextmanager
def known_version() -> Iterator[None]:
    """Within this block new hands don't ask a program that others have asked."""
    before, program._version = program._version, _once
    try:
        yield
    finally:
        program._version = before

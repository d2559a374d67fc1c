"""What would make a rehearsal play something other than what its feature says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gherkin.parser import Parser

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest


@dataclass(frozen=True, slots=True)
class Inspected:
    """A feature that was read and looked through.

    Attributes:
        document: what gherkin-official read.
        problems: a sentence for each thing wrong with it, with file and line.
    """

    document: Mapping[str, Any]
    problems: tuple[str, ...]


def inspect_feature(file: pytest.Module) -> Inspected:
    """Read the feature in `file` and look through it."""
    return Inspected(Parser().parse(file.path.read_text("utf-8")), ())

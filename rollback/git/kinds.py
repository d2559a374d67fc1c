"""Which side a change belongs to: the infrastructure, or the application and its database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rollback.environment import Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinds:
    """Paths by the side they belong to, each in the order given.

    Attributes:
        infrastructure: the infrastructure's.
        application: the application's, its migrations among them.
        migrations: those that change the schema of the database.
        neutral: those that may go with either side.
    """

    infrastructure: tuple[str, ...] = ()
    application: tuple[str, ...] = ()
    migrations: tuple[str, ...] = ()
    neutral: tuple[str, ...] = ()

    @property
    def mixed(self) -> bool:
        """Whether both sides are changed, so that one revert can't undo just one of them."""
        return bool(self.infrastructure and self.application)


def kinds_of(paths: Iterable[str], repository: Repository) -> Kinds:
    """Sort `paths` by the lists of `repository`; what is in more than one is neutral, else the infrastructure's."""
    infrastructure, application, migrations, neutral = [], [], [], []
    for path in dict.fromkeys(paths):
        if matches(path, repository.neutral):
            neutral.append(path)
            continue
        migrates = matches(path, repository.migrations)
        if migrates:
            migrations.append(path)
        if matches(path, repository.infrastructure):
            infrastructure.append(path)
        if migrates or not matches(path, repository.infrastructure):
            application.append(path)
    return Kinds(
        infrastructure=tuple(infrastructure),
        application=tuple(application),
        migrations=tuple(migrations),
        neutral=tuple(neutral),
    )


def matches(path: str, patterns: tuple[str, ...]) -> bool:
    """Whether `path` is one that `patterns` mean, as `Repository` explains them."""
    return _pattern(patterns).fullmatch(path) is not None


@cache
def _pattern(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """One expression for them all; a directory that is a submodule is a path itself."""
    parts = []
    for each in patterns:
        words = ".*".join(re.escape(word) for word in each.removesuffix("/").split("*"))
        parts.append(f"{words}(?:/.*)?" if each.endswith("/") else words)
    return re.compile("|".join(parts) or r"(?!)", re.DOTALL)

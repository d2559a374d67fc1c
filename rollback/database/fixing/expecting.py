"""The schemas that the migrations of a commit make on an empty database."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rollback.database.fixing.drafting import reflected
from rollback.database.fixing.upgraded import upgraded
from rollback.database.migrations.past import Past, past
from rollback.database.schema import read_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Engine, MetaData

    from rollback.access import Access
    from rollback.database.fixing.address import Address
    from rollback.database.schema import Schema
    from rollback.environment import Environment
    from rollback.git import Commit, Copy

_MOST_KNOWN: Final = 8
_known: dict[str, Expected] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """What a commit keeps for its migrations.

    Attributes:
        contents: by path.
        past: how they stand on each other.
    """

    contents: Mapping[str, bytes]
    past: Past

    @property
    def head(self) -> str:
        """The newest revision; there is just one where nothing is wrong."""
        return self.past.newest[0]

    @property
    def newest(self) -> str:
        """The path of its file; empty where there is none."""
        return self.past.heads[self.head][0].path if self.past.newest else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What they make.

    Attributes:
        schemas: after each of the newest revisions, the oldest first; of one that fails, as far as it gets.
        failed: the revision that fails on an empty database; empty where none does.
        why: why, in words without any value.
    """

    schemas: Mapping[str, Schema]
    failed: str = ""
    why: str = ""


def files_of(environment: Environment, copy: Copy, commit: Commit) -> Files:
    """The migrations of a commit, with all that lies beside them.

    Raises:
        GitError: the copy doesn't hold them.
    """
    blobs = copy.matching(commit.sha, environment.repository.migrations)
    contents = copy.contents(blobs.values())
    return Files(
        contents={path: contents[sha] for path, sha in blobs.items()}, past=past(blobs, contents, {})
    )


def expected(environment: Environment, access: Access, address: Address, files: Files) -> Expected:
    """What they make on an empty database of the same kind; known files are not run again in this process.

    Raises:
        RollbackError: there is no place where they could be run.
    """
    with access.databases.empty(address.url) as engine:
        key = _key(engine, files)
        if key not in _known:
            done = upgraded(environment, access, engine, files.contents)
            schemas = dict(done.schemas)
            if done.failed:
                with engine.connect() as connection:
                    schemas[done.failed] = read_schema(connection)
            while len(_known) >= _MOST_KNOWN:
                del _known[next(iter(_known))]
            _known[key] = Expected(schemas=schemas, failed=done.failed, why=done.why)
    return _known[key]


def metadata(environment: Environment, access: Access, address: Address, files: Files) -> MetaData:
    """The same as SQLAlchemy has it, at the newest revision.

    Raises:
        RollbackError: there is no place where they could be run.
    """
    with access.databases.empty(address.url) as engine:
        upgraded(environment, access, engine, files.contents, kept=0)
        with engine.connect() as connection:
            return reflected(connection)


def _key(engine: Engine, files: Files) -> str:
    digest = hashlib.sha256(engine.dialect.name.encode())
    for path, content in sorted(files.contents.items()):
        digest.update(f"\0{path}\0{len(content)}\0".encode(errors="surrogateescape") + content)
    return digest.hexdigest()

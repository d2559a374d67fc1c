"""The commit itself, and who is named in it."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rollback.git.errors import GitError, NoIdentity, NotSigned
from rollback.git.model import Identity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from rollback.git.run import Git

_IDENTITY: Final = re.compile(r"(?P<name>.*) <(?P<email>[^<>]*)> [0-9]+ [+-][0-9]{4}\s*\Z", re.DOTALL)
_NOBODY: Final = re.compile(
    r"tell me who you are|auto-detection is disabled|empty ident name|unable to auto-detect"
)
_UNSIGNED: Final = re.compile(r"failed to sign|failed to write commit object|gpg|ssh-keygen|signing")


def identity(git: Git) -> Identity | None:
    """Whom git would name as the committer; None where nobody has told it."""
    said = git.run("var", "GIT_COMMITTER_IDENT", ok=(0, 128))
    found = _IDENTITY.fullmatch(said.text)
    return Identity(name=found["name"], email=found["email"]) if found and not said.code else None


def with_files(git: Git, tree: str, files: Mapping[str, tuple[str, str]]) -> str:
    """Make a tree in the copy that has these files besides its own, and give its object name.

    Args:
        git: on the copy.
        tree: a whole name.
        files: mode and object name of each, by its path.
    """
    entries = "".join(f"{mode} {sha}\t{path}\0" for path, (mode, sha) in files.items())
    with tempfile.TemporaryDirectory(prefix="rollback-index-") as directory:
        env = {"GIT_INDEX_FILE": str(Path(directory) / "index")}
        git.run("read-tree", tree, env=env)
        git.run("update-index", "-z", "--index-info", stdin=entries.encode(errors="surrogateescape"), env=env)
        return git.run("write-tree", env=env).text.strip()


def blob(git: Git, content: bytes) -> str:
    """Keep a file's content in the copy, as it is, and give its object name."""
    return git.run("hash-object", "-w", "--stdin", "--no-filters", stdin=content).text.strip()


def write(git: Git, tree: str, parent: str, message: str, *, at: datetime) -> str:
    """Make the commit in the copy, signed where a person's settings say so, and give its name.

    Raises:
        NoIdentity: git doesn't know whom to name.
        NotSigned: it couldn't be signed.
        GitError: it couldn't be written.
    """
    signed = (
        git.run("config", "--type=bool", "--default=false", "--get", "commit.gpgSign").text.strip() == "true"
    )
    moment = f"@{int(at.timestamp())} +0000"
    try:
        return git.run(
            *("commit-tree", "-S" if signed else "--no-gpg-sign", "-p", parent, "-F", "-", tree),
            stdin=message.encode(errors="replace"),
            env={"GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment},
        ).text.strip()
    except GitError as error:
        if _NOBODY.search(error.sentence):
            raise NoIdentity(
                "Git doesn't know whom to name as the committer.",
                remedy='Tell it: `git config --global user.name "..."` and `git config --global user.email "..."`.',
            ) from None
        if signed and _UNSIGNED.search(error.sentence):
            raise NotSigned(
                f"Commits have to be signed here (commit.gpgSign), and that failed: {error.sentence}",
                remedy="See that the key can be used without being asked for its passphrase, then start again.",
            ) from None
        raise

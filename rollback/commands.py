"""Which command lines only look, of the two programs that a rollback runs.

Only what is known to look does: a command that isn't named here writes, for all that is known.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from rollback._text import quoted

_GIT: Final = frozenset({
    "archive", "cat-file", "check-attr", "commit-tree", "config", "diff", "diff-tree", "fetch", "for-each-ref",
    "hash-object", "init", "log", "ls-files", "ls-remote", "ls-tree", "merge-base", "merge-file", "merge-tree",
    "read-tree", "repack", "rev-list", "rev-parse", "show", "show-ref", "status", "symbolic-ref", "update-index",
    "update-ref", "var", "version", "write-tree",
})  # fmt: skip
_GIT_TAKES_A_WORD: Final = frozenset({"-C", "-c", "--git-dir", "--work-tree"})
_TERRAFORM: Final = frozenset({
    ("graph",), ("init",), ("output",), ("plan",), ("providers", "schema"), ("show",), ("state", "list"),
    ("state", "pull"), ("state", "show"), ("validate",), ("version",), ("workspace", "list"), ("workspace", "show"),
})  # fmt: skip
_MOVES: Final = ("migrate-state", "force-copy")
_TERRAFORMS: Final = frozenset({"terraform", "tofu"})
_LIBRARY: Final = str(Path(__file__).with_name("terraform") / "library.py")
"""Terraform from the Python package, as `rollback.terraform.program` starts it."""
_GROUPS: Final = frozenset({"providers", "state", "workspace"})


def what_writes(args: tuple[str, ...]) -> str:
    """What of a command line may write elsewhere than on this machine, in a few words; empty where it only looks.

    git may fetch and write into its copy on this machine. Terraform's `plan` must be told not to take a lock, since a
    lock is written, too, and `init` may not move a state.
    """
    program = args[0].rpartition("/")[2] if args else ""
    if program == "git":
        return _refused_of_git(args[1:])
    if program in _TERRAFORMS:
        return _refused_of_terraform(program, args[1:])
    for at, word in enumerate(args):
        if word == _LIBRARY:
            return _refused_of_terraform("terraform", args[at + 1 :])
    return quoted(program)


def _refused_of_git(words: tuple[str, ...]) -> str:
    rest = list(words)
    while rest and rest[0].startswith("-"):
        takes = rest.pop(0) in _GIT_TAKES_A_WORD
        if takes and rest:
            rest.pop(0)
    command = rest[0] if rest else ""
    return "" if command in _GIT else f"`git {command}`"


def _refused_of_terraform(program: str, words: tuple[str, ...]) -> str:
    rest = [word for word in words if not word.startswith("-chdir=")]
    command = tuple(rest[:2]) if tuple(rest[:2]) in _TERRAFORM else tuple(rest[:1])
    if command not in _TERRAFORM:
        named = [word for word in rest[:2] if not word.startswith("-")]
        return f"`{program} {' '.join(named[: 2 if rest[0] in _GROUPS else 1])}`" if rest else f"`{program}`"
    if command == ("plan",):
        locking = [word.lstrip("-") for word in rest if word.lstrip("-").partition("=")[0] == "lock"]
        if not locking or set(locking) != {"lock=false"}:  # the last one holds
            return f"`{program} plan` without -lock=false, which writes a lock,"
    if command == ("init",):
        for word in rest:
            if word.lstrip("-").partition("=")[0] in _MOVES:
                return f"`{program} init {word}`"
    return ""

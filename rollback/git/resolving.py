"""Which commit somebody means; object names only, since a tag, a branch or an expression moves or misleads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rollback._text import printable, quoted, suggestion
from rollback.git.errors import AmbiguousCommit, NotACommit, UnknownBranch, UnknownCommit
from rollback.process import literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rollback.git.model import Commit
    from rollback.git.objects import Commits
    from rollback.git.run import Git

_OBJECT_NAME: Final = re.compile(r"[0-9a-fA-F]{4,64}")
_TAG: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+-]*")
_NAME_IT: Final = "Name the commit by its object name, as `git log` shows it."
_MOST_SHOWN: Final = 5


def commit(git: Git, commits: Commits, text: str, *, tips: Mapping[str, Commit], remote: str) -> Commit:
    """The commit whose whole or short object name `text` is.

    Raises:
        NotACommit: it is the name of something else.
        UnknownCommit: there is none.
        AmbiguousCommit: there are several.
        RollbackError: it would be read as an option, is empty, or can't be seen.
    """
    word = literal(text, what="commit")
    if not _OBJECT_NAME.fullmatch(word):
        raise _not_an_object_name(git, word, tips, remote)
    name = word.lower()
    length = next((len(each.sha) for each in tips.values()), 40)
    if len(name) > length:
        raise UnknownCommit(
            f"{quoted(word)} is longer than an object name of {printable(remote)}.", remedy=_NAME_IT
        )
    whole = [name] if len(name) == length else _beginning_with(git, name)
    found = [(sha, commits.preload(sha)) for sha in whole] if len(whole) == 1 else commits.kinds(whole)
    fitting = [sha for sha, kind in found if kind == "commit"]
    if not fitting:
        if word in tips:
            raise _not_an_object_name(git, word, tips, remote)
        raise _no_commit(word, found, remote)
    if len(fitting) > 1:
        raise _ambiguous(word, commits.all(fitting))
    return commits.get(fitting[0])


def tip(tips: Mapping[str, Commit], branch: str, remote: str) -> Commit:
    """The last commit of `branch`.

    Raises:
        UnknownBranch: the remote has none of that name.
    """
    if branch not in tips:
        nearest = suggestion(branch, tips) or "Look which branches it has: `git ls-remote --heads`."
        raise UnknownBranch(f"{printable(remote)} has no branch {quoted(branch)}.", remedy=nearest)
    return tips[branch]


def _beginning_with(git: Git, beginning: str) -> list[str]:
    """The names of all objects that begin so; unlike elsewhere in git, no branch of that name goes first."""
    return git.run("rev-parse", f"--disambiguate={beginning}").text.split()


def _not_an_object_name(git: Git, word: str, tips: Mapping[str, Commit], remote: str) -> NotACommit:
    """What it is instead, as far as that can be told."""
    branch = word.removeprefix("refs/heads/").removeprefix("refs/remotes/").removeprefix("origin/")
    for each in (word, branch):
        if each in tips:
            return NotACommit(
                f"{quoted(word)} is a branch, and a branch moves; its last commit is {tips[each].short} now.",
                remedy="Name the commit itself.",
            )
    if tagged := _tagged(git, word.removeprefix("refs/tags/"), remote):
        return NotACommit(
            f"{quoted(word)} is a tag, and a tag can be moved; its commit is {tagged[:10]} now.",
            remedy="Name the commit itself.",
        )
    return NotACommit(f"{quoted(word)} is not the object name of a commit.", remedy=_NAME_IT)


def _tagged(git: Git, word: str, remote: str) -> str:
    """What a tag of the remote names; nothing where there is none, or where it can't be asked just now."""
    if not _TAG.fullmatch(word):
        return ""
    done = git.attempt("ls-remote", "--tags", "--", remote, f"refs/tags/{word}", f"refs/tags/{word}^{{}}")
    lines = [] if done.code else done.text.splitlines()
    return lines[-1].partition("\t")[0] if lines else ""  # the last is what an annotated one leads to


def _no_commit(word: str, found: Sequence[tuple[str, str]], remote: str) -> UnknownCommit | NotACommit:
    if found and found[0][1]:
        kind = {"blob": "a file's content", "tree": "a directory", "tag": "a tag"}.get(
            found[0][1], found[0][1]
        )
        return NotACommit(f"{quoted(word)} is the object name of {kind}, not of a commit.", remedy=_NAME_IT)
    return UnknownCommit(
        f"No branch of {printable(remote)} holds a commit {quoted(word, longest=64)}.",
        remedy="Check the name and whether it was pushed: what is only in a checkout or a fork isn't deployed either.",
    )


def _ambiguous(word: str, fitting: Sequence[Commit]) -> AmbiguousCommit:
    shown = "; ".join(
        f"{each.sha[: len(word) + 4]} of {each.at:%Y-%m-%d} {quoted(each.subject)}"
        for each in fitting[:_MOST_SHOWN]
    )
    more = f" and {len(fitting) - _MOST_SHOWN} more" if len(fitting) > _MOST_SHOWN else ""
    return AmbiguousCommit(
        f"{quoted(word)} fits {len(fitting)} commits: {shown}{more}.", remedy="Give more digits of its name."
    )

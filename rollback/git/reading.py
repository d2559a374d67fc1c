"""Files as a commit holds them, byte for byte: no attribute of a person or the repository leaves one out or changes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rollback.git.errors import CopyDamaged

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rollback.git.objects import Commits
    from rollback.git.run import Git

_LINK: Final = "120000"
_EXECUTABLE: Final = "100755"
FILE_MODE: Final = "100644"
"""Of an ordinary file."""
_BLOB: Final = "blob"


@dataclass(frozen=True, slots=True)
class File:
    """A file in a commit.

    Attributes:
        path: from the root of the repository.
        content: its bytes, or where a link leads.
        is_link: whether it is a symbolic link.
        executable: whether it may be executed.
    """

    path: str
    content: bytes = field(repr=False)
    is_link: bool = False
    executable: bool = False


def entries(git: Git, tree: str, paths: tuple[str, ...]) -> dict[str, tuple[str, str]]:
    """Mode and object name of these files of a tree or commit, by their paths."""
    found = {}
    for line in git.run("ls-tree", "-z", "--full-tree", tree, "--", *paths).stdout.split(b"\0"):
        about, _, name = line.partition(b"\t")
        if about:
            mode, _, sha = about.decode().split()
            found[name.decode(errors="surrogateescape")] = mode, sha
    return found


def blobs(git: Git, tree: str, directories: Iterable[str]) -> dict[str, str]:
    """The object names of the files of a tree or commit in these directories and below, links too, by their paths.

    Args:
        git: on the copy.
        tree: a whole name.
        directories: from the root, each with a slash at its end; an empty one is the root itself.
    """
    places = tuple(directories)
    below = () if "" in places else ("--", *places)
    found = {}
    for line in git.run("ls-tree", "-r", "-z", "--full-tree", tree, *below).stdout.split(b"\0"):
        about, _, name = line.partition(b"\t")
        _, kind, sha = about.decode().split() if about else ("", "", "")
        if kind == _BLOB:
            found[name.decode(errors="surrogateescape")] = sha
    return found


def files_below(
    git: Git, commits: Commits, commit: str, directory: str, *, ending: tuple[str, ...] = ()
) -> tuple[File, ...]:
    """The files of `commit` in `directory` and below it, without submodules.

    `git archive` would leave out what `export-ignore` names, as teams do with their infrastructure.

    Args:
        git: on the copy.
        commits: its objects.
        commit: a whole name.
        directory: from the root of the repository, without a slash at its end.
        ending: how the name ends of those that are wanted; without it, all.

    Raises:
        CopyDamaged: one of them isn't there.
    """
    listed = git.run("ls-tree", "-r", "-z", "--full-tree", commit, "--", f"{directory}/").stdout
    wanted = []
    for line in listed.split(b"\0"):
        about, _, name = line.partition(b"\t")
        mode, kind, sha = about.decode().split() if about else ("", "", "")
        path = name.decode(errors="surrogateescape")
        if kind == _BLOB and (not ending or path.endswith(ending)):
            wanted.append((mode, sha, path))
    contents = {
        sha: content for sha, kind, content in commits.objects(dict.fromkeys(s for _, s, _ in wanted)) if kind
    }
    if missing := [path for _, sha, path in wanted if sha not in contents]:
        raise CopyDamaged(
            f"The copy of the repository is damaged: {missing[0]} of {commit[:10]} is missing.",
            remedy="Start again: it is made anew then.",
        )
    return tuple(File(path, contents[sha], mode == _LINK, mode == _EXECUTABLE) for mode, sha, path in wanted)

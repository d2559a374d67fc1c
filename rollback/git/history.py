"""What stands where in the history of a branch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rollback.git.errors import NotOnBranch
from rollback.git.objects import names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rollback.git.model import Commit
    from rollback.git.objects import Commits
    from rollback.git.run import Git

_MOST_MERGES: Final = 20
"""So many merges are made again to see what they changed themselves; of further ones it is taken for granted."""


def is_ancestor(git: Git, ancestor: str, descendant: str) -> bool:
    """Whether `descendant` holds `ancestor`."""
    return git.run("merge-base", "--is-ancestor", ancestor, descendant, ok=(0, 1)).code == 0


def changed(git: Git, before: str, after: str) -> tuple[str, ...]:
    """The files that differ between two trees; a renamed one by both its names."""
    return names(
        git.run(
            *(
                "diff-tree",
                "-r",
                "-z",
                "--name-only",
                "--no-renames",
                "--ignore-submodules=none",
                "--no-relative",
            ),
            *("--end-of-options", before, after),
        ).stdout
    )


def between(git: Git, commits: Commits, first: Commit, last: Commit, tip: Commit) -> tuple[Commit, ...]:
    """From `first` to `last`, both of them too, on the first-parent line of `tip`, oldest first.

    Raises:
        NotOnBranch: one of them isn't there, or they stand the other way round.
    """
    asked = "".join((f"{tip.sha}\n", *(f"^{parent}\n" for parent in first.parents)))
    line = git.run("rev-list", "--first-parent", "--reverse", "--stdin", stdin=asked.encode()).text.split()
    if first.sha in line and last.sha not in line and is_ancestor(git, last.sha, first.sha):
        raise NotOnBranch(f"{last.short} is older than {first.short}.", remedy="Name the older one first.")
    for each in (first, last):
        if each.sha not in line:
            raise NotOnBranch(
                f"{each.short} is not on the branch's own line: it came with a merge, or stands on another branch.",
                remedy="Name commits that `git log --first-parent` shows of the branch.",
            )
    return commits.all(line[line.index(first.sha) : line.index(last.sha) + 1])


def newest(git: Git, commits: Commits, tip: Commit, count: int) -> tuple[Commit, ...]:
    """The last `count` commits on the first-parent line of `tip` that have a parent, newest first."""
    if count < 1:
        return ()
    limit = f"--max-count={count}"
    line = git.run("rev-list", "--first-parent", "--min-parents=1", limit, tip.sha).text.split()
    return commits.all(line)


def later(
    git: Git, commits: Commits, commit: Commit, tip: Commit, files: Iterable[str]
) -> tuple[Commit, ...]:
    """What came after `commit` and touches one of `files`, newest first, without what only merges."""
    wanted = frozenset(files)
    paths = {_askable(name) for name in wanted}
    if not paths:
        return ()
    asked = f"{tip.sha}\n^{commit.sha}\n--\n".encode()
    if "" not in paths:
        asked += b"".join(path.encode(errors="surrogateescape") + b"\n" for path in sorted(paths))
    listed = git.run("rev-list", "--date-order", "--full-history", "--stdin", stdin=asked).text.split()
    found = commits.all(listed)
    resolved = _resolving(git, [each for each in found if each.is_merge], wanted)
    return tuple(each for each in found if not each.is_merge or each.sha in resolved)


def _resolving(git: Git, merges: list[Commit], wanted: frozenset[str]) -> set[str]:
    """Those of `merges` in which somebody changed `wanted` files beyond what git merges by itself."""
    if not merges:
        return set()
    asked = "".join(f"{each.sha}\n" for each in merges).encode()
    told = names(git.run("diff-tree", "--stdin", "-c", "-r", "-z", "--name-only", stdin=asked).stdout)
    shas, here, differing = {each.sha for each in merges}, "", set()
    for word in told:  # each merge, and then the files that are as in none of its parents
        if word in shas:
            here = word
        elif word in wanted:
            differing.add(here)
    doubtful = [each for each in merges if each.sha in differing]
    tried = doubtful[:_MOST_MERGES]
    return differing - {each.sha for each in tried if not _changed_itself(git, each, wanted)}


def _changed_itself(git: Git, merge: Commit, wanted: frozenset[str]) -> bool:
    """Whether the merge, made again, comes out differently."""
    if len(merge.parents) != 2:  # noqa: PLR2004 - an octopus can't be made again
        return True
    again = git.run(
        "merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", *merge.parents, ok=(0, 1)
    )
    return bool(wanted & set(changed(git, names(again.stdout)[0], merge.tree)))


def _askable(name: str) -> str:
    """A path that can be asked for on a line of its own; for one with a line break in it, its directory."""
    while "\n" in name:
        name = name.rpartition("/")[0]
    return name

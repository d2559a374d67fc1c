"""Whether a push starts a workflow."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rehearsal.origin.pipeline.patterns import chooses
from rehearsal.origin.push import ZERO

if TYPE_CHECKING:
    from rehearsal.origin.objects import Objects
    from rehearsal.origin.pipeline.document import PushFilter
    from rehearsal.origin.push import Push

_INSTRUCTIONS: Final = ("[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]")
_TRAILER: Final = re.compile(r"\n\n\n(?:[^\n]+\n)*skip-checks: ?true\Z", re.IGNORECASE)
DIFF_LIMIT: Final = 300
"""How many changed files GitHub holds against the filters."""
_FAR_BACK: Final = 10_000


def told_to_skip(message: str) -> bool:
    """Whether a commit's message keeps pushes of it from starting workflows.

    Source: GitHub Docs, "Skipping workflow runs": one of five instructions anywhere in it, or a last line
    ``skip-checks: true`` in a block that two empty lines precede.
    """
    lowered = message.lower()
    return any(each in lowered for each in _INSTRUCTIONS) or bool(_TRAILER.search(message.rstrip()))


def starts(wanted: PushFilter, push: Push, objects: Objects) -> bool:
    """Whether `push`, of a branch, is one of those that `wanted` asks for.

    Source: GitHub Docs, "Workflow syntax for GitHub Actions", on.push: the branch and the paths have both to fit;
    of the paths, one that is chosen (`paths`) or one that is not (`paths-ignore`) will do, and without a changed
    file nothing starts. A workflow that asks for tags alone isn't started by branches.
    """
    only_tags = wanted.branches is wanted.branches_ignore is None and (wanted.tags, wanted.tags_ignore) != (
        None,
        None,
    )
    if only_tags or not _wants_branch(wanted, push.branch):
        return False
    if wanted.paths is None and wanted.paths_ignore is None:
        return True
    files = objects.changed(_base(push, objects), push.after)[:DIFF_LIMIT]
    if wanted.paths is not None:
        return any(chooses(wanted.paths, file) for file in files)
    return any(not chooses(wanted.paths_ignore or (), file) for file in files)


def _wants_branch(wanted: PushFilter, branch: str) -> bool:
    if wanted.branches_ignore is not None:
        return not chooses(wanted.branches_ignore, branch)
    return wanted.branches is None or chooses(wanted.branches, branch)


def _base(push: Push, objects: Objects) -> str:
    """What the pushed commit is compared with: for a new branch, the parent of the first commit that is new."""
    if push.before != ZERO:
        return push.before
    others = [tip for name, tip in objects.branches().items() if name != push.branch]
    known = {commit.sha for tip in others for commit in objects.log(tip, _FAR_BACK)}
    new = [commit for commit in objects.log(push.after, _FAR_BACK) if commit.sha not in known]
    if not new:
        return push.after
    return new[-1].parents[0] if new[-1].parents else ZERO

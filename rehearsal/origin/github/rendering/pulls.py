"""Pull requests: in a list, on their own, and as part of a run."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rehearsal.origin.github.rendering.people import user
from rehearsal.origin.github.rendering.place import node_id, number_of, stamp, stamp_or_none
from rehearsal.origin.github.rendering.repository import whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rehearsal.origin.github.asking import JsonObject
    from rehearsal.origin.github.reading import Change
    from rehearsal.origin.github.rendering.place import Place
    from rehearsal.origin.github.store import Pull, Store

_TOLD_TWICE: Final = ("commits", "review_comments", "review_comment", "comments", "statuses")
"""The links that also stand beside ``_links``, as ``commits_url``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What GitHub found out about a pull request besides what is stored.

    Attributes:
        head_sha: where its head is now.
        commits: how many commits it has.
        changes: what it changes.
        mergeable: whether it merges without a conflict; None while GitHub hasn't tried.
        state: ``unknown``, ``clean``, ``dirty``, ``blocked`` or ``draft``.
    """

    head_sha: str
    commits: int
    changes: Sequence[Change]
    mergeable: bool | None
    state: str


def listed(place: Place, store: Store, pull: Pull, head_sha: str) -> JsonObject:
    """A pull request as it stands in a list."""
    links = _links(place, pull, head_sha)
    number = number_of(f"{place.name}#{pull.number}")
    return {
        "url": links["self"],
        "id": number,
        "node_id": node_id("PR", number),
        "html_url": links["html"],
        "diff_url": f"{links['html']}.diff",
        "patch_url": f"{links['html']}.patch",
        "issue_url": links["issue"],
        "number": pull.number,
        "state": pull.state,
        "locked": False,
        "title": pull.title,
        "user": user(place, pull.user),
        "body": pull.body or None,
        "created_at": stamp(pull.created_at),
        "updated_at": stamp(pull.merged_at or pull.closed_at or pull.created_at),
        "closed_at": stamp_or_none(pull.merged_at or pull.closed_at),
        "merged_at": stamp_or_none(pull.merged_at),
        "merge_commit_sha": pull.merge_commit or _test_merge(pull, head_sha),
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "labels": [],
        "milestone": None,
        "draft": pull.draft,
        **{f"{name}_url": links[name] for name in _TOLD_TWICE},
        "head": _end(place, store, pull.head, head_sha),
        "base": _end(place, store, pull.base, pull.base_sha),
        "_links": {name: {"href": href} for name, href in links.items()},
        "author_association": "OWNER" if pull.user == place.owner else "MEMBER",
        "auto_merge": None,
        "active_lock_reason": None,
    }


def single(place: Place, store: Store, pull: Pull, standing: Standing) -> JsonObject:
    """A pull request on its own."""
    told = listed(place, store, pull, standing.head_sha)
    if standing.mergeable is None and not pull.merged:
        told["merge_commit_sha"] = None
    return {
        **told,
        "merged": pull.merged,
        "mergeable": standing.mergeable,
        "rebaseable": standing.mergeable,
        "mergeable_state": standing.state,
        "merged_by": user(place, pull.merged_by) if pull.merged_by else None,
        "comments": 0,
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": standing.commits,
        "additions": sum(change.additions for change in standing.changes),
        "deletions": sum(change.deletions for change in standing.changes),
        "changed_files": len(standing.changes),
    }


def minimal(place: Place, pull: Pull) -> JsonObject:
    """A pull request as part of a run."""
    repository = {"id": place.id, "url": place.url, "name": place.short_name}
    return {
        "url": f"{place.url}/pulls/{pull.number}",
        "id": number_of(f"{place.name}#{pull.number}"),
        "number": pull.number,
        "head": {"ref": pull.head, "sha": pull.head_sha, "repo": repository},
        "base": {"ref": pull.base, "sha": pull.base_sha, "repo": repository},
    }


def _links(place: Place, pull: Pull, head_sha: str) -> dict[str, str]:
    """Where all that belongs to a pull request is."""
    url, issue = f"{place.url}/pulls/{pull.number}", f"{place.url}/issues/{pull.number}"
    return {
        "self": url,
        "html": f"{place.html}/pull/{pull.number}",
        "issue": issue,
        "comments": f"{issue}/comments",
        "review_comments": f"{url}/comments",
        "review_comment": f"{place.url}/pulls/comments{{/number}}",
        "commits": f"{url}/commits",
        "statuses": f"{place.url}/statuses/{head_sha}",
    }


def _end(place: Place, store: Store, branch: str, sha: str) -> JsonObject:
    return {
        "label": f"{place.owner}:{branch}",
        "ref": branch,
        "sha": sha,
        "user": user(place, place.owner),
        "repo": whole(place, store),
    }


def _test_merge(pull: Pull, head_sha: str) -> str:
    """The commit by which GitHub tries whether a pull request that isn't merged could be: on no branch.

    GitHub Docs, "Get a pull request": before merging, ``merge_commit_sha`` is that of the test merge commit.
    """
    return hashlib.sha1(f"{pull.base_sha} {head_sha}".encode(), usedforsecurity=False).hexdigest()

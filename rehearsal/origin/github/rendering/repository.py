"""The repository itself: in full, and as part of a pull request or a run."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

from rehearsal.origin.github.rendering.people import user
from rehearsal.origin.github.rendering.place import node_id, stamp
from rehearsal.origin.github.store import Permission

if TYPE_CHECKING:
    from rehearsal.origin.github.asking import JsonObject
    from rehearsal.origin.github.rendering.place import Place
    from rehearsal.origin.github.store import Store

_PARTS: Final = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}
"""The addresses of a repository's parts; they are templates, as GitHub sends them."""


@functools.lru_cache(maxsize=64)
def minimal(place: Place, *, private: bool) -> JsonObject:
    """The repository as part of a run."""
    return {
        "id": place.id,
        "node_id": node_id("R", place.id),
        "name": place.short_name,
        "full_name": place.name,
        "private": private,
        "owner": user(place, place.owner),
        "html_url": place.html,
        "description": None,
        "fork": False,
        "url": place.url,
        **{name: place.url + part for name, part in _PARTS.items()},
    }


def whole(place: Place, store: Store) -> JsonObject:
    """The repository as part of a pull request."""
    return _whole(place, store.private, store.default_branch, stamp(store.created_at), _open_pulls(store))


def full(place: Place, store: Store, permission: Permission) -> JsonObject:
    """The repository on its own, as who asks sees it."""
    return {
        **whole(place, store),
        "permissions": {
            "admin": permission.covers(Permission.ADMIN),
            "maintain": permission.covers(Permission.MAINTAIN),
            "push": permission.covers(Permission.WRITE),
            "triage": permission.covers(Permission.TRIAGE),
            "pull": True,
        },
        "allow_squash_merge": True,
        "allow_merge_commit": True,
        "allow_rebase_merge": False,
        "allow_auto_merge": False,
        "delete_branch_on_merge": False,
        "organization": user(place, place.owner),
        "network_count": 0,
        "subscribers_count": 0,
    }


def _open_pulls(store: Store) -> int:
    return sum(pull.state == "open" for pull in store.pulls.values())


@functools.lru_cache(maxsize=64)
def _whole(place: Place, private: bool, default: str, created: str, pulls: int) -> JsonObject:  # noqa: FBT001 - cached by value
    host = place.web.partition("://")[2]
    return {
        **minimal(place, private=private),
        "created_at": created,
        "updated_at": created,
        "pushed_at": created,
        "git_url": f"git://{host}/{place.name}.git",
        "ssh_url": f"git@{host}:{place.name}.git",
        "clone_url": f"{place.html}.git",
        "svn_url": place.html,
        "homepage": None,
        "size": 108,
        "stargazers_count": 0,
        "watchers_count": 0,
        "language": "Python",
        "has_issues": True,
        "has_projects": True,
        "has_downloads": True,
        "has_wiki": False,
        "has_pages": False,
        "has_discussions": False,
        "forks_count": 0,
        "mirror_url": None,
        "archived": False,
        "disabled": False,
        "open_issues_count": pulls,
        "license": None,
        "allow_forking": False,
        "is_template": False,
        "web_commit_signoff_required": False,
        "topics": [],
        "visibility": "private" if private else "public",
        "forks": 0,
        "open_issues": pulls,
        "watchers": 0,
        "default_branch": default,
    }

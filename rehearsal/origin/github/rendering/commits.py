"""Commits."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from rehearsal.origin.github.rendering.people import user
from rehearsal.origin.github.rendering.place import node_id, number_of, stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rehearsal.origin.github.asking import JsonObject
    from rehearsal.origin.github.reading import Change, Commit, Signature
    from rehearsal.origin.github.rendering.place import Place
    from rehearsal.origin.github.store import Store


def commit(place: Place, store: Store, told: Commit) -> JsonObject:
    """A commit without the files that it changed."""
    url = f"{place.url}/commits/{told.sha}"
    git = f"{place.url}/git"
    return {
        "sha": told.sha,
        "node_id": node_id("C", number_of(told.sha)),
        "commit": {
            "author": _signed(told.author),
            "committer": _signed(told.committer),
            "message": told.message,
            "tree": {"sha": told.tree, "url": f"{git}/trees/{told.tree}"},
            "url": f"{git}/commits/{told.sha}",
            "comment_count": 0,
            "verification": {
                "verified": False,
                "reason": "unsigned",
                "signature": None,
                "payload": None,
                "verified_at": None,
            },
        },
        "url": url,
        "html_url": f"{place.html}/commit/{told.sha}",
        "comments_url": f"{url}/comments",
        "author": _account(place, store, told.author),
        "committer": _account(place, store, told.committer),
        "parents": [
            {
                "sha": parent,
                "url": f"{place.url}/commits/{parent}",
                "html_url": f"{place.html}/commit/{parent}",
            }
            for parent in told.parents
        ],
    }


def with_files(
    place: Place, store: Store, told: Commit, changes: Sequence[Change], page: Sequence[Change]
) -> JsonObject:
    """A commit with the files that it changed, of which one page is told."""
    additions = sum(change.additions for change in changes)
    deletions = sum(change.deletions for change in changes)
    return {
        **commit(place, store, told),
        "stats": {"total": additions + deletions, "additions": additions, "deletions": deletions},
        "files": [_file(place, told.sha, change) for change in page],
    }


def simple(told: Commit) -> JsonObject:
    """A commit as part of a run."""
    return {
        "id": told.sha,
        "tree_id": told.tree,
        "message": told.message,
        "timestamp": stamp(told.committer.at),
        "author": {"name": told.author.name, "email": told.author.email},
        "committer": {"name": told.committer.name, "email": told.committer.email},
    }


def _signed(signature: Signature) -> JsonObject:
    return {"name": signature.name, "email": signature.email, "date": stamp(signature.at)}


def _account(place: Place, store: Store, signature: Signature) -> JsonObject | None:
    """GitHub knows people by the e-mail address of a commit, or doesn't."""
    login = store.logins.get(signature.email)
    return user(place, login) if login else None


def _file(place: Place, sha: str, change: Change) -> JsonObject:
    path = quote(change.path)
    told: JsonObject = {
        "sha": change.blob,
        "filename": change.path,
        "status": change.status,
        "additions": change.additions,
        "deletions": change.deletions,
        "changes": change.additions + change.deletions,
        "blob_url": f"{place.html}/blob/{sha}/{path}",
        "raw_url": f"{place.html}/raw/{sha}/{path}",
        "contents_url": f"{place.url}/contents/{path}?ref={sha}",
    }
    if change.previous:
        told["previous_filename"] = change.previous
    return told

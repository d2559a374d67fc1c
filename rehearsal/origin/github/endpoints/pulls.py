"""Pull requests (GitHub Docs, "REST API endpoints for pull requests")."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from rehearsal.origin.github.asking import Answer, Problem, Refused, invalid, not_found
from rehearsal.origin.github.rendering import pulls as rendering
from rehearsal.origin.github.rendering.pulls import Standing
from rehearsal.origin.github.store import Permission, Pull

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rehearsal.origin.github.asking import Ask, JsonObject
    from rehearsal.origin.github.endpoints.house import House

OPENED: Final = {
    "title": str,
    "head": str,
    "base": str,
    "body": str,
    "draft": bool,
    "maintainer_can_modify": bool,
}
"""What a pull request is opened with; another repository's branch, or an issue, is not taken."""
MERGED: Final = {"commit_title": str, "commit_message": str, "sha": str, "merge_method": str}
"""What one is merged with."""
_METHODS: Final = frozenset({"merge", "squash", "rebase"})
"""Of which the last is not allowed in this repository."""


def list_pulls(house: House, ask: Ask) -> Answer:
    """The pull requests, as GitHub does by default the open ones, and the newest first."""
    query, owner = ask.query, house.place.owner
    state = query.get("state", "open")
    found = [
        pull
        for pull in house.store.pulls.values()
        if state in {"all", pull.state}
        and query.get("base", pull.base) == pull.base
        and query.get("head", f"{owner}:{pull.head}") == f"{owner}:{pull.head}"
    ]
    ascending = (
        query.get("direction", "asc" if query.get("sort", "created") != "created" else "desc") == "asc"
    )
    found.sort(key=lambda pull: (pull.created_at, pull.number), reverse=not ascending)
    page = ask.page(found)
    tips = house.reader.branches()
    told = [rendering.listed(house.place, house.store, pull, _head(pull, tips)) for pull in page.items]
    return Answer(payload=told, headers=page.headers)


def get_pull(house: House, ask: Ask) -> Answer:
    """A pull request; GitHub begins to find out whether it merges when it is first looked at."""
    return Answer(payload=_told(house, _pull(house, ask)))


def create_pull(house: House, ask: Ask) -> Answer:
    """Open a pull request from one branch of the repository to another."""
    sent = ask.json(OPENED, ("head", "base"))
    head = _text(sent, "head").removeprefix(f"{house.place.owner}:")
    base, title = _text(sent, "base"), _text(sent, "title")
    tips = house.reader.branches()
    wrong = [
        Problem("PullRequest", "invalid", field=field)
        for field, branch in (("base", base), ("head", head))
        if branch not in tips
    ]
    if not title.strip():
        wrong.append(Problem("Issue", "missing_field", field="title"))
    if wrong:
        raise invalid(*wrong)
    commits = house.reader.between(tips[base], tips[head])
    if not commits:
        raise invalid(Problem("PullRequest", "custom", message=f"No commits between {base} and {head}"))
    if any((pull.state, pull.head, pull.base) == ("open", head, base) for pull in house.store.pulls.values()):
        already = f"A pull request already exists for {house.place.owner}:{head}."
        raise invalid(Problem("PullRequest", "custom", message=already))
    pull = Pull(
        number=house.store.next_number(),
        title=title,
        body=_text(sent, "body"),
        head=head,
        head_sha=tips[head],
        base=base,
        base_sha=tips[base],
        user=ask.login,
        created_at=house.clock.now(),
        commits=len(commits),
        draft=sent.get("draft") is True,
    )
    house.store.pulls[pull.number] = pull
    house.opened(pull)
    url = f"{house.place.url}/pulls/{pull.number}"
    return Answer(payload=_told(house, pull), status=HTTPStatus.CREATED, headers={"Location": url})


def merge_pull(house: House, ask: Ask) -> Answer:
    """Merge a pull request, if what its base branch asks of it is there."""
    ask.require(Permission.WRITE, accepted="contents=write")
    pull, sent = _pull(house, ask), ask.json(MERGED, ())
    method = _text(sent, "merge_method") or "merge"
    if method not in _METHODS:
        raise invalid(Problem("PullRequest", "invalid", field="merge_method"))
    if method == "rebase":
        raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, "Rebase merges are not allowed on this repository.")
    tips = house.reader.branches()
    head, base = _head(pull, tips), tips.get(pull.base, "")
    if pull.state != "open" or pull.draft or house.reader.conflicts(base, head):
        raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, "Pull Request is not mergeable")
    if _text(sent, "sha") not in {"", head}:
        raise Refused(HTTPStatus.CONFLICT, "Head branch was modified. Review and try the merge again.")
    missing = _missing_approvals(house, pull)
    if missing:
        reviews = "review is" if missing == 1 else "reviews are"
        raise Refused(
            HTTPStatus.METHOD_NOT_ALLOWED,
            f"At least {missing} approving {reviews} required by reviewers with write access.",
        )
    if _text(sent, "commit_title") or _text(sent, "commit_message"):
        raise NotImplementedError("The stage merges pull requests in GitHub's own words only.")
    pull.merge_commit = house.merged(pull, ask.login, how=method)
    pull.head_sha, pull.state = head, "closed"
    pull.merged_at, pull.merged_by = house.clock.now(), ask.login
    done = {"sha": pull.merge_commit, "merged": True, "message": "Pull Request successfully merged"}
    return Answer(payload=done)


def _told(house: House, pull: Pull) -> JsonObject:
    return rendering.single(house.place, house.store, pull, _standing(house, pull))


def _standing(house: House, pull: Pull) -> Standing:
    reader = house.reader
    tips = reader.branches()
    head, base = _head(pull, tips), pull.base_sha
    if not (reader.commit(head) and reader.commit(base)):
        return Standing(head_sha=head, commits=pull.commits, changes=(), mergeable=None, state="unknown")
    changes = reader.changes(reader.fork(base, head), head)
    if pull.state != "open":
        return Standing(head_sha=head, commits=pull.commits, changes=changes, mergeable=None, state="unknown")
    commits = len(reader.between(base, head))
    tip = tips.get(pull.base, base)
    if (tip, head) not in house.tried:
        house.tried.add((tip, head))
        return Standing(head_sha=head, commits=commits, changes=changes, mergeable=None, state="unknown")
    conflicts = reader.conflicts(tip, head)
    state = "dirty" if conflicts else "draft" if pull.draft else "clean"
    if state == "clean" and _missing_approvals(house, pull):
        state = "blocked"
    return Standing(head_sha=head, commits=commits, changes=changes, mergeable=not conflicts, state=state)


def _missing_approvals(house: House, pull: Pull) -> int:
    rules = house.store.rules.get(pull.base)
    return max(0, (rules.approvals or 0) - pull.approvals) if rules else 0


def _head(pull: Pull, tips: Mapping[str, str]) -> str:
    """An open pull request follows its branch, a closed one stays where it was."""
    return tips.get(pull.head, pull.head_sha) if pull.state == "open" else pull.head_sha


def _pull(house: House, ask: Ask) -> Pull:
    pull = house.store.pulls.get(ask.number())
    if pull is None:
        raise not_found()
    return pull


def _text(sent: Mapping[str, object], name: str) -> str:
    value = sent.get(name)
    return value if isinstance(value, str) else ""

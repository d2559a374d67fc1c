"""The repository, its branches and its commits (GitHub Docs, "REST API endpoints for repositories" and others)."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from rehearsal.origin.github.asking import Answer, Refused
from rehearsal.origin.github.rendering import branches, commits, pulls, repository
from rehearsal.origin.github.store import Permission

if TYPE_CHECKING:
    from rehearsal.origin.github.asking import Ask
    from rehearsal.origin.github.endpoints.house import House
    from rehearsal.origin.github.reading import Commit
    from rehearsal.origin.github.store import Pull


def get_repository(house: House, ask: Ask) -> Answer:
    """The repository, as who asks sees it."""
    return Answer(payload=repository.full(house.place, house.store, ask.permission))


def get_branch(house: House, ask: Ask) -> Answer:
    """A branch, its last commit, and whether it is protected."""
    name = ask.parameters[0]
    tip = commits.commit(house.place, house.store, _tip(house, name))
    return Answer(payload=branches.branch(house.place, name, tip, house.store.rules.get(name)))


def get_protection(house: House, ask: Ask) -> Answer:
    """What branch protection asks of a branch; only administrators of the repository may know."""
    ask.require(Permission.ADMIN, accepted="administration=read")
    name = ask.parameters[0]
    _tip(house, name)
    rules = house.store.rules.get(name)
    if rules is None or not rules.classic:
        raise Refused(HTTPStatus.NOT_FOUND, "Branch not protected")
    return Answer(payload=branches.protection(house.place, name, rules))


def get_rules(house: House, ask: Ask) -> Answer:
    """What rulesets ask of a branch, whether there is one of that name or not; every reader may know."""
    name = ask.parameters[0]
    page = ask.page(branches.active_rules(house.place, name, house.store.rules.get(name)))
    return Answer(payload=list(page.items), headers=page.headers)


def get_commit(house: House, ask: Ask) -> Answer:
    """A commit and the files that it changed against its first parent."""
    commit = _commit(house, ask)
    changes = house.reader.changes(commit.parents[0] if commit.parents else "", commit.sha)
    page = ask.page(changes)
    told = commits.with_files(house.place, house.store, commit, changes, page.items)
    return Answer(payload=told, headers=page.headers)


def list_commit_pulls(house: House, ask: Ask) -> Answer:
    """The pull requests that a commit came by, or is part of."""
    commit = _commit(house, ask)
    found = [pull for pull in house.store.pulls.values() if _holds(house, pull, commit.sha)]
    page = ask.page(found)
    told = [pulls.listed(house.place, house.store, pull, pull.head_sha) for pull in page.items]
    return Answer(payload=told, headers=page.headers)


def _holds(house: House, pull: Pull, sha: str) -> bool:
    if sha in {pull.merge_commit, pull.head_sha}:
        return True
    known = house.reader.commit(pull.base_sha) and house.reader.commit(pull.head_sha)
    return bool(known) and sha in house.reader.between(pull.base_sha, pull.head_sha)


def _tip(house: House, branch: str) -> Commit:
    sha = house.reader.branches().get(branch)
    commit = house.reader.commit(sha) if sha else None
    if commit is None:
        raise Refused(HTTPStatus.NOT_FOUND, "Branch not found")
    return commit


def _commit(house: House, ask: Ask) -> Commit:
    ref = ask.parameters[0]
    commit = house.reader.commit(ref)
    if commit is None:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, f"No commit found for SHA: {ref}")
    return commit

"""Looking at branch, service and application after a revert: is it in force, and does git agree with what runs?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rollback import ecs
from rollback.ecs import look
from rollback.ecs.built import build
from rollback.git import Copy, NotOnBranch
from rollback.plan import Finding, Verified, ok, refusal, warning
from rollback.revert import by_hand
from rollback.revert.result import Side

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollback.access import Access
    from rollback.ecs.model import Revision
    from rollback.environment import Environment
    from rollback.git import Commit
    from rollback.revert.result import SavedPoint


@dataclass(frozen=True, slots=True)
class Verification(Verified[str]):
    """What was seen afterwards.

    Attributes:
        target: the revert, in words.
        findings: what was looked at; a ``refusal`` is a proof that it is not in force.
    """


def verify(environment: Environment, access: Access, saved: SavedPoint) -> Verification:
    """Look at the branch, the service, its targets and the application itself.

    Once more after the team's next deployments, this shows whether one of them has taken the revert back.

    Raises:
        GitError, AwsError: the remote or AWS doesn't say.
    """
    copy = Copy.fetched(environment.repository, access)
    tip, ours = copy.tip(environment.branch), copy.commit(saved.commit)
    findings = [*_on_branch(environment, copy, tip, ours)]
    if Side.APPLICATION in saved.sides:
        findings += _on_service(environment, access, copy, ours)
    else:
        revision = look.service(environment, access).revision
        findings += ecs.verify(environment, access, revision).findings
    return Verification(f"The revert {ours.short}", tuple(findings))


def _on_branch(environment: Environment, copy: Copy, tip: Commit, ours: Commit) -> Iterator[Finding]:
    branch = environment.branch
    if not copy.holds(tip, ours):
        yield refusal(
            "branch-holds",
            f"{branch} doesn't hold the revert {ours.short}: somebody has pushed over it, or it was never merged.",
            "Find out who, then plan the revert again.",
            by_hand.history(environment),
        )
    elif (back := copy.reverted_by(ours, tip)) is not None:
        yield refusal(
            "branch-holds",
            f"{back.short} on {branch} has reverted the revert {ours.short}.",
            "Ask its author, then plan the revert again.",
            by_hand.history(environment),
        )
    else:
        yield ok("branch-holds", f"{branch} holds the revert {ours.short}.")


def _on_service(environment: Environment, access: Access, copy: Copy, ours: Commit) -> Iterator[Finding]:
    service = look.service(environment, access)
    image = build(service.revision, service, access)
    commit = ours if image.is_of(ours.sha) else image.commit(copy)
    if commit is None:
        yield warning(
            "service-runs",
            f"From which commit {service.revision} was built can't be told from its image's tags "
            f"({', '.join(image.tags) or 'none'}).",
            "Tag images with their commit; until then, compare what answers with what you expect.",
        )
    elif not copy.holds(commit, ours):
        yield refusal(
            "service-runs",
            f"{service.name} runs {service.revision}, built from {commit.short}, which doesn't hold the revert.",
            "A deployment has taken it back: find out whose, and run the workflow of the branch's newest commit again.",
            by_hand.watch(environment, ours.sha),
        )
    else:
        yield ok(
            "service-runs",
            f"{service.name} runs {service.revision}, built from {commit.short}, which holds the revert.",
        )
    tag = image.tag_of(commit.sha) if commit else ""
    yield from ecs.verify(environment, access, service.revision, expected_version=tag).findings


def agreement(environment: Environment, access: Access) -> Finding:
    """Whether the branch and the service agree: if not, the next deployment changes more than its own commit.

    After an emergency rollback they don't, until the bad change is reverted as well.

    Raises:
        GitError, AwsError: the remote or AWS doesn't say.
    """
    copy = Copy.fetched(environment.repository, access)
    tip = copy.tip(environment.branch)
    service = look.service(environment, access)
    image = build(service.revision, service, access)
    commit = image.commit(copy)
    runs = f"{service.name} runs {service.revision}"
    if commit is None:
        return warning(
            "git-agrees",
            f"{runs}, and from which commit that was built can't be told from its image's tags.",
            "Tag images with their commit.",
        )
    if commit.sha == tip.sha:
        return ok("git-agrees", f"{runs}, built from {tip.short}, the newest commit of {environment.branch}.")
    if not copy.holds(tip, commit):
        return warning(
            "git-agrees",
            f"{runs}, built from {commit.short}, which is not on {environment.branch} at all.",
            "Deploy the branch, or find out who deployed something else.",
            by_hand.history(environment),
        )
    return _behind(environment, copy, commit, tip, runs=runs, revision=service.revision)


def _behind(
    environment: Environment, copy: Copy, commit: Commit, tip: Commit, *, runs: str, revision: Revision
) -> Finding:
    if copy.tree_of(commit.sha) == copy.tree_of(tip.sha):
        return ok("git-agrees", f"{runs}, and {environment.branch} holds the same files as its commit.")
    try:
        newer = copy.between(commit, tip, tip)[1:]
    except NotOnBranch:
        return warning(
            "git-agrees",
            f"{runs}, built from {commit.short}, which a merge has brought to {environment.branch}, and that is at "
            f"{tip.short} now: the next deployment puts that in the place of {revision}.",
            "Compare the two, and deploy the branch when you want what it holds.",
            by_hand.line("git", "diff", "--stat", commit.sha, tip.sha),
        )
    count = f"{len(newer)} commit{'s' if len(newer) != 1 else ''}"
    return warning(
        "git-agrees",
        f"{runs}, built from {commit.short}, but {environment.branch} is {count} further, at {tip.short}: "
        f"the next deployment puts that in the place of {revision}.",
        "After an emergency rollback, revert the bad change as well, or the next deployment brings it back.",
        *by_hand.revert(environment, tuple(reversed(newer))),
    )

"""Making the plan of a revert: it only reads."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rollback._text import quoted
from rollback.database import migrations
from rollback.ecs import look
from rollback.ecs.checks import where_findings
from rollback.errors import RollbackError
from rollback.git import Copy, kinds_of
from rollback.plan import Finding, Plan, Severity, record, refusal, warning
from rollback.process import literal
from rollback.revert import by_hand, checks
from rollback.revert.change import NamedPullRequest, parse
from rollback.revert.finding_commits import find, shape_of
from rollback.revert.result import WAY, Side

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.ecs.model import Service
    from rollback.environment import Environment
    from rollback.git import Commit, Kinds, Trial
    from rollback.revert.change import Change
    from rollback.revert.finding_commits import Found


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was asked for, so that it can be planned again when the branch has moved.

    Attributes:
        change: what to revert.
        why: the reason, for the revert's message.
        both_sides: whether one revert may take back infrastructure and application together.
        propose: whether to open a pull request even where a push would do.
    """

    change: Change
    why: str
    both_sides: bool = False
    propose: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RevertPlan(Plan):
    """What a revert would do.

    Attributes:
        wish: what was asked for.
        tip: the newest commit of the branch when the plan was made; None where it couldn't be seen.
        commits: what is reverted, in that order: the newest first.
        trees: the tree after each of them.
        sides: what it belongs to, infrastructure first.
        service: the service as it was when the plan was made.
        proposes: whether it is pushed to a branch of its own and proposed as a pull request.
        done_by: the revert that has already done it; None where there is something to do.
        pull_request: what is reverted, as ``owner/name#12``, where it is a pull request.
        subject: what people call it: the title of the pull request, or the subject of the first commit.
    """

    wish: Wish
    tip: Commit | None = None
    commits: tuple[Commit, ...] = ()
    trees: tuple[str, ...] = ()
    sides: tuple[Side, ...] = ()
    service: Service | None = None
    proposes: bool = False
    done_by: Commit | None = None
    pull_request: str = ""
    subject: str = ""


@dataclass(slots=True)
class _Draft:
    """A plan in the making."""

    tip: Commit | None = None
    commits: tuple[Commit, ...] = ()
    trees: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    kinds: Kinds | None = None
    service: Service | None = None
    proposes: bool = False
    done_by: Commit | None = None
    subject: str = ""
    findings: list[Finding] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        return any(finding.severity is Severity.REFUSAL for finding in self.findings)


def plan(
    environment: Environment,
    access: Access,
    *,
    what: str,
    why: str,
    both_sides: bool = False,
    propose: bool = False,
) -> RevertPlan:
    """What it would take to revert a change on the environment's branch, and whether it can be done.

    Args:
        environment: the place, whose branch it is.
        access: the hands.
        what: a commit (``3f2a91c``), a pull request (``#12`` or its address) or a range (``3f2a91c..9b1d0e2``,
            without the first).
        why: the reason, in a few words, for the revert's message.
        both_sides: whether one revert may take back infrastructure and application together.
        propose: whether to open a pull request even where a push would do.

    Raises:
        RollbackError: `what` names no change, or there is no reason.
        GitError: the remote doesn't let itself be read.
        GitHubError: GitHub doesn't tell what must be known.
        AwsError: AWS doesn't either.
    """
    reason = " ".join(why.split()).lstrip("- ")
    if not reason:
        raise RollbackError("The revert has no reason.", remedy="Say in a few words why, for its message.")
    reason = literal(reason, what="reason")
    wish = Wish(
        change=parse(what, environment.repository), why=reason, both_sides=both_sides, propose=propose
    )
    return made(environment, access, wish)


def made(environment: Environment, access: Access, wish: Wish) -> RevertPlan:
    """The plan for `wish` as the world is now.

    Raises:
        GitError, GitHubError, AwsError: as `plan`.
    """
    draft = _Draft()
    draft.findings += where_findings(environment, access)
    if not draft.refused:
        _look(environment, access, wish, draft)
    ready = _ready(environment, wish, draft)
    record(
        access.journal,
        ready,
        way=WAY,
        asked={
            "what": str(wish.change),
            "why": wish.why,
            "both_sides": wish.both_sides,
            "propose": wish.propose,
        },
        runs=str(ready.service.revision) if ready.service else "",
        reverts=[f"{commit.short} {commit.subject}" for commit in ready.commits],
        deployed_at=_deployed_at(ready.service),
    )
    return ready


def _deployed_at(service: Service | None) -> str:
    """When what runs now was deployed, in ISO 8601; empty where ECS doesn't say."""
    primary = service.primary if service else None
    return primary.created_at.isoformat() if primary else ""


def _look(environment: Environment, access: Access, wish: Wish, draft: _Draft) -> None:
    """Fill the draft in, until something stands against it that makes all else pointless."""
    copy = Copy.fetched(environment.repository, access)
    tip = draft.tip = copy.tip(environment.branch)
    found = find(environment, access, copy, tip, wish.change)
    draft.findings += found.findings
    if found.commits:
        draft.subject = found.pull_request.title if found.pull_request else found.commits[0].subject
    draft.findings += (shape_of(commit) for commit in found.commits)
    if draft.refused:
        return
    _leave_out_what_is_reverted(copy, tip, found, draft)
    draft.findings += checks.revert_of_a_revert(copy, draft.commits)
    if not draft.commits:
        return
    files = tuple(dict.fromkeys(name for commit in draft.commits for name in copy.files(commit)))
    kinds = draft.kinds = kinds_of(files, environment.repository)
    draft.findings += checks.one_side(kinds, allowed=wish.both_sides)
    trial = copy.try_revert(tip, draft.commits)
    crossed = _crossed(environment, copy, tip, draft.commits, trial)
    draft.trees, draft.kept = trial.trees, crossed.keepable if trial.trees else ()
    if draft.kept:
        draft.trees = tuple(copy.keeping(tree, tip, draft.kept) for tree in trial.trees)
        after = migrations.crossing(copy, environment.repository, here=tip.sha, there=draft.trees[-1])
        crossed = replace(crossed, troubles_there=after.troubles_there)
        draft.findings += checks.nothing_but_migrations(tip, draft.trees[-1], draft.kept)
    draft.findings += migrations.of_revert(environment, crossed)
    draft.findings += checks.trial(environment, copy, tip, draft.commits, trial, kept=bool(draft.kept))
    draft.findings += checks.later(copy, tip, draft.commits, files)
    draft.findings += checks.identity(copy)
    _ask_github(environment, access, wish, draft)
    _ask_ecs(environment, access, draft)


def _crossed(
    environment: Environment, copy: Copy, tip: Commit, commits: tuple[Commit, ...], tried: Trial
) -> migrations.Crossing:
    """The migrations that the revert takes away; where it conflicts, those that the commits brought."""
    here, there = (tip.sha, tried.tree) if tried.trees else (commits[0].sha, commits[-1].parents[0])
    return migrations.crossing(copy, environment.repository, here=here, there=there)


def _leave_out_what_is_reverted(copy: Copy, tip: Commit, found: Found, draft: _Draft) -> None:
    """Keep, the newest first, what has not been reverted yet.

    A revert that is itself taken back here brings its commit back first, so that both are taken back.
    """
    left = []
    for commit in reversed(found.commits):
        revert = copy.reverted_by(commit, tip)
        if revert is None or revert in found.commits:
            left.append(commit)
            continue
        draft.done_by = draft.done_by or revert
        draft.findings.append(
            warning(
                "already-reverted",
                f"{commit.short} has already been reverted by {revert.short}, {revert.at:%Y-%m-%d %H:%M} UTC.",
                "There is nothing to do for it; look whether that revert has been deployed.",
            )
        )
    draft.commits = tuple(left)
    if left:
        draft.done_by = None


def _ask_github(environment: Environment, access: Access, wish: Wish, draft: _Draft) -> None:
    """Which way the revert can go, and whether anything would come of it."""
    protection = access.github.protection(environment.branch)
    draft.proposes = protection.pull_request_needed or wish.propose
    draft.findings += checks.way_to_the_branch(environment, access, protection, proposes=draft.proposes)
    for side in sides_of(draft.kinds):
        draft.findings += checks.workflow(environment, access, side)


def _ask_ecs(environment: Environment, access: Access, draft: _Draft) -> None:
    try:
        draft.service = look.service(environment, access)
    except look.ServiceMissing as error:
        draft.findings.append(refusal("service-exists", error.sentence, error.remedy))
        return
    draft.findings += checks.service(environment, draft.service, sides_of(draft.kinds))


def sides_of(kinds: Kinds | None) -> tuple[Side, ...]:
    """What the files belong to, in the order in which it is watched: infrastructure first."""
    if kinds is None:
        return ()
    infrastructure = (Side.INFRASTRUCTURE,) if kinds.infrastructure else ()
    return infrastructure + ((Side.APPLICATION,) if kinds.application else ())


def workflow_of(environment: Environment, side: Side) -> str:
    """The file of the workflow that brings `side` about."""
    repository = environment.repository
    if side is Side.INFRASTRUCTURE:
        return repository.infrastructure_workflow
    return repository.application_workflow


def _ready(environment: Environment, wish: Wish, draft: _Draft) -> RevertPlan:
    applicable = bool(draft.commits) and not draft.refused
    by_number = isinstance(wish.change, NamedPullRequest)
    proposed_as = branch_for(environment, draft.commits) if applicable and draft.proposes else ""
    return RevertPlan(
        environment=environment.name,
        title=_title(environment, wish, draft),
        findings=tuple(draft.findings),
        commands=by_hand.revert(environment, draft.commits, proposed_as=proposed_as, kept=draft.kept)
        if applicable
        else (),
        wish=wish,
        tip=draft.tip,
        commits=draft.commits,
        trees=draft.trees,
        sides=sides_of(draft.kinds),
        service=draft.service,
        proposes=draft.proposes,
        done_by=draft.done_by,
        subject=draft.subject,
        pull_request=f"{environment.repository.name}{wish.change}" if by_number else "",
    )


def _title(environment: Environment, wish: Wish, draft: _Draft) -> str:
    named = f" ({quoted(draft.subject)})" if draft.subject else ""
    return f"Revert {wish.change}{named} on {environment.branch} of {environment.repository.name}."


def branch_for(environment: Environment, commits: tuple[Commit, ...]) -> str:
    """The branch on which a revert is proposed."""
    return f"revert-{commits[0].short}-{environment.short}"

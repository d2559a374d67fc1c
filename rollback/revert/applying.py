"""Doing what a revert's plan says, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rollback.errors import Outdated, Refused
from rollback.git import BranchMoved, Copy, PushUncertain, UnknownCommit, revert_message
from rollback.journal import Kind
from rollback.plan import conclude
from rollback.revert import delivering, reporting
from rollback.revert.planning import branch_for, made
from rollback.revert.result import WAY, Result, SavedPoint

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.git import Commit
    from rollback.github.model import PullRequest
    from rollback.revert.planning import RevertPlan

TRIES: Final = 4
"""How often it is planned again when the branch moves under it."""
POLL_SECONDS: Final = 15.0
TITLE: Final = 256
"""How many characters GitHub takes as the title of a pull request."""


@dataclass(frozen=True, slots=True)
class _Pushed:
    """What was pushed where; `uncertain` says why it can't be told whether it has arrived."""

    plan: RevertPlan
    saved: SavedPoint
    branch: str
    uncertain: PushUncertain | None = None


def apply(environment: Environment, access: Access, plan: RevertPlan) -> Result:
    """Make the revert's commits, push them, and follow them to their effect.

    It pushes without force. If the branch has moved, it plans again: the same findings, and it goes on;
    others, and the plan must be made and read anew. Once something has been pushed every end is a
    `Result`, also the bad ones. An interruption (Ctrl-C) is recorded in the journal and goes on to the caller.

    Raises:
        Refused: the plan holds a refusal; nothing has been changed.
        Outdated: the branch has moved on, and that changes what there is to know; nothing has been changed.
        GitError, GitHubError, AwsError: something didn't answer before anything was changed.
    """
    plan.must_be_applicable()
    if plan.tip is None:
        raise Refused("The plan has not seen the branch.", remedy="Make a new plan.")
    began = access.clock.monotonic()
    if plan.done_by is not None:
        return _concluded(access, _nothing(environment, access, plan, plan.done_by, began=began))
    pushed = _pushed(environment, access, plan)
    if pushed.plan.done_by is not None:
        return _concluded(access, _nothing(environment, access, plan, pushed.plan.done_by, began=began))
    if pushed.uncertain is not None:
        uncertain = reporting.uncertain(
            environment, access, pushed.branch, pushed.uncertain, saved=pushed.saved, began=began
        )
        return _concluded(access, uncertain)
    if pushed.plan.proposes:
        return _concluded(access, _propose(environment, access, pushed, began=began))
    return _concluded(access, delivering.followed(environment, access, pushed.saved, began=began))


def go_on(environment: Environment, access: Access, proposed: Result) -> Result:
    """Wait until a proposed revert has been merged, then follow it to its effect.

    Raises:
        Refused: `proposed` is not a proposal, or was closed without being merged.
        GitError: the merged commit can't be read.
        GitHubError: GitHub doesn't tell any more.
    """
    if proposed.pull_request is None:
        raise Refused("There is no pull request to wait for.", remedy="Apply a plan that proposes one.")
    began = access.clock.monotonic()
    until = began + delivering.deadline(environment, proposed.saved.sides)
    number = proposed.pull_request.number
    while not (pull := access.github.pull_request(number)).merged:
        if pull.state != "open":
            raise Refused(
                f"Pull request #{number} was closed without being merged; {environment.branch} is as it was.",
                remedy="Ask who closed it, then plan the revert again.",
            )
        if access.clock.monotonic() >= until:
            return _concluded(
                access, reporting.proposed(environment, access, pull, saved=proposed.saved, began=began)
            )
        access.clock.sleep(POLL_SECONDS)
    saved = _merged_as(environment, access, pull, proposed.saved)
    return _concluded(access, delivering.followed(environment, access, saved, began=began))


def follow_saved(environment: Environment, access: Access, saved: SavedPoint) -> Result:
    """Follow what was pushed earlier, as after an interruption or once a run has been approved."""
    return _concluded(access, delivering.followed(environment, access, saved, began=access.clock.monotonic()))


def propose_again(
    environment: Environment, access: Access, plan: RevertPlan, saved: SavedPoint, branch: str
) -> Result:
    """Open the pull request for what an earlier run has pushed to `branch`; one that is open is taken."""
    began = access.clock.monotonic()
    return _concluded(access, _propose(environment, access, _Pushed(plan, saved, branch), began=began))


def _pushed(environment: Environment, access: Access, plan: RevertPlan) -> _Pushed:
    """Write the commits and push them; where the branch has moved, plan again."""
    for _ in range(TRIES):
        copy = Copy.fetched(environment.repository, access)
        tip = copy.tip(environment.branch)
        if plan.tip is None or tip.sha != plan.tip.sha:
            plan = _planned_again(environment, access, plan)
        if plan.done_by is not None or plan.tip is None:
            return _Pushed(plan, _saved(environment, plan, ()), "")
        commits = _written(copy, plan, plan.tip)
        named = branch_for(environment, plan.commits)
        branch = delivering.free_branch(copy, named) if plan.proposes else environment.branch
        saved = _saved(environment, plan, commits)
        _record(access, saved, head=branch)
        try:
            copy.push(commits[-1], branch, onto=plan.tip.sha)
        except BranchMoved as error:
            access.journal.record(Kind.DECISION, f"{error.sentence} Planning again.")
            continue
        except PushUncertain as error:
            return _Pushed(plan, saved, branch, error)
        return _Pushed(plan, saved, branch)
    raise Outdated(
        f"{environment.branch} moved each time before the revert could be pushed; nothing has been changed.",
        remedy="Ask the team to hold their merges for a moment, then plan again.",
    )


def _planned_again(environment: Environment, access: Access, plan: RevertPlan) -> RevertPlan:
    again = made(environment, access, plan.wish)
    if again.done_by is None and _findings(again) != _findings(plan):
        told = again.refusals + again.warnings
        new = " ".join(f.seen for f in told if (f.check, f.severity, f.seen) not in _findings(plan))
        raise Outdated(
            f"{environment.branch} has moved since the plan was made. {new}".strip(),
            remedy="Make a new plan, and read it. Nothing has been changed.",
        )
    return again


def _findings(plan: RevertPlan) -> set[tuple[str, str, str]]:
    """What speaks against it, word for word: one more later commit is news, and so is another revert."""
    return {(f.check, f.severity, f.seen) for f in plan.findings if f.severity != "ok"}


def _written(copy: Copy, plan: RevertPlan, tip: Commit) -> tuple[str, ...]:
    """Make the commits, one for each that is reverted, on top of `tip`."""
    parent, commits = tip.sha, []
    for commit, tree in zip(plan.commits, plan.trees, strict=True):
        message = revert_message((commit,), why=plan.wish.why, pull_request=plan.pull_request)
        parent = copy.write(tree, parent, message)
        commits.append(parent)
    return tuple(commits)


def _saved(environment: Environment, plan: RevertPlan, commits: tuple[str, ...]) -> SavedPoint:
    return SavedPoint(
        environment=environment.name,
        branch=environment.branch,
        before=plan.tip.sha if plan.tip else "",
        commits=commits,
        deployments=tuple(d.id for d in plan.service.deployments) if plan.service else (),
        sides=plan.sides,
    )


def _record(access: Access, saved: SavedPoint, *, head: str) -> None:
    access.journal.record(
        Kind.SAVED,
        f"{saved.branch} is at {saved.before[:10]}",
        way=WAY,
        head=head,
        environment=saved.environment,
        branch=saved.branch,
        before=saved.before,
        commits=list(saved.commits),
        deployments=list(saved.deployments),
        sides=[side.value for side in saved.sides],
    )


def _propose(environment: Environment, access: Access, pushed: _Pushed, *, began: float) -> Result:
    return delivering.proposed(
        environment,
        access,
        branch=pushed.branch,
        title=revert_title(pushed.plan),
        body=body_of(environment, pushed.plan),
        saved=pushed.saved,
        began=began,
    )


def revert_title(plan: RevertPlan) -> str:
    """The title of the pull request, with no more of the subject than GitHub takes."""
    more = len(plan.commits) - 1
    rest = f" and {more} more" if more else ""
    room = TITLE - len(f'Revert ""{rest}')
    subject = plan.subject if len(plan.subject) <= room else f"{plan.subject[: room - 3].rstrip()}..."
    return f'Revert "{subject}"{rest}'


def body_of(environment: Environment, plan: RevertPlan) -> str:
    """The body of the pull request: why, what was found, and how to do it by hand."""
    marks = {"ok": "ok", "warning": "**warning**", "refusal": "**refused**"}
    found = "\n".join(f"- {marks[f.severity]}: {_plain(f'{f.seen} {f.remedy}')}" for f in plan.findings)
    reverted = "\n".join(f"- {commit.sha} {_plain(commit.subject)}" for commit in plan.commits)
    hand = "\n".join(f"    {command}" for command in plan.commands)
    return (
        f"{_plain(plan.wish.why)}\n\nReverts on `{environment.branch}`, which is deployed to {environment.name}:\n\n"
        f"{reverted}\n\nWhat was found when it was planned:\n\n{found}\n\nThe same by hand:\n\n{hand}\n"
    )


def _plain(text: str) -> str:
    """Words from outside that should neither mention people nor become markup."""
    return text.strip().replace("@", "@\N{ZERO WIDTH SPACE}").replace("<", "&lt;").replace("`", "'")


def _merged_as(environment: Environment, access: Access, pull: PullRequest, saved: SavedPoint) -> SavedPoint:
    """The saved point once the proposal is on the branch, under whatever object name."""
    copy = Copy.fetched(environment.repository, access)
    commits = _merged_commits(copy, copy.commit(pull.merge_commit), saved)
    merged = SavedPoint(
        environment=saved.environment,
        branch=saved.branch,
        before=commits[0].parents[0] if commits[0].parents else saved.before,
        commits=tuple(commit.sha for commit in commits),
        deployments=saved.deployments,
        sides=saved.sides,
    )
    _record(access, merged, head=environment.branch)
    return merged


def _merged_commits(copy: Copy, last: Commit, saved: SavedPoint) -> tuple[Commit, ...]:
    """What the proposal has become on the branch, the first one first.

    "Rebase and merge" leaves each commit for itself with its own message, and GitHub names only the last; a
    merge and a squash are one commit with a message of their own.
    """
    try:
        ours = [copy.commit(sha).message for sha in saved.commits]
    except UnknownCommit:  # it is another copy, and the proposal's own branch has been deleted
        return (last,)
    line = [last]
    while len(line) < len(saved.commits) and line[0].parents:
        line.insert(0, copy.commit(line[0].parents[0]))
    return tuple(line) if [each.message for each in line] == ours else (last,)


def _nothing(
    environment: Environment, access: Access, plan: RevertPlan, done_by: Commit, *, began: float
) -> Result:
    saved = _saved(environment, plan, ())
    sentence = f"Nothing to do: {plan.wish.change} has already been reverted by {done_by.short}."
    return reporting.nothing_to_do(access, sentence, saved=saved, began=began)


def _concluded(access: Access, result: Result) -> Result:
    conclude(access.journal, result, way=WAY)
    return result


__all__ = ["apply", "body_of", "follow_saved", "go_on", "propose_again", "revert_title"]

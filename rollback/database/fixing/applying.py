"""Doing what a fix forward's plan says: push the migration, follow the pipeline, and look at the database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rollback import revert
from rollback._text import printable
from rollback.database.fixing.address import address
from rollback.database.fixing.planning import message_of, rows_of, schema_of
from rollback.database.fixing.reporting import delivered, nothing, uncertain
from rollback.database.fixing.result import WAY, SavedPoint
from rollback.database.fixing.saving import WHAT, save
from rollback.database.fixing.verification import digest
from rollback.ecs import look
from rollback.ecs.checks import account_findings
from rollback.errors import Outdated, Refused
from rollback.git import BranchMoved, Copy, PushUncertain, defused
from rollback.plan import Severity, conclude, of_severity
from rollback.revert.delivering import followed, free_branch, proposed
from rollback.revert.result import Side

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.database.fixing.drafting import Draft
    from rollback.database.fixing.planning import FixPlan
    from rollback.database.fixing.result import Result
    from rollback.database.schema import Schema
    from rollback.environment import Environment
    from rollback.git import Commit

_AGAIN = "Make a new plan, and read it. Nothing has been changed."


@dataclass(frozen=True, slots=True)
class _Ready:
    """A plan that has all that it takes."""

    plan: FixPlan
    tip: Commit
    before: Schema
    after: Schema


def apply(environment: Environment, access: Access, plan: FixPlan) -> Result:
    """Put the migration on the branch, follow it to its effect, and see that the database is as it was on the copy.

    It pushes without force, and only onto the commit that the plan was made from. Once something has been pushed every
    end is a `Result`, also the bad ones. An interruption (Ctrl-C) is recorded in the journal and goes on to the caller.

    Raises:
        Refused: the plan holds a refusal; nothing has been changed.
        Outdated: branch, schema or version table have moved since; nothing has been changed.
        RollbackError: something didn't answer before anything was changed.
    """
    plan.must_be_applicable()
    if plan.environment != environment.name:
        raise Refused(f"The plan is for {plan.environment}.", remedy=f"Make one for {environment.name}.")
    if plan.tip is None or plan.before is None:
        raise Refused("The plan has not seen branch and database.", remedy="Make a new plan.")
    began = access.clock.monotonic()
    if plan.nothing_to_do or plan.trial is None:
        result = nothing(environment, access, plan, began=began)
    else:
        ready = _Ready(plan, plan.tip, plan.before, plan.trial.after)
        result = _applied(environment, access, ready, began=began)
    conclude(access.journal, result, way=WAY)
    return result


def go_on(environment: Environment, access: Access, saved: SavedPoint) -> Result:
    """Follow what was pushed earlier to its effect, as after an interruption, an approval or a merge.

    Raises:
        Refused: the branch doesn't hold it, so that nothing was pushed or merged yet.
        GitError: the remote doesn't let itself be read.
    """
    began = access.clock.monotonic()
    copy = Copy.fetched(environment.repository, access)
    merged = _merged_as(copy, copy.tip(environment.branch), saved)
    if merged is None:
        raise Refused(
            f"{environment.branch} doesn't hold the migration {printable(saved.revision)}: it was not pushed, or not "
            "merged yet.",
            remedy="Have it merged where it was proposed; else plan again, and the plan finds what there is.",
        )
    if merged != saved:
        save(access, merged, head=environment.branch)
    result = _follow(environment, access, merged, began=began)
    conclude(access.journal, result, way=WAY)
    return result


def is_on_the_branch(environment: Environment, access: Access, saved: SavedPoint) -> bool:
    """Whether the branch holds the migration, by whatever commit it came there.

    Raises:
        GitError: the remote doesn't let itself be read.
    """
    copy = Copy.fetched(environment.repository, access)
    return _merged_as(copy, copy.tip(environment.branch), saved) is not None


def _merged_as(copy: Copy, tip: Commit, saved: SavedPoint) -> SavedPoint | None:
    """The same with the commit by which it came to the branch, under whatever name; None where it didn't."""
    commit = saved.delivery.commit
    line = copy.between(copy.commit(saved.delivery.before), tip, tip)[1:]
    if any(each.sha == commit for each in line):
        return saved
    for each in line:
        if saved.path in copy.matching(each.sha, (saved.path,)):
            delivery = replace(saved.delivery, before=each.parents[0], commits=(each.sha,))
            return replace(saved, delivery=delivery)
    return None


def _applied(environment: Environment, access: Access, ready: _Ready, *, began: float) -> Result:
    copy, rows = _unmoved(environment, access, ready)
    plan, tip = ready.plan, ready.tip
    if plan.draft is None:
        # The branch holds it already; what is left is its pipeline.
        saved = _saved(environment, ready, (tip.parents or (tip.sha,))[0], tip.sha, rows)
        save(access, saved, head=environment.branch)
        return _follow(environment, access, saved, began=began)
    commit = _written(copy, plan, plan.draft, tip)
    name = f"fix-forward-{plan.draft.revision}-{environment.short}"
    branch = free_branch(copy, name) if plan.proposes else environment.branch
    saved = _saved(environment, ready, tip.sha, commit, rows)
    save(access, saved, head=branch)
    try:
        copy.push(commit, branch, onto=tip.sha)
    except BranchMoved as error:
        raise Outdated(error.sentence, remedy=_AGAIN) from None
    except PushUncertain as error:
        return uncertain(environment, access, branch, error, saved=saved, began=began)
    if plan.proposes:
        opened = proposed(
            environment,
            access,
            branch=branch,
            title=message_of(plan.draft, plan.service),
            body=body_of(environment, plan),
            saved=saved.delivery,
            began=began,
        )
        return delivered(environment, access, opened, saved, began=began)
    return _follow(environment, access, saved, began=began)


def _follow(environment: Environment, access: Access, saved: SavedPoint, *, began: float) -> Result:
    delivery = followed(environment, access, saved.delivery, began=began)
    return delivered(environment, access, delivery, saved, began=began)


def _unmoved(environment: Environment, access: Access, ready: _Ready) -> tuple[Copy, dict[str, int]]:
    """See that branch and database are where the plan has seen them, and count the rows."""
    for finding in of_severity(account_findings(environment, access), Severity.REFUSAL):
        raise Refused(finding.seen, remedy=finding.remedy)
    copy = Copy.fetched(environment.repository, access)
    now = copy.tip(environment.branch)
    if now.sha != ready.tip.sha:
        raise Outdated(
            f"{environment.branch} has moved since the plan was made: it was at {ready.tip.short}, and is at "
            f"{now.short} now.",
            remedy=_AGAIN,
        )
    place = address(environment, access, look.service(environment, access))
    real = schema_of(access, place)
    if real.revisions != ready.before.revisions:
        named = ", ".join(printable(each) for each in real.revisions or ()) or "nothing"
        raise Outdated(
            f"The version table of {environment.name} has changed since the plan was made: it says {named} now.",
            remedy=_AGAIN,
        )
    if real != ready.before:
        raise Outdated(
            f"The schema of {environment.name} has changed since the plan was made.", remedy=_AGAIN
        )
    return copy, rows_of(access, place)


def _written(copy: Copy, plan: FixPlan, draft: Draft, tip: Commit) -> str:
    """Make the commit, on top of `tip`."""
    tree = copy.with_file(tip.tree, draft.path, draft.text.encode())
    whose = "Written by a person" if draft.given else "Drafted from what the running version lacks"
    message = f"{message_of(draft, plan.service)}\n\n{whose}, and tried on a copy of the database.\n"
    return copy.write(tree, tip.sha, defused(message))


def _saved(
    environment: Environment, ready: _Ready, before: str, commit: str, rows: dict[str, int]
) -> SavedPoint:
    plan = ready.plan
    return SavedPoint(
        delivery=revert.SavedPoint(
            environment=environment.name,
            branch=environment.branch,
            before=before,
            commits=(commit,),
            deployments=tuple(each.id for each in plan.service.deployments) if plan.service else (),
            sides=(Side.APPLICATION,),
            what=WHAT,
        ),
        path=plan.draft.path if plan.draft else plan.newest,
        revision=(ready.after.revisions or ("",))[0],
        before=(ready.before.revisions or ("",))[0],
        schema=digest(ready.after),
        rows=rows,
    )


def body_of(environment: Environment, plan: FixPlan) -> str:
    """The body of the pull request: what was found."""
    marks = {"ok": "ok", "warning": "**warning**", "refusal": "**refused**"}
    found = "\n".join(f"- {marks[f.severity]}: {_plain(f'{f.seen} {f.remedy}')}" for f in plan.findings)
    return (
        f"Brings the database of {environment.name} to what its running version needs.\n\n"
        f"What was found when it was planned:\n\n{found}\n"
    )


def _plain(text: str) -> str:
    """Words from outside that should neither mention people nor become markup."""
    return text.strip().replace("@", "@\N{ZERO WIDTH SPACE}").replace("<", "&lt;").replace("`", "'")

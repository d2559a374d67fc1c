"""Making the plan of a rollback by Terraform: it changes nothing, and takes no lock."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rollback.ecs.checks import where_findings
from rollback.git import Copy
from rollback.plan import Finding, Plan, Severity, record, refusal
from rollback.process import Stopped, literal
from rollback.terraform import by_hand, checks, hcl, stored
from rollback.terraform.complaints import (
    BackendDenied,
    BackendUnreachable,
    ConfigurationBroken,
    DestroyPrevented,
    ProviderMissing,
    StateLocked,
    StateUnreadable,
    WrongVersion,
)
from rollback.terraform.planfile import PlanFile, read_plan
from rollback.terraform.program import Program, TerraformError, TerraformMissing, find
from rollback.terraform.result import WAY
from rollback.terraform.stored import StateDenied, StateMark, StateUnusable
from rollback.terraform.workspace import PLAN_SECONDS, NoSuchDirectory, Workspace, top

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.git import Commit
    from rollback.terraform.changes import Changes

PLAN: Final = "plan.tfplan"
_CHECKS: Final[dict[type[TerraformError], str]] = {
    TerraformMissing: "program",
    NoSuchDirectory: "commit",
    StateUnusable: "state",
    StateDenied: "state",
    StateUnreadable: "state",
    StateLocked: "lock",
    WrongVersion: "program",
    ProviderMissing: "providers",
    ConfigurationBroken: "configuration",
    DestroyPrevented: "stateful",
    BackendDenied: "backend",
    BackendUnreachable: "backend",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was asked for.

    Attributes:
        commit: as it was named.
        allow: the addresses that may be destroyed although they hold data.
        before: the commit whose infrastructure is in force; the branch's tip, unless it is known better.
    """

    commit: str
    allow: tuple[str, ...] = ()
    before: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TerraformPlan(Plan):
    """What going back to a commit's infrastructure would do.

    Attributes:
        wish: what was asked for.
        commit: the commit; None where it couldn't be seen.
        tip: the newest commit of the branch; None likewise.
        program: which Terraform has planned; None where there is none.
        state: the state it was planned from; None where there is none that can be used.
        changes: what it would do; None where it couldn't be planned.
        workspace: where its files are; None where there is nothing to apply.
        digest: the SHA-256 of the saved plan, in hexadecimal.
    """

    wish: Wish
    commit: Commit | None = None
    tip: Commit | None = None
    program: Program | None = None
    state: StateMark | None = None
    changes: Changes | None = None
    workspace: Workspace | None = field(default=None, repr=False)
    digest: str = ""

    @property
    def file(self) -> Path | None:
        """The saved plan, which only this user may read: it holds values."""
        return self.workspace.place / PLAN if self.workspace else None

    @property
    def nothing_to_do(self) -> bool:
        """Whether the infrastructure is as the commit has it."""
        return self.changes is not None and self.changes.nothing

    def discard(self) -> None:
        """Remove the saved plan and its files; a later plan would do it after a day."""
        if self.workspace:
            self.workspace.remove()


@dataclass(slots=True)
class _Draft:
    """A plan in the making."""

    commit: Commit | None = None
    tip: Commit | None = None
    program: Program | None = None
    state: StateMark | None = None
    changes: Changes | None = None
    workspace: Workspace | None = None
    digest: str = ""
    locked: bool = True
    findings: list[Finding] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        return any(finding.severity is Severity.REFUSAL for finding in self.findings)


def plan(
    environment: Environment, access: Access, *, commit: str, allow: Sequence[str] = ()
) -> TerraformPlan:
    """What it would take to have the infrastructure of a commit again, and whether it can be done.

    Nothing is changed and no lock is taken. What Terraform has planned is saved for `apply`.

    Args:
        environment: the place.
        access: the hands.
        commit: the object name of a commit that is known to have worked.
        allow: addresses of resources that may be destroyed or replaced although they hold data.

    Raises:
        RollbackError: `commit` names none, or an address can't be one.
        GitError: the remote doesn't let itself be read.
        AwsError: AWS doesn't either.
    """
    addresses = tuple(literal(address, what="address") for address in allow)
    return made(environment, access, Wish(commit=commit, allow=addresses))


def made(environment: Environment, access: Access, wish: Wish) -> TerraformPlan:
    """The plan for `wish` as the world is now.

    Raises:
        RollbackError: as `plan`.
    """
    draft = _Draft()
    draft.findings += where_findings(environment, access)
    if not draft.refused:
        try:
            _look(environment, access, wish, draft)
        except TerraformError as error:
            draft.findings.append(_refused(error))
        except BaseException:
            _drop(draft)
            raise
    if draft.refused:
        _drop(draft)
    ready = _ready(environment, wish, draft)
    record(
        access.journal,
        ready,
        way=WAY,
        asked={"commit": wish.commit, "allow": list(wish.allow), "before": wish.before},
        goes_to=draft.commit.short if draft.commit else "",
    )
    return ready


def _look(environment: Environment, access: Access, wish: Wish, draft: _Draft) -> None:
    """Fill the draft in, until something stands against it that makes all else pointless."""
    copy = Copy.fetched(environment.repository, access)
    tip = draft.tip = copy.tip(environment.branch)
    commit = draft.commit = copy.commit(wish.commit)
    draft.findings += checks.on_branch(environment, copy, commit, tip)
    program = draft.program = find(environment, access)
    # Looked at before Terraform plans: whatever moves the state from here on makes the plan stale.
    mark = draft.state = stored.look(environment, access)
    draft.findings += checks.state(mark, program)
    draft.findings += checks.locks(environment, access, program)
    if draft.refused:
        return
    workspace = draft.workspace = Workspace.made(environment, access, program, copy, commit)
    draft.locked = workspace.locked
    workspace.initialise(access)
    draft.findings += checks.backend(environment, workspace.backend(), commit)
    if draft.refused:
        return
    now = hcl.read(
        copy.files_below(tip, top(environment), ending=hcl.ENDINGS), environment.terraform_directory
    )
    planned = planned_by(workspace, access)
    draft.changes = planned.changes
    draft.digest = digest_of(workspace.place / PLAN)
    draft.findings += checks.changes(planned.changes)
    draft.findings += checks.destroyed(
        environment, planned.changes, protected=now.protected, allow=wish.allow
    )
    draft.findings += checks.protection(
        now, workspace.configuration, commit=commit, branch=environment.branch, found=planned.changes
    )


def planned_by(workspace: Workspace, access: Access) -> PlanFile:
    """Have Terraform plan into a file of the workspace, and read what it would do.

    Raises:
        TerraformError: it can't.
    """
    file = workspace.place / PLAN
    try:
        workspace.run(
            access, "plan", "-input=false", "-json", "-lock=false", f"-out={file}", seconds=PLAN_SECONDS
        )
        file.chmod(0o600)
        shown = workspace.run(access, "show", "-json", str(file), seconds=PLAN_SECONDS)
    except Stopped as error:
        raise TerraformError(
            error.sentence, remedy="Nothing was changed. Plan by hand and see what it waits for."
        ) from None
    return read_plan(shown.stdout)


def digest_of(file: Path) -> str:
    """The SHA-256 of a file, in hexadecimal; nothing where it isn't there."""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return ""


def _refused(error: TerraformError) -> Finding:
    check = next((name for kind, name in _CHECKS.items() if isinstance(error, kind)), "terraform")
    return refusal(check, error.sentence, error.remedy or "Plan again.")


def _drop(draft: _Draft) -> None:
    """A plan that can't be applied leaves no file."""
    if draft.workspace:
        draft.workspace.remove()
        draft.workspace = None


def _ready(environment: Environment, wish: Wish, draft: _Draft) -> TerraformPlan:
    if draft.changes is not None and draft.changes.nothing:
        _drop(draft)
    commit, shown = draft.commit, draft.program.shown if draft.program else "terraform"
    named = commit.short if commit else wish.commit
    told = f": {draft.changes.counted}" if draft.changes else ""
    return TerraformPlan(
        environment=environment.name,
        title=f"Apply the infrastructure of {named} to {environment.name}{told}.",
        findings=tuple(draft.findings),
        commands=by_hand.manual(environment, commit, program=shown, locked=draft.locked)
        if commit and not draft.refused
        else (),
        wish=wish,
        commit=commit,
        tip=draft.tip,
        program=draft.program,
        state=draft.state,
        changes=draft.changes,
        workspace=draft.workspace,
        digest=draft.digest if draft.workspace else "",
    )


__all__ = ["TerraformPlan", "Wish", "made", "plan", "planned_by"]

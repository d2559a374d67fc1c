"""Looking at infrastructure, application and branch after a rollback by Terraform."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rollback import ecs
from rollback.ecs import look
from rollback.errors import AwsError
from rollback.git import Copy, NotOnBranch
from rollback.plan import Finding, Verified, ok, refusal, warning
from rollback.revert import by_hand as revert_by_hand
from rollback.terraform import hcl
from rollback.terraform.changes import named
from rollback.terraform.events import read_planned
from rollback.terraform.program import find
from rollback.terraform.workspace import PLAN_SECONDS, Workspace, top

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.git import Commit

_DIFFERS = 2
"""With which exit code `plan -detailed-exitcode` says that something would change."""


@dataclass(frozen=True, slots=True)
class Verification(Verified[str]):
    """What was seen afterwards.

    Attributes:
        target: the commit, in words.
        findings: what was looked at; a ``refusal`` is a proof that its infrastructure is not in force.
        differing: the addresses that Terraform would change.
        to_revert: the commits after it that changed this infrastructure, newest first: what `revert.plan` takes as
            `what`, each for itself, to have git follow.
    """

    differing: tuple[str, ...] = ()
    to_revert: tuple[str, ...] = ()

    @property
    def git_follows(self) -> bool:
        """Whether the branch has the same infrastructure, so that the pipeline's next apply changes nothing."""
        return not self.to_revert and not any(
            f.check == "git-follows" and f.severity != "ok" for f in self.findings
        )


def verify(environment: Environment, access: Access, commit: str) -> Verification:
    """Have Terraform compare the commit with AWS, ask the application, and see whether git follows.

    Args:
        environment: the place.
        access: the hands.
        commit: the object name of the commit whose infrastructure should be in force.

    Raises:
        TerraformError: Terraform can't compare.
        GitError, AwsError: the remote or AWS doesn't say.
    """
    copy = Copy.fetched(environment.repository, access)
    tip, wanted = copy.tip(environment.branch), copy.commit(commit)
    differing = differences(environment, access, copy, wanted)
    findings = [_compared(wanted, differing)]
    findings += _application(environment, access)
    later = behind(environment, copy, wanted, tip)
    findings.append(_git(environment, wanted, tip, later))
    shas = tuple(each.sha for each in later or ())
    return Verification(f"The infrastructure of {wanted.short}", tuple(findings), differing, shas)


def differences(environment: Environment, access: Access, copy: Copy, commit: Commit) -> tuple[str, ...]:
    """The addresses that Terraform would change to have the commit's infrastructure; ``output`` for outputs alone.

    Raises:
        TerraformError: it can't compare.
    """
    program = find(environment, access)
    with Workspace.of(environment, access, program, copy, commit) as workspace:
        done = workspace.run(
            access,
            *("plan", "-input=false", "-json", "-lock=false", "-detailed-exitcode"),
            seconds=PLAN_SECONDS,
            ok=(0, _DIFFERS),
        )
    if done.code != _DIFFERS:
        return ()
    return read_planned(done.text) or ("output",)


def behind(environment: Environment, copy: Copy, commit: Commit, tip: Commit) -> tuple[Commit, ...] | None:
    """What after `commit` changed the environment's infrastructure, newest first.

    None where it differs, and what has changed it can't be told. Empty where the tip has the same.
    """
    root = environment.terraform_directory
    parts = [
        hcl.read(copy.files_below(each, top(environment), ending=hcl.ENDINGS), root) for each in (commit, tip)
    ]

    def ours(path: str) -> bool:
        return any(part.uses(path) for part in parts)

    if not any(map(ours, copy.changed(commit.sha, tip.sha))):
        return ()
    try:
        line = copy.between(commit, tip, tip)[1:]
    except NotOnBranch:
        return None
    return tuple(each for each in reversed(line) if any(map(ours, copy.files(each))))


def _compared(commit: Commit, differing: tuple[str, ...]) -> Finding:
    if differing:
        return refusal(
            "infrastructure",
            f"The infrastructure is not that of {commit.short}: {named(differing)} would change.",
            "Plan the rollback again, and apply what is left.",
        )
    return ok("infrastructure", f"Terraform finds the infrastructure of {commit.short}: no changes.")


def _application(environment: Environment, access: Access) -> Iterator[Finding]:
    try:
        revision = look.service(environment, access).revision
        yield from ecs.verify(environment, access, revision).findings
    except AwsError as error:
        yield refusal(
            "service", f"The service can't be seen: {error.sentence}", error.remedy or "Look at it by hand."
        )


def _git(environment: Environment, commit: Commit, tip: Commit, later: tuple[Commit, ...] | None) -> Finding:
    branch = environment.branch
    if later == ():
        return ok("git-follows", f"{branch} has the same infrastructure: its next apply changes nothing.")
    differs = f"{branch}, at {tip.short}, has other infrastructure than {commit.short}: its next apply brings that back"
    if later is None:
        return warning(
            "git-follows",
            f"{differs}. Which of its commits is to blame can't be told.",
            "Have git follow: revert the bad change on the branch.",
            revert_by_hand.history(environment),
        )
    return warning(
        "git-follows",
        f"{differs}. {named((f'{each.short} ({each.subject})' for each in later), most=5)} changed it.",
        "Have git follow before anybody merges: revert what broke it (rollback.revert), newest first.",
        *revert_by_hand.revert(environment, later),
    )

"""The checks of a rollback by Terraform, each with what was seen and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rollback._text import printable
from rollback.plan import ok, refusal, warning
from rollback.revert.by_hand import line
from rollback.terraform import by_hand
from rollback.terraform.changes import named, stateful
from rollback.terraform.hcl import without_keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.git import Commit, Copy
    from rollback.plan import Finding
    from rollback.terraform.changes import Changes
    from rollback.terraform.hcl import Configuration
    from rollback.terraform.program import Program
    from rollback.terraform.stored import StateMark
    from rollback.terraform.workspace import Backend


def on_branch(environment: Environment, copy: Copy, commit: Commit, tip: Commit) -> Iterator[Finding]:
    """Whether the commit is one that the environment has had."""
    about = f"{commit.short} of {commit.at:%Y-%m-%d %H:%M} UTC"
    if copy.holds(tip, commit):
        yield ok("commit", f"{about} is on {environment.branch}.")
    else:
        yield refusal(
            "commit",
            f"{about} is not on {environment.branch}, so it was never applied to {environment.name}.",
            "Choose a commit of that branch that is known to have worked.",
            line("git", "log", "--oneline", "--first-parent", "-10", f"origin/{environment.branch}"),
        )


def state(mark: StateMark, program: Program) -> Iterator[Finding]:
    """Whether this Terraform may go on from the state."""
    about = f"The state has serial {mark.serial} and {mark.resources} resources"
    written = mark.written_by
    if written is not None and written > program.version:
        yield refusal(
            "state-version",
            f"{about}, and was written by Terraform {written}, newer than the {program.version} here.",
            f"Use Terraform {written} or a newer one: an older one may not understand what it wrote.",
        )
    else:
        yield ok(
            "state-version", f"{about}; Terraform {mark.terraform_version or 'of unknown version'} wrote it."
        )


def locks(environment: Environment, access: Access, program: Program) -> Iterator[Finding]:
    """Whether anybody holds the lock of the state."""
    from rollback.state.locks import held  # noqa: PLC0415 - rollback.state plans with this package

    found = held(environment, access)
    for lock in found:
        yield refusal(
            "lock",
            f"The state is locked: {lock.told(access.clock.now())}.",
            "Ask whoever it is whether it still runs. If it is dead, unlock the state by the lock's id, then plan again.",
            *((by_hand.force_unlock(environment, lock.id, program=program.shown),) if lock.id else ()),
        )
    if not found:
        yield ok("lock", "Nobody holds the lock of the state.")


def backend(environment: Environment, found: Backend, commit: Commit) -> Iterator[Finding]:
    """Whether the commit's configuration keeps its state where the environment's is."""
    from rollback.state.places import backend_key  # noqa: PLC0415 - rollback.state plans with this package

    wanted = f"s3://{environment.state_bucket}/{backend_key(environment)}"
    here = f"s3://{found.bucket}/{found.key}" if found.type == "s3" else f"a {printable(found.type)} backend"
    if found.type != "s3" or here != wanted:
        yield refusal(
            "workspace",
            f"The configuration of {commit.short} keeps its state in {printable(here)}, not in {wanted}: "
            f"it is not that of {environment.name}, or the state has moved since.",
            "Choose a commit from after the move, or correct terraform_directory, state_bucket and state_key in environments.toml.",
        )
    elif found.lock_table != environment.terraform.lock_table:
        yield warning(
            "workspace",
            f"The configuration of {commit.short} locks by {_table(found.lock_table)}, and {environment.name} by "
            f"{_table(environment.terraform.lock_table)}: two who lock in different places don't see each other.",
            "Make sure that nobody else applies until you are done.",
        )
    else:
        yield ok("workspace", f"The configuration of {commit.short} keeps its state in {wanted}.")


def _table(name: str) -> str:
    return f"the table {printable(name)}" if name else "a lock file alone"


def changes(found: Changes) -> Iterator[Finding]:
    """What the plan would do, and what of that isn't Terraform's own doing."""
    if found.nothing:
        yield ok("changes", "The infrastructure is as the commit has it: there is nothing to do.")
        return
    told = [
        f"{len(addresses)} {word}: {named(addresses)}"
        for word, addresses in (
            ("created", found.created),
            ("changed", found.changed),
            ("replaced", found.replaced),
            ("destroyed", found.destroyed),
        )
        if addresses
    ]
    yield ok("changes", f"It would do this: {'; '.join(told) or found.counted}.")
    if found.forgotten:
        yield warning(
            "forgotten",
            f"Terraform would no longer know of {named(found.forgotten)}, which would go on to exist.",
            "Look after them by hand, or import them again.",
        )
    if found.overwritten:
        yield warning(
            "drift",
            f"Somebody has changed {named(found.overwritten)} besides Terraform; the rollback would overwrite that.",
            "Find out who and why before you go on: it may be what keeps the service alive.",
        )


def destroyed(
    environment: Environment, found: Changes, *, protected: frozenset[str], allow: Sequence[str]
) -> Iterator[Finding]:
    """Whether anything would be lost that no apply brings back."""
    at_risk = stateful(found.all, environment.terraform.stateful, protected=protected)
    refused = [change for change in at_risk if change.address not in allow]
    allowed = [change for change in at_risk if change.address in allow]
    if refused:
        told = named(f"{change.address} ({change.action})" for change in refused)
        yield refusal(
            "stateful",
            f"What it would destroy holds data that no apply brings back: {told}.",
            "Revert only the change that broke something. If the data may be lost, allow each of these addresses by name.",
        )
    if allowed:
        yield warning(
            "stateful",
            f"Its data will be lost, as was allowed by name: {named(change.address for change in allowed)}.",
            "Make sure that there is a backup.",
        )
    if not at_risk:
        yield ok("stateful", "It destroys nothing that holds data.")


def protection(
    now: Configuration, then: Configuration, *, commit: Commit, branch: str, found: Changes
) -> Iterator[Finding]:
    """What `prevent_destroy` protects at the branch's tip, and wouldn't any more."""
    gone = sorted(now.protected - then.protected)
    here = {without_keys(change.address) for change in found.destroys}
    if gone:
        lost = [address for address in gone if address in here]
        more = f" Of these it would destroy {named(lost)}." if lost else ""
        yield warning(
            "prevent-destroy",
            f"{branch} protects {named(gone)} by prevent_destroy, and {commit.short} doesn't: from then on Terraform "
            f"would destroy it when asked.{more}",
            "Protect it again as soon as you are back.",
        )

"""Looking at the state after a restore: is it what was chosen, can Terraform work with it, and what would it do?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rollback import terraform
from rollback._text import printable
from rollback.errors import RollbackError
from rollback.git import Copy
from rollback.plan import Finding, Severity, Verified, ok, refusal, warning
from rollback.state import backend, by_hand, checks, digest, locks, writing
from rollback.state.document import read_state
from rollback.state.model import Unparsable
from rollback.state.saving import must_be_of
from rollback.state.writing import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.state.model import StateFile
    from rollback.state.result import SavedPoint
    from rollback.state.writing import Seen


@dataclass(frozen=True, slots=True)
class Verification(Verified[str]):
    """What was seen afterwards.

    Attributes:
        target: what should be in force, in words.
        findings: what was looked at; a ``refusal`` is a proof that it is not, or can't be worked with.
        orphans: what exists, as far as is known, and is not in the state.
    """

    orphans: tuple[str, ...] = ()


def verify(
    environment: Environment, access: Access, saved: SavedPoint, *, allow: Sequence[str] = ()
) -> Verification:
    """Pull the state as Terraform does, compare it with what was chosen, and plan the branch's newest commit.

    Args:
        environment: the place.
        access: the hands.
        saved: what the restore has saved.
        allow: the addresses of what a plan may destroy.

    Raises:
        JournalError: the saved point is of another environment.
        AwsError: AWS doesn't say.
        RollbackError: what was chosen can't be had any more.
    """
    must_be_of(environment, saved)
    seen = writing.look(environment, access, saved)
    target = f"Version {printable(saved.writing.chosen) or 'none'} of the state of {environment.name}"
    findings = [_stored(seen)]
    if saved.writing.serial:
        findings += _pulled(environment, access, saved)
    findings += _lock_and_digest(environment, access, seen)
    orphans = _orphans(saved, seen)
    if orphans:
        findings += checks.orphans(environment, orphans, 0)
    if saved.writing.serial and not _contradicted(findings):
        findings += _planned(environment, access, allow)
    return Verification(target, tuple(findings), orphans)


def _stored(seen: Seen) -> Finding:
    version = printable(seen.version.id) if seen.version else "none"
    match seen.place:
        case Place.OURS:
            return ok("state-stored", f"The current version, {version}, is what was to be restored.")
        case Place.BEFORE:
            return refusal(
                "state-stored",
                f"The current version, {version}, is still what was there before.",
                "Go on with the restore from its journal.",
            )
        case Place.OTHER:
            return refusal(
                "state-stored",
                f"The current version, {version}, is not what was restored: somebody has written since.",
                "If that was an apply on top of it, all is well; if not, plan the restore again.",
            )


def _pulled(environment: Environment, access: Access, saved: SavedPoint) -> Iterator[Finding]:
    """What Terraform itself reads."""
    try:
        pulled = read_state(backend.ready(environment, access).pull())
        chosen = read_state(writing.payload(environment, access, saved))
    except Unparsable as error:
        yield refusal("state-pull", f"What Terraform reads is no state: it {error.damage}.", "Plan again.")
        return
    except terraform.TerraformError as error:
        yield refusal("state-pull", error.sentence, error.remedy)
        return
    yield _compared(pulled, chosen)


def _compared(pulled: StateFile, chosen: StateFile) -> Finding:
    if pulled.lineage != chosen.lineage:
        seen = f"Terraform reads a state of another lineage: {printable(pulled.lineage)}"
    elif pulled.serial < chosen.serial:
        seen = f"Terraform reads serial {pulled.serial}, and {chosen.serial} or more was written"
    elif pulled.addresses != chosen.addresses:
        missing = set(chosen.addresses) - set(pulled.addresses)
        more = set(pulled.addresses) - set(chosen.addresses)
        seen = f"Terraform reads other resources: {len(missing)} are missing, {len(more)} are new"
    else:
        return ok(
            "state-pull",
            f"Terraform reads serial {pulled.serial} of the same lineage with {checks.resources(pulled.resources)}.",
        )
    return refusal("state-pull", f"{seen}.", "Find out who works on the state, then plan the restore again.")


def _lock_and_digest(environment: Environment, access: Access, seen: Seen) -> Iterator[Finding]:
    yield from checks.locks(environment, locks.held(environment, access), access.clock.now())
    said = digest.read(environment, access)
    if not said.kept:
        return
    content = seen.content
    if seen.place is Place.BEFORE or said.allows(content):
        yield ok("digest", "The lock table has the state's digest." if said.md5 else "It keeps no digest.")
        return
    yield refusal(
        "digest",
        "The lock table has the digest of another state, so Terraform refuses to read this one.",
        "Go on with the restore from its journal, which mends it.",
    )


def _orphans(saved: SavedPoint, seen: Seen) -> tuple[str, ...]:
    """What is still missing: an import since then has brought it back."""
    there = set(seen.state.addresses) if seen.state else set()
    return tuple(address for address in saved.orphans if address not in there)


def _planned(environment: Environment, access: Access, allow: Sequence[str]) -> Iterator[Finding]:
    """What an apply of the branch's newest commit would do with it."""
    try:
        tip = Copy.fetched(environment.repository, access).tip(environment.branch)
        plan = terraform.plan(environment, access, commit=tip.sha, allow=allow)
        plan.discard()
    except RollbackError as error:
        yield _untold(environment, error.sentence)
        return
    if plan.changes is None:
        yield _unplanned(environment, plan.refusals)
        return
    destroyed = [each.address for each in plan.changes.destroys if each.address not in set(allow)]
    if destroyed:
        yield refusal(
            "plan-destroys",
            f"An apply of {tip.short}, the newest commit of {environment.branch}, would destroy "
            f"{checks.resources(len(destroyed))}: {checks.named(destroyed)}.",
            "Let nobody apply. Bring the configuration and the state together, or allow each by its address.",
            *by_hand.plan(environment),
        )
    else:
        yield ok(
            "plan-destroys",
            f"An apply of {tip.short}, the newest of {environment.branch}, destroys nothing else.",
        )


def _unplanned(environment: Environment, refused: Sequence[Finding]) -> Finding:
    """Terraform doesn't even plan; where it is kept from destroying something, that is what it would do."""
    prevented = [finding for finding in refused if finding.check == "stateful"]
    if not prevented:
        return _untold(environment, " ".join(finding.seen for finding in refused[:1]))
    return refusal(
        "plan-destroys",
        f"An apply of the newest commit of {environment.branch} would destroy what holds data: {prevented[0].seen}",
        "Let nobody apply, nor take the protection away. Undo the restore, or choose a newer version.",
        *by_hand.plan(environment),
    )


def _untold(environment: Environment, why: str) -> Finding:
    return warning(
        "plan-destroys",
        f"What an apply would destroy can't be told. {why}".strip(),
        "Plan by hand before anybody applies.",
        *by_hand.plan(environment),
    )


def _contradicted(findings: Sequence[Finding]) -> bool:
    return any(finding.severity is Severity.REFUSAL for finding in findings)

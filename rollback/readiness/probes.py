"""What a rollback needs, one function for each thing; none of them changes anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from rollback import certificates, ecs, notify, revert, state
from rollback.certificates import by_hand, reading
from rollback.clock import spoken
from rollback.errors import ConfigurationError
from rollback.git import Copy
from rollback.plan import ok, refusal, warning
from rollback.readiness import backups, permissions
from rollback.revert import Side
from rollback.revert import checks as revert_checks
from rollback.state import checks as state_checks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from rollback.access import Access
    from rollback.ecs import EcsPlan
    from rollback.environment import Environment
    from rollback.git import Commit
    from rollback.live.identity import Identity
    from rollback.plan import Finding

_WHY: Final = "Only to see whether it could be reverted."
_MIGRATIONS: Final = "migrations"
_PLACE: Final = frozenset({"region", "account", "identity", "branch-protection", "token", "workflow"})
"""What each plan looks at that has a line of its own here."""


@dataclass
class Looking:
    """What the probes look at, and what more than one of them needs.

    Attributes:
        environment: the place.
        access: hands that only look.
        identity: whose they are.
        variables: the environment variables.
    """

    environment: Environment
    access: Access
    identity: Identity
    variables: Mapping[str, str] = field(repr=False)

    @cached_property
    def emergency(self) -> EcsPlan:
        """The plan of an emergency rollback."""
        return ecs.plan(self.environment, self.access)


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing to look at.

    Attributes:
        name: for machines.
        says: for people.
        look: what is found; what it raises is a refusal.
    """

    name: str
    says: str
    look: Callable[[Looking], Iterator[Finding]]


def _emergency(world: Looking) -> Iterator[Finding]:
    """The previous good revision, and its images, secrets and roles."""
    plan = world.emergency
    findings = [each for each in plan.findings if each.check not in _PLACE and not _migrates(each)]
    chosen = [each for each in findings if each.check == "target-chosen"]
    yield from chosen
    yield from (each for each in findings if each not in chosen)


def _migrations(world: Looking) -> Iterator[Finding]:
    """What lies between the revision that runs and the one to go back to."""
    found = [each for each in world.emergency.findings if _migrates(each)]
    if not world.environment.repository.migrations:
        yield ok(_MIGRATIONS, "The database is not migrated by files of this repository.")
    elif not found:
        yield warning(
            _MIGRATIONS,
            "Which migrations lie between what runs and what worked before isn't known, since there is no plan.",
            "See what stands against the emergency rollback first.",
        )
    yield from found


def _migrates(finding: Finding) -> bool:
    return finding.check.startswith(_MIGRATIONS)


def _reverts(world: Looking) -> Iterator[Finding]:
    """Whether each of the branch's last merges could be reverted by itself."""
    environment, access = world.environment, world.access
    copy = Copy.fetched(environment.repository, access)
    wanted = environment.readiness.merges
    merges = copy.newest(copy.tip(environment.branch), wanted)
    against = [each for merge in merges for each in _against(environment, access, merge)]
    yield from against
    if not against:
        named = ", ".join(f"{merge.short} ({merge.subject})" for merge in merges)
        count = f"The last {len(merges)} changes" if len(merges) != 1 else "The last change"
        yield ok(
            "revert", f"{count} of {environment.branch} could be reverted: {named or 'none is asked for'}."
        )


def _against(environment: Environment, access: Access, merge: Commit) -> Iterator[Finding]:
    """What stands against the revert of one of them, with its name."""
    plan = revert.plan(environment, access, what=merge.sha, why=_WHY)
    for each in plan.refusals:
        if each.check not in _PLACE:
            yield refusal(
                "revert", f"{merge.short} ({merge.subject}): {each.seen}", each.remedy, *each.commands
            )


def _state(world: Looking) -> Iterator[Finding]:
    """Whether the state could be restored: kept in versions that can be read, and not locked."""
    environment, access = world.environment, world.access
    versioning = [*state_checks.versioning(environment, access)]
    yield from versioning
    yield from state_checks.locks(environment, state.held(environment, access), access.clock.now())
    listing = state.listed(environment, access)
    current = listing.current
    if current is None or not current.readable:
        yield refusal(
            "current-state",
            "There is no state." if current is None else "The current state can't be read.",
            "Restore an earlier version of it.",
            f"rollback state plan --env {environment.name}",
        )
        return
    earlier = [row for row in listing.rows if not row.version.latest and row.readable]
    broken = [row for row in listing.rows if row.damage is not None or row.trouble]
    yield ok(
        "versions", f"{len(listing.rows)} versions are kept, and {len(earlier)} earlier ones can be read."
    )
    if broken:
        yield warning(
            "versions",
            f"{len(broken)} of the {len(listing.rows)} versions can't be read, as {broken[0].version.id}.",
            "Find out who writes them; restore another one.",
        )
    if not earlier:
        yield warning(
            "versions", "No earlier version of the state is kept.", "There is nothing to restore it from."
        )
        return
    plan = state.plan(environment, access, choice=earlier[0].version.id)
    known = {each.check for each in versioning} | {"locks", *_PLACE}
    yield from (each for each in plan.refusals if each.check not in known)


def _certificate(world: Looking) -> Iterator[Finding]:
    """For how long the certificate stays valid, and whether it renews itself."""
    environment, access = world.environment, world.access
    if environment.url.startswith("http:"):
        yield ok("certificate", f"{by_hand.host(environment)} is served without a certificate.")
        return
    listener = reading.listener(environment, access)
    current = reading.certificate(access, listener.certificate) if listener and listener.certificate else None
    if current is not None and current.not_after is not None:
        left = current.valid_for(access.clock.now())
        told = f"The certificate of {by_hand.host(environment)} is valid until {current.not_after:%Y-%m-%d}"
        if left < environment.readiness.certificate_seconds:
            yield refusal(
                "certificate",
                f"{told}: {_days(left)} are left.",
                "See what keeps it from being renewed, or have a new one issued.",
                f"rollback certificate plan --env {environment.name}",
            )
        else:
            yield ok("certificate", f"{told}: {_days(left)} are left.")
    plan = certificates.plan(environment, access)
    yield from (each for each in plan.findings if each.check not in _PLACE)


def _days(seconds: float) -> str:
    return f"{seconds / 86_400:.0f} days" if seconds >= 2 * 86_400 else spoken(max(0.0, seconds))


def _protection(world: Looking) -> Iterator[Finding]:
    """Which way a revert gets onto the branch, and whether the pipeline would take it from there."""
    environment, access = world.environment, world.access
    found = access.github.protection(environment.branch)
    yield from revert_checks.way_to_the_branch(environment, access, found, proposes=found.pull_request_needed)
    for side in Side:
        yield from revert_checks.workflow(environment, access, side)


def _channel(world: Looking) -> Iterator[Finding]:
    """Whether the team would be told; nothing is sent."""
    environment = world.environment
    name = environment.checklist.webhook_variable
    try:
        webhook = notify.webhook(environment, world.variables)
    except ConfigurationError as error:
        yield refusal("notification", error.sentence, error.remedy)
        return
    if webhook is not None:
        yield ok("notification", f"The team would be told by the webhook at {webhook.host}.")
        return
    why = f"{name} is not set here" if name else f"{environment.name} has no webhook"
    yield warning(
        "notification", f"The team would not be told by itself: {why}.", "Whoever rolls back must tell them."
    )


PROBES: Final = (
    Probe("ecs", "A revision that worked, and all it needs", _emergency),
    Probe(_MIGRATIONS, "No migration in the way", _migrations),
    Probe("revert", "The last merges revert cleanly", _reverts),
    Probe("branch", "A way to the branch", _protection),
    Probe("state", "Terraform's state could be restored", _state),
    Probe("certificate", "The certificate stays valid", _certificate),
    Probe("backup", "A recent backup of the database", backups.look),
    Probe("permissions", "Permission to change what must be changed", permissions.look),
    Probe("notification", "The team would be told", _channel),
)
"""In the order of the runbook."""

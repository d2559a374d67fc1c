"""What is looked at before the first test of a live run: the policy, the credentials, and that nobody else is there."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rollback._text import quoted
from rollback.errors import RollbackError
from rollback.lease import Purpose, acquire, kept
from rollback.live import check, hands, read_only

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.lease import Lease
    from rollback.live import Identity


class NotAllowed(RollbackError):
    """The policy of the environment forbids it; nothing was asked of anybody."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a live run was asked for.

    Attributes:
        drills: whether it changes something; otherwise it only looks.
        confirm: the service's name as it was typed; empty where none was.
        profile: the AWS profile; None for what the AWS CLI would use.
    """

    drills: bool
    confirm: str = ""
    profile: str | None = None


@dataclass(slots=True)
class Boarded:
    """The hands of a live run.

    Attributes:
        access: the hands; they hold the lease, or can only look.
        identity: whom AWS takes us for.
        warnings: what to know besides, as sentences.
        lease: what they hold; None where they only look.
    """

    access: Access
    identity: Identity
    warnings: tuple[str, ...]
    lease: Lease | None = None

    def leave(self) -> None:
        """Give the lease back. Doing it again does nothing."""
        lease, self.lease = self.lease, None
        if lease is not None:
            with suppress(RollbackError):
                lease.release()


def must_be_allowed(environment: Environment, asked: Asked) -> None:
    """Hold what was asked for against the environment's drill policy.

    Raises:
        NotAllowed: it forbids it, or the name of the service isn't what it should be.
    """
    if not asked.drills:
        return
    name, policy = environment.name, environment.drill
    if not policy.allowed:
        raise NotAllowed(
            f"No drill may be held in {name}: its [drill] policy in environments.toml has allowed = false.",
            remedy=f"Rehearse it with --stage embedded, or ask who answers for {name} to permit it.",
        )
    if asked.confirm and asked.confirm != environment.service:
        raise NotAllowed(
            f"--confirm says {quoted(asked.confirm)}, which is not the service of {name}.",
            remedy=f"Type the name in full, as environments.toml has it, if {name} is what you mean.",
        )
    if policy.confirm and not asked.confirm:
        raise NotAllowed(
            f"A drill in {name} wants the name of its service typed in full, and nothing was typed.",
            remedy=f"Add --confirm {environment.service} if that is what you mean.",
        )


def seconds_needed(environment: Environment, asked: Asked) -> float:
    """How long the credentials must last: there, back, and once more where the first way back fails."""
    return environment.budgets.emergency.deadline_seconds * (3 if asked.drills else 1)


def board(environment: Environment, asked: Asked) -> Boarded:
    """Look at everything that can be looked at before, and take the lease where something will be changed.

    Raises:
        NotAllowed, NotReady, LeaseError, AwsError, JournalError: the sentence says what is in the way; where it isn't the
            lease's own, nothing that changes anything was asked.
    """
    must_be_allowed(environment, asked)
    purpose = Purpose.DRILL.value if asked.drills else "readiness"
    access = hands(environment, purpose=purpose, profile=asked.profile)
    checked = check(environment, access, seconds=seconds_needed(environment, asked))
    identity = checked.must_be_ready()
    warnings = tuple(
        f"{found.seen} {found.remedy}".strip() for found in checked.findings if found.severity == "warning"
    )
    if not asked.drills:
        return Boarded(read_only(access), identity, warnings)
    lease = acquire(environment, access, purpose=Purpose.DRILL)
    return Boarded(kept(access, lease), identity, warnings, lease)

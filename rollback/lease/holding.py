"""Taking a lease, renewing it, and giving it back."""

from __future__ import annotations

import secrets
import socket
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from rollback.clock import spoken
from rollback.errors import AwsError, RollbackError
from rollback.journal import Kind, read
from rollback.lease.model import TOLERANCE_SECONDS, Holder, LeaseError, LeaseHeld, LeaseLost, Purpose
from rollback.lease.storing import Contested, look, place, write

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.lease.model import Seen

_RENEW_AFTER: Final = 1 / 3
"""The share of its time after which it is renewed, so that two renewals may fail."""
_AGAIN_SECONDS: Final = 10.0
"""How long after a renewal that failed the next one is tried."""
_CONTESTS: Final = 3
_STOPPED: Final = "Nothing further was changed. Look at the service before you begin again."


def acquire(
    environment: Environment, access: Access, *, purpose: Purpose, preempt: bool = False, host: str = ""
) -> Lease:
    """Take the environment's lease, or say who has it.

    It is free where nobody has it, it was given back, or it has ended by S3's own clock for more than
    `model.TOLERANCE_SECONDS`. One that an earlier run of this very journal took on this machine is gone on with: that
    only one process at a time writes a journal shows that the earlier one is dead.

    Args:
        environment: the place.
        access: the hands; their journal is where it is written down before it is asked for.
        purpose: what for.
        preempt: whether an incident may take it from a drill, which then stops by itself.
        host: what this machine is called; what it calls itself if nothing else is said.

    Raises:
        LeaseHeld: somebody else has it.
        LeaseUnreadable: what stands there is no lease.
        AwsError: S3 or STS doesn't answer, or doesn't let us.
        JournalError: it can't be written down.
    """
    host = host or socket.gethostname()
    owner = access.aws.sts.get_caller_identity()["Arn"]
    mine = _nonces(environment, access, host)
    seen = look(environment, access)
    for _ in range(_CONTESTS):
        why = _why_free(environment, seen, purpose, mine, host, preempt=preempt)
        nonce = secrets.token_hex(16)
        now = access.clock.now()
        seconds = environment.lease.seconds
        holder = Holder(
            owner=owner,
            host=host,
            purpose=purpose,
            since=now,
            expires=now + timedelta(seconds=seconds),
            seconds=seconds,
            nonce=nonce,
        )
        access.journal.record(
            Kind.DECISION,
            f"Take the lease of {environment.name} for {_for(purpose)}{why}.",
            environment=environment.name,
            lease=nonce,
            host=host,
        )
        began = access.clock.monotonic()
        try:
            return Lease(
                environment, access, holder, write(environment, access, holder, over=seen.etag), began
            )
        except Contested as contested:
            seen = contested.seen
    raise _held(environment, seen, purpose)


def must_be_free(
    environment: Environment, access: Access, *, purpose: Purpose, preempt: bool = False, host: str = ""
) -> None:
    """Look whether `acquire` would be given the lease now; nothing is written.

    Raises:
        LeaseHeld: somebody else has it.
        LeaseUnreadable: what stands there is no lease.
        AwsError: S3 doesn't answer, or doesn't let us.
    """
    host = host or socket.gethostname()
    seen = look(environment, access)
    _why_free(environment, seen, purpose, _nonces(environment, access, host), host, preempt=preempt)


class Lease:
    """A lease that is ours until it says otherwise. Made by `acquire`.

    How long it surely lasts is counted on our own clock from before S3 was asked, so never longer than S3 counts.

    Attributes:
        purpose: what it was taken for.
    """

    def __init__(
        self, environment: Environment, access: Access, holder: Holder, etag: str, began: float
    ) -> None:
        self.purpose = holder.purpose
        self._environment = environment
        self._access = access
        self._holder = holder
        self._etag = etag
        self._began = began
        self._not_before = began
        self._count = holder.count
        self._lost: LeaseLost | None = None

    @property
    def holder(self) -> Holder:
        """What we wrote last."""
        return self._holder

    @property
    def left(self) -> float:
        """For how many seconds more it surely is ours, unless an incident takes it from a drill."""
        return self._began + self._holder.seconds - self._access.clock.monotonic()

    @property
    def due_in(self) -> float:
        """In how many seconds it should be renewed; 0 or less where it should be now."""
        now = self._access.clock.monotonic()
        usual = min(self._holder.seconds, self._environment.lease.seconds)
        return max(self._began + usual * _RENEW_AFTER, self._not_before) - now

    def renew(self, *, seconds: float = 0.0) -> None:
        """Have it last from now on for its usual time, or for `seconds` where that is more.

        Raises:
            LeaseLost: somebody else has it, or had it.
            AwsError: S3 doesn't take it, or doesn't say whether it did; it is ours for as long as it was.
        """
        self._must_not_be_lost()
        clock = self._access.clock
        self._count += 1
        lasting = max(seconds, self._environment.lease.seconds)
        wanted = self._holder.renewed(clock.now(), lasting, count=self._count)
        began = clock.monotonic()
        try:
            self._write(wanted)
        except Contested as contested:
            raise self._now_lost(contested.seen) from None
        except AwsError:
            self._not_before = clock.monotonic() + _AGAIN_SECONDS
            raise
        self._holder, self._began = wanted, began

    def tick(self) -> None:
        """Renew it if that is due; that S3 doesn't answer is no reason to stop looking.

        Raises:
            LeaseLost: somebody else has it.
        """
        self._must_not_be_lost()
        if self.due_in > 0:
            return
        try:
            self.renew()
        except AwsError as error:
            self._note(f"The lease of {self._environment.name} could not be renewed: {error.sentence}")

    def must_hold(self) -> None:
        """Be sure that it is ours before something is changed.

        A drill looks each time, since an incident may have taken it. An incident doesn't need to: from it nobody takes
        it before it ends; and where S3 can't be asked, it goes on for as long as it surely is ours.

        Raises:
            LeaseLost: it isn't.
            AwsError: S3 doesn't say.
        """
        self._must_not_be_lost()
        incident = self.purpose is Purpose.INCIDENT
        if self.due_in <= 0 or self.left <= 0:
            try:
                self.renew()
            except AwsError as error:
                if not incident or self.left <= 0:
                    raise
                self._note(f"The lease of {self._environment.name} could not be renewed: {error.sentence}")
        elif not incident:
            seen = look(self._environment, self._access)
            if not self._is_ours(seen):
                raise self._now_lost(seen)

    def release(self) -> bool:
        """Give it back, if it is ours; returns whether it was. What stands in the way is told by the journal.

        Raises:
            JournalError: the journal can't be written.
        """
        if self._lost is not None:
            return False
        name = self._environment.name
        try:
            self._count += 1
            self._write(self._holder.given_back(self._access.clock.now(), count=self._count))
        except Contested as contested:
            self._now_lost(contested.seen)
            self._note(f"The lease of {name} was not given back, since it is no longer ours.")
            return False
        except RollbackError as error:
            ends = f"{self._holder.expires:%Y-%m-%d %H:%M} UTC"
            self._note(f"The lease of {name} could not be given back, and ends at {ends}: {error.sentence}")
            return False
        self._lost = LeaseLost(None, f"The lease of {name} was given back.", remedy="Take it again.")
        self._note(f"The lease of {name} was given back.")
        return True

    def _write(self, wanted: Holder) -> None:
        """Write over what we wrote before, also where we haven't heard that it was written.

        Raises:
            Contested: something else stands there.
            AwsError: S3 doesn't take it, or doesn't say whether it did.
        """
        over = self._etag
        while True:
            try:
                self._etag = write(self._environment, self._access, wanted, over=over)
            except Contested as contested:
                if not self._is_ours(contested.seen) or contested.seen.etag == over:
                    raise
                over = contested.seen.etag
            else:
                return

    def _is_ours(self, seen: Seen) -> bool:
        return seen.holder is not None and seen.holder.nonce == self._holder.nonce

    def _must_not_be_lost(self) -> None:
        if self._lost is not None:
            raise self._lost

    def _now_lost(self, seen: Seen) -> LeaseLost:
        name = self._environment.name
        by = seen.holder
        if by is None:
            sentence = f"The lease of {name} is gone: somebody has deleted {place(self._environment)}."
        else:
            sentence = (
                f"{by.told} has taken the lease of {name} for {_for(by.purpose)} since {by.since:%H:%M} UTC, "
                f"so this {self.purpose} stops."
            )
        self._lost = LeaseLost(by, sentence, remedy=_STOPPED)
        self._note(sentence)
        return self._lost

    def _note(self, sentence: str) -> None:
        self._access.journal.record(Kind.OBSERVATION, sentence, environment=self._environment.name)


def _why_free(
    environment: Environment, seen: Seen, purpose: Purpose, mine: frozenset[str], host: str, *, preempt: bool
) -> str:
    """What the decision to take it says beside that.

    Raises:
        LeaseHeld: it isn't free.
    """
    by = seen.holder
    if by is None or by.released:
        return ""
    if by.nonce in mine and by.host == host:
        return ", which an earlier run of this journal has left"
    if seen.over:
        return f", which {by.told} has let expire"
    if purpose is Purpose.INCIDENT and by.purpose is Purpose.DRILL and preempt:
        return f", away from the drill of {by.told}"
    raise _held(environment, seen, purpose)


def _held(environment: Environment, seen: Seen, purpose: Purpose) -> LeaseError:
    by = seen.holder
    if by is None or seen.over:
        return LeaseError(
            f"The lease of {environment.name} keeps changing hands.",
            remedy="Find out who else begins, then try again.",
        )
    until = seen.until or by.expires
    remedy = f"Ask them, or wait: unless it is renewed, it is free {spoken(TOLERANCE_SECONDS)} after that."
    if by.purpose is Purpose.DRILL and purpose is Purpose.INCIDENT:
        remedy = "An incident may take it from a drill, which then stops by itself: say so with --preempt. Or ask them."
    return LeaseHeld(
        by,
        f"{by.told} holds {environment.name} for {_for(by.purpose)} since {by.since:%Y-%m-%d %H:%M} UTC, "
        f"until {until:%H:%M} UTC unless they renew it.",
        remedy=remedy,
    )


def _for(purpose: Purpose) -> str:
    return "an incident" if purpose is Purpose.INCIDENT else "a drill"


def _nonces(environment: Environment, access: Access, host: str) -> frozenset[str]:
    """What earlier runs of this journal, on this machine, know their lease by."""
    return frozenset(
        str(entry.detail["lease"])
        for entry in read(access.journal.path)
        if entry.kind is Kind.DECISION
        and entry.detail.get("environment") == environment.name
        and entry.detail.get("host") == host
        and "lease" in entry.detail
    )

"""The engineer on call who repairs a certificate: what they ask for, and what they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rehearsal.notes import asked_for
from rollback import certificates
from rollback.journal import read

if TYPE_CHECKING:
    from rehearsal.notes import Notes
    from rollback.access import Access
    from rollback.environment import Environment


class Certifier:
    """Uses the repair of a certificate as a person would, and remembers the answers.

    Attributes:
        access: their hands.
    """

    def __init__(self, environment: Environment, access: Access, notes: Notes) -> None:
        self.access = access
        self._environment = environment
        self._notes = notes
        self._plan: certificates.CertificatePlan | None = None
        self._result: certificates.Result | None = None

    @property
    def plan(self) -> certificates.CertificatePlan:
        """The last plan that was made."""
        return asked_for(self._plan, "planned")

    @property
    def result(self) -> certificates.Result:
        """How the last repair or undo ended."""
        return asked_for(self._result, "repaired")

    def make_plan(self, certificate: str = "") -> None:
        """Look what stands in the way of a certificate, of the one that should serve if none is named."""
        self._plan = certificates.plan(self._environment, self.access, certificate=certificate)
        self._notes.planned(self._plan)

    def apply(self) -> None:
        """Apply the plan; being interrupted is remembered, a refusal goes on to the caller."""
        try:
            result = certificates.apply(self._environment, self.access, self.plan)
        except KeyboardInterrupt:
            self._notes.interrupted = True
        else:
            self._ended(result)

    def repair(self, certificate: str = "") -> None:
        """Plan and apply."""
        self.make_plan(certificate)
        self.apply()

    def try_to_repair(self, certificate: str = "") -> None:
        """Plan and apply, and take down the refusal."""
        with self._notes.trying():
            self.repair(certificate)

    def try_to_apply(self) -> None:
        """Apply the plan, and take down the refusal."""
        with self._notes.trying():
            self.apply()

    def request(self) -> str:
        """Request a certificate; returns its ARN."""
        return certificates.request(self._environment, self.access)

    def undo(self) -> None:
        """Go back to the certificate that the journal says was there before."""
        saved = certificates.saved_point(self._environment, read(self.access.journal.path))
        self._ended(certificates.undo(self._environment, self.access, saved))

    def verify(self, certificate: str) -> certificates.Verification:
        """Look at what is served once more."""
        return certificates.verify(self._environment, self.access, certificate)

    def _ended(self, result: certificates.Result) -> None:
        self._result = result
        self._notes.ended(result)

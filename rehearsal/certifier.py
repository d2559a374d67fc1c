"""The engineer on call who repairs a certificate: what they ask for, and what they are told."""

from __future__ import annotations

from rehearsal.on_call import OnCall
from rollback import certificates
from rollback.journal import read


class Certifier(OnCall["certificates.CertificatePlan", "certificates.Result"]):
    """Uses the repair of a certificate as a person would, and remembers the answers."""

    def make_plan(self, certificate: str = "", *, renew: bool = False) -> None:
        """Look what stands in the way of a certificate, of the one that should serve if none is named."""
        self._planned(certificates.plan(self._environment, self.access, certificate=certificate, renew=renew))

    def repair(self, certificate: str = "") -> None:
        """Plan and apply."""
        self.make_plan(certificate)
        self.apply()

    def try_to_repair(self, certificate: str = "") -> None:
        """Plan and apply, and take down the refusal."""
        with self._notes.trying():
            self.repair(certificate)

    def renew(self) -> None:
        """Plan and apply, with a certificate that is requested."""
        self.make_plan(renew=True)
        self.apply()

    def try_to_renew(self) -> None:
        """Plan and apply with one that is requested, and take down the refusal."""
        with self._notes.trying():
            self.renew()

    def undo(self) -> None:
        """Go back to the certificate that the journal says was there before."""
        saved = certificates.saved_point(self._environment, read(self.access.journal.path))
        self._ended(certificates.undo(self._environment, self.access, saved))

    def verify(self, certificate: str) -> certificates.Verification:
        """Look at what is served once more."""
        return certificates.verify(self._environment, self.access, certificate)

    def _applied(self, plan: certificates.CertificatePlan) -> certificates.Result:
        return certificates.apply(self._environment, self.access, plan)

"""The certificates of load balancers' HTTPS listeners: which are taken, and from when on they are served.

Source: Elastic Load Balancing API reference, ``CreateListener`` and ``ModifyListener``: CertificateNotFound for one that
isn't in the load balancer's region, UnsupportedCertificate for one that can't be used, as one that isn't issued.
"""

from __future__ import annotations

from typing import Any, Final

from moto.core.errors import COMMON_ERROR_CODES
from moto.elbv2.exceptions import ELBClientError

from rehearsal.aws import timeline
from rehearsal.aws.moto_parts import Elbv2Backend, elbv2_backends, get_backend

TAKES_EFFECT: Final = 5.0
"""After how many seconds a load balancer serves another certificate."""

_UNSUPPORTED: Final = "UnsupportedCertificate"
if _UNSUPPORTED not in COMMON_ERROR_CODES:
    # AWS answers with it, but its service model doesn't say so, of which moto would warn.
    COMMON_ERROR_CODES.append(_UNSUPPORTED)


class HttpsElbv2Backend(Elbv2Backend):  # type: ignore[misc]
    """moto's ELBv2, whose HTTPS listeners take only certificates that are issued, and change them after a moment."""

    def create_listener(self, *args: Any, **kwargs: Any) -> Any:
        """Create a listener, with its certificate in force at once."""
        arn = kwargs.get("certificate")
        if arn:
            self._must_be_usable(arn)
        listener = super().create_listener(*args, **kwargs)
        listener.served = listener.certificate
        return listener

    def modify_listener(  # noqa: PLR0917 - as moto calls it
        self,
        arn: str,
        port: str | None = None,
        protocol: str | None = None,
        ssl_policy: str | None = None,
        certificates: list[dict[str, Any]] | None = None,
        actions: list[dict[str, Any]] | None = None,
    ) -> Any:
        """Change a listener; another certificate is served a moment later."""
        for each in certificates or ():
            self._must_be_usable(each["CertificateArn"])
        listener = super().modify_listener(arn, port, protocol, ssl_policy, certificates, actions)
        if certificates:

            def serve() -> None:
                listener.served = listener.certificate

            timeline.current().after(TAKES_EFFECT, serve)
        return listener

    def _must_be_usable(self, arn: str) -> None:
        certificates = get_backend("acm")[self.account_id][self.region_name]._certificates
        found = certificates.get(arn)
        if found is None:
            raise ELBClientError("CertificateNotFound", f"Certificate '{arn}' not found")
        found.check()
        if found.status != "ISSUED":
            raise ELBClientError(
                _UNSUPPORTED,
                f"The certificate '{arn}' must have a fully-qualified domain name, a supported signature, and a "
                "supported key size.",
            )


def served_certificate(account: str, region: str, dns_name: str) -> Any | None:
    """The certificate that a load balancer shows to whoever connects to its port 443; None where nobody listens."""
    with timeline.current().clock.lock:
        for balancer in elbv2_backends[account][region].load_balancers.values():
            if balancer.dns_name != dns_name:
                continue
            for listener in balancer.listeners.values():
                if listener.protocol == "HTTPS" and int(listener.port) == 443:  # noqa: PLR2004
                    return get_backend("acm")[account][region]._certificates.get(listener.served)
    return None

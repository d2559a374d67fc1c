"""ACM that issues a certificate when its validation records are right, and not before.

Sources: AWS Certificate Manager User Guide, "DNS validation" (the record is made of the domain and the account, and the
same for each certificate of both; ACM checks for up to 72 hours, after which the request has timed out), "Certificate
characteristics"; API reference, ``DeleteCertificate`` (ResourceInUseException) and ``DescribeCertificate``.
"""

from __future__ import annotations

import functools
import hashlib
from datetime import datetime, timedelta
from typing import Any, Final

import moto.acm.models as acm
import trustme
from moto.core.exceptions import AWSError
from moto.core.utils import utcnow

from rehearsal.aws import timeline
from rehearsal.aws.moto_parts import elbv2_backends
from rehearsal.aws.names import Names

LOOKS_EVERY: Final = 60.0
"""How often ACM looks for the records of a request, in seconds."""
GIVES_UP_AFTER: Final = 72 * 3600.0
"""When a request times out, in seconds."""
VALID_DAYS: Final = 198
"""How long a public certificate of ACM is valid."""

_MODELS: Final[Any] = acm
_Bundle: Any = acm.CertBundle
_Backend: Any = acm.AWSCertificateManagerBackend


@functools.cache
def authority() -> trustme.CA:
    """Who signs all certificates of the stage; made once in a process."""
    return trustme.CA(organization_name="The stage's certificate authority")


class LivingCertificate(_Bundle):  # type: ignore[misc]
    """A certificate whose status follows from the clock and from what the world is told by DNS.

    Attributes:
        validation: how it is proven, ``DNS`` or ``EMAIL``.
        failure: why the request failed, as ``CAA_ERROR``; empty where it didn't.
        issued_at: when, in UTC; None while it isn't.
    """

    arn: str
    status: str

    def __init__(self, account_id: str, *args: Any, region: str = "us-east-1", **kwargs: Any) -> None:
        super().__init__(account_id, *args, region=region, **kwargs)
        self.account = account_id
        self.region = region
        self.validation = "DNS"
        self.failure = ""
        self.issued_at: datetime | None = None

    @classmethod
    def generate_cert(
        cls,
        domain_name: str,
        account_id: str,
        region: str,
        sans: list[str] | None = None,
        cert_authority_arn: str | None = None,
    ) -> LivingCertificate:
        """A certificate of the stage's authority; the names are in the order in which they were asked for."""
        del cert_authority_arn
        now = timeline.current().now()
        names = list(dict.fromkeys([domain_name, *(sans or [])]))
        leaf = authority().issue_cert(
            *names,
            common_name=domain_name,
            not_before=now - timedelta(days=1),
            not_after=now + timedelta(days=VALID_DAYS),
        )
        return cls(
            account_id,
            leaf.cert_chain_pems[0].bytes(),
            leaf.private_key_pem.bytes(),
            chain=authority().cert_pem.bytes(),
            region=region,
            cert_type="AMAZON_ISSUED",
            cert_status="PENDING_VALIDATION",
        )

    def validate_chain(self) -> None:
        """The authority is the stage's own."""

    def check(self) -> None:
        """An issued certificate expires by the clock; moto would issue a pending one by its own."""
        expired = self._not_valid_after(self._cert) <= _now()
        if expired and self.status == "ISSUED":
            self.status = "EXPIRED"

    def records(self, account: str) -> dict[str, tuple[str, str]]:
        """The CNAME record that proves each of its names: what it is called, and where it has to lead."""
        return {name: validation_record(account, name) for name in dict.fromkeys(self.sans)}

    def describe(self) -> dict[str, Any]:
        """What DescribeCertificate tells, by the clock, and with the load balancers that use it."""
        told: dict[str, Any] = super().describe()
        found = told["Certificate"]
        found["InUseBy"] = using(self.account, self.region, self.arn)
        if self.type != "AMAZON_ISSUED":
            return told
        if self.issued_at is None:
            for key in ("IssuedAt", "NotBefore", "NotAfter", "Serial", "Issuer"):
                found.pop(key, None)
        if self.failure:
            found["FailureReason"] = self.failure
        found["DomainValidationOptions"] = [
            self._option(name, *record) for name, record in self.records(self.account).items()
        ]
        return told

    def _option(self, name: str, record: str, value: str) -> dict[str, Any]:
        status = {"PENDING_VALIDATION": "PENDING_VALIDATION", "FAILED": "FAILED"}.get(self.status, "SUCCESS")
        option: dict[str, Any] = {
            "DomainName": name,
            "ValidationDomain": name,
            "ValidationStatus": "FAILED" if self.status == "VALIDATION_TIMED_OUT" else status,
            "ValidationMethod": self.validation,
        }
        if self.validation == "DNS":
            option["ResourceRecord"] = {"Name": record, "Type": "CNAME", "Value": value}
        return option


class InUseError(AWSError):
    """A certificate that a load balancer uses can't be deleted."""

    TYPE = "ResourceInUseException"


class LivingAcmBackend(_Backend):  # type: ignore[misc]
    """moto's ACM, which looks at the stage's Route 53 before it issues anything."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.names = Names(account_id)

    @property
    def _url_module(self) -> Any:
        from moto.acm import urls  # noqa: PLC0415 - as moto finds it

        return urls

    @property
    def arns(self) -> tuple[str, ...]:
        """The ARNs of all certificates, the newest last."""
        return tuple(self._certificates)

    def list_certificates(self, statuses: list[str], includes: dict[str, Any]) -> Any:
        """List certificates; those with other keys than RSA's of up to 2048 bits only for whoever asks for them.

        Source: API reference, ``ListCertificates``: "Default filtering returns only RSA_1024 and RSA_2048 certificates".
        """
        return super().list_certificates(statuses, includes or {"keyTypes": ["RSA_1024", "RSA_2048"]})

    def request_certificate(self, *args: Any, **kwargs: Any) -> str:
        """Take a request, and look for its records from now on."""
        arn: str = super().request_certificate(*args, **kwargs)
        certificate = self._certificates[arn]
        if certificate.status == "PENDING_VALIDATION":
            self._look_later(certificate, timeline.current().moment() + GIVES_UP_AFTER)
        return arn

    def delete_certificate(self, arn: str) -> None:
        """Delete a certificate that no load balancer uses."""
        if using(self.account_id, self.region_name, arn):
            raise InUseError(f"Certificate {arn} is in use.")
        super().delete_certificate(arn)

    def _look_later(self, certificate: LivingCertificate, until: float) -> None:
        now = timeline.current()

        def look() -> None:
            if certificate.status != "PENDING_VALIDATION" or certificate.arn not in self._certificates:
                return
            if now.moment() >= until:
                certificate.status = "VALIDATION_TIMED_OUT"
            elif self._proven(certificate):
                certificate.status, certificate.issued_at = "ISSUED", now.now()
            else:
                self._look_later(certificate, until)

        now.after(LOOKS_EVERY, look)

    def _proven(self, certificate: LivingCertificate) -> bool:
        if certificate.validation != "DNS":
            return False
        records = certificate.records(self.account_id).values()
        return all(self.names.cname(name) == value for name, value in records)


def validation_record(account: str, domain: str) -> tuple[str, str]:
    """The CNAME record by which an account proves that a domain is its own: its name and its value."""
    base = domain.removeprefix("*.").removesuffix(".")
    mark = hashlib.sha256(f"{account}:{base}".encode()).hexdigest()
    return f"_{mark[:32]}.{base}.", f"_{mark[32:]}.mhbtsbpdnt.acm-validations.aws."


def using(account: str, region: str, arn: str) -> list[str]:
    """The ARNs of the load balancers whose listeners have the certificate."""
    balancers = elbv2_backends[account][region].load_balancers.values()
    return [
        balancer.arn
        for balancer in balancers
        if any(arn in listener.certificates for listener in balancer.listeners.values())
    ]


def acm_backend(account: str, region: str) -> LivingAcmBackend:
    """The living ACM of an account and region."""
    backends: Any = acm.acm_backends
    backend: LivingAcmBackend = backends[account][region]
    return backend


def attach() -> None:
    """Put the living ACM in the place of moto's, with nothing in it; `detach` takes it out again."""
    backends: Any = acm.acm_backends
    _MODELS.CertBundle = LivingCertificate
    _MODELS.utcnow = _now
    if backends.backend is not LivingAcmBackend:
        backends.backend = LivingAcmBackend
        backends.clear()


def detach() -> None:
    """Put moto's own ACM back."""
    backends: Any = acm.acm_backends
    _MODELS.CertBundle = _Bundle
    _MODELS.utcnow = utcnow
    backends.backend = _Backend
    backends.clear()


def _now() -> datetime:
    return timeline.current().now().replace(tzinfo=None)

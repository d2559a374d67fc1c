"""Certificates, the records that prove them, and the listener that shows one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from rollback._text import printable

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_acm.type_defs import CertificateDetailTypeDef

ISSUED = "ISSUED"
PENDING = "PENDING_VALIDATION"


@dataclass(frozen=True, slots=True)
class Validation:
    """How one name of a certificate is proven.

    Attributes:
        domain: the name.
        method: ``DNS``, ``EMAIL`` or ``HTTP``.
        record: what the CNAME record is called, with its last dot; empty where ACM names none.
        value: where it has to lead, with its last dot.
    """

    domain: str
    method: str
    record: str
    value: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate, as DescribeCertificate tells it.

    Attributes:
        arn: its ARN.
        status: ACM's word for it, as ``PENDING_VALIDATION``.
        names: the hosts that it covers; ``*`` stands for one label.
        validations: how each is proven; nothing where it was imported.
        created: when it was requested or imported, in UTC.
        not_after: until when it is valid, in UTC; None before it is issued.
        failure: why the request failed, as ``CAA_ERROR``; empty where it didn't.
        in_use_by: the ARNs of what uses it.
        imported: whether ACM only keeps it, so that it can neither prove nor renew it.
    """

    arn: str
    status: str
    names: tuple[str, ...]
    validations: tuple[Validation, ...]
    created: datetime
    not_after: datetime | None
    failure: str
    in_use_by: tuple[str, ...]
    imported: bool

    @classmethod
    def of(cls, told: CertificateDetailTypeDef) -> Certificate:
        """What AWS tells of a certificate."""
        return cls(
            arn=told["CertificateArn"],
            status=told["Status"],
            names=tuple(dict.fromkeys((told["DomainName"], *told.get("SubjectAlternativeNames", ())))),
            validations=tuple(
                Validation(
                    each["DomainName"],
                    each.get("ValidationMethod", ""),
                    dotted(each.get("ResourceRecord", {}).get("Name", "")),
                    dotted(each.get("ResourceRecord", {}).get("Value", "")),
                )
                for each in told.get("DomainValidationOptions", ())
            ),
            created=told.get("CreatedAt") or told["ImportedAt"],
            not_after=told.get("NotAfter"),
            failure=told.get("FailureReason", ""),
            in_use_by=tuple(told.get("InUseBy", ())),
            imported=told.get("Type") == "IMPORTED",
        )

    @property
    def region(self) -> str:
        """Where it is kept."""
        return region_of(self.arn)

    def covers(self, host: str) -> bool:
        """Whether it is for `host`: by the name itself, or by one with ``*`` in the place of its first label."""
        wanted = host.lower()
        wild = f"*.{wanted.partition('.')[2]}"
        return any(name.lower() in {wanted, wild} for name in self.names)

    def valid_for(self, now: datetime) -> float:
        """For how many seconds from `now` it stays valid; nothing and less where it isn't."""
        return (self.not_after - now).total_seconds() if self.not_after else 0.0


class RecordState(StrEnum):
    """How a validation record is in the zone that the world asks."""

    RIGHT = "right"
    MISSING = "missing"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Record:
    """A validation record, as it has to be and as it is.

    Attributes:
        name: what it is called.
        value: where it has to lead.
        state: how it is.
        found: where it leads, if it does; empty where there is none.
        other_type: the type of what stands in its way under the same name, as ``TXT``; empty where nothing does.
        elsewhere: the ids of the zones that have it too, and that nobody asks.
    """

    name: str
    value: str
    state: RecordState
    found: str = ""
    other_type: str = ""
    elsewhere: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Zone:
    """A hosted zone.

    Attributes:
        id: its id, without ``/hostedzone/``.
        name: what it is of, with its last dot.
        private: whether it only answers inside of VPCs.
    """

    id: str
    name: str
    private: bool

    def holds(self, name: str) -> bool:
        """Whether a record of that name belongs into it."""
        return dotted(name) == self.name or dotted(name).endswith(f".{self.name}")


@dataclass(frozen=True, slots=True)
class Listener:
    """The load balancer's listener for HTTPS.

    Attributes:
        arn: its ARN.
        load_balancer: the ARN of its load balancer.
        certificate: the ARN of its default certificate; empty where it has none.
    """

    arn: str
    load_balancer: str
    certificate: str


def named(arn: str) -> str:
    """What a person calls a certificate: by its id, with which its ARN ends."""
    kind, _, name = arn.rpartition(":")[2].partition("/")
    return f"certificate {printable(name if kind == 'certificate' and name else arn)}"


def dotted(name: str) -> str:
    """A DNS name in lower case and with its last dot, as names are compared; nothing stays nothing."""
    return f"{name.lower().removesuffix('.')}." if name else ""


def region_of(arn: str) -> str:
    """The region that an ARN names; empty where it names none."""
    parts = arn.split(":")
    return parts[3] if len(parts) > 5 else ""  # noqa: PLR2004 - arn:partition:service:region:account:resource

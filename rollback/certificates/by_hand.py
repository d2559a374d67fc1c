"""The `aws` lines that a person would type to do the same."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from rollback.ecs.by_hand import line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rollback.certificates.model import Certificate, Listener, Record
    from rollback.environment import Environment

TTL = 300
"""Of a validation record, in seconds."""
_REQUESTED: Final = "$certificate"
_RECORDS: Final = (
    '{Changes: Certificate.DomainValidationOptions[].{Action: `"UPSERT"`, ResourceRecordSet: {Name: ResourceRecord.Name,'
    f' Type: `"CNAME"`, TTL: `{TTL}`, ResourceRecords: [{{Value: ResourceRecord.Value}}]}}}}}}'
)
"""What DescribeCertificate tells of the records, as ChangeResourceRecordSets takes them (JMESPath)."""


def host(environment: Environment) -> str:
    """The host that the certificate has to be for."""
    return urlsplit(environment.url).hostname or ""


def request(environment: Environment) -> str:
    """Request a certificate for the environment's host."""
    return line(
        *("acm", "request-certificate", "--region", environment.region),
        *("--domain-name", host(environment), "--validation-method", "DNS"),
    )


def renew(environment: Environment, listener: Listener, token: str) -> tuple[str, ...]:
    """All of it where a certificate is requested first, in order; its ARN and its records are ACM's to name."""
    asked = f"{request(environment)} --idempotency-token {token} --query CertificateArn --output text"
    told = f"{_open(describe(environment, _REQUESTED))} --output json --query {shlex.quote(_RECORDS)}"
    zone = environment.certificate.hosted_zone
    put = line("route53", "change-resource-record-sets", "--hosted-zone-id", zone)
    return (
        f"certificate=$({asked})",
        f'{put} --change-batch "$({told})"',
        _open(wait(environment, _REQUESTED)),
        _open(attach(environment, listener.arn, _REQUESTED)),
        shake_hands(environment),
    )


def delete(environment: Environment, arn: str) -> str:
    """Delete a certificate that nothing uses."""
    return line("acm", "delete-certificate", "--region", environment.region, "--certificate-arn", arn)


def describe(environment: Environment, arn: str) -> str:
    """Look at a certificate."""
    return line("acm", "describe-certificate", "--region", environment.region, "--certificate-arn", arn)


def list_certificates(environment: Environment) -> str:
    """List the certificates, also those whose keys aren't RSA."""
    return line(
        *("acm", "list-certificates", "--region", environment.region),
        *("--includes", "keyTypes=RSA_2048,RSA_3072,RSA_4096,EC_prime256v1,EC_secp384r1,EC_secp521r1"),
    )


def put_records(environment: Environment, records: Iterable[Record]) -> str:
    """Create or correct the validation records."""
    return line(
        *("route53", "change-resource-record-sets", "--hosted-zone-id", environment.certificate.hosted_zone),
        *("--change-batch", json.dumps({"Changes": [_upsert(record) for record in records]})),
    )


def list_records(environment: Environment) -> str:
    """List the records of the zone that the world asks."""
    zone = environment.certificate.hosted_zone
    return line("route53", "list-resource-record-sets", "--hosted-zone-id", zone)


def list_zones() -> str:
    """List the hosted zones."""
    return line("route53", "list-hosted-zones")


def wait(environment: Environment, arn: str) -> str:
    """Wait until a certificate is issued."""
    return line(
        "acm", "wait", "certificate-validated", "--region", environment.region, "--certificate-arn", arn
    )


def attach(environment: Environment, listener: str, arn: str) -> str:
    """Make a certificate the listener's default."""
    return line(
        *("elbv2", "modify-listener", "--region", environment.region),
        *("--listener-arn", listener, "--certificates", f"CertificateArn={arn}"),
    )


def shake_hands(environment: Environment) -> str:
    """Look at what is served."""
    name = host(environment)
    return f"openssl s_client -connect {name}:443 -servername {name} -verify_return_error </dev/null"


def repair(
    environment: Environment, listener: Listener, chosen: Certificate, records: tuple[Record, ...]
) -> tuple[str, ...]:
    """All of a repair, in order."""
    lines = [put_records(environment, records)] if records else []
    if chosen.status != "ISSUED":
        lines.append(wait(environment, chosen.arn))
    if listener.certificate != chosen.arn:
        lines.append(attach(environment, listener.arn, chosen.arn))
    return (*lines, shake_hands(environment))


def _open(quoted: str) -> str:
    """The line with the shell's variable to be filled in by the shell."""
    return re.sub(rf"'([^']*{re.escape(_REQUESTED)})'", r'"\1"', quoted)


def _upsert(record: Record) -> dict[str, object]:
    return {
        "Action": "UPSERT",
        "ResourceRecordSet": {
            "Name": record.name,
            "Type": "CNAME",
            "TTL": TTL,
            "ResourceRecords": [{"Value": record.value}],
        },
    }

"""Reading certificates, zones, records and the listener from AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rollback.certificates.model import Certificate, Listener, Record, RecordState, Zone, dotted
from rollback.ecs import look
from rollback.errors import AccessDenied, AwsError
from rollback.journal import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mypy_boto3_acm.literals import KeyAlgorithmType

    from rollback.access import Access
    from rollback.environment import Environment

KEY_TYPES: Final[Sequence[KeyAlgorithmType]] = (
    "RSA_1024",
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "EC_prime256v1",
    "EC_secp384r1",
    "EC_secp521r1",
)
"""All that ListCertificates is asked for: by itself it tells only of RSA keys of up to 2048 bits."""
_MISSING: Final = {"ResourceNotFoundException", "InvalidArnException", "ValidationException"}
_UNDER_ONE_NAME: Final = "20"


def listener(environment: Environment, access: Access) -> Listener | None:
    """The listener for HTTPS of the service's load balancer; None where there is none.

    Raises:
        AwsError: AWS doesn't say.
    """
    groups = [each.target_group for each in look.service(environment, access).load_balancers]
    if not groups:
        return None
    elbv2 = access.aws.elbv2
    described = elbv2.describe_target_groups(TargetGroupArns=groups)["TargetGroups"]
    for balancer in dict.fromkeys(arn for group in described for arn in group["LoadBalancerArns"]):
        pages = elbv2.get_paginator("describe_listeners").paginate(LoadBalancerArn=balancer)
        for page in pages:
            for each in page["Listeners"]:
                if each.get("Protocol") == "HTTPS" and each.get("Port") == 443:  # noqa: PLR2004
                    attached = each.get("Certificates") or [{}]
                    return Listener(each["ListenerArn"], balancer, attached[0].get("CertificateArn", ""))
    return None


def certificate(access: Access, arn: str) -> Certificate | None:
    """A certificate of this account and region; None where there is none of that ARN.

    Raises:
        AwsError: AWS doesn't say.
    """
    try:
        return Certificate.of(access.aws.acm.describe_certificate(CertificateArn=arn)["Certificate"])
    except AwsError as error:
        if error.code in _MISSING:
            return None
        raise


def certificates_for(access: Access, host: str) -> tuple[Certificate, ...]:
    """The certificates that cover `host`, the newest first.

    Raises:
        AwsError: AWS doesn't say.
    """
    pages = access.aws.acm.get_paginator("list_certificates").paginate(Includes={"keyTypes": KEY_TYPES})
    listed = [each["CertificateArn"] for page in pages for each in page["CertificateSummaryList"]]
    found = [known for arn in listed if (known := certificate(access, arn)) and known.covers(host)]
    return tuple(sorted(found, key=lambda each: each.created, reverse=True))


def pem(access: Access, arn: str) -> str:
    """An issued certificate itself, in PEM.

    Raises:
        AwsError: AWS doesn't say.
    """
    return access.aws.acm.get_certificate(CertificateArn=arn)["Certificate"]


def zone(environment: Environment, access: Access) -> Zone | None:
    """The zone that the environment names; None where the account has none of that id.

    Raises:
        AwsError: AWS doesn't say.
    """
    try:
        told = access.aws.route53.get_hosted_zone(Id=environment.certificate.hosted_zone)["HostedZone"]
    except AwsError as error:
        if error.code == "NoSuchHostedZone":
            return None
        raise
    return Zone(_id(told["Id"]), dotted(told["Name"]), told.get("Config", {}).get("PrivateZone", False))


def records(access: Access, asked: Zone, chosen: Certificate) -> tuple[Record, ...]:
    """The validation records of a certificate, each compared with what is in the zones of this account.

    Raises:
        AwsError: AWS doesn't say.
    """
    wanted = {each.record: each.value for each in chosen.validations if each.record}
    if not wanted:
        return ()
    others = [each for each in _zones_if_allowed(access) if each.id != asked.id]
    return tuple(_record(access, asked, others, name, value) for name, value in wanted.items())


def _record(access: Access, asked: Zone, others: list[Zone], name: str, value: str) -> Record:
    here = _under(access, asked, name)
    found = here.get("CNAME", "")
    state = RecordState.MISSING if not found else RecordState.RIGHT if found == value else RecordState.WRONG
    elsewhere = tuple(
        each.id for each in others if each.holds(name) and _under(access, each, name).get("CNAME") == value
    )
    other_type = next((kind for kind in here if kind != "CNAME"), "")
    return Record(name, value, state, found, other_type, elsewhere)


def _under(access: Access, where: Zone, name: str) -> dict[str, str]:
    """What a zone has under a name: the first value of each type."""
    answer = access.aws.route53.list_resource_record_sets(
        HostedZoneId=where.id, StartRecordName=name, MaxItems=_UNDER_ONE_NAME
    )
    return {
        each["Type"]: dotted(next((value["Value"] for value in each.get("ResourceRecords", ())), "alias"))
        for each in answer["ResourceRecordSets"]
        if dotted(each["Name"]) == name
    }


def _zones_if_allowed(access: Access) -> list[Zone]:
    """All zones of the account; none where only the one that counts may be looked at, which is all a repair needs."""
    try:
        return list(_zones(access))
    except AccessDenied as error:
        access.journal.record(Kind.OBSERVATION, f"The other zones were not looked at. {error.sentence}")
        return []


def _zones(access: Access) -> Iterator[Zone]:
    for page in access.aws.route53.get_paginator("list_hosted_zones").paginate():
        for each in page["HostedZones"]:
            private = each.get("Config", {}).get("PrivateZone", False)
            yield Zone(_id(each["Id"]), dotted(each["Name"]), private)


def _id(path: str) -> str:
    return path.rpartition("/")[2]

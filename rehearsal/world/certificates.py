"""The load balancer's certificate, its listener for HTTPS, and the zones in which it is validated."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Final, Literal

from rehearsal.aws import install
from rehearsal.aws.acm import LOOKS_EVERY, acm_backend, authority, validation_record
from rehearsal.aws.https import served_certificate
from rehearsal.world.tls_front import tls_front

if TYPE_CHECKING:
    from rehearsal.aws.acm import LivingCertificate
    from rehearsal.embedded import EmbeddedStage
    from rehearsal.world.foundation import Foundation
    from rollback.tls import Handshake

ELSEWHERE: Final = "_0f0f0f0f.elsewhere.acm-validations.aws."
"""Where a record leads that is wrong."""
DAY: Final = 86_400.0
_NO_CHECK_TIME: Final = 0x200000
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME: the time of a rehearsal is the stage's, not this machine's."""


def trusting() -> ssl.SSLContext:
    """What trusts the stage's authority and nobody else; times are left to whoever knows the time."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority().configure_trust(context)
    context.verify_flags |= ssl.VerifyFlags(_NO_CHECK_TIME)
    return context


class CertificateHouse:
    """What the team has of certificates; nothing, until it is opened.

    Attributes:
        application: who answers behind the listener.
        zone: the id of the zone that the world asks.
        first: the ARN of the certificate that was attached first.
    """

    def __init__(self, stage: EmbeddedStage, foundation: Foundation) -> None:
        self.application = stage.application
        self.zone = stage.environment.certificate.hosted_zone
        self.first = ""
        self._stage = stage
        self._foundation = foundation
        self._clients = stage.clients
        self._contexts: dict[str, ssl.SSLContext] = {}

    # What the team does.

    def open(self) -> None:
        """Have a zone, a certificate that is issued by its record, and a listener that shows it. Takes two minutes."""
        install.attach_certificates()
        stage = self._stage
        self.add_zone(private=False, reference="the team's")
        backend = acm_backend(stage.environment.account, stage.environment.region)
        backend.names.delegate(stage.hostname, self.zone)
        self.put_record(self.zone)
        self.first = self.request()
        stage.clock.sleep(2 * LOOKS_EVERY)
        elbv2 = self._clients.elbv2
        elbv2.create_listener(
            LoadBalancerArn=self._balancer(),
            Protocol="HTTPS",
            Port=443,
            Certificates=[{"CertificateArn": self.first}],
            DefaultActions=[{"Type": "forward", "TargetGroupArn": self._foundation.target_group}],
        )
        tls_front().shown = self

    def close(self) -> None:
        """Let nobody connect any more."""
        if tls_front().shown is self:
            tls_front().shown = None

    def request(self, *names: str, validation: Literal["DNS", "EMAIL"] = "DNS") -> str:
        """Request a certificate, for the environment's host if no names are given; returns its ARN."""
        wanted = names or (self._stage.hostname,)
        arn = self._clients.acm.request_certificate(
            DomainName=wanted[0],
            SubjectAlternativeNames=list(wanted),
            ValidationMethod=validation,
        )["CertificateArn"]
        self.certificate(arn).validation = validation
        return arn

    def add_zone(self, *, private: bool, reference: str) -> str:
        """Add a zone of the environment's host, to which nothing leads; returns its id."""
        created = self._clients.route53.create_hosted_zone(
            Name=self._stage.hostname,
            CallerReference=reference,
            HostedZoneConfig={"PrivateZone": private, "Comment": reference},
        )
        return created["HostedZone"]["Id"].rpartition("/")[2]

    def put_record(self, zone: str, *, value: str = "") -> None:
        """Put the validation record of the environment's host into a zone, or one that leads elsewhere."""
        self._change("UPSERT", zone, value)

    def take_record(self, *, value: str = "") -> None:
        """Delete the validation record from the zone that the world asks."""
        self._change("DELETE", self.zone, value)

    def certificate(self, arn: str) -> LivingCertificate:
        """A certificate as ACM has it."""
        environment = self._stage.environment
        found: LivingCertificate = acm_backend(environment.account, environment.region).get_certificate(arn)
        return found

    def fail(self, arn: str, reason: str) -> None:
        """Have the request fail."""
        certificate = self.certificate(arn)
        certificate.status, certificate.failure = "FAILED", reason

    def attach(self, arn: str) -> None:
        """Attach another certificate to the listener."""
        self._clients.elbv2.modify_listener(
            ListenerArn=self._listener(), Certificates=[{"CertificateArn": arn}]
        )

    # What is seen.

    def status(self, arn: str) -> str:
        """The status that ACM shows."""
        return self._clients.acm.describe_certificate(CertificateArn=arn)["Certificate"]["Status"]

    @property
    def attached(self) -> str:
        """The ARN of the certificate that the listener has."""
        listener = self._clients.elbv2.describe_listeners(ListenerArns=[self._listener()])["Listeners"][0]
        return listener["Certificates"][0]["CertificateArn"]

    @property
    def served(self) -> str:
        """The ARN of the certificate that is shown now."""
        found = self._served(self._stage.hostname)
        return found.arn if found else ""

    def records(self, zone: str | None = None) -> dict[str, str]:
        """The CNAME records of a zone, the one that the world asks if none is named."""
        listed = self._clients.route53.list_resource_record_sets(HostedZoneId=zone or self.zone)
        return {
            each["Name"]: each["ResourceRecords"][0]["Value"]
            for each in listed["ResourceRecordSets"]
            if each["Type"] == "CNAME"
        }

    @property
    def record(self) -> tuple[str, str]:
        """The validation record of the environment's host, as it has to be."""
        return validation_record(self._stage.environment.account, self._stage.hostname)

    def handshake(self) -> Handshake:
        """What a careful client sees who connects now."""
        from rollback.tls import Tls  # noqa: PLC0415

        return Tls(connect=tls_front().connect, context=trusting).handshake(self._stage.hostname)

    def context(self, host: str) -> ssl.SSLContext | None:
        """What the listener shows to whoever asks for `host`; None where nobody listens."""
        found = self._served(host)
        if found is None:
            return None
        if found.arn not in self._contexts:
            file = self._stage.directory / f"{found.arn.rpartition('/')[2]}.pem"
            file.write_bytes(found.key + found.cert)
            file.chmod(0o600)
            made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            made.load_cert_chain(file)
            self._contexts[found.arn] = made
        return self._contexts[found.arn]

    def _served(self, host: str) -> LivingCertificate | None:
        environment = self._stage.environment
        name = self.application.names.get(host, host)
        return served_certificate(environment.account, environment.region, name)

    def _change(self, action: Literal["UPSERT", "DELETE"], zone: str, value: str) -> None:
        name, right = self.record
        self._clients.route53.change_resource_record_sets(
            HostedZoneId=zone,
            ChangeBatch={
                "Changes": [
                    {
                        "Action": action,
                        "ResourceRecordSet": {
                            "Name": name,
                            "Type": "CNAME",
                            "TTL": 300,
                            "ResourceRecords": [{"Value": value or right}],
                        },
                    }
                ]
            },
        )

    def _balancer(self) -> str:
        balancers = self._clients.elbv2.describe_load_balancers()["LoadBalancers"]
        dns = self._foundation.load_balancer
        return next(each["LoadBalancerArn"] for each in balancers if each["DNSName"] == dns)

    def _listener(self) -> str:
        listeners = self._clients.elbv2.describe_listeners(LoadBalancerArn=self._balancer())["Listeners"]
        return next(each["ListenerArn"] for each in listeners if each["Protocol"] == "HTTPS")

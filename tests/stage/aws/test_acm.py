"""ACM issues only when the world finds the right record, and load balancers take only what is issued."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from rehearsal.aws import install
from rehearsal.aws.acm import acm_backend, validation_record

if TYPE_CHECKING:
    from mypy_boto3_route53.type_defs import ResourceRecordSetTypeDef

    from rehearsal.aws.names import Names
    from rehearsal.embedded import EmbeddedStage

HOUR = 3600.0
RIGHT = "Z0RIGHT"


class Account:
    """The stage's account, with the domain's zone delegated to."""

    def __init__(self, stage: EmbeddedStage) -> None:
        install.attach_certificates()
        self.stage = stage
        self.acm, self.route53 = stage.clients.acm, stage.clients.route53
        self.domain = stage.hostname
        self.zone("right", delegated=True)

    @property
    def names(self) -> Names:
        environment = self.stage.environment
        return acm_backend(environment.account, environment.region).names

    def zone(self, reference: str, *, delegated: bool = False, private: bool = False) -> str:
        created = self.route53.create_hosted_zone(
            Name=self.domain,
            CallerReference=reference,
            HostedZoneConfig={"PrivateZone": private, "Comment": ""},
        )
        if delegated:
            self.names.delegate(self.domain, RIGHT)
            return RIGHT
        return created["HostedZone"]["Id"].rpartition("/")[2]

    def record(
        self,
        zone: str = RIGHT,
        *,
        value: str = "",
    ) -> None:
        name, right = validation_record(self.stage.environment.account, self.domain)
        records: ResourceRecordSetTypeDef = {
            "Name": name,
            "Type": "CNAME",
            "TTL": 300,
            "ResourceRecords": [{"Value": value or right}],
        }
        self.route53.change_resource_record_sets(
            HostedZoneId=zone,
            ChangeBatch={"Changes": [{"Action": "UPSERT", "ResourceRecordSet": records}]},
        )

    def request(self) -> str:
        return self.acm.request_certificate(DomainName=self.domain, ValidationMethod="DNS")["CertificateArn"]

    def status(self, arn: str) -> str:
        return self.acm.describe_certificate(CertificateArn=arn)["Certificate"]["Status"]


@pytest.fixture
def account(stage: EmbeddedStage) -> Account:
    return Account(stage)


def test_a_request_without_its_record_stays_pending_and_times_out_after_three_days(account: Account) -> None:
    arn = account.request()
    account.stage.clock.sleep(71 * HOUR)
    assert account.status(arn) == "PENDING_VALIDATION"
    account.stage.clock.sleep(2 * HOUR)
    assert account.status(arn) == "VALIDATION_TIMED_OUT"
    account.record()
    account.stage.clock.sleep(HOUR)
    assert account.status(arn) == "VALIDATION_TIMED_OUT"


def test_the_right_record_has_it_issued_within_two_minutes(account: Account) -> None:
    arn = account.request()
    account.record()
    assert account.status(arn) == "PENDING_VALIDATION"
    account.stage.clock.sleep(120)
    assert account.status(arn) == "ISSUED"


def test_a_record_that_leads_elsewhere_doesnt(account: Account) -> None:
    arn = account.request()
    account.record(value="_0123.elsewhere.acm-validations.aws.")
    account.stage.clock.sleep(HOUR)
    assert account.status(arn) == "PENDING_VALIDATION"


@pytest.mark.parametrize("private", [True, False], ids=["private", "public-but-not-delegated"])
def test_a_record_in_a_zone_that_nobody_asks_doesnt(account: Account, private: bool) -> None:  # noqa: FBT001
    arn = account.request()
    account.record(account.zone("wrong", private=private))
    account.stage.clock.sleep(HOUR)
    assert account.status(arn) == "PENDING_VALIDATION"


def test_the_record_is_the_same_for_each_request_of_a_domain(account: Account) -> None:
    """So that one record has all of them issued."""
    options = [
        account.acm.describe_certificate(CertificateArn=account.request())["Certificate"][
            "DomainValidationOptions"
        ]
        for _ in range(2)
    ]
    assert options[0] == options[1]
    assert options[0][0]["ResourceRecord"]["Type"] == "CNAME"


def test_an_issued_certificate_expires_by_the_clock(account: Account) -> None:
    account.record()
    arn = account.request()
    account.stage.clock.sleep(120)
    account.stage.clock.sleep(199 * 24 * HOUR)
    assert account.status(arn) == "EXPIRED"


def test_a_load_balancer_takes_no_certificate_that_is_not_issued(account: Account) -> None:
    from rehearsal.world.world import World  # noqa: PLC0415 - a stage must be open

    world = World(account.stage)
    elbv2 = account.stage.clients.elbv2
    balancer = elbv2.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
    arn = account.request()

    def listen() -> None:
        elbv2.create_listener(
            LoadBalancerArn=balancer,
            Protocol="HTTPS",
            Port=443,
            Certificates=[{"CertificateArn": arn}],
            DefaultActions=[{"Type": "forward", "TargetGroupArn": world.foundation.target_group}],
        )

    with pytest.raises(ClientError, match="UnsupportedCertificate"):
        listen()
    account.record()
    account.stage.clock.sleep(120)
    listen()
    with pytest.raises(ClientError, match="ResourceInUseException"):
        account.acm.delete_certificate(CertificateArn=arn)
    assert account.acm.describe_certificate(CertificateArn=arn)["Certificate"]["InUseBy"] == [balancer]

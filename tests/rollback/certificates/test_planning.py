"""What stands in the way of a certificate, each with a sentence and a way out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rehearsal import faults
from rehearsal.world.certificates import DAY, ELSEWHERE
from rollback.certificates import CertificatePlan, plan
from rollback.plan import Severity

if TYPE_CHECKING:
    from rehearsal.clock import VirtualClock
    from rehearsal.embedded import EmbeddedStage
    from rehearsal.world.certificates import CertificateHouse
    from rehearsal.world.world import World
    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.plan import Finding


def finding(made: CertificatePlan, check: str) -> Finding:
    return next(each for each in made.findings if each.check == check)


def refused(made: CertificatePlan, check: str) -> Finding:
    """The one refusal, which carries a way out."""
    assert [each.check for each in made.refusals] == [check]
    assert made.refusals[0].remedy
    assert made.commands == ()
    return made.refusals[0]


@pytest.fixture
def clock(stage: EmbeddedStage) -> VirtualClock:
    return stage.clock


def test_a_certificate_that_serves_needs_nothing(
    environment: Environment, access: Access, house: CertificateHouse
) -> None:
    made = plan(environment, access)
    assert made.done
    assert not made.refusals
    assert not made.warnings
    assert made.commands == ()
    assert made.chosen is not None
    assert made.chosen.arn == house.first


class TestPending:
    def test_the_record_is_missing(
        self, environment: Environment, access: Access, house: CertificateHouse
    ) -> None:
        house.take_record()
        new = house.request()
        made = plan(environment, access, certificate=new)
        found = finding(made, "record")
        assert found.severity is Severity.WARNING
        assert (
            found.seen
            == f"The validation record is missing: {house.record[0]} has to lead to {house.record[1]}"
        )
        assert [(each.name, each.value) for each in made.to_write] == [house.record]
        first, second, third, fourth = made.commands
        assert house.record[1] in first
        assert second.startswith("aws acm wait certificate-validated")
        assert third.startswith("aws elbv2 modify-listener")
        assert fourth.startswith("openssl s_client")

    def test_the_record_leads_elsewhere(
        self, environment: Environment, access: Access, house: CertificateHouse
    ) -> None:
        house.put_record(house.zone, value=ELSEWHERE)
        made = plan(environment, access, certificate=house.request())
        assert finding(made, "record").seen == (
            f"The validation record leads to {ELSEWHERE}, not to {house.record[1]}: {house.record[0]}"
        )
        assert len(made.to_write) == 1

    @pytest.mark.parametrize("private", [True, False], ids=["private", "not-delegated"])
    def test_the_record_is_in_a_zone_that_nobody_asks(
        self,
        environment: Environment,
        access: Access,
        house: CertificateHouse,
        private: bool,  # noqa: FBT001
    ) -> None:
        house.take_record()
        wrong = house.add_zone(private=private, reference="wrong")
        house.put_record(wrong)
        made = plan(environment, access, certificate=house.request())
        assert wrong in finding(made, "record-elsewhere").seen
        assert house.zone in finding(made, "record-elsewhere").remedy
        assert len(made.to_write) == 1

    def test_a_record_is_right_however_it_is_spelt(
        self, environment: Environment, access: Access, house: CertificateHouse, clock: VirtualClock
    ) -> None:
        """DNS knows no case, and Route 53 takes a value with its last dot and without."""
        house.put_record(house.zone, value=house.record[1].removesuffix(".").upper())
        new = house.request()
        assert plan(environment, access, certificate=new).to_write == ()
        clock.sleep(120)
        assert house.status(new) == "ISSUED"

    def test_whoever_may_see_only_the_zone_that_counts_can_plan(
        self, environment: Environment, access: Access, house: CertificateHouse, stage: EmbeddedStage
    ) -> None:
        fault = faults.Fault(kind=faults.Kind.ACCESS_DENIED, operation="route53:ListHostedZones")
        faults.inject(stage, fault)
        house.take_record()
        made = plan(environment, access, certificate=house.request())
        assert not made.refusals
        assert len(made.to_write) == 1

    def test_something_else_is_under_its_name(
        self, environment: Environment, access: Access, house: CertificateHouse, stage: EmbeddedStage
    ) -> None:
        house.take_record()
        stage.clients.route53.change_resource_record_sets(
            HostedZoneId=house.zone,
            ChangeBatch={
                "Changes": [
                    {
                        "Action": "CREATE",
                        "ResourceRecordSet": {
                            "Name": house.record[0],
                            "Type": "TXT",
                            "TTL": 60,
                            "ResourceRecords": [{"Value": '"somebody"'}],
                        },
                    }
                ]
            },
        )
        made = plan(environment, access, certificate=house.request())
        assert "a TXT record" in refused(made, "record").seen

    def test_it_is_validated_by_mail(
        self, environment: Environment, access: Access, house: CertificateHouse
    ) -> None:
        made = plan(environment, access, certificate=house.request(validation="EMAIL"))
        assert "mail" in refused(made, "certificate-validation").seen


class TestTheZone:
    def test_it_is_not_there(self, environment: Environment, access: Access, house: CertificateHouse) -> None:
        other = replace(environment, certificate=replace(environment.certificate, hosted_zone="Z0NOBODYS"))
        made = plan(other, access, certificate=house.request())
        assert "has no hosted zone Z0NOBODYS" in refused(made, "zone").seen

    def test_it_is_private(self, environment: Environment, access: Access, house: CertificateHouse) -> None:
        zone = house.add_zone(private=True, reference="inside")
        other = replace(environment, certificate=replace(environment.certificate, hosted_zone=zone))
        made = plan(other, access, certificate=house.request())
        assert "is private" in refused(made, "zone").seen

    def test_it_is_of_another_domain(
        self, environment: Environment, access: Access, house: CertificateHouse, stage: EmbeddedStage
    ) -> None:
        made_zone = stage.clients.route53.create_hosted_zone(Name="else.example", CallerReference="x")
        zone = made_zone["HostedZone"]["Id"].rpartition("/")[2]
        other = replace(environment, certificate=replace(environment.certificate, hosted_zone=zone))
        made = plan(other, access, certificate=house.request())
        assert "doesn't belong into the zone else.example." in refused(made, "zone").seen


class TestWhatNoRecordCanMend:
    def test_the_request_has_failed(
        self, environment: Environment, access: Access, house: CertificateHouse
    ) -> None:
        new = house.request()
        house.fail(new, "CAA_ERROR")
        found = refused(plan(environment, access, certificate=new), "certificate-status")
        assert "was not issued (CAA_ERROR)" in found.seen
        assert "aws acm request-certificate" in found.commands[0]

    def test_it_has_timed_out(
        self, environment: Environment, access: Access, house: CertificateHouse, clock: VirtualClock
    ) -> None:
        house.take_record()
        new = house.request()
        clock.sleep(3 * DAY + 60)
        made = plan(environment, access, certificate=new)
        assert "within 72 hours" in refused(made, "certificate-status").seen

    @pytest.mark.usefixtures("house")
    def test_it_has_expired_and_none_follows(
        self, environment: Environment, access: Access, clock: VirtualClock
    ) -> None:
        clock.sleep(199 * DAY)
        made = plan(environment, access)
        assert "has expired" in finding(made, "attached").seen
        assert "aws acm request-certificate" in refused(made, "certificate-chosen").commands[0]

    def test_it_is_for_another_host(
        self, environment: Environment, access: Access, house: CertificateHouse
    ) -> None:
        made = plan(environment, access, certificate=house.request("other.example"))
        assert "is for other.example, not for" in refused(made, "certificate-names").seen

    @pytest.mark.usefixtures("house")
    def test_it_is_in_another_region(self, environment: Environment, access: Access) -> None:
        arn = f"arn:aws:acm:eu-west-1:{environment.account}:certificate/0"
        found = refused(plan(environment, access, certificate=arn), "certificate-region")
        assert "only certificates of its own region" in found.seen
        assert f"--region {environment.region}" in found.commands[0]

    @pytest.mark.usefixtures("house")
    @pytest.mark.parametrize("arn", ["arn:aws:acm:{region}:{account}:certificate/0", "hunter"])
    def test_it_is_not_there(self, environment: Environment, access: Access, arn: str) -> None:
        asked = arn.format(region=environment.region, account=environment.account)
        refused(plan(environment, access, certificate=asked), "certificate-chosen")

    def test_there_is_no_listener(self, environment: Environment, access: Access, world: World) -> None:
        assert world.look.status() == "ACTIVE"
        refused(plan(environment, access), "listener")


class TestChoosing:
    def test_one_that_is_issued_comes_before_a_newer_that_is_not(
        self, environment: Environment, access: Access, house: CertificateHouse, clock: VirtualClock
    ) -> None:
        clock.sleep(190 * DAY)
        issued = house.request()
        clock.sleep(120)
        house.take_record()
        house.request()
        made = plan(environment, access)
        assert "expires in 8 days" in finding(made, "attached").seen
        assert made.chosen is not None
        assert made.chosen.arn == issued

    def test_the_newest_that_can_still_be_issued(
        self, environment: Environment, access: Access, house: CertificateHouse, clock: VirtualClock
    ) -> None:
        clock.sleep(199 * DAY)
        house.take_record()
        house.request()
        clock.sleep(5)
        newest = house.request()
        made = plan(environment, access)
        assert made.chosen is not None
        assert made.chosen.arn == newest

    def test_a_wildcard_covers_one_label(
        self, environment: Environment, access: Access, house: CertificateHouse, clock: VirtualClock
    ) -> None:
        del house
        domain = environment.url.partition("://")[2].partition(".")[2]
        clock.sleep(1)
        made = plan(environment, access)
        assert made.chosen is not None
        wild = replace(made.chosen, names=(f"*.{domain}",))
        assert wild.covers(f"www.{domain}")
        assert not wild.covers(f"a.b.{domain}")
        assert not wild.covers(domain)


def test_nothing_is_changed_by_planning(
    environment: Environment, access: Access, house: CertificateHouse
) -> None:
    house.take_record()
    new = house.request()
    before = (house.records(), house.attached, house.status(new))
    plan(environment, access, certificate=new)
    assert (house.records(), house.attached, house.status(new)) == before

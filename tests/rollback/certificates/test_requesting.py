"""A certificate that is requested: once, for our host, in our account, and gone on with after anything."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

import jmespath  # type: ignore[import-untyped]
import pytest

from rehearsal import faults
from rehearsal.faults import Fault, Kind
from rehearsal.world.certificates import DAY
from rollback.certificates import CertificatePlan, Outcome, apply, plan, saved_point, undo
from rollback.errors import Outdated, RollbackError
from rollback.journal import read
from tests.rollback.certificates.test_by_hand import option

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.awsrequest import AWSResponse

    from rehearsal.doors import Call
    from rehearsal.embedded import EmbeddedStage
    from rehearsal.world.certificates import CertificateHouse
    from rollback.access import Access
    from rollback.environment import Environment

REQUEST = "acm:RequestCertificate"


def known(stage: EmbeddedStage) -> list[str]:
    """The ARNs of all certificates of the account."""
    listed = stage.clients.acm.list_certificates(Includes={"keyTypes": ["EC_prime256v1", "RSA_2048"]})
    return [each["CertificateArn"] for each in listed["CertificateSummaryList"]]


def found(made: CertificatePlan, check: str) -> str:
    return next(each.seen for each in made.findings if each.check == check)


class TestThePlan:
    def test_requests_nothing_yet_and_says_that_it_will(
        self, environment: Environment, access: Access, house: CertificateHouse, stage: EmbeddedStage
    ) -> None:
        made = plan(environment, access, renew=True)
        assert not made.refusals
        assert "is requested" in found(made, "certificate-request")
        assert known(stage) == [house.first]

    def test_takes_on_what_was_requested_and_does_not_serve_yet(
        self, environment: Environment, access: Access, house: CertificateHouse
    ) -> None:
        new = house.request()
        made = plan(environment, access, renew=True)
        assert made.chosen is not None
        assert made.chosen.arn == new
        (warned,) = [each for each in made.warnings if each.check == "certificate-request"]
        assert warned.commands[0].startswith("aws acm delete-certificate")

    def test_leaves_what_is_no_follower_of_the_certificate_that_serves(
        self, environment: Environment, access: Access, house: CertificateHouse, stage: EmbeddedStage
    ) -> None:
        """One of before, one for more hosts, one that waits for a mail, and one that has failed."""
        first, later = house.first, house.request()
        stage.clock.sleep(120)
        house.attach(later)
        house.request(stage.hostname, f"www.{stage.hostname}")
        house.request(validation="EMAIL")
        house.fail(house.request(), "CAA_ERROR")
        assert house.status(first) == "ISSUED"
        assert plan(environment, access, renew=True).token

    def test_is_refused_without_a_zone_for_the_record(
        self, environment: Environment, access: Access, house: CertificateHouse, stage: EmbeddedStage
    ) -> None:
        other = replace(environment, certificate=replace(environment.certificate, hosted_zone="ZNOWHERE"))
        made = plan(other, access, renew=True)
        assert [each.check for each in made.refusals] == ["zone"]
        assert not made.token
        assert known(stage) == [house.first]

    @pytest.mark.usefixtures("house")
    def test_is_refused_in_another_account(
        self, environment: Environment, access: Access, stage: EmbeddedStage
    ) -> None:
        stage.sign_in("999988887777")
        assert [each.check for each in plan(environment, access, renew=True).refusals] == ["account"]

    @pytest.mark.usefixtures("house")
    def test_is_refused_in_another_region(self, environment: Environment, stage: EmbeddedStage) -> None:
        made = plan(environment, stage.access(region="eu-west-1"), renew=True)
        assert [each.check for each in made.refusals] == ["region"]

    def test_either_one_is_named_or_one_is_requested(
        self, environment: Environment, access: Access, house: CertificateHouse
    ) -> None:
        with pytest.raises(RollbackError, match="and a new one asked for"):
            plan(environment, access, certificate=house.first, renew=True)


class TestApplying:
    def test_applying_the_same_plan_again_requests_no_other(
        self, environment: Environment, access: Access, house: CertificateHouse, stage: EmbeddedStage
    ) -> None:
        """As whoever types the line twice, or has ACM's list show the first too late."""
        made = plan(environment, access, renew=True)
        first = apply(environment, access, made)
        assert first.landed
        house.attach(house.first)
        assert apply(environment, access, made).certificate == first.certificate
        assert len(known(stage)) == 2

    @pytest.mark.parametrize("kind", [Kind.TIMEOUT_BEFORE, Kind.TIMEOUT_AFTER, Kind.INTERNAL_ERROR])
    def test_an_answer_that_is_lost_costs_no_second_certificate(
        self,
        environment: Environment,
        access: Access,
        house: CertificateHouse,
        stage: EmbeddedStage,
        kind: Kind,
    ) -> None:
        made = plan(environment, access, renew=True)
        faults.inject(stage, Fault(kind=kind, operation=REQUEST, times=1))
        result = apply(environment, access, made)
        assert result.landed, result.sentence
        assert set(known(stage)) == {house.first, result.certificate}
        assert house.served == result.certificate

    def test_acm_says_no_and_nothing_else_is_done(
        self, environment: Environment, access: Access, house: CertificateHouse, stage: EmbeddedStage
    ) -> None:
        made = plan(environment, access, renew=True)
        faults.inject(stage, Fault(kind=Kind.ACCESS_DENIED, operation=REQUEST))
        result = apply(environment, access, made)
        assert result.outcome is Outcome.NOT_REQUESTED
        assert "acm:RequestCertificate" in result.sentence
        assert house.attached == house.first
        assert known(stage) == [house.first]

    def test_records_that_acm_does_not_name_at_once_are_waited_for(
        self, environment: Environment, access: Access, house: CertificateHouse, stage: EmbeddedStage
    ) -> None:
        """ACM tells of a request some seconds after it was made (API reference, ``RequestCertificate``)."""
        made = plan(environment, access, renew=True)
        began, until = stage.clock.monotonic(), 8.0

        def later(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
            if call.operation == "acm:DescribeCertificate" and stage.clock.monotonic() < began + until:
                call.request.body = json.dumps({"CertificateArn": f"{house.first[:-4]}0000"}).encode()
            return proceed()

        stage.operator.interceptors.append(later)
        assert apply(environment, access, made).landed

    def test_records_that_acm_never_names_end_it(
        self, environment: Environment, access: Access, house: CertificateHouse, stage: EmbeddedStage
    ) -> None:
        made = plan(environment, access, renew=True)
        faults.inject(stage, Fault(kind=Kind.INTERNAL_ERROR, operation="acm:DescribeCertificate"))
        result = apply(environment, access, made)
        assert result.outcome is Outcome.NOT_REQUESTED
        assert "doesn't name its records" in result.sentence
        stage.operator.interceptors.clear()
        again = apply(environment, access, plan(environment, access, renew=True))
        assert again.landed
        assert set(known(stage)) == {house.first, again.certificate}

    def test_somebody_is_in_the_way_of_the_record(
        self, environment: Environment, access: Access, house: CertificateHouse, stage: EmbeddedStage
    ) -> None:
        house.take_record()
        made = plan(environment, access, renew=True)
        change = {"Name": house.record[0], "Type": "TXT", "TTL": 300, "ResourceRecords": [{"Value": '"x"'}]}
        stage.clients.route53.change_resource_record_sets(
            HostedZoneId=house.zone,
            ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": change}]},  # type: ignore[typeddict-item]
        )
        result = apply(environment, access, made)
        assert result.outcome is Outcome.NOT_WRITTEN
        assert "there is a TXT record" in result.sentence
        assert house.records() == {}

    def test_somebody_attaches_another_in_the_meantime(
        self, environment: Environment, access: Access, house: CertificateHouse, stage: EmbeddedStage
    ) -> None:
        made = plan(environment, access, renew=True)
        other = house.request()
        stage.clock.sleep(120)
        house.attach(other)
        with pytest.raises(Outdated):
            apply(environment, access, made)
        assert house.attached == other
        assert set(known(stage)) == {house.first, other}

    def test_the_certificate_of_before_is_attached_again_by_an_undo(
        self, environment: Environment, access: Access, house: CertificateHouse
    ) -> None:
        assert apply(environment, access, plan(environment, access, renew=True)).landed
        saved = saved_point(environment, read(access.journal.path))
        assert undo(environment, access, saved).landed
        assert house.served == house.first

    def test_what_was_killed_right_after_the_request_can_be_undone_and_gone_on_with(
        self, environment: Environment, access: Access, house: CertificateHouse, stage: EmbeddedStage
    ) -> None:
        made = plan(environment, access, renew=True)

        def kill(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
            answer = proceed()
            if call.operation == REQUEST:
                raise KeyboardInterrupt
            return answer

        stage.operator.interceptors.append(kill)
        with pytest.raises(KeyboardInterrupt):
            apply(environment, access, made)
        saved = saved_point(environment, read(access.journal.path))
        assert (saved.before, saved.chosen) == (house.first, "")
        assert undo(environment, access, saved).outcome is Outcome.NOTHING
        again = apply(environment, access, plan(environment, access, renew=True))
        assert again.landed
        assert set(known(stage)) == {house.first, again.certificate}

    def test_an_expired_one_gives_way(
        self, environment: Environment, access: Access, house: CertificateHouse, stage: EmbeddedStage
    ) -> None:
        stage.clock.sleep(199 * DAY)
        result = apply(environment, access, plan(environment, access, renew=True))
        assert result.landed
        assert house.served == result.certificate != house.first


def test_the_lines_do_the_same(
    environment: Environment, access: Access, house: CertificateHouse, stage: EmbeddedStage
) -> None:
    """The first line sets what the shell fills in in the others."""
    house.take_record()
    request, record, wait, attach, look = plan(environment, access, renew=True).commands
    asked = request.removeprefix("certificate=$(").removesuffix(")")
    new = stage.clients.acm.request_certificate(
        DomainName=option(asked, "--domain-name"),
        ValidationMethod="DNS",
        IdempotencyToken=option(asked, "--idempotency-token"),
    )["CertificateArn"]
    put, _, told = record.partition(' --change-batch "$(')
    query = option(told.removesuffix(')"'), "--query")
    batch = jmespath.search(query, stage.clients.acm.describe_certificate(CertificateArn=new))
    stage.clients.route53.change_resource_record_sets(
        HostedZoneId=option(put, "--hosted-zone-id"), ChangeBatch=batch
    )
    stage.clock.sleep(120)
    assert house.status(new) == "ISSUED"
    for line in (wait, attach):
        assert '"$certificate"' in line or '"CertificateArn=$certificate"' in line
    stage.clients.elbv2.modify_listener(
        ListenerArn=option(attach, "--listener-arn"), Certificates=[{"CertificateArn": new}]
    )
    stage.clock.sleep(5)
    assert house.served == new
    assert shlex.split(look)[0] == "openssl"

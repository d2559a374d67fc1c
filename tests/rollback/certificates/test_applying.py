"""A repair: the record is made, ACM issues, the listener changes, and a real handshake proves it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rehearsal import faults
from rehearsal.world.certificates import DAY, ELSEWHERE
from rollback.certificates import Outcome, apply, plan, plan_undo, saved_point, undo, verify
from rollback.errors import JournalError, Outdated, Refused
from rollback.journal import Kind, read

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.awsrequest import AWSResponse

    from rehearsal.doors import Call
    from rehearsal.embedded import EmbeddedStage
    from rehearsal.world.certificates import CertificateHouse
    from rollback.access import Access
    from rollback.environment import Environment

MISSING, WRONG, WRONG_ZONE = "missing", "wrong", "in the wrong zone"


@pytest.fixture
def pending(house: CertificateHouse) -> str:
    """A new certificate whose record is missing."""
    house.take_record()
    return house.request()


class TestARepair:
    @pytest.mark.parametrize("record", [MISSING, WRONG, WRONG_ZONE])
    def test_the_record_is_mended_and_the_new_certificate_serves(
        self, environment: Environment, access: Access, house: CertificateHouse, record: str
    ) -> None:
        house.take_record()
        if record == WRONG:
            house.put_record(house.zone, value=ELSEWHERE)
        elif record == WRONG_ZONE:
            house.put_record(house.add_zone(private=False, reference="wrong"))
        new = house.request()
        result = apply(environment, access, plan(environment, access, certificate=new))
        assert result.outcome is Outcome.SERVING
        assert house.status(new) == "ISSUED"
        assert house.attached == house.served == new
        assert house.records() == dict([house.record])
        assert house.status(house.first) == "ISSUED"
        assert result.seconds < environment.certificate.wait_seconds
        assert verify(environment, access, new).landed

    def test_an_expired_certificate_gives_way_to_one_that_is_pending(
        self, environment: Environment, access: Access, house: CertificateHouse, stage: EmbeddedStage
    ) -> None:
        stage.clock.sleep(199 * DAY)
        house.take_record()
        assert "expired" in house.handshake().problem_at(stage.clock.now())
        new = house.request()
        assert apply(environment, access, plan(environment, access)).landed
        assert house.handshake().problem_at(stage.clock.now()) == ""
        assert house.attached == new

    def test_the_old_one_serves_until_the_new_one_is_issued(
        self, environment: Environment, access: Access, house: CertificateHouse, pending: str
    ) -> None:
        seen: list[tuple[str, str]] = []
        access.journal.subscribe(lambda _: seen.append((house.status(pending), house.served)))
        apply(environment, access, plan(environment, access, certificate=pending))
        assert {served for status, served in seen if status != "ISSUED"} == {house.first}
        assert seen[-1] == ("ISSUED", pending)

    def test_where_it_serves_already_nothing_is_done(
        self, environment: Environment, access: Access, house: CertificateHouse
    ) -> None:
        result = apply(environment, access, plan(environment, access))
        assert result.outcome is Outcome.NOTHING
        assert result.saved is None
        assert house.attached == house.first

    def test_only_the_record_that_renewal_needs_is_made(
        self, environment: Environment, access: Access, house: CertificateHouse
    ) -> None:
        house.take_record()
        result = apply(environment, access, plan(environment, access))
        assert result.outcome is Outcome.SERVING
        assert house.records() == dict([house.record])
        assert house.attached == house.first


class TestWhereItDoesNotGoWell:
    def test_after_half_an_hour_it_is_given_up_and_the_old_one_stays(
        self, environment: Environment, access: Access, house: CertificateHouse, stage: EmbeddedStage
    ) -> None:
        """Nobody leads to the zone: the record is right, and the world doesn't see it."""
        from rehearsal.aws.acm import acm_backend  # noqa: PLC0415 - a stage must be open

        house.take_record()
        new = house.request()
        acm_backend(environment.account, environment.region).names.delegated.clear()
        began = stage.clock.monotonic()
        result = apply(environment, access, plan(environment, access, certificate=new))
        assert result.outcome is Outcome.STILL_PENDING
        assert 1800 <= stage.clock.monotonic() - began < 1860
        assert house.attached == house.served == house.first
        assert "registrar" in result.remedy

    def test_acm_refuses_meanwhile(
        self,
        environment: Environment,
        access: Access,
        house: CertificateHouse,
        stage: EmbeddedStage,
        pending: str,
    ) -> None:
        stage.clock.call_in(50, lambda: house.fail(pending, "CAA_ERROR"))
        result = apply(environment, access, plan(environment, access, certificate=pending))
        assert result.outcome is Outcome.FAILED
        assert "CAA_ERROR" in result.sentence
        assert house.attached == house.first

    def test_one_that_is_not_trusted_is_taken_back(
        self, environment: Environment, access: Access, house: CertificateHouse, stage: EmbeddedStage
    ) -> None:
        """Its chain leads to an authority that nobody knows."""
        import trustme  # noqa: PLC0415

        new = house.request()
        stage.clock.sleep(120)
        made = plan(environment, access, certificate=new)
        foreign = trustme.CA().issue_cert(stage.hostname)
        bundle = house.certificate(new)
        bundle.cert, bundle.key = foreign.cert_chain_pems[0].bytes(), foreign.private_key_pem.bytes()
        result = apply(environment, access, made)
        assert result.outcome is Outcome.PUT_BACK
        assert "unable to get local issuer" in result.sentence
        assert house.attached == house.served == house.first

    def test_a_refused_change_of_the_listener_changes_nothing(
        self, environment: Environment, access: Access, house: CertificateHouse, stage: EmbeddedStage
    ) -> None:
        faults.inject(
            stage,
            faults.Fault(kind=faults.Kind.ACCESS_DENIED, operation="elbv2:ModifyListener"),
        )
        new = house.request()
        result = apply(environment, access, plan(environment, access, certificate=new))
        assert result.outcome is Outcome.NOT_ATTACHED
        assert house.attached == house.first

    def test_an_answer_that_is_lost_is_looked_for(
        self, environment: Environment, access: Access, house: CertificateHouse, stage: EmbeddedStage
    ) -> None:
        """Both changes were done, and nobody said so."""
        from botocore.exceptions import ReadTimeoutError  # noqa: PLC0415

        lost = []

        def lose(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
            answer = proceed()
            if call.operation.endswith(("ModifyListener", "ChangeResourceRecordSets")):
                lost.append(call.operation)
                raise ReadTimeoutError(endpoint_url="https://aws")
            return answer

        house.take_record()
        new = house.request()
        stage.operator.interceptors.append(lose)
        result = apply(environment, access, plan(environment, access, certificate=new))
        assert len(lost) == 2
        assert result.outcome is Outcome.SERVING
        assert house.served == new

    def test_no_answer_to_the_wait_is_waited_out(
        self, environment: Environment, access: Access, house: CertificateHouse, stage: EmbeddedStage
    ) -> None:
        house.take_record()
        new = house.request()
        made = plan(environment, access, certificate=new)
        asked = []

        def refuse(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
            from botocore.exceptions import ReadTimeoutError  # noqa: PLC0415

            if call.operation == "acm:DescribeCertificate" and house.records():
                asked.append(call)
                if 2 <= len(asked) <= 4:
                    raise ReadTimeoutError(endpoint_url="https://aws")
            return proceed()

        stage.operator.interceptors.append(refuse)
        assert apply(environment, access, made).landed
        assert len(asked) > 4

    def test_a_refused_plan_is_not_applied(
        self, environment: Environment, access: Access, house: CertificateHouse
    ) -> None:
        made = plan(environment, access, certificate=house.request("other.example"))
        with pytest.raises(Refused, match="not for"):
            apply(environment, access, made)
        assert house.attached == house.first

    def test_a_listener_that_has_changed_since_is_left_alone(
        self,
        environment: Environment,
        access: Access,
        house: CertificateHouse,
        stage: EmbeddedStage,
    ) -> None:
        theirs, ours = house.request(), house.request()
        stage.clock.sleep(120)
        made = plan(environment, access, certificate=ours)
        house.attach(theirs)
        with pytest.raises(Outdated, match="listener has changed"):
            apply(environment, access, made)
        assert house.attached == theirs

    def test_a_record_that_has_changed_since_is_left_alone(
        self, environment: Environment, access: Access, house: CertificateHouse, pending: str
    ) -> None:
        made = plan(environment, access, certificate=pending)
        house.put_record(house.zone, value=ELSEWHERE)
        with pytest.raises(Outdated, match="record has changed"):
            apply(environment, access, made)
        assert house.records() == {house.record[0]: ELSEWHERE}

    def test_after_ctrl_c_a_second_run_finishes(
        self,
        environment: Environment,
        access: Access,
        house: CertificateHouse,
        stage: EmbeddedStage,
        pending: str,
    ) -> None:
        def interrupt() -> None:
            raise KeyboardInterrupt

        stage.clock.call_in(20, interrupt)
        with pytest.raises(KeyboardInterrupt):
            apply(environment, access, plan(environment, access, certificate=pending))
        assert read(access.journal.path)[-1].kind is Kind.INTERRUPTED
        assert house.attached == house.first
        assert apply(environment, access, plan(environment, access, certificate=pending)).landed
        assert house.served == pending


class TestVerify:
    def test_a_certificate_that_is_not_shown_is_found_out(
        self, environment: Environment, access: Access, house: CertificateHouse, stage: EmbeddedStage
    ) -> None:
        """The listener has it, as AWS says, and another one is shown."""
        new = house.request()
        stage.clock.sleep(120)
        house.attach(new)
        found = verify(environment, access, new)
        assert [each.check for each in found.contradictions] == ["served"]
        stage.clock.sleep(5)
        assert verify(environment, access, new).landed

    def test_one_that_has_expired_is_refused(
        self, environment: Environment, access: Access, house: CertificateHouse, stage: EmbeddedStage
    ) -> None:
        stage.clock.sleep(199 * DAY)
        assert not verify(environment, access, house.first).landed


class TestUndo:
    def test_the_certificate_of_before_is_attached_again(
        self, environment: Environment, access: Access, house: CertificateHouse, pending: str
    ) -> None:
        apply(environment, access, plan(environment, access, certificate=pending))
        saved = saved_point(environment, read(access.journal.path))
        assert undo(environment, access, saved).outcome is Outcome.SERVING
        assert house.served == house.first
        assert house.records() == dict([house.record])
        assert undo(environment, access, saved).outcome is Outcome.NOTHING

    def test_one_that_has_expired_is_not(
        self, environment: Environment, access: Access, house: CertificateHouse, stage: EmbeddedStage
    ) -> None:
        stage.clock.sleep(199 * DAY)
        new = house.request()
        result = apply(environment, access, plan(environment, access))
        assert result.saved is not None
        with pytest.raises(Refused, match="has expired"):
            undo(environment, access, result.saved)
        assert house.attached == new

    def test_what_somebody_has_attached_since_stays(
        self, environment: Environment, access: Access, house: CertificateHouse, stage: EmbeddedStage
    ) -> None:
        ours, theirs = house.request(), house.request()
        result = apply(environment, access, plan(environment, access, certificate=ours))
        house.attach(theirs)
        stage.clock.sleep(5)
        assert result.saved is not None
        assert [each.check for each in plan_undo(environment, access, result.saved).refusals] == ["attached"]

    def test_the_saved_point_of_another_environment_is_refused(
        self, environment: Environment, access: Access, house: CertificateHouse
    ) -> None:
        result = apply(environment, access, plan(environment, access, certificate=house.request()))
        assert result.saved is not None
        with pytest.raises(JournalError, match="not of"):
            undo(environment, access, replace(result.saved, environment="elsewhere"))

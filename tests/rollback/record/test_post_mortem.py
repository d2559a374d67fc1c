from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from rollback.journal import Kind
from rollback.record import report
from tests.rollback.builders import ENVIRONMENT, NOON
from tests.rollback.record.tale import Tale

if TYPE_CHECKING:
    from rollback.environment import Environment
    from rollback.record import Due, Impact

NONE = replace(ENVIRONMENT.post_mortem, over_budget=False, failed=False, overridden=False, ways=())
ONLY_OUTAGES = replace(ENVIRONMENT, post_mortem=NONE)


def due(tale: Tale, environment: Environment = ENVIRONMENT) -> Due:
    return report(environment, tale.entries).due


def impact(tale: Tale) -> Impact:
    return report(ENVIRONMENT, tale.entries).impact


def outage(minutes: float, *, share: int = 2) -> Tale:
    """Errors at the beginning, one of `share` answers, and none after so many minutes."""
    tale = Tale().answers(500, *[200] * (share - 2), 500).planned().saved().asked().answered()
    return tale.wait(minutes).ended().answers(200)


@pytest.mark.parametrize(("minutes", "is_due"), [(2, False), (14.9, False), (15, True), (60, True)])
def test_an_outage_is_long_enough_or_not(minutes: float, is_due: bool) -> None:  # noqa: FBT001 - a parameter
    assert bool(due(outage(minutes), ONLY_OUTAGES)) is is_due


def test_errors_at_the_first_look_count_from_the_deployment_on() -> None:
    """Nobody looked earlier, and it is what was rolled back."""
    tale = Tale().answers(500).planned(deployed=NOON - timedelta(minutes=14)).saved().asked().wait(2)
    assert impact(tale.ended().answers(200)).since == NOON - timedelta(minutes=14)
    assert "16 min" in due(tale, ONLY_OUTAGES).sentence


@pytest.mark.parametrize("deployed", [NOON - timedelta(days=9), NOON + timedelta(hours=1)])
def test_a_deployment_of_last_week_or_of_a_wrong_clock_is_no_beginning(deployed: object) -> None:
    tale = Tale().answers(500).planned(deployed=deployed).saved().asked().wait(2).ended().answers(200)  # type: ignore[arg-type]
    assert impact(tale).since == NOON


def test_errors_that_began_later_don_t_count_from_the_deployment_on() -> None:
    tale = Tale().answers(200).wait(1).answers(500).planned(deployed=NOON - timedelta(minutes=30)).saved()
    assert impact(tale.asked().wait(1).ended().answers(200)).since == NOON + timedelta(minutes=1)


def test_a_few_errors_among_many_answers_are_no_outage() -> None:
    tale = Tale().answers(500, *[200] * 30, 500).planned().saved().asked().wait(60).ended().answers(200)
    assert not due(tale, ONLY_OUTAGES)


def test_errors_without_an_end_are_due() -> None:
    tale = Tale().answers(500).planned().saved().asked().wait(2).ended().answers(None)
    assert impact(tale).seconds is None
    assert "no end of them" in due(tale, ONLY_OUTAGES).sentence


def test_where_no_users_are_an_outage_is_none() -> None:
    nobody = replace(ONLY_OUTAGES, checklist=replace(ENVIRONMENT.checklist, incident_report=False))
    assert due(outage(60), nobody).reasons == ()
    assert due(Tale().rolled_back(), nobody).unknown == ()


def test_what_was_not_measured_can_t_be_told() -> None:
    """An answer after the end shows nothing of the time before."""
    verdict = due(Tale().rolled_back().answers(200), ONLY_OUTAGES)
    assert not verdict
    assert "can't be told" in verdict.sentence
    assert "not measured" in impact(Tale().rolled_back().answers(200)).sentence


def test_the_shares_are_of_before_during_and_after() -> None:
    tale = (
        Tale().answers(500, 500, 200).planned().saved().wait(1).asked().wait(1).answers(500, None, 404, 200)
    )
    seen = impact(tale.wait(1).ended().wait(1).answers(200, 200))
    assert [(s.asked, s.failed) for s in (seen.before, seen.during, seen.after)] == [(3, 2), (4, 3), (2, 0)]


def test_another_address_s_answers_are_not_the_application_s() -> None:
    tale = Tale().add(Kind.RESPONSE, "GET https://test.example.attacker.example/", status=500).rolled_back()
    assert not impact(tale).measured


@pytest.mark.parametrize(
    ("tale", "why"),
    [
        (Tale().answers(200).rolled_back(minutes=5.1), "The rollback took 5 min 6 s; 5 min are promised."),
        (Tale().answers(200).planned().saved().asked(), "A rollback has not landed"),
        (Tale().answers(200).planned().saved().ended(landed=False), "A rollback has not landed"),
        (
            Tale().answers(200).planned("state").saved("state").ended(way="state"),
            "The way back was state, after which one is always due.",
        ),
        (
            Tale()
            .answers(200)
            .add(Kind.DECISION, "May begin.", may_begin=True, override="Kim")
            .rolled_back(),
            "It began without a complete checklist, as Kim decided.",
        ),
    ],
    ids=["over-budget", "killed", "failed", "way", "overridden"],
)
def test_each_criterion_holds_and_can_be_switched_off(tale: Tale, why: str) -> None:
    assert any(why in reason for reason in due(tale).reasons)
    assert due(tale, ONLY_OUTAGES).reasons == ()


def test_none_is_due_after_a_quick_rollback_that_nobody_felt() -> None:
    verdict = due(Tale().answers(200).rolled_back())
    assert (verdict.reasons, verdict.unknown) == ((), ())
    assert verdict.sentence.startswith("No post-mortem is due")

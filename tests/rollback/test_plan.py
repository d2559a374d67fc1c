from __future__ import annotations

import pytest

from rollback.clock import spoken
from rollback.errors import Refused
from rollback.plan import Finding, Plan, Severity, ok, refusal, warning


def plan(*findings: Finding) -> Plan:
    return Plan(environment="testing", title="Do it.", findings=findings, commands=())


FINE = ok("account", "It is ours.")
WARNED = warning("circuit-breaker", "It is off.", "Watch it.", "aws ecs describe-services")
FIRST = refusal("image-exists", "The image is gone.", "Push it again.", "docker push")
SECOND = refusal("role-exists", "The role is gone.", "Create it.")


def test_a_plan_without_refusals_may_be_applied() -> None:
    plan(FINE, WARNED).must_be_applicable()


def test_a_plan_with_a_refusal_says_the_first_and_what_to_do() -> None:
    with pytest.raises(Refused) as caught:
        plan(FINE, WARNED, FIRST, SECOND).must_be_applicable()
    assert str(caught.value) == "The image is gone. Push it again."
    assert caught.value.remedy == "Push it again."


def test_findings_are_told_apart_in_their_order() -> None:
    made = plan(FIRST, FINE, SECOND, WARNED)
    assert made.refusals == (FIRST, SECOND)
    assert made.warnings == (WARNED,)


def test_a_finding_carries_what_to_type() -> None:
    assert (
        Finding("image-exists", Severity.REFUSAL, "The image is gone.", "Push it again.", ("docker push",))
        == FIRST
    )
    assert (FINE.remedy, FINE.commands) == ("", ())


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "0 s"),
        (45, "45 s"),
        (59.6, "1 min"),
        (60, "1 min"),
        (130, "2 min 10 s"),
        (3599.7, "1 h"),
        (3900, "1 h 5 min"),
    ],
)
def test_a_duration_is_spoken(seconds: float, words: str) -> None:
    assert spoken(seconds) == words

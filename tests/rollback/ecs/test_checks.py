from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from rollback.ecs.checks import (
    account_findings,
    container_fits,
    region_findings,
    service_findings,
    target_findings,
    where_findings,
)
from rollback.ecs.history import History
from rollback.ecs.model import LoadBalanced
from rollback.plan import Severity
from tests.rollback.builders import ENVIRONMENT, app, completed, deployment, service

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rollback.access import Access
    from rollback.plan import Finding

STEADY: Final = service(deployment(42))


def brief(findings: Iterable[Finding]) -> list[tuple[str, Severity]]:
    return [(finding.check, finding.severity) for finding in findings]


def of(findings: Iterable[Finding], check: str) -> Finding:
    return next(finding for finding in findings if finding.check == check)


def test_another_region_is_refused_before_any_call(access: Access) -> None:
    assert list(region_findings(ENVIRONMENT, access)) == []
    finding = of(region_findings(replace(ENVIRONMENT, region="eu-west-1"), access), "region")
    assert finding.severity is Severity.REFUSAL
    assert "us-east-1" in finding.seen
    assert "eu-west-1" in finding.seen
    assert finding.commands == ("export AWS_REGION=eu-west-1",)


def test_another_account_is_refused(access: Access) -> None:
    mine = access.aws.sts.get_caller_identity()["Account"]
    assert brief(account_findings(replace(ENVIRONMENT, account=mine), access)) == [("account", Severity.OK)]
    finding = of(account_findings(replace(ENVIRONMENT, account="999999999999"), access), "account")
    assert finding.severity is Severity.REFUSAL
    assert mine in finding.seen
    assert "999999999999" in finding.remedy


def test_in_another_region_nobody_is_asked_for_the_account(access: Access) -> None:
    elsewhere = replace(ENVIRONMENT, region="eu-west-1", account="999999999999")
    assert brief(where_findings(elsewhere, access)) == [("region", Severity.REFUSAL)]
    assert brief(where_findings(replace(elsewhere, region=ENVIRONMENT.region), access)) == [
        ("account", Severity.REFUSAL)
    ]


def test_a_steady_service_is_fine() -> None:
    assert brief(service_findings(ENVIRONMENT, STEADY)) == [("service", Severity.OK)]


@pytest.mark.parametrize("status", ["DRAINING", "INACTIVE"])
def test_a_service_that_is_not_active_is_refused_and_not_called_active(status: str) -> None:
    findings = list(service_findings(ENVIRONMENT, replace(STEADY, status=status)))
    assert brief(findings) == [("service-active", Severity.REFUSAL)]


def test_a_desired_count_of_0_is_refused() -> None:
    finding = of(service_findings(ENVIRONMENT, replace(STEADY, desired=0)), "desired-count")
    assert finding.severity is Severity.REFUSAL
    assert "--desired-count 1" in finding.commands[0]


@pytest.mark.parametrize(
    ("controller", "command"),
    [("CODE_DEPLOY", "aws deploy stop-deployment"), ("EXTERNAL", "aws ecs describe-task-sets")],
)
def test_a_service_of_another_controller_is_refused_with_its_own_command(
    controller: str, command: str
) -> None:
    finding = of(
        service_findings(ENVIRONMENT, replace(STEADY, controller=controller)), "deployment-controller"
    )
    assert finding.severity is Severity.REFUSAL
    assert finding.commands[-1].startswith(command)
    assert "--region us-east-1" in finding.commands[0]


def test_a_deployment_in_progress_is_a_warning() -> None:
    going = service(deployment(42, state="IN_PROGRESS", running=1, failed=3))
    finding = of(service_findings(ENVIRONMENT, going), "deployment-in-progress")
    assert finding.severity is Severity.WARNING
    assert "app:42 is still in progress (1 of 2 running, 3 failed)" in finding.seen


def test_a_circuit_breaker_that_is_off_is_a_warning() -> None:
    assert ("circuit-breaker", Severity.WARNING) in brief(
        service_findings(ENVIRONMENT, replace(STEADY, breaker=False))
    )


@pytest.mark.parametrize(
    ("copied", "register_copy", "severity"),
    [(False, False, Severity.OK), (True, True, Severity.WARNING), (True, False, Severity.REFUSAL)],
)
def test_an_inactive_target_needs_a_copy(copied: bool, register_copy: bool, severity: Severity) -> None:  # noqa: FBT001
    findings = target_findings(
        ENVIRONMENT, app(41), History(), STEADY, copied=copied, register_copy=register_copy
    )
    assert brief(findings) == [("target-active", severity)]


@pytest.mark.parametrize(
    ("images", "warned"), [({41: "same", 42: "same"}, True), ({}, False), ({41: "", 42: ""}, False)]
)
def test_a_target_with_the_very_same_images_is_a_warning(images: dict[int, str], warned: bool) -> None:  # noqa: FBT001
    past = History(completed(42, 41, images=images))
    findings = target_findings(ENVIRONMENT, app(41), past, STEADY, copied=False, register_copy=False)
    assert (("images-differ", Severity.WARNING) in brief(findings)) is warned


@pytest.mark.parametrize(
    ("container", "port", "seen"),
    [
        ("front", 8080, "The container front listens on port 8080."),
        ("front", 9090, "on port 9090, but in app:41 it listens on another port."),
        ("back", 8080, "the container back on port 8080, but in app:41 it does not exist in it."),
        ("silent", 8080, "it listens on another port."),
    ],
)
def test_the_target_must_have_the_container_and_port_of_the_load_balancer(
    container: str, port: int, seen: str
) -> None:
    definition: Any = {
        "family": "app",
        "revision": 41,
        "containerDefinitions": [
            {"name": "front", "portMappings": [{"containerPort": 8080}]},
            {"name": "silent"},
        ],
    }
    behind = replace(STEADY, load_balancers=(LoadBalanced("arn:tg", container, port),))
    (finding,) = container_fits(definition, behind)
    assert finding.seen.endswith(seen)
    assert (finding.severity is Severity.OK) == (container == "front" and port == 8080)

"""The serving process, asked over its control endpoint and over its AWS, and ended in every way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import requests

from rehearsal.embedded import OPERATOR, TEAM
from rehearsal.serving.control import Control, Refused
from rehearsal.serving.process import ServingProcess
from rehearsal.world.version import AppVersion, Behaviour
from rollback.errors import ConfigurationError
from tests.stage.serving.conftest import ENVIRONMENTS

if TYPE_CHECKING:
    from collections.abc import Iterator

ENV = {
    **os.environ,
    "PYTHONPATH": os.pathsep.join([str(ENVIRONMENTS.parent), os.environ.get("PYTHONPATH", "")]),
}


@pytest.fixture
def control(serving: ServingProcess) -> Control:
    """The desk of a stage that was opened anew, without a service."""
    serving.control.reopen("production", seed=0, blueprint=blueprint())
    return serving.control


def blueprint() -> dict[str, Any]:
    said = tomllib.loads(ENVIRONMENTS.read_text("utf-8"))
    return {**said["defaults"]["rehearsal"], **said["environments"]["production"]["rehearsal"]}


@pytest.fixture
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


def client(service: str, stage: dict[str, Any]) -> Any:
    said = stage["variables"]
    return boto3.Session().client(
        service,  # type: ignore[call-overload] # any service
        region_name=said["AWS_REGION"],
        endpoint_url=said["AWS_ENDPOINT_URL"],
        aws_access_key_id=said["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=said["AWS_SECRET_ACCESS_KEY"],
    )


def test_health_is_told_to_everybody_and_nothing_else_is(control: Control, http: requests.Session) -> None:
    url = control.stage()["addresses"]["control"]
    assert http.get(f"{url}/health").json() == {"ready": True}
    for path in ("/stage", "/requests"):
        refused = http.get(url + path, headers={"Authorization": "Bearer guessed"})
        assert (refused.status_code, refused.json()) == (
            401,
            {"error": "The control endpoint wants its token."},
        )


def test_the_clock_only_moves_when_it_is_told_to(control: Control) -> None:
    before = control.stage()["now"]
    assert control.stage()["now"] == before
    assert control.advance(90) == pytest.approx(control.elapsed)
    assert control.stage()["now"] > before


def test_the_world_is_broken_and_looked_at_over_the_control_endpoint(control: Control) -> None:
    control.errand("incidents", "worked_with", 40, 41)
    control.errand("incidents", "deployed", 42, Behaviour.ERRORS)
    assert control.errand("world.look", "primary_revision") == 42
    assert control.errand("world.look", "running") == {42: 4}
    assert {answer.status for answer in control.errand("world.look", "ask", 3)} == {500}


def test_a_mistake_in_an_errand_is_told_in_its_own_words(control: Control) -> None:
    with pytest.raises(Refused, match=r"The service worked with \[40\] instead of \[7\]") as caught:
        control.errand("incidents", "worked_with", 7)
    assert caught.value.kind == "Misnumbered"


@pytest.mark.parametrize(("of", "name"), [("world", "close"), ("world.stage", "close"), ("os", "system")])
def test_what_is_not_on_the_list_is_not_done(control: Control, of: str, name: str) -> None:
    with pytest.raises(Refused, match=rf"There is no errand {of}\.{name} here"):
        control.errand(of, name)


def test_an_ordinary_client_sees_the_world_and_is_written_down(control: Control) -> None:
    control.errand("world", "open_with", AppVersion("v40"), AppVersion("v41"))
    stage = control.stage()
    ecs = client("ecs", stage)
    name = {"cluster": "connect2-app-cluster-prod", "service": "connect2-app-service-prod"}
    family = "connect2-app-prod"
    answer = ecs.update_service(**name, taskDefinition=f"{family}:40")
    assert answer["service"]["deployments"][0]["taskDefinition"].endswith(f"{family}:40")
    assert answer["ResponseMetadata"]["HTTPHeaders"]["date"].startswith("Mon, 05 Jan 2026")
    control.errand("world", "settle")
    assert control.errand("world.look", "running") == {40: 4}
    client("s3", stage).list_buckets()
    client("elbv2", stage).describe_load_balancers()
    client("route53", stage).list_hosted_zones()
    said = [(each["what"], each["by"], each["reads"], each["status"]) for each in control.requests()]
    assert said == [
        ("ecs:UpdateService", OPERATOR, False, 200),
        ("s3:GetBucket", OPERATOR, True, 200),
        ("elasticloadbalancing:DescribeLoadBalancers", OPERATOR, True, 200),
        ("route53:GET /2013-04-01/hostedzone", OPERATOR, True, 200),
    ]
    assert control.requests(since=3) == control.requests()[3:]


def test_a_key_of_nobody_is_said_to_be_nobodys(control: Control) -> None:
    stage = control.stage()
    stage["variables"] |= {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE"}
    client("sts", stage).get_caller_identity()
    assert [each["by"] for each in control.requests()] == ["nobody"]


def test_the_keys_of_another_account_lead_to_it(control: Control) -> None:
    keys = control.keys("123456789012", OPERATOR)
    stage = control.stage()
    stage["variables"] |= {"AWS_ACCESS_KEY_ID": keys.access_key, "AWS_SECRET_ACCESS_KEY": keys.secret_key}
    assert client("sts", stage).get_caller_identity()["Account"] == "123456789012"
    assert control.keys("777788889999", TEAM) != control.keys("777788889999", OPERATOR)


def test_opened_anew_it_is_empty_and_its_addresses_stay(control: Control) -> None:
    before = control.stage()
    control.errand("world", "open_with", AppVersion("v40"))
    after = control.reopen("staging", seed=3, blueprint=blueprint())
    assert after["addresses"] == before["addresses"]
    assert (after["environment"], after["seed"]) == ("staging", 3)
    assert client("ecs", after).list_services(cluster="connect2-app-cluster-staging")["serviceArns"] == []
    assert control.requests()[0]["number"] == 1


def test_a_child_ends_with_its_parent_and_leaves_nothing() -> None:
    script = (
        "import pathlib, sys, os, signal\n"
        "from rehearsal.serving.process import ServingProcess\n"
        "child = ServingProcess(pathlib.Path(sys.argv[1]), '--speed=0', '--unopened')\n"
        "print(child.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run(  # noqa: S603 - this Python, our own words
        [sys.executable, "-c", script, str(ENVIRONMENTS)], env=ENV, capture_output=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    child = int(killed.stdout)
    for _ in range(200):
        if not is_alive(child):
            return
        time.sleep(0.05)  # another process's end can only be waited for
    pytest.fail("The child outlives its parent.")


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_an_unknown_environment_is_one_sentence() -> None:
    with pytest.raises(ConfigurationError, match=r'knows no environment "prdo"\. Did you mean "prod"\?'):
        ServingProcess(ENVIRONMENTS, "--env=prdo")

"""What this machine says of AWS neither breaks a rehearsal nor leads it out of this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import botocore.session
import pytest
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError

from rehearsal.doors import Door
from rehearsal.embedded import EmbeddedStage
from rehearsal.keys import Keys
from rollback.aws import client_config

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

    from rehearsal.blueprint import Blueprint
    from rollback.environment import Environment, Environments

ROOT = Path(__file__).parents[3]

HOSTILE = {
    "AWS_PROFILE": "nobody",
    "AWS_DEFAULT_PROFILE": "nobody",
    "AWS_ENDPOINT_URL": "http://10.0.0.1:1",
    "AWS_ENDPOINT_URL_ECS": "http://10.0.0.1:2",
    "AWS_CA_BUNDLE": "/nowhere/ca.pem",
    "REQUESTS_CA_BUNDLE": "/nowhere/ca.pem",
    "SSL_CERT_FILE": "/nowhere/ca.pem",
    "HTTP_PROXY": "http://10.0.0.1:3",
    "HTTPS_PROXY": "http://10.0.0.1:3",
    "https_proxy": "http://10.0.0.1:3",
    "ALL_PROXY": "socks5://10.0.0.1:3",
    "TF_CLI_CONFIG_FILE": "/nowhere/terraformrc",
    "AWS_CONFIG_FILE": "/nowhere/config",
    "AWS_SHARED_CREDENTIALS_FILE": "/nowhere/credentials",
    "AWS_ACCESS_KEY_ID": "AKIAREALREALREALREAL",
    "AWS_SECRET_ACCESS_KEY": "real",
    "AWS_SESSION_TOKEN": "real",
    "AWS_REGION": "mars-north-1",
    "AWS_DEFAULT_REGION": "mars-north-1",
    "AWS_DEFAULTS_MODE": "auto",
    "AWS_USE_FIPS_ENDPOINT": "true",
    "AWS_USE_DUALSTACK_ENDPOINT": "true",
    "AWS_MAX_ATTEMPTS": "9",
    "AWS_RETRY_MODE": "adaptive",
    "AWS_STS_REGIONAL_ENDPOINTS": "legacy",
    "MOTO_ACCOUNT_ID": "000000000001",
    "MOTO_ALLOW_NONEXISTENT_REGION": "true",
    "TEST_SERVER_MODE": "true",
}
REHEARSAL = """
import sys
from pathlib import Path
from rehearsal.blueprint import Blueprint
from rehearsal.stage import stage_factory
from rollback.environment import load

environments = load(Path("environments.toml"))
environment = environments.default
blueprint = Blueprint.read(environments.section(environment, "rehearsal"), file="", key="")
stage = stage_factory("embedded")(environment, blueprint, seed=0, directory=Path(sys.argv[1]))
from rehearsal.world.version import AppVersion
from rehearsal.world.world import World
world = World(stage)
world.open_with(AppVersion("v1"))
access = stage.access()
print(access.aws.sts.get_caller_identity()["Account"])
print(access.http.get(environment.url + environment.probe.path).json()["version"])
with stage.serve() as served:
    print(served.url)
"""


def test_the_settings_of_this_machine_neither_break_nor_redirect_a_rehearsal(
    environments: Environments, tmp_path: Path
) -> None:
    done = subprocess.run(  # noqa: S603 - this Python, our own words
        [sys.executable, "-c", REHEARSAL, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT), **HOSTILE},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    account, version, url = done.stdout.split()
    assert account == environments.default.account
    assert version == "v1"
    assert url.startswith("http://127.0.0.1:")


def test_a_client_goes_to_aws_by_its_usual_name_whatever_is_set_meanwhile(
    stage: EmbeddedStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in HOSTILE.items():
        monkeypatch.setenv(name, value)
    asked: list[str] = []

    def answer(request: AWSPreparedRequest) -> AWSResponse:
        asked.append(request.url)
        raise EndpointConnectionError(endpoint_url=request.url)

    door = Door()
    door.open(Keys("AKIA", "secret", ""), answer)
    client: Any = door.client("ecs", stage.environment.region)
    with pytest.raises(EndpointConnectionError):
        client.list_clusters()
    assert asked == [f"https://ecs.{stage.environment.region}.amazonaws.com/"]


def test_the_environment_of_the_process_is_put_back(
    environment: Environment, blueprint: Blueprint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    before = dict(os.environ)
    stage = EmbeddedStage(environment, blueprint, seed=0, directory=tmp_path)
    assert "AWS_PROFILE" not in os.environ
    stage.close()
    assert dict(os.environ) == before


@pytest.mark.parametrize(
    ("endpoint", "sent"), [("https://ecs.example.com", False), ("http://127.0.0.1:9", True)]
)
def test_what_moto_does_not_know_stays_on_this_machine(
    stage: EmbeddedStage,
    endpoint: str,
    sent: bool,  # noqa: FBT001 - a row of the table
) -> None:
    """Any botocore client of this process, whoever made it."""
    session = botocore.session.Session()
    session.set_credentials("a", "b")
    client: Any = session.create_client(
        "ecs", region_name=stage.environment.region, endpoint_url=endpoint, config=client_config()
    )
    with (
        mock.patch.object(
            client._endpoint.http_session, "send", side_effect=ConnectionClosedError(endpoint_url="")
        ) as wire,
        pytest.raises((EndpointConnectionError, ConnectionClosedError)),
    ):
        client.list_clusters()
    assert wire.called == sent

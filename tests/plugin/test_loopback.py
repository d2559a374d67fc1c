"""Nothing but a live run reaches further than this machine; 192.0.2.1 is of RFC 5737, and nobody's."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from threading import Thread
from typing import TYPE_CHECKING

import boto3
import pytest
import requests
from botocore.config import Config

from rehearsal.loopback import LeavesThisMachine, only_loopback

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.plugin.project import Project

pytest_plugins = ["pytester"]
PUBLIC = "192.0.2.1"
SENTENCE = "This run isn't live, so nothing may reach .*: only this machine. Name an environment with --env"


def by_boto3() -> object:
    config = Config(connect_timeout=1, retries={"total_max_attempts": 1})
    session = boto3.session.Session("a", "b", region_name="us-east-1")  # no keys of anybody's
    return session.client("sts", config=config, endpoint_url=f"http://{PUBLIC}").get_caller_identity()


def by_requests() -> object:
    session = requests.Session()
    session.trust_env = False
    return session.get(f"http://{PUBLIC}/", timeout=1)


def by_a_socket() -> None:
    with socket.socket() as made:
        made.settimeout(1)
        made.connect((PUBLIC, 443))


def by_ipv6() -> None:
    with socket.socket(socket.AF_INET6) as made:
        made.connect(("2001:db8::1", 443))


def by_udp() -> object:
    with socket.socket(type=socket.SOCK_DGRAM) as made:
        return made.sendto(b"?", (PUBLIC, 53))


def by_name() -> object:
    return socket.getaddrinfo("api.github.com", 443)


def by_the_environment_s_proxy() -> object:
    return requests.get("https://api.github.com/", timeout=1)


WAYS = (by_boto3, by_requests, by_a_socket, by_ipv6, by_udp, by_name, by_the_environment_s_proxy)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_no_way_leads_out(way: Callable[[], object]) -> None:
    """This very run is not live, so the guard is closed; nothing of this is sent."""
    with pytest.raises(Exception, match=SENTENCE) as raised:
        way()
    assert "\n" not in str(raised.value)


def test_a_thread_is_held_back_too() -> None:
    seen: list[BaseException] = []

    def out() -> None:
        try:
            by_a_socket()
        except LeavesThisMachine as error:
            seen.append(error)

    thread = Thread(target=out)
    thread.start()
    thread.join()
    assert len(seen) == 1


def test_this_machine_is_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        for host in ("127.0.0.1", "localhost"):
            with socket.create_connection((host, port)):
                pass


def test_a_program_that_is_started_is_led_to_a_closed_port() -> None:
    asked = "import urllib.request\ntry: urllib.request.urlopen('http://192.0.2.1/', timeout=5)\n"
    asked += "except OSError as error: print(error)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, check=True, text=True)  # noqa: S603
    assert "refused" in done.stdout


def test_a_block_within_a_block_opens_nothing_and_leaves_the_variables_as_they_were() -> None:
    before = dict(os.environ)
    with only_loopback():
        pass
    assert dict(os.environ) == before
    with pytest.raises(LeavesThisMachine):
        by_a_socket()


OUT = """
    import socket
    from pytest_bdd import given

    @given("the service is steady")
    def _():
        socket.create_connection(("192.0.2.1", 443), timeout=1)
    """


@pytest.mark.parametrize("arguments", [(), ("--env=prod", "--stage=embedded"), ("--stage=server",)])
def test_a_step_of_a_rehearsal_can_t_get_out(project: Project, arguments: tuple[str, ...]) -> None:
    project.write("features/a.feature", "Feature: A\n  Scenario: B\n    Given the service is steady\n")
    project.steps(OUT)
    result = project.run(*arguments)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert (
        "LeavesThisMachine: This run isn't live, so nothing may reach 192.0.2.1: only this machine"
        in result.stdout.str()
    )

"""The server backends: what is found of LocalStack, how both are brought up, and the page that says what ran where."""

from __future__ import annotations

import http.server
import io
import json
import re
import socket
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from rehearsal import backends
from rehearsal.backends import Ended, cell, cells_of, table, written
from rehearsal.localstack import finding
from rehearsal.localstack.forwarding import forwarding
from rollback.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
LOOPBACK = "127.0.0.1:"


@pytest.fixture
def answering() -> Iterator[Callable[[bytes], str]]:
    """Starts a server that answers everything with a body; returns its URL."""
    servers: list[http.server.HTTPServer] = []

    def start(body: bytes) -> str:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def health(**services: str) -> bytes:
    return json.dumps({"services": {**dict.fromkeys(finding.SERVICES, "available"), **services}}).encode()


def nobody() -> str:
    """An address on loopback where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def test_a_localstack_with_all_services_is_taken(answering: Callable[[bytes], str]) -> None:
    assert finding.trouble_at(answering(health())) == ""


def test_a_localstack_without_one_of_them_is_not(answering: Callable[[bytes], str]) -> None:
    assert finding.trouble_at(answering(health(s3="disabled"))).endswith("doesn't serve s3")


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"services": []}'])
def test_what_is_no_localstack_is_not(answering: Callable[[bytes], str], body: bytes) -> None:
    assert "is no LocalStack" in finding.trouble_at(answering(body))


def test_where_nobody_answers_and_docker_can_not_be_reached_there_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = nobody()
    monkeypatch.setenv("LOCALSTACK_HOST", url.removeprefix("http://"))
    monkeypatch.setenv("DOCKER_HOST", nobody().replace("http", "tcp"))
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    finding.found.cache_clear()
    with pytest.raises(ConfigurationError) as caught:
        finding.found()
    said = str(caught.value)
    assert said.startswith(
        f"No LocalStack answers at {url}, and testcontainers can't start {finding.IMAGE}: "
    )
    assert "docker compose up --wait" in said


def test_a_localstack_elsewhere_is_never_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://s3.eu-central-1.amazonaws.com")
    finding.found.cache_clear()
    with pytest.raises(ConfigurationError, match="which is not this machine"):
        finding.found()


def test_only_what_is_signed_for_s3_goes_to_localstack_and_in_the_accounts_name() -> None:
    asked: list[str] = []

    def stage(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        del start
        asked.append(environ["PATH_INFO"])
        return [b"the stage"]

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked.append(f"{self.path} {self.headers['Authorization']} {body.decode()}")
            self.send_response(412)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        application = forwarding(stage, f"http://127.0.0.1:{server.server_port}", account="111122223333")
        for service in ("dynamodb", "s3"):
            signed = f"AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20260105/us-east-1/{service}/aws4_request, Signature=a"
            environ = {
                "REQUEST_METHOD": "PUT",
                "PATH_INFO": "/bucket/a key",
                "HTTP_AUTHORIZATION": signed,
                "CONTENT_LENGTH": "4",
                "wsgi.input": io.BytesIO(b"body"),
            }
            statuses: list[str] = []
            list(application(environ, lambda status, _, into=statuses: into.append(status)))
        server.shutdown()
    signed = "AWS4-HMAC-SHA256 Credential=111122223333/20260105/us-east-1/s3/aws4_request, Signature=a"
    assert asked == ["/bucket/a key", f"/bucket/a%20key {signed} body"]
    assert statuses == ["412 Precondition Failed"]


def test_both_backends_have_a_health_check_and_are_on_loopback_alone() -> None:
    services = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]
    assert set(services) == {"localstack", "stage"}
    for service in services.values():
        assert service["healthcheck"]["test"][0] == "CMD"
        assert service["ports"]
        assert all(port.startswith(LOOPBACK) for port in service["ports"])
    assert services["localstack"]["image"] == finding.IMAGE
    assert services["stage"]["tmpfs"] == ["/tmp:exec"]  # noqa: S108 - the container's
    assert set(services["localstack"]["environment"]["SERVICES"].split(",")) == set(finding.SERVICES)


def test_the_image_of_the_stage_holds_what_it_needs_and_nothing_else() -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    kept = {line[1:] for line in ignored if line.startswith("!")}
    copied = set()
    for line in (ROOT / "Dockerfile").read_text("utf-8").splitlines():
        if line.startswith("COPY "):
            copied |= set(line.split()[1:-1])
    assert ignored[0] == "*"
    assert copied == kept
    assert all((ROOT / each).exists() for each in copied)


def test_a_cell_says_how_many_played_and_how_many_failed() -> None:
    def ended(*outcomes: str) -> list[Ended]:
        return [Ended("ecs", outcome) for outcome in outcomes]

    assert cell(ended("passed", "passed")) == "all 2"
    assert cell(ended("passed", "skipped")) == "1 of 2"
    assert cell(ended("skipped")) == "-"
    assert cell(ended("passed", "failed", "skipped")) == "2 of 3, **1 failed**"
    assert cell([]) == backends.NOT_ASKED


def test_the_table_is_written_between_its_marks_and_read_again() -> None:
    page = f"# Title\n\n{backends.BEGIN}\nold\n{backends.END}\n\nThe rest.\n"
    earlier = {"localstack": [Ended("ecs", "passed"), Ended("ecs", "skipped", "It was too late.")]}
    page = written(page, table(earlier, page))
    told = {"embedded": [Ended("ecs", "passed")], "server": [Ended("ecs", "skipped", "It needs more.")]}
    made = written(page, table(told, page))
    assert cells_of(made) == {
        ("ecs", "embedded"): "all 1",
        ("ecs", "server"): "-",
        ("ecs", "localstack"): "1 of 2",
    }
    assert backends.reasons_of(made) == {
        "server": ["- 1: It needs more."],
        "localstack": ["- 1: It was too late."],
    }
    assert made.startswith("# Title\n")
    assert made.endswith("\n\nThe rest.\n")
    assert "old" not in made


def test_the_page_tells_of_every_stage_and_of_no_failure() -> None:
    page = (ROOT / backends.PAGE).read_text("utf-8")
    cells = cells_of(page)
    assert {stage for _, stage in cells} == set(backends.PLAYED)
    assert {chapter for chapter, _ in cells} == {
        each.name for each in (ROOT / "features").iterdir() if each.is_dir()
    }
    assert not re.search("failed", "".join(cells.values()))
    assert cells["ecs", "server"].startswith("all ")

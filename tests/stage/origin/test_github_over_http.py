"""GitHub over a real connection on loopback, by the server of the software house."""

from __future__ import annotations

import http.client
import json
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from rehearsal.origin.github.faults import Fault, Kind, inject
from rehearsal.origin.server import server
from tests.stage.origin.github_house import API, OCTAVIA, build, key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rehearsal.origin.wire import Request, Response
    from tests.stage.origin.github_house import House

HOST = API.partition("://")[2]


@pytest.fixture
def house() -> Iterator[House]:
    house = build()
    with server().answering(dict.fromkeys(house.api.hosts, house.api.respond)):
        yield house


def send(
    path: str, *, method: str = "GET", host: str = HOST, body: object = None, **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server().port, timeout=10)
    sent = {"Host": host, "User-Agent": "tests", "Authorization": f"Bearer {key(OCTAVIA)}"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body=json.dumps(body) if body else None, headers={**sent, **named})
    response = connection.getresponse()
    read = response.read()
    connection.close()
    return response, read


def test_a_run_is_read_and_then_unchanged(house: House) -> None:
    path = f"/repos/acme/shop/actions/runs/{house.run.id}"
    response, body = send(path)
    assert (response.status, json.loads(body)["head_sha"]) == (200, house.known.fix)
    again, nothing = send(path, If_None_Match=response.headers["ETag"])
    assert (again.status, nothing) == (304, b"")
    assert again.headers["X-RateLimit-Remaining"] == "4999"


def test_a_pull_request_is_opened(house: House) -> None:
    body = {"title": "Ündo", "head": "clash", "base": "main"}
    response, answer = send("/repos/acme/shop/pulls", method="POST", body=body)
    assert (response.status, json.loads(answer)["title"]) == (201, "Ündo")
    assert house.store.pulls[3].title == "Ündo"


def test_a_log_is_read_at_its_own_host(house: House) -> None:
    response, _ = send(f"/repos/acme/shop/actions/jobs/{house.run.jobs[0].id}/logs")
    url = urlsplit(response.headers["Location"])
    refused, _ = send(f"{url.path}?{url.query}", host=url.hostname or "")
    assert refused.status == 400
    connection = http.client.HTTPConnection("127.0.0.1", server().port, timeout=10)
    connection.request("GET", f"{url.path}?{url.query}", headers={"Host": url.hostname or ""})
    log = connection.getresponse()
    assert (log.status, b"##[error]" in log.read()) == (200, True)
    connection.close()


@pytest.mark.parametrize("kind", [Kind.CUT_BEFORE, Kind.CUT_AFTER])
def test_a_cut_connection_is_really_cut(house: House, kind: Kind) -> None:
    inject(house.api, Fault(kind=kind, times=1))
    with pytest.raises((http.client.RemoteDisconnected, http.client.IncompleteRead)):
        send("/repos/acme/shop/pulls/2")
    assert send("/repos/acme/shop/pulls/2")[0].status == 200


def test_the_world_stands_still_while_it_answers(house: House) -> None:
    """An answer given in the middle of a clock's event would show half of what it does."""
    free: list[bool] = []

    def probe(_: Request, proceed: Callable[[], Response]) -> Response:
        other = Thread(target=lambda: free.append(house.clock.lock.acquire(blocking=False)))
        other.start()
        other.join()
        return proceed()

    house.api.interceptors.append(probe)
    send("/repos/acme/shop")
    assert free == [False]

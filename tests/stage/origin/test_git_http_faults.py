"""A remote that misbehaves: what the real git client says, and what has become of the remote."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from rehearsal.origin.git_faults import Fault, Kind, before, inject
from rehearsal.origin.server import server
from rehearsal.origin.smart_http import Operation
from tests.stage.origin.house import NAME, House

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path) as house:
        yield house


@pytest.fixture
def clone(house: House) -> Path:
    """A clone with a commit that isn't at the remote."""
    path = house.clone("clone")
    house.commits(path, "app/b.py", "b = 2\n")
    return path


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (Kind.UNAUTHORIZED, "terminal prompts disabled"),
        (Kind.FORBIDDEN, "The requested URL returned error: 403"),
        (Kind.NOT_FOUND, "remote: Repository not found."),
        (Kind.BAD_GATEWAY, "The requested URL returned error: 502"),
        (Kind.CUT_BEFORE, "transfer closed with"),
        (Kind.CUT_AFTER, "transfer closed with"),
    ],
)
@pytest.mark.parametrize("command", ["fetch", "push"])
def test_no_listing_no_change(house: House, clone: Path, kind: Kind, said: str, command: str) -> None:
    operation = Operation.LIST_TO_FETCH if command == "fetch" else Operation.LIST_TO_PUSH
    inject(house.remote, Fault(kind=kind, operation=operation, times=1))
    failed = house.git(command, at=clone)
    assert failed.code == (
        1 if command == "push" and "transfer" in failed.err and "RPC" in failed.err else 128
    )
    assert said in failed.err
    assert (house.bare.tip("main"), house.pushes) == (house.first, [])
    house.well(command, "--quiet", at=clone)


@pytest.mark.parametrize("kind", [each for each in Kind if each is not Kind.CUT_AFTER])
def test_a_push_that_is_not_taken_changes_nothing(house: House, clone: Path, kind: Kind) -> None:
    inject(house.remote, Fault(kind=kind, operation=Operation.PUSH, times=1))
    assert house.git("push", at=clone).code != 0
    assert (house.bare.tip("main"), house.pushes) == (house.first, [])
    house.well("push", "--quiet", at=clone)


def test_a_push_whose_answer_is_cut_off_has_arrived(house: House, clone: Path) -> None:
    inject(house.remote, Fault(kind=Kind.CUT_AFTER, operation=Operation.PUSH, times=1))
    said = house.git("push", at=clone)
    assert said.code != 0
    assert "RPC failed; curl 18" in said.err
    assert house.bare.tip("main") == house.well("rev-parse", "HEAD", at=clone).strip()
    assert [push.after for push in house.pushes] == [house.bare.tip("main")]


def test_a_fetch_that_is_cut_off_has_brought_nothing(house: House, clone: Path) -> None:
    house.bare.commit("main", "Later", {"app/c.py": "c = 3\n" * 1000})
    inject(house.remote, Fault(kind=Kind.CUT_AFTER, operation=Operation.FETCH, occurrence=2, times=1))
    assert house.git("fetch", at=clone).code != 0
    assert house.well("rev-parse", "origin/main", at=clone).strip() == house.first


def test_a_client_that_dies_in_the_middle_of_a_push_changes_nothing(house: House) -> None:
    """Half a request is none, even where the half could be read as a whole."""
    topic = f"{'0' * 40} {house.first} refs/heads/topic\0 report-status\n".encode()
    body = b"%04x%s0000" % (len(topic) + 4, topic)
    with socket.create_connection(("127.0.0.1", server().port), timeout=30) as line:
        head = f"POST /{NAME}.git/git-receive-pack HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body) + 1}\r\n\r\n"
        line.sendall(head.encode() + body)
        line.shutdown(socket.SHUT_WR)
        assert line.recv(1) == b"", "it was answered"
    assert (house.bare.branches(), house.pushes) == ({"main": house.first}, [])


def test_a_fault_strikes_where_and_as_often_as_it_says(house: House, clone: Path) -> None:
    inject(
        house.remote, Fault(kind=Kind.BAD_GATEWAY, operation=Operation.LIST_TO_FETCH, occurrence=2, times=2)
    )
    codes = [house.git("fetch", at=clone).code for _ in range(4)]
    assert codes == [0, 128, 128, 0]
    house.well("push", "--quiet", at=clone)


def test_a_fault_without_a_number_stays(house: House, clone: Path) -> None:
    inject(house.remote, Fault(kind=Kind.FORBIDDEN))
    assert [house.git("fetch", at=clone).code for _ in range(3)] == [128] * 3
    assert house.git("push", at=clone).code == 128


def test_the_first_fault_strikes_first(house: House, clone: Path) -> None:
    inject(house.remote, Fault(kind=Kind.NOT_FOUND, times=1))
    inject(house.remote, Fault(kind=Kind.FORBIDDEN, times=1))
    said = [house.git("fetch", at=clone).err for _ in range(2)]
    assert "not found" in said[0]
    assert "403" in said[1]


def test_somebody_pushes_between_the_listing_and_the_push(house: House, clone: Path) -> None:
    """The remote itself refuses what its listing would have allowed; nothing of the other push is lost."""
    faster = []
    before(
        house.remote,
        Operation.PUSH,
        lambda: faster.append(house.bare.commit("main", "Faster", {"app/c.py": "c = 3\n"})),
    )
    said = house.git("push", at=clone)
    assert said.code == 1
    assert "[remote rejected] main -> main" in said.err
    assert "but expected" in said.err
    assert [house.bare.tip("main")] == faster
    assert house.pushes == []
    house.well("push", "--quiet", "origin", "HEAD:topic", at=clone)
    assert len(faster) == 1

"""The other ways back from the command line, the team, readiness, the report; on one service."""

from __future__ import annotations

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from rollback.cli.codes import Exit
from tests.rollback.cli.desk import OVERRIDE, Desk, commands_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def confirmed(desk: Desk) -> tuple[str, str]:
    return "--confirm", desk.house.environment.service


@pytest.mark.parametrize(
    ("words", "code", "sees"),
    [
        (
            ("revert", "--what", "{tip}", "--why", "It is bad."),
            Exit.OK,
            "It reverts without a conflict|exactly the files",
        ),
        (("terraform", "--commit", "{tip}"), Exit.OK, "terraform"),
        (("state", "--choice", "serial {before}"), Exit.OK, "Nobody holds the lock"),
        (("state", "--choice", "serial 99"), Exit.REFUSED, "serial 99"),
        (("certificate",), Exit.REFUSED, "listener"),
        (("database", "restore"), Exit.REFUSED, "no RDS instance|RDS"),
        (("revert", "--what", "main", "--why", "It is bad."), Exit.USAGE, "main"),
    ],
    ids=lambda each: " ".join(each[:3]) if isinstance(each, tuple) else "",
)
def test_each_way_is_planned(desk: Desk, words: tuple[str, ...], code: Exit, sees: str) -> None:
    desk.house.stage.let_terraform_in()
    before = desk.house.world.state.current()["serial"] - 1
    named = [word.format(tip=desk.house.tip, before=before) for word in words]
    at = 2 if words[0] == "database" else 1
    ended = desk.type(*named[:at], "plan", *named[at:])
    assert ended.code == code, ended.said
    assert any(each in ended.said for each in sees.split("|"))
    assert desk.changes == []


def test_a_confirmation_that_is_no_moment_is_a_mistake_in_typing(desk: Desk) -> None:
    ended = desk.type("database", "restore", "plan", "--lose-since", "yesterday")
    assert ended.code == Exit.USAGE
    assert "--lose-since is no moment." in ended.said


def test_a_state_is_restored_verified_and_put_back(desk: Desk) -> None:
    kept = desk.house.world.state
    before = kept.current()
    desk.house.stage.let_terraform_in()
    choice = ("--choice", f"serial {before['serial'] - 1}")
    ended = desk.type("state", "apply", *choice, *confirmed(desk), *OVERRIDE)
    assert ended.code == Exit.OK, ended.said
    restored = kept.current()
    assert restored["serial"] > before["serial"]
    assert restored["resources"] != before["resources"]
    seen = desk.type("state", "verify")
    assert seen.code == Exit.NOT_LANDED, "the branch has moved on, and its next apply would destroy something"
    assert "is what was to be restored." in seen.said
    assert "Let nobody apply." in seen.said
    back = desk.type("state", "undo", *confirmed(desk))
    assert back.code == Exit.OK, back.said
    assert kept.current()["serial"] > restored["serial"]
    assert kept.current()["resources"] == before["resources"]


@contextmanager
def webhook(*, status: int = 200) -> Iterator[tuple[str, list[str]]]:
    """A team's webhook on loopback, and what it was told."""
    heard: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            heard.append(json.loads(self.rfile.read(length))["text"])
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/services/T0/B0/hunter2", heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


VOUCHED = (
    *("--attest", "confirmed=Prices are wrong.", "--attest", "change=It is what was deployed last."),
    *("--by", "Kim Okafor"),
)


def test_the_team_is_told_after_the_yes_and_how_it_ended(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with webhook() as (address, heard):
        monkeypatch.setenv("TEAM_WEBHOOK", address)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        ended = desk.type("ecs", "apply", *confirmed(desk), *VOUCHED)
    assert ended.code == Exit.OK, ended.said
    assert "as soon as you say yes" in ended.said
    assert "A rollback begins. Roll connect2-app-service-prod back" in heard[0]
    assert "Rolled back:" in heard[1]
    assert len(heard) == 2
    assert "hunter2" not in ended.said + desk.journals[0].read_text(encoding="utf-8")


def test_where_the_team_can_t_be_told_nothing_begins_until_somebody_vouches_for_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with webhook(status=404) as (address, heard):
        monkeypatch.setenv("TEAM_WEBHOOK", address)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        ended = desk.type("ecs", "apply", *confirmed(desk), *VOUCHED)
        assert len(heard) == 1
        assert ended.code == Exit.REFUSED, ended.said
        assert "The team is notified: The team was not told: 127.0.0.1 answers 404." in ended.said
        assert desk.changes == []
        called = ("--attest", "notified=I have called everybody.")
        assert desk.type("ecs", "apply", *confirmed(desk), *VOUCHED, *called).code == Exit.OK


def test_readiness_says_what_is_missing_and_ends_with_its_code(desk: Desk) -> None:
    ended = desk.type("readiness", "--json")
    assert ended.code == Exit.NOT_LANDED
    assert "missing A recent backup of the database" in ended.said
    assert ended.last.startswith("production could not be rolled back right now")
    told = ended.told
    assert (told["ready"], told["exit_code"]) == (False, 1)
    assert {line["probe"] for line in told["lines"] if line["severity"] == "refusal"} >= {"backup"}
    assert desk.changes == []


def test_where_the_lease_can_t_be_written_an_incident_begins_without_it(desk: Desk, tmp_path: Path) -> None:
    """And its report is written to a file that isn't overwritten."""
    where, bad = desk.house.environment, desk.runs
    s3 = desk.house.stage.clients.s3
    s3.put_object(Bucket=where.state_bucket, Key=where.lease.key, Body=b"not a lease")
    begin = ("ecs", "apply", "--confirm", where.service, *OVERRIDE)
    refused = desk.type(*begin)
    assert (refused.code, desk.runs) == (Exit.REFUSED, bad)
    assert "is no lease" in refused.said
    assert (desk.type(*begin, "--without-lease").code, desk.runs) == (Exit.OK, bad - 1)
    assert "Begun without the lease of production." in desk.journals[0].read_text(encoding="utf-8")
    file = tmp_path / "incident.md"
    assert desk.type("report", "--output", str(file)).code == Exit.OK
    assert file.read_text(encoding="utf-8").startswith("# Incident report:")
    again = desk.type("report", "--output", str(file))
    assert again.code == Exit.USAGE
    assert "never overwritten" in again.said


def test_a_revert_goes_through_the_pipeline(desk: Desk) -> None:
    """The last of this file: it changes the branch for good."""
    ended = desk.type(
        *("revert", "apply", "--what", desk.house.tip, "--why", "It answers with errors."),
        *confirmed(desk),
        *OVERRIDE,
    )
    assert ended.code == Exit.OK, ended.said
    assert desk.type("revert", "verify").code == Exit.OK
    assert {words[0] for words in commands_in(ended.out)} == {"undo", "report"}

"""What travels with a step: cleaned, folded, bounded, and what the pictures are made of."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from rehearsal.clock import VirtualClock
from rehearsal.notes import Notes
from rehearsal.report.evidence import LARGEST, Evidence, Listening
from rehearsal.report.items import CALL, COMMAND, NOTE, REQUEST
from rehearsal.report.rollouts import ROLLOUT
from rehearsal.story import Timing
from rollback.errors import Refused
from rollback.journal import Entry, Journal, Kind
from tests.rollback.builders import ENVIRONMENT

if TYPE_CHECKING:
    from pathlib import Path

    from rehearsal.story import Attachment

BEGAN = datetime(2026, 1, 5, 3, tzinfo=UTC)
READ = {"parameters": {"cluster": "c"}, "status": 200, "seconds": 0.1}


class Tale:
    """Entries of a journal, a second apart, as evidence hears them."""

    def __init__(self) -> None:
        self.evidence = Evidence()
        clock: Any = SimpleNamespace(now=lambda: BEGAN)
        self.evidence.plays(ENVIRONMENT, clock)
        self._number = 0

    def add(self, kind: Kind, what: str, **detail: Any) -> Tale:
        self._number += 1
        self.evidence.heard(Entry(self._number, BEGAN + timedelta(seconds=self._number), kind, what, detail))
        return self

    def told(self) -> list[tuple[str, Any]]:
        return read(self.evidence.of_step())


def read(attachments: tuple[Attachment, ...]) -> list[tuple[str, Any]]:
    return [(each.media_type, json.loads(each.body)) for each in attachments]


def test_a_change_and_its_answer_are_one_call() -> None:
    told = (
        Tale()
        .add(Kind.CALL, "ecs:UpdateService", parameters={"service": "s"})
        .add(Kind.ANSWER, "ecs:UpdateService", status=400, error="InvalidParameterException", seconds=0.5)
        .told()
    )
    [(media, call)] = told
    assert media == CALL
    assert (call["service"], call["operation"], call["params"]) == ("ecs", "UpdateService", {"service": "s"})
    assert (call["status"], call["error"], call["seconds"]) == (400, "InvalidParameterException", 0.5)
    assert (call["reads"], call["region"], call["at"]) == (
        False,
        ENVIRONMENT.region,
        "2026-01-05T03:00:01.000+00:00",
    )


def test_a_change_whose_answer_never_came_stays_open() -> None:
    [(_, call)] = Tale().add(Kind.CALL, "ecs:UpdateService", parameters={}).told()
    assert call["status"] is None


def test_equal_reads_are_told_once_where_the_first_was_and_changes_each_time() -> None:
    tale = Tale()
    for _ in range(40):
        tale.add(Kind.ANSWER, "ecs:DescribeServices", **READ)
    for _ in range(2):
        tale.add(Kind.CALL, "ecs:UpdateService", parameters={}).add(
            Kind.ANSWER, "ecs:UpdateService", status=200
        )
    tale.add(Kind.ANSWER, "ecs:DescribeServices", **{**READ, "status": 500})
    calls = [body for _, body in tale.told()]
    assert [(each["operation"], each.get("count", 1), each["status"]) for each in calls] == [
        ("DescribeServices", 40, 200),
        ("UpdateService", 1, 200),
        ("UpdateService", 1, 200),
        ("DescribeServices", 1, 500),
    ]


def test_a_command_is_told_as_a_person_types_it() -> None:
    """Neither where the program is on this machine nor where this run kept its files helps anybody."""
    args = ["/opt/bin/terraform", "state", "push", "/var/of-a-run/kept/terraform/a.tfstate"]
    tale = Tale().add(Kind.COMMAND, " ".join(args), args=args, cwd=None)
    [(media, command)] = tale.add(Kind.EXIT, args[0], code=1, seconds=2.5).told()
    assert media == COMMAND
    assert command["line"] == "terraform state push ~/.local/state/rollback/kept/terraform/a.tfstate"
    assert (command["exit"], command["seconds"]) == (1, 2.5)


def test_a_request_has_its_method_and_its_answer() -> None:
    tale = Tale().add(Kind.REQUEST, "POST https://a.example/x")
    [(media, request)] = tale.add(
        Kind.RESPONSE, "POST https://a.example/x", failed="ReadTimeout", seconds=2.0
    ).told()
    assert media == REQUEST
    assert (request["method"], request["url"], request["error"]) == (
        "POST",
        "https://a.example/x",
        "ReadTimeout",
    )


def test_a_plan_tells_its_commands_and_each_refusal() -> None:
    findings = [
        {"check": "image", "severity": "ok", "seen": "It is there."},
        {"check": "newer", "severity": "refusal", "seen": "It is newer.", "remedy": "Name an older one."},
    ]
    told = Tale().add(Kind.PLAN, "Roll back.", findings=findings, commands=["aws ecs x"]).told()
    assert [(media, body["kind"], body["text"]) for media, body in told] == [
        (NOTE, "plan", "Roll back."),
        (NOTE, "refusal", "It is newer."),
    ]
    assert told[0][1]["commands"] == ["aws ecs x"]
    assert [each["check"] for each in told[0][1]["findings"]] == ["newer"]
    assert told[1][1]["remedy"] == "Name an older one."


def test_a_refusal_that_somebody_takes_down_is_told_once() -> None:
    tale = Tale()
    notes = Notes(tale.evidence.refused)
    for _ in range(2):
        with notes.trying():
            raise Refused("It is newer.", remedy="Name an older one.")
    assert [(body["kind"], body["text"], body["remedy"]) for _, body in tale.told()] == [
        ("refusal", "It is newer.", "Name an older one.")
    ]


def test_each_step_has_what_was_heard_since_the_one_before() -> None:
    tale = Tale().add(Kind.DECISION, "First.")
    assert [body["text"] for _, body in tale.told()] == ["First."]
    assert tale.told() == []


@pytest.mark.parametrize(
    "text", ["password='hunter22'", "postgresql://a:hunter22@db/x", '--token="hunter22"']
)
def test_what_looks_like_a_secret_is_hidden_wherever_it_stands(text: str) -> None:
    tale = Tale().add(Kind.DECISION, text, remedy=text, commands=[text])
    tale.add(Kind.ANSWER, "ecs:DescribeServices", parameters={"a": [text]}, status=200, error=text)
    tale.add(Kind.COMMAND, f"git {text}", args=["git", text])
    tale.add(Kind.PLAN, text, findings=[{"check": "c", "severity": "refusal", "seen": text, "remedy": text}])
    assert "hunter22" not in str(tale.told())


@pytest.mark.parametrize("kind", [Kind.ANSWER, Kind.DECISION, Kind.CALL])
@pytest.mark.parametrize("words", [1, 1000])
def test_a_scenario_never_has_more_than_it_may(kind: Kind, words: int) -> None:
    """However much is heard, in however many steps."""
    tale, total = Tale(), 0
    for step in range(4):
        for number in range(9):
            name = f"{step} {number} " + "word " * words
            tale.add(
                kind,
                "ecs:DescribeServices" if kind is not Kind.DECISION else name,
                parameters={"a": [name] * 30},
            )
        total += sum(len(each.body) for each in tale.evidence.of_step())
    assert total <= LARGEST - 20_000


def test_what_is_left_out_is_said_and_a_change_is_the_last_to_be() -> None:
    tale = Tale()
    for number in range(2000):
        tale.add(Kind.ANSWER, "ecs:DescribeTasks", parameters={"tasks": [str(number)]}, status=200)
    tale.add(Kind.CALL, "ecs:UpdateService", parameters={})
    *kept, (_, last) = tale.told()
    assert kept[-1][1]["operation"] == "UpdateService"
    assert last["text"] == f"… and {2001 - len(kept)} more entries of the journal, left out here."


def test_a_rollout_is_drawn_of_what_was_counted() -> None:
    tale = Tale().add(Kind.PLAN, "Roll back.").add(Kind.SAVED, "saved", revision="app:42", target="app:41")
    tale.add(Kind.CALL, "ecs:UpdateService")
    for running, others in ((0, 2), (1, 2), (2, 0)):
        counted = {"running": running, "others": others, "pending": 0, "failed": 0, "desired": 2}
        tale.add(Kind.OBSERVATION, f"app:41: {running} of 2 running", **counted)
        tale.add(Kind.RESPONSE, f"GET {ENVIRONMENT.url}/version", status=200 if running else 503)
    tale.add(Kind.OUTCOME, "Rolled back.")
    timing, (media, rollout) = read(tale.evidence.of_scenario([Timing("It", 6.00000001, 1, 9)]))
    assert timing[1] == {"label": "It", "seconds": 6.0, "from_seconds": 1, "to_seconds": 9}
    assert media == ROLLOUT
    assert [(each["t"], each["tasks"]) for each in rollout["samples"]][:2] == [
        (0.0, {"41": 0, "42": 2}),
        (3.0, {"41": 0, "42": 2}),
    ] or rollout["samples"][0]["tasks"] == {"41": 0, "42": 2}
    assert rollout["samples"][-1]["tasks"] == {"41": 2, "42": 0}
    assert sum(each["http"]["failed"] for each in rollout["samples"]) == 1
    assert sum(each["http"]["ok"] for each in rollout["samples"]) == 2
    assert [each["text"] for each in rollout["marks"]] == [
        "Roll back.",
        "UpdateService is asked for.",
        "Rolled back.",
    ]


def test_where_no_tasks_were_counted_there_is_no_picture() -> None:
    tale = Tale().add(Kind.PLAN, "Restore.").add(Kind.SAVED, "saved").add(Kind.OUTCOME, "Restored.")
    assert tale.evidence.of_scenario([]) == ()


def test_every_journal_of_the_process_is_heard_while_somebody_listens(tmp_path: Path) -> None:
    """Also one that is opened in the middle, as whoever goes on with a rollback does."""
    listening, clock = Listening(), VirtualClock()
    evidence = listening.evidence()
    with listening.begun(), Journal.create(tmp_path / "a.jsonl", clock) as journal:
        journal.record(Kind.DECISION, "Heard.")
    with Journal.open(tmp_path / "a.jsonl", clock) as journal:
        journal.record(Kind.DECISION, "Not heard.")
    assert [body["text"] for _, body in read(evidence.of_step())] == ["Heard."]


def test_what_comes_after_a_scenario_is_none_of_its_own(tmp_path: Path) -> None:
    """Else the last one would gather what all tests after it do."""
    listening, clock = Listening(), VirtualClock()
    evidence = listening.evidence()
    with listening.begun(), Journal.create(tmp_path / "a.jsonl", clock) as journal:
        evidence.of_scenario(())
        journal.record(Kind.DECISION, "Not heard.")
    assert read(evidence.of_step()) == []

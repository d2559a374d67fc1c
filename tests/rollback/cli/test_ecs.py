"""An emergency rollback from the command line: what is shown, what is asked, what is done, and with which code it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import EndpointConnectionError

from rollback.cli import asking
from rollback.cli.codes import Exit
from rollback.journal import Kind, read
from tests.rollback.cli.desk import OVERRIDE, Desk, commands_in, typed

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.awsrequest import AWSResponse

    from rehearsal.doors import Call


def confirmed(desk: Desk) -> tuple[str, str]:
    return "--confirm", desk.house.environment.service


def test_a_plan_shows_what_would_be_done_and_changes_nothing(desk: Desk) -> None:
    ended = desk.type("ecs", "plan")
    assert ended.code == Exit.OK
    assert f":{desk.runs} to " in ended.said
    assert "By hand:" in ended.out
    assert "aws ecs update-service" in ended.out
    assert desk.changes == []


def test_a_machine_is_told_the_same_on_one_line_and_nothing_else(desk: Desk) -> None:
    ended = desk.type("ecs", "plan", "--json")
    plan = ended.told["plan"]
    assert (ended.told["exit_code"], plan["way"], plan["applicable"]) == (0, "ecs", True)
    assert {"check": "target-active", "severity": "ok"}.items() <= {
        key: value
        for each in plan["findings"]
        if each["check"] == "target-active"
        for key, value in each.items()
    }.items()
    assert len(ended.out.splitlines()) == 1
    assert "By hand:" in ended.err


def test_a_plan_that_can_t_be_applied_ends_as_refused(desk: Desk) -> None:
    ended = desk.type("ecs", "plan", "--to", str(desk.runs))
    assert ended.code == Exit.REFUSED
    assert "This plan can't be applied" in ended.said


def test_without_a_complete_list_nothing_begins(desk: Desk) -> None:
    ended = desk.type("ecs", "apply", *confirmed(desk))
    assert ended.code == Exit.REFUSED
    assert "The list before is not complete" in ended.err
    assert "--attest ITEM=SENTENCE" in ended.said
    assert desk.changes == []


def test_a_rollback_lands_is_verified_reported_and_taken_back(desk: Desk) -> None:
    """All of it by the lines that the command line itself says to type."""
    bad = desk.runs
    ended = desk.type("ecs", "apply", *confirmed(desk), *OVERRIDE)
    assert (ended.code, desk.runs) == (Exit.OK, bad - 1)
    assert "Rolled back:" in ended.out
    assert "left: " in ended.err
    assert desk.type("ecs", "verify").code == Exit.OK
    assert f"landed. Rolled back: {desk.house.environment.service}" in desk.type("status").said
    lines = {words[0]: words for words in commands_in(ended.out)}
    assert str(desk.journals[0]) in lines["undo"]
    report = desk.type(*lines["report"][:1], *lines["report"][3:])
    assert report.out.startswith("# Incident report:")
    assert "s3:PutObject" not in report.out
    back = desk.type("undo", *lines["undo"][3:], *confirmed(desk))
    assert (back.code, desk.runs) == (Exit.OK, bad)
    assert "undo" not in {words[0] for words in commands_in(back.out)}
    status = desk.type("status").out
    assert "the rollback was taken back" in status
    assert list(commands_in(status)) == []
    assert desk.type("ecs", "verify", "--to", str(bad - 1)).code == Exit.NOT_LANDED


def test_what_somebody_vouches_for_opens_the_gate(desk: Desk) -> None:
    said = [
        word
        for item, seen in (
            ("confirmed", "Prices are wrong."),
            ("notified", "I have called everybody."),
            ("change", "It is what was deployed last."),
        )
        for word in ("--attest", f"{item}={seen}")
    ]
    ended = desk.type("ecs", "apply", *confirmed(desk), *said, "--by", "Kim Okafor", "--json")
    assert ended.code == Exit.OK
    assert ended.told["result"]["landed"] is True
    assert ended.told["checklist"]["complete"] is True


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("--yes",), Exit.CREDENTIALS, "wants the name of its service typed"),
        ((), Exit.CREDENTIALS, "there is no terminal to ask at"),
        (("--confirm", "connect2-app-service-prd"), Exit.CREDENTIALS, "is not the name of the service"),
        (("--drill",), Exit.CREDENTIALS, "allows none"),
        (("--attest", "confirmed", "--by", "Kim"), Exit.USAGE, "is not ITEM=SENTENCE"),
        (("--attest", "confirmd=Seen.", "--by", "Kim"), Exit.USAGE, 'Did you mean "confirmed"'),
        (("--override", "It burns."), Exit.USAGE, "--by 'Kim Okafor'"),
    ],
)
def test_what_may_not_be_is_said_before_anything_is_asked_of_aws(
    desk: Desk, words: tuple[str, ...], code: Exit, sentence: str
) -> None:
    more = () if {"--yes", "--confirm", "--drill"} & set(words) or not words else confirmed(desk)
    ended = desk.type("ecs", "apply", *words, *more)
    assert ended.code == code, ended.said
    assert sentence in ended.said
    assert desk.changes == []
    assert desk.journals == []


def test_the_name_is_asked_for_and_one_with_a_typo_isn_t_taken(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, name = desk.runs, desk.house.environment.service
    typo = desk.answer(monkeypatch, name[:-1], "ecs", "apply", *OVERRIDE)
    assert (typo.code, desk.runs) == (Exit.CREDENTIALS, bad)
    assert f'"{name[:-1]}" is not the name of the service' in typo.said
    assert "Nothing has been changed." in typo.said
    assert desk.changes == []
    entries = read(desk.journals[0])
    assert not [each for each in entries if each.kind is Kind.CALL], "the lease comes after the yes"
    right = desk.answer(monkeypatch, name, "ecs", "apply", *OVERRIDE)
    assert (right.code, desk.runs) == (Exit.OK, bad - 1)


def test_an_undo_shows_its_plan_before_it_asks_and_a_no_leaves_everything_as_it_was(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, name = desk.runs, desk.house.environment.service
    desk.type("ecs", "apply", *confirmed(desk), *OVERRIDE)
    asked, journal = list(desk.changes), desk.journals[0]
    told = [each for each in read(journal) if each.kind is Kind.PLAN]
    no = desk.answer(monkeypatch, "no", "undo", "--journal", str(journal))
    assert (no.code, desk.runs, desk.changes) == (Exit.CREDENTIALS, bad - 1, asked)
    assert f"to connect2-app-prod:{bad}." in no.out
    assert "By hand:" in no.out
    assert "aws ecs update-service" in no.out
    assert "Take it back in production" in no.err
    assert [each for each in read(journal) if each.kind is Kind.PLAN] == told, (
        "a plan that nobody took is no part of it"
    )
    yes = desk.answer(monkeypatch, name, "undo", "--journal", str(journal))
    assert (yes.code, desk.runs) == (Exit.OK, bad), yes.said
    assert len([each for each in read(journal) if each.kind is Kind.PLAN]) == len(told) + 1


def test_what_somebody_has_said_yes_to_is_not_done_where_the_service_has_moved_since(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = desk.runs
    desk.type("ecs", "apply", *confirmed(desk), *OVERRIDE)
    asked = list(desk.changes)
    journal = str(desk.journals[0])

    def deploys_meanwhile(*_: object) -> str:
        desk.house.world.team.deploy(bad)
        desk.house.world.settle()
        return desk.house.environment.service

    monkeypatch.setattr(asking, "somebody_is_there", lambda: True)
    monkeypatch.setattr(asking, "_answer", deploys_meanwhile)
    ended = desk.type("undo", "--journal", journal)
    assert (ended.code, desk.runs) == (Exit.REFUSED, bad), ended.said
    assert "has changed since the plan was made" in ended.said
    assert desk.changes == asked


def test_an_undo_that_would_be_refused_says_so_in_its_plan_and_asks_nobody(desk: Desk) -> None:
    bad = desk.runs
    desk.type("ecs", "apply", *confirmed(desk), *OVERRIDE)
    asked = list(desk.changes)

    def gone(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        if call.operation == "ecr:DescribeImages":
            raise EndpointConnectionError(endpoint_url=call.request.url)
        return proceed()

    desk.house.stage.operator.interceptors.append(gone)
    ended = desk.type("undo", *confirmed(desk), "--json")
    assert ended.code != Exit.OK
    assert (desk.runs, desk.changes) == (bad - 1, asked)
    assert ended.told["exit_code"] == ended.code


def test_ctrl_c_says_where_it_stands_and_the_last_line_goes_on(desk: Desk) -> None:
    bad = desk.runs
    pressed: list[Call] = []

    def press(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        if desk.changes and call.operation == "ecs:DescribeServices" and not pressed:
            pressed.append(call)
            raise KeyboardInterrupt
        return proceed()

    desk.house.stage.operator.interceptors.append(press)
    ended = desk.type("ecs", "apply", *confirmed(desk), *OVERRIDE)
    assert ended.code == Exit.INTERRUPTED
    assert "INTERRUPTED" in ended.err
    assert "broke off after ecs:UpdateService" in ended.said
    assert ended.last.startswith("rollback resume --env production --journal ")
    assert desk.type("status").code == Exit.IN_DOUBT
    asked = list(desk.changes)
    on = desk.type(*ended.last.split()[1:2], *ended.last.split()[4:], *confirmed(desk))
    assert (on.code, desk.runs) == (Exit.OK, bad - 1), on.said
    assert "The deployment is followed if ECS has taken it" in on.out, "where there is no plan, a sentence"
    assert desk.changes == asked, "what ECS has taken is followed, and not asked for again"


def test_ctrl_c_before_the_first_change_says_that_nothing_was_changed(desk: Desk) -> None:
    def press(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        if call.operation == "ecs:DescribeServices":
            raise KeyboardInterrupt
        return proceed()

    desk.house.stage.operator.interceptors.append(press)
    ended = desk.type("ecs", "apply", *confirmed(desk), *OVERRIDE)
    assert ended.code == Exit.INTERRUPTED
    assert "Nothing has been changed." in ended.said
    assert desk.changes == []


def test_ctrl_c_after_the_end_doesn_t_say_that_nothing_was_changed(desk: Desk) -> None:
    bad, written = desk.runs, 0

    def press(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        nonlocal written
        written += call.operation == "s3:PutObject"
        if written > 1:  # the lease is given back
            raise KeyboardInterrupt
        return proceed()

    desk.house.stage.operator.interceptors.append(press)
    ended = desk.type("ecs", "apply", *confirmed(desk), *OVERRIDE)
    assert (ended.code, desk.runs) == (Exit.INTERRUPTED, bad - 1)
    assert "Nothing has been changed" not in ended.said
    assert "INTERRUPTED Rolled back:" in ended.said


def test_what_is_lost_sight_of_is_in_doubt_and_says_how_to_go_on(desk: Desk) -> None:
    def vanish(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        if "ecs:UpdateService" in desk.changes:
            raise EndpointConnectionError(endpoint_url=call.request.url)
        return proceed()

    desk.house.stage.operator.interceptors.append(vanish)
    ended = desk.type("ecs", "apply", *confirmed(desk), *OVERRIDE)
    assert ended.code == Exit.IN_DOUBT, ended.said
    assert [words[0] for words in commands_in(ended.out)] == ["resume", "undo"]


def test_another_way_s_journal_isn_t_taken_for_one_s_own(desk: Desk) -> None:
    desk.type("ecs", "apply", *confirmed(desk), *OVERRIDE)
    ended = desk.type("state", "undo", *confirmed(desk), "--journal", str(desk.journals[0]))
    assert ended.code == Exit.USAGE
    assert "is of another way back" in ended.said
    assert "Use rollback ecs." in ended.said


def test_a_mistake_is_told_to_a_machine_as_well(desk: Desk) -> None:
    ended = desk.type("resume", *confirmed(desk), "--json")
    assert ended.code == Exit.USAGE
    assert ended.told["error"]["sentence"].startswith("No journal of a rollback of production")
    assert ended.told["exit_code"] == Exit.USAGE


def test_the_default_environment_is_never_taken_without_asking(desk: Desk) -> None:
    from tests.rollback.cli.desk import FILE  # noqa: PLC0415 - beside its only use

    ended = typed("ecs", "apply", "--yes", "--environments", str(FILE))
    assert ended.code == Exit.USAGE
    assert "never taken without asking" in ended.said
    said = typed("ecs", "plan", "--environments", str(FILE))
    assert said.code == Exit.OK
    assert "No --env, so this is production, the default of environments.toml." in said.said
    assert desk.changes == []

"""What a person types to do a step by hand: of what the step has planned, called and run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rehearsal.report.by_hand import expected_of, lines_of, refusals_of
from rehearsal.report.chapter_views import Line
from rehearsal.report.facts import Call, Command, Note
from rehearsal.report.model import PlayedStep

if TYPE_CHECKING:
    from rehearsal.report.facts import Evidence

ASKED = Call(
    service="ecs", operation="DescribeServices", status=200, line="aws ecs describe-services --cluster c"
)
DONE = Call(
    service="ecs",
    operation="UpdateService",
    status=200,
    reads=False,
    line="aws ecs update-service --service s",
)
PUSHED = Command(line="git push origin main", exit=0)


def step(*evidence: Evidence, kind: str = "Action") -> PlayedStep:
    """A step with this evidence."""
    return PlayedStep(keyword="When", text="x", kind=kind, evidence=evidence)


def test_a_plan_says_what_to_type_and_the_calls_what_answers() -> None:
    plan = Note(
        kind="plan",
        text="Roll back.",
        commands=("aws ecs update-service --service s --force", "git push origin x", "curl x"),
    )
    assert lines_of(step(plan, ASKED, DONE, PUSHED)) == (
        Line(command="aws ecs update-service --service s --force", expected="exit code 0", changes=True),
        Line(command="git push origin x", expected="exit code 0", changes=True),
        Line(command="curl x"),
    )


def test_who_looks_after_the_last_change_is_to_see_how_it_ended() -> None:
    look, change = "aws ecs describe-services", "aws ecs update-service"
    plan = Note(kind="plan", text="Roll back.", commands=(f"{look} --first", change, f"{look} --then"))
    ended = Note(kind="outcome", text="Rolled back: s runs 2 of 2 tasks of f:41.")
    first, done, then = lines_of(step(plan, ASKED, DONE, ended))
    assert [first.expected, done.expected] == ["exit code 0", "exit code 0"]
    assert then.expected == "Rolled back: s runs 2 of 2 tasks of f:41."


def test_only_what_is_known_to_look_changes_nothing() -> None:
    """Also where it was not run: whoever types it has to know."""
    looks = (
        "aws ecs describe-services",
        "aws acm wait x",
        "git log -1",
        "terraform show",
        "openssl s_client </dev/null",
    )
    writes = ("aws elbv2 modify-listener", "x=$(aws acm request-certificate)", "terraform apply p", "psql 'x")
    plan = Note(kind="plan", text="x", commands=(*looks, *writes))
    assert [line.changes for line in lines_of(step(plan))] == [False] * len(looks) + [True] * len(writes)


def test_without_a_plan_what_changed_something_is_what_to_type() -> None:
    assert [line.command for line in lines_of(step(ASKED, DONE, PUSHED))] == [DONE.line, PUSHED.line]


def test_a_look_is_told_where_nothing_was_changed() -> None:
    assert [line.command for line in lines_of(step(ASKED, ASKED, kind="Outcome"))] == [ASKED.line]


def test_what_only_sets_the_scene_is_nobody_s_to_do() -> None:
    assert lines_of(step(ASKED, DONE, PUSHED, kind="Context")) == ()


def test_a_call_without_a_line_that_can_be_typed_is_not_told() -> None:
    assert lines_of(step(Call(service="ecs", operation="X", reads=False, line="ecs:X"))) == ()


def test_a_refused_call_says_by_what() -> None:
    denied = Call(
        service="ecs",
        operation="UpdateService",
        status=400,
        error="AccessDenied",
        reads=False,
        line="aws ecs x",
    )
    assert lines_of(step(denied))[0].expected == "refused: AccessDenied"


def test_how_it_ended_is_expected_or_else_what_was_seen_last() -> None:
    seen = [Note(kind="observation", text=text) for text in ("0 of 2", "2 of 2")]
    ended = Note(kind="outcome", text="Landed.")
    assert expected_of(step(*seen)) == ("2 of 2",)
    assert expected_of(step(*seen, ended, ended)) == ("Landed.",)


def test_a_refusal_is_told_once_with_its_remedy() -> None:
    refused = Note(kind="refusal", text="The image is gone.", remedy="Build it.", commands=("docker build",))
    (told,) = refusals_of(step(refused, refused))
    assert (told.text, told.remedy, told.commands) == ("The image is gone.", "Build it.", ("docker build",))

"""What is printed must read well and, where it is a command, run as it stands."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from rollback import certificates
from rollback.ecs import EcsPlan, Outcome, Result, Revision, SavedPoint, Verification
from rollback.plan import ok, refusal, warning
from rollback.show import as_json, print_plan, print_result, print_verification

COMMAND = (
    "aws secretsmanager restore-secret --region us-east-1 "
    "--secret-id arn:aws:secretsmanager:us-east-1:111122223333:secret:app/[bold]-AbCdEf"
)
TARGET = Revision("app", 41)


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=40, force_terminal=False)


def printed(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def plan(*findings: object, commands: tuple[str, ...] = ()) -> EcsPlan:
    return EcsPlan(
        environment="production",
        title="Roll app back from app:42 to app:41.",
        findings=findings,  # type: ignore[arg-type] # findings of the tests below
        commands=commands,
        service=None,
        target=TARGET,
    )


def test_a_command_is_printed_to_the_letter_on_a_narrow_terminal(console: Console) -> None:
    """Neither wrapped, nor read as markup, nor turned into an emoji (``:secret:`` is one)."""
    print_plan(plan(refusal("secret-exists", "It is gone.", "Restore it.", COMMAND)), console)
    assert COMMAND in printed(console)


def test_a_plan_without_refusals_ends_with_the_commands_by_hand(console: Console) -> None:
    print_plan(plan(ok("account", "Right."), commands=("aws ecs update-service",)), console)
    assert printed(console).splitlines()[-2:] == ["By hand:", "  aws ecs update-service"]


def test_a_refused_plan_says_that_nothing_has_changed_and_offers_no_command_to_go_on(
    console: Console,
) -> None:
    refused = plan(
        refusal("account", "Another one.", "Use the right one."), commands=("aws ecs update-service",)
    )
    print_plan(refused, console)
    assert "nothing has been changed" in " ".join(printed(console).split())
    assert "update-service" not in printed(console)


def test_each_finding_is_marked_and_followed_by_its_remedy(console: Console) -> None:
    print_plan(plan(warning("target-proven", "Nothing shows that it works.", "Watch it.")), console)
    lines = [line.strip() for line in printed(console).splitlines()]
    assert lines[2:4] == ["warning  Nothing shows that it works.", "Watch it."]


@pytest.mark.parametrize(
    ("finding", "title"),
    [(ok("http", "v41."), "has landed"), (refusal("http", "v42.", "Look."), "has not landed")],
)
def test_a_verification_says_at_once_whether_the_target_has_landed(
    console: Console, finding: object, title: str
) -> None:
    print_verification(Verification(TARGET, (finding,)), console)  # type: ignore[arg-type] # parametrised
    assert printed(console).splitlines()[0] == f"app:41 {title}."


def test_a_result_is_followed_by_what_to_do_next(console: Console) -> None:
    result = Result(
        outcome=Outcome.FAILED,
        sentence="It failed.",
        remedy="Plan again.",
        target=TARGET,
        seconds=1.0,
        saved=SavedPoint(environment="production", service="app", revision=Revision("app", 42)),
        commands=("aws ecs list-task-definitions",),
    )
    print_result(result, console)
    assert printed(console).splitlines() == ["It failed.", "Plan again.", "  aws ecs list-task-definitions"]


def test_json_holds_everything_that_was_found() -> None:
    told = json.loads(as_json(plan(ok("account", "Right."), commands=("aws ecs update-service",))))
    assert told["target"] == {"family": "app", "number": 41}
    assert told["findings"][0] == {
        "check": "account",
        "severity": "ok",
        "seen": "Right.",
        "remedy": "",
        "commands": [],
    }
    assert told["commands"] == ["aws ecs update-service"]


def test_what_is_longer_than_a_line_is_whole(console: Console) -> None:
    """Also what has no space in it, as an ARN: who reads it has to find it in AWS."""
    arn = f"arn:aws:acm:us-east-1:111122223333:certificate/{'0123456789abcdef' * 2}"
    print_plan(plan(ok("attached", f"The listener has {arn}.")), console)
    assert arn in "".join(printed(console).split())


def test_a_certificate_s_plan_and_its_end_are_shown_as_any_other_s(console: Console) -> None:
    result = certificates.Result(
        outcome=certificates.Outcome.STILL_PENDING,
        sentence="Not yet.",
        remedy="Wait.",
        saved=None,
        seconds=1800.0,
        certificate="arn",
        commands=("aws acm describe-certificate",),
    )
    print_result(result, console)
    print_verification(
        certificates.Verification("The certificate", (refusal("served", "No.", "Look."),)), console
    )
    told = printed(console)
    for text in (
        "Not yet.",
        "Wait.",
        "  aws acm describe-certificate",
        "The certificate has not landed.",
        "refused  No.",
    ):
        assert text in told
    assert json.loads(as_json(result))["outcome"] == "still not issued"

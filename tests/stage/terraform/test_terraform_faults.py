"""What can go wrong with the operator's terraform, and what is left behind then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rehearsal import faults
from rehearsal.terraform_faults import (
    CommandFault,
    CommandKind,
    RequestFault,
    RequestKind,
    command_word,
    inject,
    record,
)
from rollback.journal import Kind, read

if TYPE_CHECKING:
    from tests.stage.terraform.workshop import Workshop

CHANGE = "-var=health_check_path=/up"


@pytest.fixture
def ready(workshop: Workshop) -> Workshop:
    workshop.init()
    return workshop


def applied(workshop: Workshop) -> bool:
    return workshop.world.infrastructure.settings().health_check_path == "/up"


def exits(workshop: Workshop) -> list[object]:
    """The exit codes that the journal has, in their order."""
    return [
        entry.detail["code"]
        for entry in read(workshop.stage.directory / "journal-1.jsonl")
        if entry.kind is Kind.EXIT
    ]


def test_commands_and_requests_are_recorded_in_their_order(ready: Workshop) -> None:
    seen = record(ready.stage)
    ready.apply(CHANGE)
    ready.run("state", "pull")
    key = ready.stage.environment.state_key
    said = [str(each) for each in seen]
    assert said[0] == "terraform apply#1"
    assert f"s3:PutObject {key}.tflock#1" in said
    assert said.index(f"s3:PutObject {key}.tflock#1") < said.index(f"s3:PutObject {key}#1")
    assert said.index(f"s3:PutObject {key}#1") < said.index(f"s3:DeleteObject {key}.tflock#1")
    assert said.index("terraform state pull#1") > said.index(f"s3:DeleteObject {key}.tflock#1")


def test_a_command_that_fails_before_it_begins_has_done_nothing(ready: Workshop) -> None:
    inject(ready.stage, CommandFault(CommandKind.FAILS_BEFORE, "apply"))
    assert ready.apply(CHANGE).code == 1
    assert not applied(ready)
    assert ready.apply(CHANGE).code == 0
    assert applied(ready)


def test_a_command_that_fails_after_its_effect_has_done_all_and_the_journal_says_that_it_failed(
    ready: Workshop,
) -> None:
    inject(ready.stage, CommandFault(CommandKind.FAILS_AFTER, "apply"))
    assert ready.apply(CHANGE).code == 1
    assert applied(ready)
    assert exits(ready)[-1] == 1
    assert ready.plan(CHANGE) == 0


@pytest.mark.parametrize(
    ("kind", "done"), [(CommandKind.KILLED_BEFORE, False), (CommandKind.KILLED_AFTER, True)]
)
def test_who_started_a_killed_command_is_interrupted(
    ready: Workshop, kind: CommandKind, *, done: bool
) -> None:
    inject(ready.stage, CommandFault(kind, "apply"))
    with pytest.raises(KeyboardInterrupt):
        ready.apply(CHANGE)
    assert applied(ready) is done
    assert ready.state.lock is None


def test_only_the_named_occurrence_of_the_named_command_fails(ready: Workshop) -> None:
    inject(ready.stage, CommandFault(CommandKind.FAILS_BEFORE, "state pull", occurrence=2))
    assert [ready.run("state", "pull").code for _ in range(3)] == [0, 1, 0]
    assert ready.run("state", "list").code == 0


@pytest.mark.parametrize(
    ("kind", "written"), [(RequestKind.KILLED_BEFORE, False), (RequestKind.KILLED_AFTER, True)]
)
def test_an_apply_that_is_killed_at_its_write_leaves_its_lock(
    ready: Workshop, kind: RequestKind, *, written: bool
) -> None:
    serial = ready.state.current()["serial"]
    inject(ready.stage, RequestFault(kind, "s3:PutObject", key=ready.stage.environment.state_key))
    with pytest.raises(KeyboardInterrupt):
        ready.apply(CHANGE)
    assert applied(ready)
    assert ready.state.current()["serial"] == serial + written
    left = ready.state.lock
    assert left is not None
    assert ready.run("plan", "-input=false").code == 1
    assert ready.run("force-unlock", "-force", left["ID"]).code == 0
    assert ready.plan(CHANGE) == (0 if written else 2)


def test_a_refused_write_of_the_state_keeps_it_in_a_file(ready: Workshop) -> None:
    fault = RequestFault(
        RequestKind.DENIED, "s3:PutObject", key=ready.stage.environment.state_key, times=None
    )
    inject(ready.stage, fault)
    completed = ready.apply(CHANGE)
    assert completed.code == 1
    assert "errored.tfstate" in completed.error_text
    assert (ready.root / "errored.tfstate").is_file()
    assert ready.state.lock is None


@pytest.mark.parametrize("kind", [RequestKind.UNAVAILABLE, RequestKind.CUT_BEFORE])
def test_terraform_tries_again_where_s3_fails_once(ready: Workshop, kind: RequestKind) -> None:
    inject(ready.stage, RequestFault(kind, "s3:GetObject", key=ready.stage.environment.state_key))
    assert ready.plan() == 0


def test_a_lock_that_was_taken_but_not_answered_is_in_its_own_way(ready: Workshop) -> None:
    """The SDK sends the request again, which finds the lock of the first."""
    lock = ready.state.lock_key
    inject(ready.stage, RequestFault(RequestKind.CUT_AFTER, "s3:PutObject", key=lock))
    completed = ready.run("plan", "-input=false")
    assert completed.code == 1
    assert ready.state.lock is not None


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (("/usr/bin/terraform", "state", "push", "-lock=false", "x.tfstate"), "state push"),
        (("terraform", "-chdir=x", "plan", "-out", "p"), "plan"),
        (("/usr/bin/python", "-P", "/x/library.py", "show", "-json"), "show"),
        (("git", "push", "origin"), ""),
        (("terraform", "version", "-json"), "version"),
    ],
)
def test_the_command_of_a_command_line(args: tuple[str, ...], word: str) -> None:
    assert command_word(args) == word


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (faults.Kind.ACCESS_DENIED, "AccessDenied"),
        (faults.Kind.INTERNAL_ERROR, "InternalError"),
        (faults.Kind.EXPIRED, "ExpiredToken"),
    ],
)
def test_s3_fails_in_its_own_words(workshop: Workshop, kind: faults.Kind, code: str) -> None:
    faults.inject(workshop.stage, faults.Fault(kind=kind, operation="s3:GetBucketVersioning"))
    s3 = workshop.stage.operator.client("s3", workshop.stage.environment.region)
    call: Any = s3
    with pytest.raises(Exception, match=code):
        call.get_bucket_versioning(Bucket=workshop.stage.environment.state_bucket)

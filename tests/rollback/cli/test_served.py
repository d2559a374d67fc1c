"""The command line with its real hands, against another process that plays AWS, GitHub, git and the application."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from rehearsal.embedded import OPERATOR
from rehearsal.serving.process import ServingProcess
from rollback.cli.codes import Exit
from rollback.ecs import watching
from rollback.lease import Holder, Purpose
from tests.rollback.cli.desk import FILE, OVERRIDE, commands_in, typed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

ROOT = FILE.parent
PLACE = ("--env", "staging")
BEGIN = ("ecs", "apply", *PLACE, "--yes", *OVERRIDE)


@pytest.fixture(scope="module")
def serving() -> Iterator[ServingProcess]:
    """Staging with a version that answers with errors; a minute passes there in a second."""
    with ServingProcess(FILE, "--env=staging", "--speed=60") as process:
        yield process


@pytest.fixture
def variables(serving: ServingProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A terminal of somebody who has pasted the exports."""
    told: dict[str, str] = serving.control.stage()["variables"]
    for name in [name for name in os.environ if name.startswith(("AWS_", "XDG_", "TEAM_"))]:
        monkeypatch.delenv(name)
    for name, value in {**told, "XDG_STATE_HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def started(variables: Mapping[str, str], *words: str) -> subprocess.Popen[str]:
    """The command line in a process of its own."""
    return subprocess.Popen(  # noqa: S603 - an argument list of our own
        [sys.executable, "-c", "from rollback.cli import main; main()", *words],
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def changes(serving: ServingProcess, since: int = 0) -> list[str]:
    """What the other process was asked for by the operator that changes something there."""
    asked = serving.control.requests(since)
    return [each["what"] for each in asked if each["by"] in {OPERATOR, ""} and not each["reads"]]


def lease_of(serving: ServingProcess, purpose: Purpose) -> Holder:
    """Somebody else has just taken the environment."""
    now = datetime.now(UTC)
    holder = Holder(
        owner="arn:aws:iam::444455556666:user/robin",
        host="robins-laptop",
        purpose=purpose,
        since=now,
        expires=now + timedelta(minutes=10),
        seconds=600,
        nonce="robins-own-nonce",
    )
    told = serving.control.stage()["variables"]
    s3 = boto3.Session().client("s3", endpoint_url=told["AWS_ENDPOINT_URL"])
    s3.put_object(
        Bucket="connect2-app-terraform-state-staging", Key="rollback/lease.json", Body=holder.to_json()
    )
    return holder


def drop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has signed in on this machine."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        monkeypatch.delenv(name)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, os.devnull)


def expire(monkeypatch: pytest.MonkeyPatch, *, minutes: float) -> None:
    """The keys end so many minutes from now."""
    ends = datetime.now(UTC) + timedelta(minutes=minutes)
    monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", f"{ends:%Y-%m-%dT%H:%M:%SZ}")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "temporary")


WRONG: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "another region": lambda patch: patch.setenv("AWS_REGION", "eu-west-1"),
    "expired": lambda patch: expire(patch, minutes=-90),
    "nearly expired": lambda patch: expire(patch, minutes=3),
    "none": drop,
    "endpoint down": lambda patch: patch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
}
"""What is wrong with the machine."""
PRODUCTION = ("ecs", "apply", "--env", "production")
TYPED = {
    "another account": ("ecs", "apply", "--env", "development", "--yes", *OVERRIDE),
    "unknown profile": (*BEGIN, "--profile", "nobody"),
    "a drill where none is allowed": (*PRODUCTION, "--drill", "--confirm", "connect2-app-service-prod"),
    "a name with a typo": (*PRODUCTION, "--confirm", "connect2-app-service-pord"),
}
"""What is wrong with what was typed."""


@pytest.mark.parametrize(
    ("wrong", "code", "sentence"),
    [
        ("another account", Exit.CREDENTIALS, "are of the account 444455556666"),
        ("another region", Exit.CREDENTIALS, "but staging is in us-east-1"),
        ("expired", Exit.CREDENTIALS, "have expired at"),
        ("nearly expired", Exit.CREDENTIALS, "a rollback of staging may take 10 min"),
        ("none", Exit.CREDENTIALS, "There are no AWS credentials here"),
        ("unknown profile", Exit.USAGE, 'There is no AWS profile "nobody"'),
        ("endpoint down", Exit.CREDENTIALS, "AWS can't be reached at http://127.0.0.1:9"),
        ("a drill where none is allowed", Exit.CREDENTIALS, "allows none"),
        (
            "a name with a typo",
            Exit.CREDENTIALS,
            '"connect2-app-service-pord" is not the name of the service',
        ),
    ],
)
@pytest.mark.usefixtures("variables")
def test_what_is_wrong_is_one_sentence_and_nothing_is_changed(
    serving: ServingProcess, monkeypatch: pytest.MonkeyPatch, *, wrong: str, code: Exit, sentence: str
) -> None:
    before = len(serving.control.requests())
    if wrong in WRONG:
        WRONG[wrong](monkeypatch)
    ended = typed(*TYPED.get(wrong, BEGIN))
    assert ended.code == code, ended.said
    assert sentence in ended.said
    assert "Traceback" not in ended.said
    assert len(ended.err.strip().splitlines()) <= 6
    assert changes(serving, before) == []


def test_a_second_operator_is_told_who_works_there(
    serving: ServingProcess, variables: dict[str, str]
) -> None:
    del variables
    lease_of(serving, Purpose.INCIDENT)
    before = len(serving.control.requests())
    ended = typed(*BEGIN)
    assert ended.code == Exit.REFUSED
    assert "user/robin on robins-laptop holds staging for an incident" in ended.said
    assert "robins-laptop for an incident" in typed("status", *PLACE).said
    drill = typed("ecs", "apply", *PLACE, "--yes", "--drill")
    assert (drill.code, "holds staging" in drill.said) == (Exit.REFUSED, True)
    assert changes(serving, before) == []


def test_a_rollback_in_a_process_of_its_own_that_is_killed_is_found_and_finished(
    serving: ServingProcess, variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An incident takes the environment from a drill, is killed with -9, and somebody goes on with it."""
    lease_of(serving, Purpose.DRILL)
    assert "say so with --preempt" in typed(*BEGIN).said
    process = started(variables, *BEGIN, "--preempt")
    assert process.stderr is not None
    for line in process.stderr:
        if " of 2 running" in line:
            break
    process.kill()
    process.communicate()
    assert "ecs:UpdateService" in changes(serving)
    found = typed("status", *PLACE, "--json")
    assert found.code == Exit.IN_DOUBT
    assert (found.told["last"]["way"], found.told["last"]["stands"]) == ("ecs", "underway")
    resume, _ = found.told["next"]
    (words,) = commands_in(resume)
    before = changes(serving).count("ecs:UpdateService")
    monkeypatch.setattr(watching, "interval", lambda _: 0.25)  # a minute passes there in a second
    done = typed(*words, "--yes", "--json")
    assert done.code == Exit.OK, done.err
    assert done.told["result"]["landed"] is True
    assert changes(serving).count("ecs:UpdateService") == before, "what was taken is not asked for again"
    verified(serving)


def verified(serving: ServingProcess) -> None:
    """It is verified, and taken back, and status says so."""
    seen = typed("ecs", "verify", *PLACE, "--json")
    assert (seen.code, seen.told["verification"]["landed"]) == (Exit.OK, True)
    back = typed("undo", *PLACE, "--yes")
    assert back.code == Exit.OK, back.said
    assert "By hand:" in back.out, "the plan is shown first"
    assert not any(words[0] == "undo" for words in commands_in(back.out)), "it is taken back already"
    status: Any = typed("status", *PLACE, "--json")
    assert (status.code, status.told["lease"], status.told["last"]["stands"]) == (Exit.OK, None, "landed")
    assert changes(serving).count("ecs:UpdateService") == 2

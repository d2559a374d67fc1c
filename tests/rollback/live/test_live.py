"""The hands on a live environment, against an AWS that plays on loopback."""

from __future__ import annotations

import hashlib
import json
import os
import re
import socket
import stat
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore.credentials
import pytest

from rehearsal.clock import VirtualClock
from rollback.errors import CredentialsExpired, JournalError
from rollback.journal import read
from rollback.live import (
    Checked,
    NotReady,
    Trouble,
    check,
    hands,
    journals,
    read_only,
    state_directory,
    whoami,
)
from tests.rollback.builders import ACCOUNT, ENVIRONMENT, REGION
from tests.rollback.live.aws import KEY, SECRET, TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollback.access import Access
    from tests.rollback.live.aws import FakeAws

URL = "https://sso.example/start"


@contextmanager
def opened(**asked: Any) -> Iterator[Access]:
    made = hands(ENVIRONMENT, purpose="drill", clock=VirtualClock(datetime.now(UTC)), **asked)
    try:
        yield made
    finally:
        made.http.close()
        made.aws.close()
        made.journal.close()


def checked(**asked: Any) -> Checked:
    with opened(**asked) as access:
        return check(ENVIRONMENT, access)


def one_trouble(**asked: Any) -> NotReady:
    """The one thing that is wrong."""
    (trouble,) = checked(**asked).troubles
    for text in (str(trouble), *(path.read_text() for path in journals(ENVIRONMENT))):
        assert not any(secret in text for secret in (SECRET, TOKEN, "hunter2"))
    return trouble


@pytest.fixture
def signed_in(machine: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """By environment variables."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    return machine


def write_config(home: Path, text: str) -> None:
    (home / ".aws" / "config").write_text(text)


def ends_in(monkeypatch: pytest.MonkeyPatch, **delta: float) -> None:
    """The keys of the environment are temporary."""
    monkeypatch.setenv("AWS_SESSION_TOKEN", TOKEN)
    monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", (datetime.now(UTC) + timedelta(**delta)).isoformat())


# Who we are.


@pytest.mark.usefixtures("signed_in")
def test_who_we_are_is_asked_of_sts(fake: FakeAws) -> None:
    with opened() as access:
        identity = whoami(ENVIRONMENT, access)
    assert (identity.account, identity.arn) == (ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/kim")
    assert (identity.region, identity.expires_at, identity.renewed) == (REGION, None, False)
    assert fake.asked == ["sts:GetCallerIdentity"]


@pytest.mark.usefixtures("signed_in")
def test_when_keys_of_the_environment_end_is_known_where_they_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    ends_in(monkeypatch, hours=2)
    with opened() as access:
        identity = whoami(ENVIRONMENT, access)
    assert identity.expires_at is not None
    assert timedelta(minutes=119) < identity.expires_at - datetime.now(UTC) < timedelta(minutes=121)
    assert identity.expires_at.tzinfo is UTC


@pytest.mark.usefixtures("signed_in")
def test_all_is_well(fake: FakeAws) -> None:
    found = checked()
    assert found.must_be_ready().account == ACCOUNT
    assert [finding.check for finding in found.findings] == ["region", "account", "credentials"]
    assert fake.asked == ["sts:GetCallerIdentity"]


@pytest.mark.usefixtures("signed_in")
def test_hands_that_only_look_are_ours_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    ends_in(monkeypatch, minutes=5)
    with opened() as access:
        (trouble,) = check(ENVIRONMENT, read_only(access)).troubles
    assert trouble.trouble is Trouble.NEARLY_EXPIRED


def test_a_profile_that_was_named_goes_before_the_environment_and_to_the_programs(signed_in: Path) -> None:
    keys = f"aws_access_key_id = AKIAOTHER\naws_secret_access_key = {SECRET}\n"
    write_config(signed_in, f"[profile team]\nregion = {REGION}\n{keys}")
    shown = (
        "import os; print(*(os.environ.get(n) for n in ('AWS_PROFILE', 'AWS_ACCESS_KEY_ID', 'AWS_REGION')))"
    )
    with opened(profile="team") as access:
        signs = access.aws.sts.generate_presigned_url("get_caller_identity")
        told = access.processes.run([sys.executable, "-c", shown], timeout_seconds=30).text
    assert "AKIAOTHER" in signs
    assert told.split() == ["team", "None", REGION]


# What may be wrong.


def test_there_are_no_credentials(machine: Path, fake: FakeAws) -> None:
    assert machine.exists()
    trouble = one_trouble()
    assert trouble.trouble is Trouble.NO_CREDENTIALS
    assert "no AWS credentials here" in trouble.sentence
    assert "aws sso login" in trouble.remedy
    assert fake.asked == []


def test_half_of_the_keys_is_no_credentials(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.exists()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    assert one_trouble().trouble is Trouble.NO_CREDENTIALS


def test_the_profile_is_not_known(machine: Path) -> None:
    write_config(machine, "[profile staging]\nregion = x\n[profile production]\nregion = x\n")
    with pytest.raises(NotReady) as refused, opened(profile="prodution"):
        pass
    assert refused.value.trouble is Trouble.UNKNOWN_PROFILE
    assert refused.value.trouble.of_usage
    assert refused.value.sentence == 'There is no AWS profile "prodution" in the AWS configuration.'
    assert refused.value.remedy == 'Did you mean "production"? The profiles are: production, staging.'
    assert journals(ENVIRONMENT) == ()


def test_the_profile_of_the_environment_is_not_known(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.exists()
    monkeypatch.setenv("AWS_PROFILE", "gone")
    with pytest.raises(NotReady, match="gone"), opened():
        pass


def test_the_configuration_is_broken(machine: Path) -> None:
    write_config(machine, "[profile\nhunter2")
    with pytest.raises(NotReady, match="can't be read") as refused, opened():
        pass
    assert refused.value.trouble is Trouble.BAD_CONFIGURATION
    assert "hunter2" not in str(refused.value)


@pytest.mark.usefixtures("signed_in")
def test_they_have_expired(monkeypatch: pytest.MonkeyPatch, fake: FakeAws) -> None:
    ends_in(monkeypatch, hours=-1)
    trouble = one_trouble()
    assert trouble.trouble is Trouble.EXPIRED
    assert "have expired at" in trouble.sentence
    assert "AWS_SESSION_TOKEN again" in trouble.remedy
    assert fake.asked == []


@pytest.mark.usefixtures("signed_in")
@pytest.mark.parametrize(
    ("status", "code", "trouble"),
    [
        (403, "ExpiredToken", Trouble.EXPIRED),
        (403, "InvalidClientTokenId", Trouble.INVALID),
        (403, "SignatureDoesNotMatch", Trouble.INVALID),
        (403, "AccessDenied", Trouble.DENIED),
        (503, "ServiceUnavailable", Trouble.UNREACHABLE),
    ],
)
def test_sts_says_that_they_are_no_good(fake: FakeAws, status: int, code: str, trouble: Trouble) -> None:
    fake.error = (status, code, "As you see")
    assert one_trouble().trouble is trouble
    assert fake.asked == ["sts:GetCallerIdentity"], "it is asked once"


@pytest.mark.usefixtures("signed_in")
def test_they_end_before_a_rollback_would(monkeypatch: pytest.MonkeyPatch) -> None:
    ends_in(monkeypatch, minutes=9, seconds=30)
    trouble = one_trouble()
    assert trouble.trouble is Trouble.NEARLY_EXPIRED
    assert "expire in 9 min" in trouble.sentence
    assert "a rollback of testing may take 10 min" in trouble.sentence


@pytest.mark.usefixtures("signed_in")
def test_they_last_long_enough_for_what_they_are_needed_for(monkeypatch: pytest.MonkeyPatch) -> None:
    ends_in(monkeypatch, minutes=9, seconds=30)
    with opened() as access:
        assert check(ENVIRONMENT, access, seconds=300).troubles == ()


@pytest.mark.usefixtures("signed_in")
def test_the_account_is_another_one(fake: FakeAws) -> None:
    fake.account = "999988887777"
    trouble = one_trouble()
    assert trouble.trouble is Trouble.WRONG_ACCOUNT
    assert "account 999988887777" in trouble.sentence
    assert trouble.sentence.endswith(f"testing is in {ACCOUNT}.")


@pytest.mark.usefixtures("signed_in")
@pytest.mark.parametrize("variable", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_the_region_is_another_one(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "eu-west-1")
    trouble = one_trouble()
    assert trouble.trouble is Trouble.WRONG_REGION
    assert "eu-west-1, but testing is in us-east-1" in trouble.sentence
    assert f"export AWS_REGION={REGION}" in trouble.remedy


@pytest.mark.usefixtures("signed_in")
def test_nobody_listens_at_the_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://me:hunter2@127.0.0.1:{port}")
    trouble = one_trouble()
    assert trouble.trouble is Trouble.UNREACHABLE
    assert f"can't be reached at http://127.0.0.1:{port} " in trouble.sentence
    assert "AWS_ENDPOINT_URL" in trouble.remedy


# Single sign-on.


def single_sign_on(home: Path, *, ends: timedelta | None = None, refresh: bool = False) -> None:
    """A profile that takes its role by a session of single sign-on."""
    write_config(
        home,
        "[profile base]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = ops\n"
        f"[sso-session corp]\nsso_start_url = {URL}\nsso_region = {REGION}\n",
    )
    if ends is None:
        return
    name = hashlib.sha1(b"corp", usedforsecurity=False).hexdigest()
    token: dict[str, object] = {"accessToken": TOKEN, "startUrl": URL, "region": REGION}
    token["expiresAt"] = (datetime.now(UTC) + ends).strftime("%Y-%m-%dT%H:%M:%SZ")
    if refresh:
        later = datetime.now(UTC) + timedelta(days=30)
        token |= {"refreshToken": "hunter2", "clientId": "c", "clientSecret": "hunter2"}
        token["registrationExpiresAt"] = later.strftime("%Y-%m-%dT%H:%M:%SZ")
    (home / ".aws" / "sso" / "cache" / f"{name}.json").write_text(json.dumps(token))


@pytest.mark.parametrize("ends", [None, timedelta(hours=-1)])
def test_somebody_has_to_sign_in(machine: Path, fake: FakeAws, ends: timedelta | None) -> None:
    single_sign_on(machine, ends=ends)
    trouble = one_trouble(profile="base")
    assert trouble.trouble is Trouble.SIGN_IN
    assert "Type `aws sso login --profile base`" in trouble.remedy
    assert fake.asked == []


def test_a_session_that_ends_and_cannot_be_renewed(machine: Path, fake: FakeAws) -> None:
    single_sign_on(machine, ends=timedelta(minutes=6))
    fake.role_ends = int((time.time() + 300) * 1000)
    trouble = one_trouble(profile="base")
    assert trouble.trouble is Trouble.NEARLY_EXPIRED
    assert "aws sso login --profile base" in trouble.remedy


def test_a_session_lasts_as_long_as_the_longer_of_its_token_and_its_role(
    machine: Path, fake: FakeAws
) -> None:
    single_sign_on(machine, ends=timedelta(hours=5))
    fake.role_ends = int((time.time() + 1200) * 1000)
    with opened(profile="base") as access:
        identity = whoami(ENVIRONMENT, access)
    assert identity.expires_at is not None
    assert identity.expires_at > datetime.now(UTC) + timedelta(hours=4)
    assert fake.asked == ["sso:GetRoleCredentials", "sts:GetCallerIdentity"]


def test_a_session_that_renews_itself_has_no_end(machine: Path, fake: FakeAws) -> None:
    single_sign_on(machine, ends=timedelta(minutes=20), refresh=True)
    fake.role_ends = int((time.time() + 1200) * 1000)
    with opened(profile="base") as access:
        assert check(ENVIRONMENT, access, seconds=3600).troubles == ()


# Roles.


@pytest.mark.parametrize("device", [False, True])
def test_a_role_renews_itself_unless_it_asks_for_a_device(
    machine: Path, fake: FakeAws, monkeypatch: pytest.MonkeyPatch, *, device: bool
) -> None:
    """Nobody is there to type the next code when it ends."""
    made = botocore.credentials.AssumeRoleProvider.__init__

    def typing(self: Any, *args: Any, **kwargs: Any) -> None:
        made(self, *args, **{**kwargs, "prompter": lambda _: "123456"})

    monkeypatch.setattr(botocore.credentials.AssumeRoleProvider, "__init__", typing)
    serial = "mfa_serial = arn:aws:iam::111122223333:mfa/kim\n" if device else ""
    keys = f"aws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"
    role = f"role_arn = arn:aws:iam::{ACCOUNT}:role/ops\nsource_profile = me\n{serial}"
    write_config(machine, f"[profile me]\n{keys}[profile base]\nregion = {REGION}\n{role}")
    fake.role_ends = int((time.time() + 1800) * 1000)
    with opened(profile="base") as access:
        troubles = check(ENVIRONMENT, access, seconds=3600).troubles
    assert [trouble.trouble for trouble in troubles] == ([Trouble.NEARLY_EXPIRED] if device else [])
    assert fake.asked == ["sts:AssumeRole", "sts:GetCallerIdentity"]


# What is kept.


@pytest.mark.usefixtures("signed_in")
def test_a_journal_is_called_by_time_environment_and_purpose_and_is_ours_alone() -> None:
    with opened() as first, opened() as second:
        paths = first.journal.path, second.journal.path
    moment = r"\d{8}T\d{6}Z"
    assert re.fullmatch(rf"{moment}-testing\.drill(\.2)?\.jsonl", paths[1].name)
    assert paths[0] != paths[1]
    assert set(journals(ENVIRONMENT)) == set(paths)
    for place in (paths[0].parent, paths[0].parent.parent, state_directory() / "kept"):
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert stat.S_IMODE(paths[0].stat().st_mode) == 0o600


def test_the_place_is_the_one_of_the_xdg_specification(machine: Path) -> None:
    assert state_directory({}) == machine / ".local" / "state" / "rollback"
    assert state_directory({"XDG_STATE_HOME": "/var/x"}) == Path("/var/x/rollback")
    assert state_directory({"XDG_STATE_HOME": "x"}) == machine / ".local" / "state" / "rollback"


@pytest.mark.usefixtures("signed_in")
def test_a_journal_that_is_there_is_gone_on_with() -> None:
    with opened() as access:
        whoami(ENVIRONMENT, access)
        path = access.journal.path
    with opened(journal=path) as access:
        whoami(ENVIRONMENT, access)
    assert [entry.what for entry in read(path)] == ["sts:GetCallerIdentity"] * 2


@pytest.mark.usefixtures("signed_in")
def test_a_directory_that_others_may_enter_is_closed(tmp_path: Path) -> None:
    place = tmp_path / "open"
    place.mkdir(mode=0o755)
    with opened(directory=place):
        assert stat.S_IMODE(place.stat().st_mode) == 0o700


@pytest.mark.usefixtures("signed_in")
def test_a_directory_of_somebody_else_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(JournalError, match="belongs to another user"), opened(directory=tmp_path / "theirs"):
        pass


@pytest.mark.usefixtures("signed_in")
def test_the_token_of_github_is_the_one_of_the_environments_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    with opened() as access:
        assert not access.github.signed_in
    monkeypatch.setenv(ENVIRONMENT.repository.token_variable, "hunter2")
    with opened() as access:
        assert access.github.signed_in


@pytest.mark.usefixtures("signed_in")
def test_that_they_have_expired_meanwhile_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore raises a RuntimeError of it, which is nothing of AWS's."""
    ends_in(monkeypatch, hours=-1)
    with opened() as access, pytest.raises(CredentialsExpired, match="have expired, and can't be renewed"):
        access.aws.ecs.describe_clusters()

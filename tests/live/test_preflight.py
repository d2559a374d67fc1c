"""What holds before the first test of a live run; else exit code 4, a sentence, no test, and no call that changes anything."""

from __future__ import annotations

import importlib
import signal
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from rollback.lease import Holder, Purpose, look
from rollback.live import hands
from tests.plugin.conftest import HABITS
from tests.plugin.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.live.conftest import Place

pytest_plugins = ["pytester"]

FEATURE = """
    Feature: Emergency rollback
      @live
      Scenario: A drill
        Given the service is steady

      Scenario: A rehearsal
        Given revision 42 was deployed
    """


@pytest.fixture(scope="module", autouse=True)
def _imported() -> None:
    """Import once what each run inside of this process would import anew and forget again."""
    for name in ("rehearsal.live.plugin", "rehearsal.summary", "rollback.environment"):
        importlib.import_module(name)


@pytest.fixture
def project(pytester: pytest.Pytester, machine: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with a scenario that may be live, in a terminal that leads to the place."""
    del machine
    for name in HABITS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    made = Project(pytester.path, pytester)
    made.write("features/ecs/drill.feature", FEATURE)
    return made


@pytest.fixture
def run(project: Project, place: Place) -> Callable[..., pytest.RunResult]:
    """Run the project's features live in staging."""

    def runs(*arguments: str) -> pytest.RunResult:
        given = (
            arguments
            if any(each.startswith("--env=") for each in arguments)
            else ("--env=staging", *arguments)
        )
        if not any(each.startswith("--environments=") for each in arguments):
            given = (f"--environments={place.environments}", *given)
        return project.run(*given)

    return runs


@pytest.fixture
def refused(place: Place, run: Callable[..., pytest.RunResult]) -> Callable[..., str]:
    """Run them, and return the sentence with which that was refused."""

    def is_refused(*arguments: str) -> str:
        with place.unchanged():
            result = run(*arguments)
        assert int(result.ret) == 4, result.stdout.str()
        assert not any("passed" in line or "skipped" in line for line in result.outlines)
        assert "Traceback" not in result.stderr.str() + result.stdout.str()
        [sentence] = [line for line in result.errlines if line]
        return sentence.removeprefix("ERROR: ")

    return is_refused


def expiring(monkeypatch: pytest.MonkeyPatch, minutes: int) -> None:
    ends = datetime.now(UTC) + timedelta(minutes=minutes)
    monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", ends.isoformat())


def test_credentials_of_another_account(
    refused: Callable[..., str], place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = place.control.keys("123456789012", "operator")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys.secret_key)
    sentence = refused()
    assert sentence.startswith("These credentials are of the account 123456789012")
    assert "but staging is in 444455556666" in sentence


def test_another_region(refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-3")
    assert refused().startswith("This machine is set to the region eu-west-3, but staging is in us-east-1.")


def test_expired_credentials(refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    expiring(monkeypatch, -60)
    assert "expired" in refused()


def test_credentials_that_end_before_the_drill_would(
    refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    expiring(monkeypatch, 20)
    sentence = refused()
    assert sentence.startswith("The AWS credentials expire in")
    assert "a rollback of staging may take 30 min" in sentence


def test_no_credentials(refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    assert refused().startswith("There are no AWS credentials here")


@pytest.mark.parametrize("how", ["option", "variable"])
def test_an_unknown_profile(refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    if how == "variable":
        monkeypatch.delenv("AWS_DEFAULT_PROFILE")
        monkeypatch.setenv("AWS_PROFILE", "stagng")
    sentence = refused(*(["--profile=stagng"] if how == "option" else []))
    assert sentence.startswith('There is no AWS profile "stagng" in the AWS configuration.')


def test_an_endpoint_at_which_nobody_listens(
    refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    assert refused().startswith("AWS can't be reached at http://127.0.0.1:1")


@pytest.fixture
def another_operator(place: Place, machine: Path) -> Iterator[None]:
    """Somebody else drills staging."""
    environment = place.environment
    now = datetime.now(UTC)
    holder = Holder(
        owner=f"arn:aws:iam::{environment.account}:user/robin",
        host="elsewhere",
        purpose=Purpose.DRILL,
        since=now,
        expires=now + timedelta(days=1),
        seconds=86_400,
        nonce="of-another-operator",
    )
    s3 = hands(environment, purpose="test", directory=machine).aws.s3
    bucket, key = environment.state_bucket, environment.lease.key
    s3.put_object(Bucket=bucket, Key=key, Body=holder.to_json())
    yield
    s3.delete_object(Bucket=bucket, Key=key)


@pytest.mark.usefixtures("another_operator")
def test_another_operator_who_holds_the_lease(refused: Callable[..., str]) -> None:
    assert "user/robin on elsewhere holds staging for a drill since" in refused()


def test_a_policy_that_forbids_drills(refused: Callable[..., str]) -> None:
    sentence = refused("--env=production", "--confirm=connect2-app-service-prod")
    assert sentence.startswith("No drill may be held in production: its [drill] policy in environments.toml")


@pytest.fixture
def wants_the_name(place: Place, tmp_path: Path) -> str:
    """Staging as it is, with a policy that wants the service's name typed."""
    text = place.environments.read_text("utf-8")
    assert "confirm = false" in text
    path = tmp_path / "environments.toml"
    path.write_text(text.replace("confirm = false", "confirm = true"), "utf-8")
    return f"--environments={path}"


def test_a_name_that_was_not_typed(refused: Callable[..., str], wants_the_name: str) -> None:
    sentence = refused(wants_the_name)
    assert "wants the name of its service typed in full, and nothing was typed" in sentence


@pytest.mark.parametrize("typed", ["connect2-app-service-stagin", "staging", "CONNECT2-APP-SERVICE-STAGING"])
def test_a_name_with_a_typo(refused: Callable[..., str], wants_the_name: str, typed: str) -> None:
    sentence = refused(wants_the_name, f"--confirm={typed}")
    assert sentence.startswith(f'--confirm says "{typed}", which is not the service of staging.')


def test_a_typo_also_where_no_name_is_wanted(refused: Callable[..., str]) -> None:
    assert "is not the service of staging" in refused("--confirm=connect2-app-service-prod")


def test_several_processes(refused: Callable[..., str]) -> None:
    assert refused("-n", "2").startswith("A live run is one process: take away -n and --dist.")


def test_nothing_that_may_be_live(refused: Callable[..., str]) -> None:
    assert refused("-k", "rehearsal").startswith(
        "Nothing that was selected may be played on a live environment"
    )


def test_a_live_run_that_names_no_environment(project: Project, place: Place) -> None:
    result = project.run("--stage=live", f"--environments={place.environments}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "A live run has to be told which environment it works on." in result.stderr.str()


LOOKS = """
    from pytest_bdd import given
    from rollback.lease import look

    @given("the service is steady")
    def _(environment, access, stage):
        holder = look(environment, access).holder
        print(f"held for a {holder.purpose}, {'' if holder.released else 'not '}given back")

    @given("revision 42 was deployed")
    def _(world):
        pass
    """


def test_the_lease_is_held_while_it_runs_and_only_what_is_live_is_played(
    run: Callable[..., pytest.RunResult], project: Project, place: Place, wants_the_name: str
) -> None:
    project.steps(LOOKS)
    before = len(place.control.requests())
    result = run(wants_the_name, "--confirm=connect2-app-service-staging", "-s")
    assert result.ret == pytest.ExitCode.OK, result.stdout.str()
    assert result.parseoutcomes() == {"passed": 1, "skipped": 1}
    told = result.stdout.str()
    assert "LIVE staging, account 444455556666, region us-east-1" in told
    assert "held for a drill, not given back" in told
    assert "1 not for live" in told
    assert place.changes(before) == ["s3:PutObject"] * 2  # the lease, taken and given back
    holder = look(place.environment, hands(place.environment, purpose="test")).holder
    assert holder is not None
    assert holder.released


def test_an_order_to_end_ends_it_as_ctrl_c_does(
    run: Callable[..., pytest.RunResult], project: Project, place: Place
) -> None:
    project.steps(
        """
        import os, signal
        from pytest_bdd import given

        @given("the service is steady")
        def _(access):
            os.kill(os.getpid(), signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGTERM)

        @given("revision 42 was deployed")
        def _():
            pass
        """
    )
    before = len(place.control.requests())
    with pytest.raises(KeyboardInterrupt):  # as pytester tells of a run that was interrupted
        run()
    assert place.changes(before) == ["s3:PutObject"] * 2
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_live_scenario_that_wants_a_stage_fails_with_a_sentence(
    run: Callable[..., pytest.RunResult], project: Project
) -> None:
    project.steps(LOOKS.replace("environment, access, stage", "world, environment, access"))
    result = run()
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "A live environment has no world that a scenario could change." in result.stdout.str()


def test_only_asking_what_there_is_asks_nobody(run: Callable[..., pytest.RunResult], place: Place) -> None:
    before = len(place.control.requests())
    assert run("--collect-only", "-q").ret == pytest.ExitCode.OK
    assert len(place.control.requests()) == before

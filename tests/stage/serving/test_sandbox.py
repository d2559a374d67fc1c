"""The sandbox, used from another process with ordinary programs and with what it prints, and nothing else."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import ProxyHandler, Request, build_opener

import boto3
import pytest

from rehearsal.origin.terraform_files import SETTINGS_FILE
from rollback.environment import load
from tests.stage.serving.conftest import ENVIRONMENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROOT = ENVIRONMENTS.parent
TERRAFORM = "infrastructure/terraform/environments/prod"
NAMES = ("--cluster", "connect2-app-cluster-prod", "--services", "connect2-app-service-prod")
_FOUND = shutil.which("aws")
AWS = _FOUND and not subprocess.run([_FOUND, "--version"], capture_output=True, check=False).returncode  # noqa: S603 - what is on PATH
"""Whether there is a real one: a version manager leaves a name on PATH without a program."""
LAST = "# Ctrl-C ends it."


@dataclass(frozen=True, slots=True)
class Terminal:
    """A shell in which the printed lines were pasted.

    Attributes:
        directory: where it is.
        variables: all that its programs know.
        printed: what the sandbox has printed.
        process: the sandbox.
    """

    directory: Path
    variables: dict[str, str]
    printed: str
    process: subprocess.Popen[str]

    def type(self, *words: str, at: str = ".", code: int = 0, more: Mapping[str, str] | None = None) -> str:
        """Run a program, perhaps with more variables; returns what it prints."""
        done = subprocess.run(  # noqa: S603 - ordinary programs, on loopback
            words,
            cwd=self.directory / at,
            env={**self.variables, **(more or {})},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def page(self, url: str) -> tuple[int, dict[str, Any]]:
        """What an address answers to who has the token for GitHub."""
        token = {"Authorization": f"Bearer {self.variables['GITHUB_TOKEN']}"}
        asked = Request(url, headers=token)  # noqa: S310 - it is printed by the sandbox
        with build_opener(ProxyHandler({})).open(asked, timeout=10) as answer:
            return answer.status, json.loads(answer.read())

    def until(self, url: str, content: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """What an address answers once somebody is content with it."""
        for _ in range(600):
            _, said = self.page(url)
            if content(said):
                return said
            time.sleep(0.05)  # the sandbox has a clock of its own: half a minute passes there
        pytest.fail(f"It never came to be: {said}")


def started(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - this Python, our own module
        [
            sys.executable,
            "-W",
            "error",
            "-m",
            "rehearsal.sandbox",
            "--environments",
            str(ENVIRONMENTS),
            *arguments,
        ],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    directory = tmp_path_factory.mktemp("terminal")
    process = started("--env=prod", "--speed=600", "--broken=slow")
    assert process.stdout is not None
    printed = ""
    while not printed.endswith(f"{LAST}\n"):
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        printed += line
    given = {"PATH": os.environ["PATH"], "HOME": str(directory)}
    for line in printed.splitlines():
        if line.startswith("export "):
            (word,) = shlex.split(line.removeprefix("export "))
            name, _, value = word.partition("=")
            given[name] = value
    try:
        yield Terminal(directory, given, printed, process)
    finally:
        process.kill()
        process.communicate()


def test_every_line_can_be_pasted(terminal: Terminal) -> None:
    shell = terminal.type("sh", "-c", f'{terminal.printed}\nprintf %s "$AWS_ENDPOINT_URL"')
    assert shell == terminal.variables["AWS_ENDPOINT_URL"]


def test_boto3_sees_two_revisions_that_worked_and_one_that_was_just_deployed(terminal: Terminal) -> None:
    said = terminal.variables
    ecs: Any = boto3.Session().client(
        "ecs",
        endpoint_url=said["AWS_ENDPOINT_URL"],
        region_name=said["AWS_REGION"],
        aws_access_key_id=said["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=said["AWS_SECRET_ACCESS_KEY"],
    )
    cluster, service = NAMES[1], NAMES[3]
    (seen,) = ecs.describe_services(cluster=cluster, services=[service])["services"]
    history = ecs.list_service_deployments(cluster=cluster, service=service)["serviceDeployments"]
    assert seen["deployments"][0]["taskDefinition"].endswith(":42")
    assert [each["status"] for each in history] == ["SUCCESSFUL"] * 3


def test_the_application_answers_at_its_address(terminal: Terminal) -> None:
    status, said = terminal.page(terminal.variables["APPLICATION_URL"] + "/version")
    assert status == 200
    assert len(said["version"]) == 40


def test_git_clones_by_the_address_that_everybody_knows_and_a_push_is_deployed(terminal: Terminal) -> None:
    remote = "https://github.com/connect2/connect2-app.git"
    assert remote in terminal.printed
    terminal.type("git", "clone", "--quiet", "--branch=main", remote, "pushed")
    identity = ("-c", "user.name=Kim Okafor", "-c", "user.email=kim@example.com")
    terminal.type("git", *identity, "revert", "--no-edit", "--mainline=1", "HEAD", at="pushed")
    terminal.type("git", "push", "--quiet", at="pushed")
    head = terminal.type("git", "rev-parse", "HEAD", at="pushed").strip()
    runs = f"{terminal.variables['GITHUB_API_URL']}/repos/connect2/connect2-app/actions/runs?head_sha={head}"
    completed = terminal.until(runs, lambda said: said["workflow_runs"][0]["status"] == "completed")
    assert completed["workflow_runs"][0]["conclusion"] == "success"
    terminal.until(
        terminal.variables["APPLICATION_URL"] + "/version", lambda said: bool(said["version"] == head)
    )


@pytest.mark.skipif(shutil.which("terraform") is None, reason="There is no terraform on PATH.")
def test_terraform_plans_on_the_checkout_and_finds_nothing_to_change(terminal: Terminal) -> None:
    remote = "https://github.com/connect2/connect2-app.git"
    terminal.type("git", "clone", "--quiet", "--branch=main", remote, "infra")
    terminal.type("terraform", "init", "-input=false", at=f"infra/{TERRAFORM}")
    plan = ("terraform", "plan", "-input=false", "-no-color", "-detailed-exitcode")
    assert "No changes." in terminal.type(*plan, at=f"infra/{TERRAFORM}")
    settings = terminal.directory / "infra" / TERRAFORM / SETTINGS_FILE
    said = json.loads(settings.read_text("utf-8"))
    settings.write_text(json.dumps({**said, "health_check_path": "/status"}), "utf-8")
    assert "1 to change" in terminal.type(*plan, at=f"infra/{TERRAFORM}", code=2).replace("1 to add, 0", "1")


@pytest.mark.skipif(not AWS, reason="There is no aws on PATH.")
def test_aws_works_unmodified(terminal: Terminal) -> None:
    query = ("--query", "services[0].status", "--output", "text")
    assert terminal.type("aws", "ecs", "describe-services", *NAMES, *query).strip() == "ACTIVE"


@pytest.mark.skipif(not AWS, reason="it needs the aws command line")
def test_what_is_meant_for_another_machine_goes_nowhere(terminal: Terminal) -> None:
    """Version 1 asks rds.amazonaws.com in this region, and the others are asked to."""
    words = ("aws", "rds", "describe-db-instances", "--endpoint-url", "https://rds.amazonaws.com")
    done = subprocess.run(  # noqa: S603 - it can't leave, which is what is shown
        words, env=terminal.variables, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode
    assert "Failed to connect to proxy" in done.stderr


def test_the_rollback_finds_the_environment_by_the_file_that_is_named(terminal: Terminal) -> None:
    served = load(Path(terminal.variables["ROLLBACK_ENVIRONMENTS"])).get("prod")
    known = load(ENVIRONMENTS).get("prod")
    assert served.url == terminal.variables["APPLICATION_URL"]
    assert served.repository.api == terminal.variables["GITHUB_API_URL"]
    assert (served.service, served.account, served.repository.remote) == (
        known.service,
        known.account,
        known.repository.remote,
    )


def test_the_real_rollback_lands_there_with_real_hands_and_real_time(terminal: Terminal) -> None:
    script = (
        "import os, pathlib\n"
        "from rollback import ecs\n"
        "from rollback.environment import load\n"
        "from rollback.live import hands\n"
        "environment = load(pathlib.Path(os.environ['ROLLBACK_ENVIRONMENTS'])).get('prod')\n"
        "access = hands(environment, purpose='drill')\n"
        "plan = ecs.plan(environment, access)\n"
        "result = ecs.apply(environment, access, plan)\n"
        "seen = ecs.verify(environment, access, result.target, expected_version=plan.expected_version)\n"
        "print(result.landed, seen.contradictions, plan.service.revision.number - result.target.number)\n"
    )
    home = {"XDG_STATE_HOME": str(terminal.directory), "PYTHONPATH": str(ROOT)}
    assert terminal.type(sys.executable, "-c", script, more=home).strip() == "True () 1"


def test_no_line_holds_what_this_machine_knows_of_aws(terminal: Terminal) -> None:
    assert terminal.variables["AWS_SHARED_CREDENTIALS_FILE"].startswith(
        str(Path(terminal.variables["ROLLBACK_ENVIRONMENTS"]).parent)
    )
    assert not Path(terminal.variables["AWS_SHARED_CREDENTIALS_FILE"]).exists()


def test_at_last_ctrl_c_ends_it_and_nothing_is_left(terminal: Terminal) -> None:
    directory = Path(terminal.variables["ROLLBACK_ENVIRONMENTS"]).parent
    assert directory.is_dir()
    terminal.process.send_signal(signal.SIGINT)
    _, complaints = terminal.process.communicate(timeout=60)
    assert (terminal.process.returncode, complaints) == (0, "")
    assert not directory.exists()
    with pytest.raises(OSError, match="refused"):
        terminal.page(terminal.variables["APPLICATION_URL"])


def test_sigterm_while_it_comes_up_ends_it_too() -> None:
    process = started("--env=prod")
    wait_for_handler(process.pid)
    process.send_signal(signal.SIGTERM)
    _, complaints = process.communicate(timeout=60)
    assert (process.returncode, complaints) == (0, "")


def wait_for_handler(pid: int) -> None:
    """Wait until the process has a handler for SIGTERM."""
    status = Path(f"/proc/{pid}/status")
    while True:
        (caught,) = [line for line in status.read_text("utf-8").splitlines() if line.startswith("SigCgt")]
        if int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1:
            return


def test_an_unknown_environment_is_one_sentence() -> None:
    process = started("--env=prdo")
    said, complaints = process.communicate()
    assert (process.returncode, said) == (2, "")
    assert 'knows no environment "prdo". Did you mean "prod"?' in complaints
    assert "Traceback" not in complaints

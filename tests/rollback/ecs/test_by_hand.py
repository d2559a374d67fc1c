from __future__ import annotations

import re
import shlex
from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.insulation import insulated_session
from rollback.ecs import by_hand
from tests.rollback.builders import ENVIRONMENT, app

GLOBAL: Final = {"--region", "--query", "--max-items"}
"""What every command of the aws CLI takes, or what it adds to paged ones."""

LINES: Final = {
    "update_service": by_hand.update_service(ENVIRONMENT, "app:41"),
    "update_service_copied": by_hand.update_service(ENVIRONMENT, "<NEW_REVISION>"),
    "stop_deployment": by_hand.stop_deployment(ENVIRONMENT, "arn:aws:ecs:x:1:service-deployment/a/b/c"),
    "describe_deployments": by_hand.describe_deployments(ENVIRONMENT),
    "list_revisions": by_hand.list_revisions(ENVIRONMENT),
    "list_deployments": by_hand.list_deployments(ENVIRONMENT),
    "scale_up": by_hand.scale_up(ENVIRONMENT),
    "events": by_hand.events(ENVIRONMENT),
    "who_am_i": by_hand.who_am_i(),
    "describe_task_sets": by_hand.describe_task_sets(ENVIRONMENT),
    "stop_codedeploy": by_hand.stop_codedeploy(ENVIRONMENT),
    "copy_revision": by_hand.copy_revision(ENVIRONMENT, app(41)),
}


MODELS: Final = {"deploy": "codedeploy"}
"""What the aws CLI calls otherwise than the API."""


def camel(words: str) -> str:
    return "".join(word.capitalize() for word in words.split("-"))


def option(member: str) -> str:
    return "--" + re.sub(r"(?<!^)([A-Z])", r"-\1", member).lower()


def test_every_line_is_looked_at_here() -> None:
    public = {name for name, value in vars(by_hand).items() if callable(value) and not name.startswith("_")}
    assert public - {"line"} <= set(LINES)


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_each_line_asks_for_what_the_api_takes(line: str) -> None:
    """The CLI's options are the operation's members in kebab-case; switches are its booleans."""
    program, service, command, *words = shlex.split(line)
    assert program == "aws"
    model = insulated_session().get_service_model(MODELS.get(service, service))
    taken = model.operation_model(camel(command)).input_shape
    members = {option(name): shape for name, shape in taken.members.items()} if taken else {}
    required = {option(name) for name in taken.required_members} if taken else set()
    assert required <= {word for word in words if word.startswith("--")} <= members.keys() | GLOBAL
    for word, following in zip(words, [*words[1:], "--"], strict=False):
        if word.startswith("--"):
            is_switch = word in members and members[word].type_name == "boolean"
            assert following.startswith("--") == is_switch


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_each_line_names_its_region(line: str) -> None:
    """A shell has a region of its own; only who is asking is the same everywhere."""
    assert f"--region {ENVIRONMENT.region}" in line or "get-caller-identity" in line


@pytest.fixture(scope="module")
def cli() -> Any:
    driver: Any = pytest.importorskip("awscli.clidriver", reason="the aws CLI is not installed here")
    return driver.create_clidriver()


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_the_cli_itself_takes_each_line(line: str, cli: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """With this option it reads its arguments and calls nobody."""
    code = cli.main([*shlex.split(line)[1:], "--generate-cli-skeleton", "input"])
    assert (code, capsys.readouterr().err) == (0, "")


@given(st.text(min_size=1, max_size=20))
def test_whatever_a_name_holds_stays_one_word_of_the_shell(name: str) -> None:
    environment = replace(ENVIRONMENT, service=name)
    words = shlex.split(by_hand.scale_up(environment))
    assert words[words.index("--service") + 1] == name

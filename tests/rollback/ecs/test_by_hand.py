from __future__ import annotations

import re
import shlex
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.insulation import insulated_session
from rollback.ecs import by_hand
from tests.rollback.builders import ENVIRONMENT, app

GLOBAL: Final = {"--cli-input-json", "--max-items", "--output", "--query", "--region"}
"""What every command of the aws CLI takes, or what it adds to paged ones."""

LINES: Final = {
    "update_service": by_hand.update_service(ENVIRONMENT, "app:41"),
    "stop_deployment": by_hand.stop_deployment(ENVIRONMENT, "arn:aws:ecs:x:1:service-deployment/a/b/c"),
    "describe_deployments": by_hand.describe_deployments(ENVIRONMENT),
    "list_revisions": by_hand.list_revisions(ENVIRONMENT),
    "list_deployments": by_hand.list_deployments(ENVIRONMENT),
    "scale_up": by_hand.scale_up(ENVIRONMENT),
    "events": by_hand.events(ENVIRONMENT),
    "who_am_i": by_hand.who_am_i(),
    "describe_task_sets": by_hand.describe_task_sets(ENVIRONMENT),
    **{f"stop_codedeploy {at}": each for at, each in enumerate(by_hand.stop_codedeploy(ENVIRONMENT))},
    **{f"deploy_copy {at}": each for at, each in enumerate(by_hand.deploy_copy(ENVIRONMENT, app(41)))},
}


MODELS: Final = {"deploy": "codedeploy"}
"""What the aws CLI calls otherwise than the API."""


def calls(line: str) -> list[list[str]]:
    """The words of each ``aws`` in a line, which may remember what it says, or hand it on."""
    lexer = shlex.shlex(re.sub(r"^\w+=\$\((.*)\)$", r"\1", line), posix=True, punctuation_chars="|")
    lexer.whitespace_split = True
    programs = [list(words) for pipe, words in groupby(lexer, "|".__eq__) if not pipe]
    return [words[1:] for words in programs if words[0] == "aws"]


CALLS: Final = {name: words for name, line in LINES.items() for words in calls(line)}


def camel(words: str) -> str:
    return "".join(word.capitalize() for word in words.split("-"))


def option(member: str) -> str:
    return "--" + re.sub(r"(?<!^)([A-Z])", r"-\1", member).lower()


def test_every_line_is_looked_at_here() -> None:
    public = {name for name, value in vars(by_hand).items() if callable(value) and not name.startswith("_")}
    assert public - {"Final", "line"} <= {name.partition(" ")[0] for name in LINES}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_each_line_asks_for_what_the_api_takes(call: list[str]) -> None:
    """The CLI's options are the operation's members in kebab-case; switches are its booleans."""
    service, command, *words = call
    model = insulated_session().get_service_model(MODELS.get(service, service))
    taken = model.operation_model(camel(command)).input_shape
    members = {option(name): shape for name, shape in taken.members.items()} if taken else {}
    required = {option(name) for name in taken.required_members} if taken else set()
    said = {word for word in words if word.startswith("--")}
    assert said <= members.keys() | GLOBAL
    assert required <= said or "--cli-input-json" in said
    for word, following in zip(words, [*words[1:], "--"], strict=False):
        if word.startswith("--"):
            is_switch = word in members and members[word].type_name == "boolean"
            assert following.startswith("--") == is_switch


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_each_line_names_its_region(call: list[str]) -> None:
    """A shell has a region of its own; only who is asking is the same everywhere."""
    assert "--region" in call or "get-caller-identity" in call


@pytest.fixture(scope="module")
def cli() -> Any:
    driver: Any = pytest.importorskip("awscli.clidriver", reason="the aws CLI is not installed here")
    return driver.create_clidriver()


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_the_cli_itself_takes_each_line(
    call: list[str],
    cli: Any,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """With this option it reads its arguments and calls nobody."""
    monkeypatch.chdir(tmp_path)
    Path("copy.json").write_text("{}", "utf-8")
    code = cli.main([*call, "--generate-cli-skeleton", "input"])
    assert (code, capsys.readouterr().err) == (0, "")


@given(st.text(min_size=1, max_size=20))
def test_whatever_a_name_holds_stays_one_word_of_the_shell(name: str) -> None:
    environment = replace(ENVIRONMENT, service=name)
    words = shlex.split(by_hand.scale_up(environment))
    assert words[words.index("--service") + 1] == name

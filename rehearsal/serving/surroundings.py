"""What a terminal is told, so that programs there reach the served stage: environment variables, and a file."""

from __future__ import annotations

import shlex
import tomllib
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from rehearsal.embedded import OPERATOR, TOKEN
from rehearsal.served import variables
from rehearsal.terraform_config import REGISTRY, providers, terraform_variables
from rollback.environment import load

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rehearsal.embedded import EmbeddedStage
    from rehearsal.serving.doors import Addresses
    from rollback.environment import Environment, Environments

API_PATH: Final = "/api/v3"
"""Where an address that isn't github.com has GitHub's API, as GitHub Enterprise Server does."""
ENVIRONMENTS: Final = "environments.toml"
URL: Final = "APPLICATION_URL"
FILE: Final = "ROLLBACK_ENVIRONMENTS"
API: Final = "GITHUB_API_URL"
"""As GitHub's own runners call it."""
_NOWHERE: Final = "http://127.0.0.1:9"
"""The port of the discard service (RFC 863), at which nobody listens."""


def on_loopback(environments: Environments, name: str, addresses: Addresses, directory: Path) -> Environments:
    """The environments, of which the one called `name` has its application and its GitHub at `addresses`.

    They are written to a file, so that other programs can read them too. The remote stays as it is: git is told by
    its own variables where that leads.

    Args:
        environments: as they were read.
        name: which of them is served.
        addresses: where.
        directory: where the file is put.
    """
    environment = environments.get(name)
    said = tomllib.loads(environments.path.read_text(encoding="utf-8"))
    table = said["environments"][environment.name]
    table["url"] = addresses.application
    # The repository is one for all environments.
    said["defaults"].setdefault("repository", {})["api"] = addresses.origin + API_PATH
    for each in said["environments"].values():
        each.get("repository", {}).pop("api", None)
    path = directory / ENVIRONMENTS
    path.write_text(_toml(said), encoding="utf-8")
    return load(path)


def exports(stage: EmbeddedStage, addresses: Addresses, environments: Environments) -> dict[str, str]:
    """The environment variables with which ``aws``, ``terraform``, ``git`` and the rollback work on the stage.

    The credentials are of a rehearsal and open nothing else.
    """
    environment, directory = stage.environment, stage.directory
    aws = variables(addresses.aws, stage.keys_of(OPERATOR), environment.region, directory)
    terraform = terraform_variables(directory, aws)
    repository = environment.repository
    return {
        **aws,
        "TF_CLI_CONFIG_FILE": str(terraform["TF_CLI_CONFIG_FILE"]),
        "CHECKPOINT_DISABLE": "1",
        **git_variables(environment, addresses.origin),
        repository.token_variable: TOKEN,
        API: addresses.origin + API_PATH,
        URL: addresses.application,
        FILE: str(environments.path),
        **_going_nowhere(),
    }


def _going_nowhere() -> dict[str, str]:
    """A proxy for all that is meant for another machine.

    Version 1 of the AWS CLI asks rds.amazonaws.com where the region is us-east-1, whatever AWS_ENDPOINT_URL says. What
    the stage serves has no TLS, and is led to without a proxy; providers that may be downloaded still are.
    """
    if providers() == REGISTRY:
        return {}
    return {"HTTPS_PROXY": _NOWHERE, "https_proxy": _NOWHERE}


def git_variables(environment: Environment, origin: str) -> dict[str, str]:
    """The variables by which git finds the environment's remote at `origin`, whatever else it is told on this machine.

    It is git's own configuration by environment (git-config(1), ``GIT_CONFIG_COUNT``), so that nobody's file changes.
    """
    repository = environment.repository
    settings = {
        f"url.{origin}/{repository.name}.git.insteadOf": repository.remote,
        f"http.{origin}/.proxy": "",
    }
    named = {"GIT_CONFIG_COUNT": str(len(settings)), "GIT_TERMINAL_PROMPT": "0"}
    for number, (key, value) in enumerate(settings.items()):
        named |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return named


def lines(exported: Mapping[str, str]) -> list[str]:
    """What is typed in a shell to have the variables."""
    return [f"export {name}={shlex.quote(value)}" for name, value in exported.items()]


def host_of(url: str) -> str:
    """The host of an address."""
    return urlsplit(url).hostname or ""


def _toml(table: Mapping[str, object], *, at: str = "") -> str:
    """A table as TOML: its values first, then the tables in it."""
    values = [(key, each) for key, each in table.items() if not isinstance(each, dict)]
    tables = [(key, each) for key, each in table.items() if isinstance(each, dict)]
    head = f"[{at}]\n" if at and values else ""
    below = "".join(_toml(each, at=f"{at}.{key}" if at else key) for key, each in tables)
    return head + "".join(f"{key} = {_value(each)}\n" for key, each in values) + "\n" + below


def _value(value: object) -> str:
    """A value as TOML has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(_value(each) for each in value)}]"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return str(value)

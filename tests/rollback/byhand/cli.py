"""The AWS CLI in this process: what it makes of a line, without asking anybody."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from awscli.clidriver import CLIOperationCaller, create_clidriver

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


@dataclass(slots=True)
class Understood:
    """What the CLI would ask for.

    Attributes:
        service: as botocore calls it.
        operation: as AWS calls it.
        params: of the call; files are read.
        region: where it would be asked.
    """

    service: str
    operation: str
    params: dict[str, Any]
    region: str | None


@dataclass(slots=True)
class Cli:
    """The CLI's own parser; only the call itself isn't made."""

    driver: Any = field(default_factory=create_clidriver)
    heard: list[Understood] = field(default_factory=list)

    def reads(self, line: str) -> Understood:
        """What a line means to it."""
        self.heard.clear()
        program, *words = shlex.split(line)
        assert program == "aws"
        assert self.driver.main(words) == 0, line
        (understood,) = self.heard
        return understood


def listening(monkeypatch: pytest.MonkeyPatch, directory: Path) -> Cli:
    """A CLI in `directory` that knows nothing of this machine's settings."""
    nothing = str(directory / "nothing")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, nothing)
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(directory)
    cli = Cli()

    def invoke(_: object, service: str, operation: str, params: dict[str, Any], parsed: Any) -> int:
        given = {name: _read(value) for name, value in params.items() if name != "PaginationConfig"}
        cli.heard.append(Understood(service, operation, given, parsed.region))
        return 0

    monkeypatch.setattr(CLIOperationCaller, "invoke", invoke)
    return cli


def _read(value: Any) -> Any:
    if not hasattr(value, "read"):
        return value
    with value:
        return value.read()

"""Which Terraform it is, asked once by the same hands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import pytest

from rollback.clock import SystemClock
from rollback.process import Processes
from rollback.terraform import find
from tests.rollback.builders import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rollback.access import Access

OURS = replace(ENVIRONMENT, terraform=replace(ENVIRONMENT.terraform, programs=("terraform",)))


class Commands:
    """Takes down what is run."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def command(self, args: Sequence[str], cwd: Path | None) -> None:
        del cwd
        self.seen.append(" ".join(args[1:]))

    def exited(self, args: Sequence[str], code: int, seconds: float) -> None:
        """It has ended."""


@dataclass(frozen=True)
class Hands:
    """What `find` needs of an access."""

    processes: Processes


@pytest.fixture(autouse=True)
def version_is_known() -> None:
    """Here it isn't."""


@pytest.fixture
def commands() -> Commands:
    return Commands()


@pytest.fixture
def access(tmp_path: Path, commands: Commands) -> Access:
    return hands(tmp_path, commands)


def hands(directory: Path, commands: Commands) -> Access:
    processes = Processes(commands, SystemClock(), env={"PATH": f"{directory}:/usr/bin:/bin"})
    return cast("Access", Hands(processes))


def install(directory: Path, version: str) -> None:
    """Put a Terraform of that version there, as a new file."""
    program = directory / f"new-{version}"
    program.write_text(f'#!/bin/sh\necho \'{{"terraform_version": "{version}"}}\'\n', encoding="utf-8")
    program.chmod(0o755)
    program.rename(directory / "terraform")


def test_the_same_hands_ask_a_program_once(tmp_path: Path, access: Access, commands: Commands) -> None:
    install(tmp_path, "1.11.4")
    assert find(OURS, access) == find(OURS, access)
    assert commands.seen == ["version -json"]


def test_a_program_that_was_replaced_is_asked_again(tmp_path: Path, access: Access) -> None:
    install(tmp_path, "1.11.4")
    assert str(find(OURS, access).version) == "1.11.4"
    install(tmp_path, "1.9.0")
    assert str(find(OURS, access).version) == "1.9.0"


def test_other_hands_ask_again(tmp_path: Path, access: Access, commands: Commands) -> None:
    """A launcher such as tfenv stays the same file whatever it starts, so nothing is kept beyond a run."""
    install(tmp_path, "1.11.4")
    find(OURS, access)
    find(OURS, hands(tmp_path, commands))
    assert commands.seen == ["version -json"] * 2

"""The Terraform states that came one after the other until the rehearsal began, made by Terraform itself.

They are made once in a process for each stack, without any AWS, and put onto every stage from there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from rehearsal.teams_terraform import run_alone

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rollback.environment import Environment

APPLIES: Final = (
    ("-target=terraform_data.network", "-target=terraform_data.subnet"),
    ("-var=alarms=[]",),
    ('-var=alarms=["unhealthy_targets"]',),
    ('-var=alarms=["unhealthy_targets"]', "-var=bastion=true"),
    ('-var=alarms=["unhealthy_targets"]',),
    ("-var=log_retention_days=7",),
    (),
)
"""What each apply was told, from the first, which broke off after the network, to the last."""
MADE_UP: Final = "rehearsed-O8gvu1FwUvNlJqnDzRw8IIoE"
"""A value that only the states have, and no file; like no other word, since a scan looks for it (`rehearsal.secrets_scan`)."""
_LOCAL: Final = 'terraform {\n  backend "local" {}\n}\n'
_SERIAL: Final = re.compile(rb'"serial": \d+')


class BrokenStack(AssertionError):
    """The rehearsed infrastructure can't be applied; the message says why."""


@dataclass(frozen=True, slots=True)
class _Stack:
    """What a history depends on."""

    programs: tuple[str, ...]
    directory: str
    files: frozenset[tuple[str, str]]


_made: dict[_Stack, tuple[bytes, ...]] = {}


def state_history(environment: Environment, files: Mapping[str, str]) -> tuple[bytes, ...]:
    """The states, oldest first, with serials from 1 on and one lineage; the last one is of `files` as they are.

    Args:
        environment: whose root module it is.
        files: the texts of the repository's files by path.

    Raises:
        BrokenStack: Terraform refuses to apply the files.
    """
    stack = _Stack(environment.terraform.programs, environment.terraform_directory, frozenset(files.items()))
    if stack not in _made:
        _made[stack] = _make(environment, files)
    return _made[stack]


def lay_out(files: Mapping[str, str], directory: Path) -> None:
    """Write `files` below `directory`."""
    for path, text in files.items():
        place = directory / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")


def _make(environment: Environment, files: Mapping[str, str]) -> tuple[bytes, ...]:
    with TemporaryDirectory(prefix="rehearsal-state-") as name:
        lay_out(files, Path(name))
        root = Path(name) / environment.terraform_directory
        (root / "backend_override.tf").write_text(_LOCAL, encoding="utf-8")
        _do(environment, root, "init", "-input=false")
        states = []
        for serial, told in enumerate(APPLIES, start=1):
            _do(
                environment,
                root,
                "apply",
                "-input=false",
                "-auto-approve",
                "-refresh=false",
                f"-var=made_up={MADE_UP}",
                *told,
            )
            # A local state is written after each resource, a remote one after each apply.
            content = (root / "terraform.tfstate").read_bytes()
            states.append(_SERIAL.sub(b'"serial": %d' % serial, content, count=1))
        return tuple(states)


def _do(environment: Environment, root: Path, *args: str) -> None:
    completed = run_alone(environment, *args, "-no-color", cwd=root)
    if completed.code:
        raise BrokenStack(f"terraform {args[0]} failed: {completed.error_text}")

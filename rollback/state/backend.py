"""Terraform in a private directory that holds nothing but where the state is.

So its own `state push` and `state pull` read and write the state without the configuration, its modules and its
providers.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rollback._text import printable
from rollback.state.places import DEFAULT_WORKSPACE, backend_key
from rollback.terraform.explaining import explain
from rollback.terraform.files import on_disk, remove, room, write
from rollback.terraform.program import TerraformError, find

if TYPE_CHECKING:
    from pathlib import Path

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.process import Completed
    from rollback.terraform.program import Program

INIT_SECONDS: Final = 120.0
STATE_SECONDS: Final = 300.0
"""What a command may take, in real seconds; 20 MB over a slow line."""

_INITIALISED: Final = "initialised"
_LONGEST: Final = 200
_SUMMARIES: Final = ("Error: ", "Failed to ")


@dataclass(frozen=True, slots=True)
class Backend:
    """An initialised directory.

    Attributes:
        program: which Terraform.
        directory: where it works.
        environment: whose state it is.
        access: the hands.
    """

    program: Program
    directory: Path
    environment: Environment
    access: Access

    def push(self, file: Path) -> Completed:
        """Have Terraform store a state, under a lock that is already ours.

        It refuses another lineage and a serial that isn't greater, and gives what it stores one more again.
        """
        return self._run("state", "push", "-no-color", "-lock=false", str(file))

    def pull(self) -> bytes:
        """The state as Terraform reads it.

        Raises:
            TerraformError: it can't.
        """
        completed = self._run("state", "pull", "-no-color")
        if completed.code:
            raise TerraformError(
                f"Terraform can't read the state: {summary(completed)}.",
                remedy="Look at the state's versions and at the lock table's digest.",
            )
        return completed.stdout

    def _run(self, *args: str) -> Completed:
        return self.program.run(
            self.access.processes,
            *args,
            cwd=self.directory,
            timeout_seconds=STATE_SECONDS,
            env=_workspace(self.environment),
        )


def ready(environment: Environment, access: Access, program: Program | None = None) -> Backend:
    """The directory for the environment's state, initialised once for each Terraform.

    Raises:
        TerraformError: there is no Terraform, or it can't reach the state.
        RollbackError: it can't be started.
    """
    program = program or find(environment, access)
    block = _block(environment)
    name = hashlib.sha256(f"{program.name} {program.version}\n{block}".encode()).hexdigest()[:16]
    place = room(access, "backend", name)
    if not (place / _INITIALISED).exists():
        _initialise(environment, access, program, place, block)
    return Backend(program, place, environment, access)


def summary(completed: Completed) -> str:
    """Terraform's own first word on what went wrong, which holds no value of the state."""
    for line in completed.error_text.splitlines():
        told = line.strip(" \u2502\u2577")
        if told.startswith(_SUMMARIES):
            return printable(told.removeprefix("Error: ").rstrip(".:"))[:_LONGEST]
    return f"it ended with exit code {completed.code}"


def _initialise(environment: Environment, access: Access, program: Program, place: Path, block: str) -> None:
    with on_disk():
        remove(place)  # what an interrupted one has left
        room(access, "backend", place.name)
        write(place / "backend.tf.json", block.encode())
    completed = program.run(
        access.processes,
        *("init", "-input=false", "-no-color"),
        cwd=place,
        timeout_seconds=INIT_SECONDS,
        env=_workspace(environment),
    )
    if completed.code:
        raise explain(completed, program, doing="init")
    with on_disk():
        write(place / _INITIALISED, b"")


def _workspace(environment: Environment) -> dict[str, str | None]:
    workspace = environment.terraform.workspace
    return {} if workspace == DEFAULT_WORKSPACE else {"TF_WORKSPACE": workspace}


def _block(environment: Environment) -> str:
    """The backend block (Terraform's documentation, "Backend Type: s3"); the lock is ours, the digest is Terraform's."""
    settings = {
        "bucket": environment.state_bucket,
        "key": backend_key(environment),
        "region": environment.region,
    }
    if environment.terraform.lock_table:
        settings["dynamodb_table"] = environment.terraform.lock_table
    return json.dumps({"terraform": {"backend": {"s3": settings}}}, indent=2)

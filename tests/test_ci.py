from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

RUN: Final = Path(__file__).parents[1] / ".ci" / "run"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A PATH of its own: what `.ci/run` needs, and a `make` that says what it was asked for."""
    for tool in ("env", "bash", "dirname"):
        (tmp_path / tool).symlink_to(str(shutil.which(tool)))
    program(tmp_path / "make", 'echo "make $*, in $PWD"')
    return tmp_path


def program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def ci(machine: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - the script in question
        [RUN],
        cwd="/",
        env={"PATH": str(machine), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_first_suitable_python_runs_the_readmes_command_at_the_root(machine: Path) -> None:
    program(machine / "python3", "exit 1")
    program(machine / "python3.12", "exit 0")
    program(machine / "python3.11", "exit 0")

    assert ci(machine).stdout == f"make test PYTHON=python3.12, in {RUN.parents[1]}\n"


def test_a_python_that_is_named_is_the_only_one(machine: Path) -> None:
    program(machine / "python3", "exit 0")
    program(machine / "mine", "exit 0")

    assert "PYTHON=mine," in ci(machine, PYTHON="mine").stdout
    assert ci(machine, PYTHON="gone").returncode == 1


def test_no_suitable_python_is_a_sentence(machine: Path) -> None:
    program(machine / "python3", "exit 1")

    done = ci(machine)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(
        "None of python3 python3.13 python3.12 python3.11 python is a Python >= 3.11 with venv and ensurepip."
    )


def test_the_readme_names_the_command() -> None:
    assert "make test" in (RUN.parents[1] / "README.md").read_text(encoding="utf-8")


def test_its_outcome_is_the_commands(machine: Path) -> None:
    program(machine / "python3", "exit 0")
    program(machine / "make", "exit 2")

    assert ci(machine).returncode == 2


def test_it_can_be_executed() -> None:
    assert os.access(RUN, os.X_OK)

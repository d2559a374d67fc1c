"""The dependency lock file of a configuration that needs a provider: made by Terraform itself."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rollback.environment import Environment

LOCK_FILE: Final = ".terraform.lock.hcl"

_made: dict[tuple[tuple[str, ...], str], str] = {}


class NoProvider(AssertionError):
    """Terraform can't get the provider; the message says why."""


def lock_text(environment: Environment, versions: str) -> str:
    """What Terraform notes of the providers that it has chosen, made once in a process.

    Args:
        environment: whose programs are looked for.
        versions: the configuration that says which providers are needed.

    Raises:
        NoProvider: there is none that would do.
    """
    key = environment.terraform.programs, versions
    if key not in _made:
        _made[key] = _make(environment, versions)
    return _made[key]


def _make(environment: Environment, versions: str) -> str:
    from rehearsal.teams_terraform import run_alone  # noqa: PLC0415 - flask, which few rehearsals need

    with TemporaryDirectory(prefix="rehearsal-providers-") as name:
        root = Path(name)
        (root / "versions.tf").write_text(versions, encoding="utf-8")
        completed = run_alone(environment, "init", "-backend=false", "-input=false", "-no-color", cwd=root)
        if completed.code:
            raise NoProvider(f"terraform init failed: {completed.error_text}")
        return (root / LOCK_FILE).read_text(encoding="utf-8")

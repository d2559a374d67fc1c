"""What terraform is told on the stage, so that it reaches the stage's AWS and nothing else."""

from __future__ import annotations

import json
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rehearsal.keys import Keys

PROVIDERS: Final = "REHEARSAL_TERRAFORM_PROVIDERS"
"""The environment variable that names a directory with a mirror of Terraform's providers, or says ``registry``."""

REGISTRY: Final = "registry"
"""What it says where providers may be downloaded."""

_UNCOLLECTED: Final = {"GOGC": "off", "GOMEMLIMIT": "512MiB"}
"""Go's garbage collector takes a quarter of a command's time, and saves it 6 MB."""

_PROXIES: Final = ("http_proxy", "https_proxy", "all_proxy")


def providers() -> str:
    """Where providers come from: a directory, ``registry``, or nothing where there are none."""
    return os.environ.get(PROVIDERS, "")


def why_no_aws_provider() -> str | None:
    """Why what needs Terraform's AWS provider can't be rehearsed here, in a sentence; None where it can."""
    source = providers()
    if source == REGISTRY:
        return None
    remedy = (
        f"Set {PROVIDERS} to a directory that `terraform providers mirror` has filled, or to `{REGISTRY}` where it "
        "may be downloaded."
    )
    if not source:
        return f"It needs Terraform's AWS provider, and nothing says where that is. {remedy}"
    if not any(Path(source).glob("*/hashicorp/aws/*")):
        return (
            f"It needs Terraform's AWS provider, and the directory that {PROVIDERS} names has none. {remedy}"
        )
    return None


def credentials_of(keys: Keys) -> dict[str, str]:
    """The variables with which a program signs with `keys`."""
    return {
        "AWS_ACCESS_KEY_ID": keys.access_key,
        "AWS_SECRET_ACCESS_KEY": keys.secret_key,
        "AWS_SESSION_TOKEN": keys.session_token,
    }


def path_with_python() -> str:
    """A PATH on which ``python3`` is the Python of this process, for provisioners."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])


def terraform_variables(directory: Path, aws: Mapping[str, str]) -> dict[str, str | None]:
    """Write a CLI configuration into `directory`, and say which variables make terraform use it and nothing else.

    Whatever this machine says to terraform or to AWS's libraries is replaced or removed.

    Args:
        directory: an existing directory.
        aws: the variables with which AWS's libraries find the stage.

    Returns:
        The variables to set, and with None those to remove.
    """
    path = directory / "terraformrc"
    path.write_text(_configuration(directory), encoding="utf-8")
    foreign = [name for name in os.environ if name.startswith(("TF_", "AWS_", "TERRAFORM_", "TOFU_"))]
    proxies = [name for lower in _PROXIES for name in (lower, lower.upper())]
    return {
        **dict.fromkeys(foreign),
        **dict.fromkeys(proxies),
        **aws,
        **_UNCOLLECTED,
        "CHECKPOINT_DISABLE": "1",
        "TF_CLI_CONFIG_FILE": str(path),
    }


def _configuration(directory: Path) -> str:
    """Where providers may come from (Terraform's documentation, "Provider Installation")."""
    source = providers()
    if source == REGISTRY:
        return "disable_checkpoint = true\n"
    mirror = json.dumps(source or str(directory / "no-providers"))
    return (
        "disable_checkpoint = true\n"
        f"provider_installation {{\n  filesystem_mirror {{\n    path = {mirror}\n  }}\n}}\n"
    )


def command(directory: Path, argv: Sequence[str]) -> Path:
    """Put a program ``terraform`` into a new `directory`, which runs `argv`; returns the directory."""
    directory.mkdir()
    program = directory / "terraform"
    program.write_text(f'#!/bin/sh\nexec {shlex.join(argv)} "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return directory

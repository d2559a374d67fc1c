"""Where Terraform's S3 backend keeps the state of an environment, its locks and its digest.

The source is Terraform's documentation ("Backend Type: s3") and what its 1.11 does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rollback.environment import Environment

DEFAULT_WORKSPACE: Final = "default"
LOCK_SUFFIX: Final = ".tflock"
DIGEST_SUFFIX: Final = "-md5"
_PREFIX: Final = "env:"
"""Under which the backend keeps the states of other workspaces, unless it is told otherwise."""


def object_key(environment: Environment) -> str:
    """The key of the state's object, which for a workspace other than the default one isn't the backend's `key`."""
    prefix = _workspace_prefix(environment)
    key = environment.state_key
    return key if key.startswith(prefix) else prefix + key


def backend_key(environment: Environment) -> str:
    """The `key` of the backend block."""
    return environment.state_key.removeprefix(_workspace_prefix(environment))


def lock_key(environment: Environment) -> str:
    """The key of the lock file's object."""
    return object_key(environment) + LOCK_SUFFIX


def lock_path(environment: Environment) -> str:
    """What the backend calls the state in a lock, which is also the key of the table's lock item."""
    return f"{environment.state_bucket}/{object_key(environment)}"


def digest_path(environment: Environment) -> str:
    """The key of the table's digest item."""
    return lock_path(environment) + DIGEST_SUFFIX


def _workspace_prefix(environment: Environment) -> str:
    workspace = environment.terraform.workspace
    return "" if workspace == DEFAULT_WORKSPACE else f"{_PREFIX}/{workspace}/"

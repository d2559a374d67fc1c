"""Secrets Manager that dates its changes by the clock.

Source: AWS Secrets Manager API reference, ``DescribeSecret``: LastChangedDate is "the last date and time that this secret was
modified in any way".
"""

from __future__ import annotations

from typing import Any, Final

import moto.secretsmanager.models as secretsmanager

from rehearsal.aws import timeline

_MODELS: Final[Any] = secretsmanager
_WALL_CLOCK: Final[Any] = _MODELS.time
_MOVE: Final[Any] = _MODELS.SecretsManagerBackend.update_secret_version_stage


class _Clock:
    """What moto's models take for the module ``time``."""

    def time(self) -> float:
        """Seconds since 1970, by the stage's clock."""
        return timeline.current().now().timestamp()


def attach() -> None:
    """Have secrets dated by the stage's clock."""
    _MODELS.time = _Clock()
    _MODELS.SecretsManagerBackend.update_secret_version_stage = _moved


def detach() -> None:
    """Have them dated as moto does."""
    _MODELS.time = _WALL_CLOCK
    _MODELS.SecretsManagerBackend.update_secret_version_stage = _MOVE


def _moved(backend: Any, secret_id: str, version_stage: str, *args: Any, **kwargs: Any) -> tuple[str, str]:
    """Move a label; moto would go on handing out the version that was current before."""
    arn, name = _MOVE(backend, secret_id, version_stage, *args, **kwargs)
    secret = backend.secrets[secret_id]
    secret.last_changed_date = int(timeline.current().now().timestamp())
    for version, known in secret.versions.items():
        if "AWSCURRENT" in known["version_stages"]:
            secret.set_default_version_id(version)
    return arn, name

"""With what somebody signs on the stage."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Keys:
    """The access keys of an IAM user of the stage, and the user's ARN. They open nothing but moto."""

    access_key: str
    secret_key: str = field(repr=False)
    arn: str

"""With what somebody signs on the stage."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Keys:
    """The access keys of an IAM user of the stage, the user's ARN, and the session's token if there is one. They open nothing but moto."""

    access_key: str
    secret_key: str = field(repr=False)
    arn: str
    session_token: str = field(default="", repr=False)

"""Why a live environment can't be worked on with what is here, by kinds that a caller can tell apart."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from rollback.errors import RollbackError


class Trouble(StrEnum):
    """What is wrong with the credentials, or with the place that they lead to."""

    UNKNOWN_PROFILE = "unknown-profile"
    BAD_CONFIGURATION = "aws-configuration"
    NO_CREDENTIALS = "no-credentials"
    SIGN_IN = "sign-in"
    EXPIRED = "expired-credentials"
    NEARLY_EXPIRED = "credentials-expire-soon"
    INVALID = "invalid-credentials"
    DENIED = "denied"
    WRONG_ACCOUNT = "wrong-account"
    WRONG_REGION = "wrong-region"
    UNREACHABLE = "unreachable"

    @property
    def of_usage(self) -> bool:
        """Whether it is what was asked for that is wrong, and not the credentials."""
        return self in _USAGE


_USAGE: Final = frozenset({Trouble.UNKNOWN_PROFILE, Trouble.BAD_CONFIGURATION})


class NotReady(RollbackError):
    """Nothing was begun, since the environment can't be worked on with what is here.

    Attributes:
        trouble: what kind of reason it is.
    """

    def __init__(self, trouble: Trouble, sentence: str, *, remedy: str = "") -> None:
        super().__init__(sentence, remedy=remedy)
        self.trouble = trouble

"""The ways a rollback says no, each as one sentence for the person at the keyboard."""

from __future__ import annotations


class RollbackError(Exception):
    """Something a person has to know: what was seen, where, and what to do instead.

    Attributes:
        sentence: what happened, complete enough to act on.
        remedy: what to do instead, or an empty string where the sentence says it all.
    """

    def __init__(self, sentence: str, *, remedy: str = "") -> None:
        super().__init__(sentence, remedy)
        self.sentence = sentence
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.sentence} {self.remedy}".strip()


class ConfigurationError(RollbackError):
    """The configuration can't be read or doesn't say what it must."""


class JournalError(RollbackError):
    """The journal can't be written or read, so nothing may be changed."""


class Refused(RollbackError):
    """The plan holds a refusal, so it was not applied; nothing has been changed."""


class Outdated(RollbackError):
    """The world has moved since the plan was made; nothing has been changed."""


class ReadOnly(RollbackError):
    """These hands only look; what would have changed something was refused before it went out."""


class AwsError(RollbackError):
    """AWS did not do what was asked.

    Attributes:
        operation: the call, as ``ecs:UpdateService``.
        code: AWS's error code, or the name of the connection error.
        reached: whether AWS answered at all. When it did not, a mutating call may or may
            not have taken effect.
    """

    def __init__(
        self, sentence: str, *, operation: str, code: str, remedy: str = "", reached: bool = True
    ) -> None:
        super().__init__(sentence, remedy=remedy)
        self.operation = operation
        self.code = code
        self.reached = reached


class CredentialsExpired(AwsError):
    """The credentials are missing, invalid or no longer valid."""


class AccessDenied(AwsError):
    """The credentials are valid but may not do this."""


class Throttled(AwsError):
    """AWS kept refusing for the rate of calls until the retries were used up."""


class Unavailable(AwsError):
    """AWS failed (5xx), or didn't answer in time, until the retries were used up."""

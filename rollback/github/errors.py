"""The ways in which GitHub says no, each as a sentence with a remedy.

What the statuses mean is told by GitHub's "Troubleshooting the REST API": 404 also stands for what a token
may not see, and 403 and 429 also for a rate limit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from rollback._text import printable
from rollback.errors import RollbackError
from rollback.github.retrying import until

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from rollback.github.retrying import Trouble

LONGEST: Final = 300
"""Characters of GitHub's own words that a sentence may hold."""

_BAD_REQUEST: Final = 400
_UNAUTHORIZED: Final = 401
_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404
_UNPROCESSABLE: Final = 422


class GitHubError(RollbackError):
    """GitHub did not do what was asked.

    Attributes:
        status: the HTTP status; 0 where GitHub did not answer at all.
        said: GitHub's own words; empty where it had none.
    """

    def __init__(self, sentence: str, *, status: int, said: str = "", remedy: str = "") -> None:
        super().__init__(sentence, remedy=remedy)
        self.status = status
        self.said = said


class Unauthorized(GitHubError):
    """The token is missing, wrong or no longer valid."""


class Forbidden(GitHubError):
    """The token is valid, but may not do this."""


class NotFound(GitHubError):
    """There is no such thing, or the token may not see it."""


class Unprocessable(GitHubError):
    """GitHub understood what was asked, and finds it wrong."""


class RateLimited(GitHubError):
    """Too many requests were made with this token, or from this place.

    Attributes:
        until: when GitHub will answer again, UTC.
    """

    def __init__(
        self, sentence: str, *, until: datetime, status: int, said: str = "", remedy: str = ""
    ) -> None:
        super().__init__(sentence, status=status, said=said, remedy=remedy)
        self.until = until


class Unavailable(GitHubError):
    """GitHub failed (5xx), didn't answer in time or can't be reached, until the retries were used up.

    Attributes:
        sent: whether the request may have reached GitHub, so that it may have been carried out.
    """

    def __init__(self, sentence: str, *, status: int, sent: bool, said: str = "", remedy: str = "") -> None:
        super().__init__(sentence, status=status, said=said, remedy=remedy)
        self.sent = sent


class Unexpected(GitHubError):
    """What came back isn't what GitHub's description of its API says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a request is about, for the sentences that tell of its failure.

    Attributes:
        what: as ``pull request 12 of owner/name``.
        needs: the permission of a fine-grained token that it takes, as ``Pull requests: read``.
        variable: the environment variable with the token.
        signed_in: whether there is a token.
        about: what isn't there when GitHub finds nothing, where that isn't `what` itself.
    """

    what: str
    needs: str
    variable: str
    signed_in: bool
    about: str = ""

    @property
    def missing(self) -> str:
        """What GitHub doesn't show, in words that go after "no"."""
        return re.sub(r"\A(?:the|a) ", "", self.about or self.what)

    @property
    def token(self) -> str:
        """The token, in words."""
        return f"the token in {self.variable}"

    @property
    def permit(self) -> str:
        """How a token is made to suffice."""
        return f'Give {self.token} the permission "{self.needs}" (a classic token: the scope "repo")'


class _Detail(BaseModel):
    model_config = ConfigDict(extra="ignore")
    message: str = ""
    field: str = ""
    code: str = ""


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore")
    message: str = ""
    errors: list[_Detail | str] = []


def said_in(body: bytes) -> str:
    """GitHub's own words in the body of an error; empty where it has none, as a proxy's page."""
    try:
        told = _Body.model_validate_json(body)
    except ValidationError:
        return ""
    details = [
        detail if isinstance(detail, str) else detail.message or f"{detail.field} {detail.code}"
        for detail in told.errors
    ]
    words = ": ".join(
        filter(
            None, (told.message.rstrip("."), "; ".join(filter(None, (each.strip(" .") for each in details))))
        )
    )
    return printable(words[:LONGEST]).rstrip(". ")


def refused(asked: Asked, status: int, said: str, headers: Mapping[str, str]) -> GitHubError:
    """The error for a 4xx that is no rate limit.

    Args:
        asked: what was asked.
        status: the HTTP status.
        said: GitHub's words.
        headers: of the answer.
    """
    told = f"{status}, {said}" if said else f"HTTP {status}"
    if status == _UNAUTHORIZED:
        return _unauthorized(asked, told, said)
    if status == _FORBIDDEN:
        return _forbidden(asked, told, said, headers)
    if status == _NOT_FOUND:
        return _not_found(asked, told, said)
    if status == _UNPROCESSABLE:
        return Unprocessable(
            f"GitHub finds {asked.what} wrong as it was asked for ({told}).",
            status=status,
            said=said,
            remedy="Mend what it names, then try again.",
        )
    return GitHubError(
        f"GitHub refuses {asked.what} ({told}).",
        status=status,
        said=said,
        remedy="Look at the repository on GitHub; this is no answer that trying again would change.",
    )


def _unauthorized(asked: Asked, told: str, said: str) -> Unauthorized:
    if not asked.signed_in:
        return Unauthorized(
            f"GitHub shows {asked.what} only to somebody who signs in ({told}).",
            status=_UNAUTHORIZED,
            said=said,
            remedy=f"Set {asked.variable} to a token of GitHub's that may read the repository.",
        )
    return Unauthorized(
        f"GitHub does not accept {asked.token} ({told}).",
        status=_UNAUTHORIZED,
        said=said,
        remedy="It may have expired or been revoked: set the variable to a valid one, then try again.",
    )


def _forbidden(asked: Asked, told: str, said: str, headers: Mapping[str, str]) -> Forbidden:
    sign_on = "X-GitHub-SSO" in headers
    if not asked.signed_in:
        remedy = f'Set {asked.variable} to a token of GitHub\'s with the permission "{asked.needs}".'
    elif sign_on:
        remedy = (
            f"Authorise {asked.token} for the organisation's single sign-on, in GitHub's settings of tokens."
        )
    else:
        accepted = headers.get("X-Accepted-GitHub-Permissions", "")
        named = f"; GitHub accepts {printable(accepted[:80])}" if accepted else ""
        remedy = f"{asked.permit}, or use another{named}."
    who = "this token" if asked.signed_in else "anybody without a token"
    return Forbidden(
        f"GitHub refuses {asked.what} to {who} ({told}).", status=_FORBIDDEN, said=said, remedy=remedy
    )


def _not_found(asked: Asked, told: str, said: str) -> NotFound:
    if not asked.signed_in:
        return NotFound(
            f"GitHub shows no {asked.missing} without a token ({told}): there is none, or it is private.",
            status=_NOT_FOUND,
            said=said,
            remedy=f"Look at the name; if it is right, set {asked.variable} to a token that may read the repository.",
        )
    return NotFound(
        f"GitHub shows no {asked.missing} to {asked.token} ({told}): there is none, or it may not see it.",
        status=_NOT_FOUND,
        said=said,
        remedy=f"Look at the name; if it is right: {_lower(asked.permit)}.",
    )


def gave_up(asked: Asked, trouble: Trouble, now: datetime) -> GitHubError:
    """The error after the last attempt.

    Args:
        asked: what was asked.
        trouble: what happened to that attempt.
        now: the time, UTC.
    """
    told = f"{trouble.reason}: {trouble.said}" if trouble.said else trouble.reason
    if trouble.limited:
        return _limited(asked, trouble, until(trouble, now))
    if trouble.status:
        return Unavailable(
            f"GitHub fails at {asked.what} ({told}).",
            status=trouble.status,
            sent=trouble.sent,
            said=trouble.said,
            remedy="Look at www.githubstatus.com (or ask who runs your GitHub), then try again.",
        )
    if not trouble.passing:
        return Unavailable(
            f"GitHub could not be asked for {asked.what} ({told}).",
            status=0,
            sent=False,
            remedy="Look at this machine's certificates and proxy settings (REQUESTS_CA_BUNDLE, HTTPS_PROXY), "
            "and at repository.api in the environments file.",
        )
    return Unavailable(
        f"GitHub gave no answer to {asked.what} ({told}).",
        status=0,
        sent=trouble.sent,
        remedy="Look at your network and at www.githubstatus.com, then try again.",
    )


def _limited(asked: Asked, trouble: Trouble, end: datetime) -> RateLimited:
    told = f"{trouble.status}, {trouble.said}" if trouble.said else f"HTTP {trouble.status}"
    whose = asked.token if asked.signed_in else "requests without a token from here"
    if asked.signed_in:
        remedy = "Try again then, or use another token."
    else:
        remedy = f"Set {asked.variable} to a token: with one GitHub allows far more requests."
    return RateLimited(
        f"GitHub's rate limit for {whose} is used up until {end:%Y-%m-%d %H:%M:%S} UTC, "
        f"so it does not give {asked.what} ({told}).",
        until=end,
        status=trouble.status,
        said=trouble.said,
        remedy=remedy,
    )


def unexpected(asked: Asked, status: int, why: str) -> Unexpected:
    """The error for an answer that isn't GitHub's.

    Args:
        asked: what was asked.
        status: the HTTP status.
        why: what is wrong with it, as ``it isn't JSON``.
    """
    return Unexpected(
        f"The answer to {asked.what} is not what GitHub's API gives (HTTP {status}): {why}.",
        status=status,
        remedy="Look at what stands in between (a proxy's page?), and at repository.api in the environments file.",
    )


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]

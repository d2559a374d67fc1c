"""Asking the application itself how it is, over HTTP."""

from __future__ import annotations

import shlex
from collections import Counter
from typing import TYPE_CHECKING, Final

import requests

from rollback.plan import ok, refusal, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.plan import Finding

TIMEOUT_SECONDS: Final = 5.0


def answers(environment: Environment, access: Access, expected: str = "") -> Iterator[Finding]:
    """Ask as often as the environment's probe says, and tell what came back.

    Args:
        environment: the place.
        access: the hands.
        expected: the version that must answer each time; without it any version will do.
    """
    url = environment.url + environment.probe.path
    seen = Counter(_asked(access, url, environment.probe.field) for _ in range(environment.probe.requests))
    told = ", ".join(f"{count} x {answer}" for answer, count in seen.most_common())
    wanted = f"version {expected}" if expected else "version"
    if all(answer == wanted if expected else answer.startswith(wanted) for answer in seen):
        yield ok("http", f"{url} answers {told}.")
        if not expected:
            yield warning(
                "http-version",
                "Which version the target is can't be told from its image's tag.",
                "Compare the version that answers with the one you expect.",
            )
    else:
        yield refusal(
            "http",
            f"{url} answers {told}; {wanted if expected else 'any version'} was expected each time.",
            "Read the application's logs.",
            shlex.join(("curl", "-sS", url)),
        )


def _asked(access: Access, url: str, field: str) -> str:
    """What one request shows: ``version v41``, ``HTTP 503`` or how it failed."""
    try:
        response = access.http.get(url, timeout=TIMEOUT_SECONDS)
    except requests.RequestException as error:
        return f"no answer ({type(error).__name__})"
    if response.status_code != requests.codes.ok:
        return f"HTTP {response.status_code}"
    try:
        answer = response.json()
    except requests.JSONDecodeError:
        return "something other than JSON"
    version = answer.get(field) if isinstance(answer, dict) else None
    return f"version {version}" if isinstance(version, str) else f"no {field}"

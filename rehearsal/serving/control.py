"""How another process talks to a served stage's control endpoint."""

from __future__ import annotations

import http.client
import json
from threading import Lock
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from rehearsal.serving.codec import decode, encode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rehearsal.keys import Keys

_REAL_SECONDS: Final = 120.0
"""How long an errand may really take before something is broken."""


class Refused(AssertionError):
    """The served stage could not do what it was asked for; the message is its own.

    Attributes:
        kind: the name of the exception there.
    """

    def __init__(self, sentence: str, kind: str = "") -> None:
        super().__init__(sentence)
        self.kind = kind


class Control:
    """The control endpoint of a served stage, over one connection that stays open.

    Args:
        url: where it is.
        token: what it wants to see.

    Attributes:
        elapsed: the stage's virtual seconds at the last answer.
    """

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        self.elapsed = 0.0
        self._token = token
        self._lock = Lock()
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_REAL_SECONDS)

    def stage(self) -> dict[str, Any]:
        """What is said of the stage: environment, seed, speed, time, addresses, variables."""
        return self._ask("GET", "/stage")

    def reopen(self, environment: str, *, seed: int, blueprint: Mapping[str, object]) -> dict[str, Any]:
        """Open the stage anew, for an environment; returns what is said of it."""
        return self._ask(
            "POST", "/stage", {"environment": environment, "seed": seed, "blueprint": dict(blueprint)}
        )

    def advance(self, seconds: float) -> float:
        """Move the clock on at once; returns the stage's virtual seconds."""
        self._ask("POST", "/clock", {"advance": seconds})
        return self.elapsed

    def requests(self, since: int = 0) -> list[dict[str, Any]]:
        """Who asked the stage for what, after the `since`-th request: see `rehearsal.serving.ledger.Entry`."""
        found: list[dict[str, Any]] = self._ask("GET", f"/requests?since={since}")["requests"]
        return found

    def keys(self, account: str, user: str) -> Keys:
        """The access keys of an IAM user."""
        found: Keys = decode(self._ask("POST", "/keys", {"account": account, "user": user})["value"])
        return found

    def errand(self, of: str, name: str, *args: object, **named: object) -> Any:
        """Have something done to the world, or looked at in it (`rehearsal.serving.errands.ERRANDS`).

        Raises:
            Refused: it isn't on the list, or it failed there.
            Unsendable: an argument can't leave this process.
        """
        said = {
            "of": of,
            "name": name,
            "args": [encode(each) for each in args],
            "named": {key: encode(each) for key, each in named.items()},
        }
        return decode(self._ask("POST", "/errand", said)["value"])

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def _ask(self, method: str, path: str, said: Mapping[str, object] | None = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        body = None if said is None else json.dumps(said)
        with self._lock:
            try:
                self._connection.request(method, path, body, headers)
                response = self._connection.getresponse()
                status, content = response.status, response.read()
            except (OSError, http.client.HTTPException) as error:
                self._connection.close()
                raise Refused(f"The served stage doesn't answer: {error!r}") from None
        answer: dict[str, Any] = json.loads(content)
        if status != http.client.OK:
            raise Refused(str(answer.get("error", status)), str(answer.get("kind", "")))
        self.elapsed = float(answer["elapsed"])
        return answer

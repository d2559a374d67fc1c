"""Where the logs of jobs lie: a blob store at another host, which only knows signed URLs."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from rehearsal.origin.github.rendering.place import stamp
from rehearsal.origin.wire import Response

if TYPE_CHECKING:
    from datetime import datetime

    from rehearsal.clock import VirtualClock
    from rehearsal.origin.github.store import Job, Store
    from rehearsal.origin.wire import Request

LIFETIME: Final = timedelta(minutes=1)
"""How long a log's URL holds (GitHub Docs, "Download job logs for a workflow run")."""
_VERSION: Final = "2025-11-05"
"""The version of the blob store's own protocol."""
_BYTE_ORDER_MARK: Final = "\ufeff"
"""A log begins with it."""


class Logs:
    """The blob store.

    What it answers is what Azure's answers to a signed URL (Microsoft Learn, "Create a service SAS"; its complaint
    about an Authorization header as in rapid7/metakitty#30).

    Args:
        store: whose logs it has.
        clock: by which a URL expires.
        base: its base URL, without a slash at its end.
    """

    def __init__(self, store: Store, clock: VirtualClock, base: str) -> None:
        parts = urlsplit(base)
        self.base = base
        self.host = (parts.hostname or "").lower()
        self._root = f"{parts.path}/actions-results/"
        self._store = store
        self._clock = clock
        self._key = hashlib.sha256(store.name.encode()).digest()

    def has(self, request: Request) -> bool:
        """Whether `request` is meant for the blob store."""
        return request.host == self.host and request.path.startswith(self._root)

    def sign(self, job: Job) -> str:
        """A URL for the log of `job` that holds for a minute."""
        now = self._clock.now()
        path = f"{self._root}workflow-job-run-{job.id}/logs/job/job-logs.txt"
        signed = {
            "rsct": "text/plain",
            "se": stamp(now + LIFETIME),
            "sp": "r",
            "spr": "https",
            "sr": "b",
            "st": stamp(now),
            "sv": _VERSION,
        }
        host = self.base.removesuffix(urlsplit(self.base).path)
        return f"{host}{path}?{urlencode({**signed, 'sig': self._signature(path, signed)})}"

    def respond(self, request: Request) -> Response:
        """Answer a request for a log."""
        if "authorization" in request.headers:
            return _error(
                HTTPStatus.BAD_REQUEST,
                "InvalidAuthenticationInfo",
                "Authentication information is not given in the correct format. "
                "Check the value of Authorization header.",
            )
        query = {name: values[0] for name, values in parse_qs(request.query).items()}
        signature = query.pop("sig", "")
        genuine = hmac.compare_digest(signature, self._signature(request.path, query))
        if not genuine or stamp(self._clock.now()) > query.get("se", ""):
            return _error(
                HTTPStatus.FORBIDDEN,
                "AuthenticationFailed",
                "Server failed to authenticate the request. Make sure the value of Authorization header is "
                "formed correctly including the signature.",
            )
        number = request.path.removeprefix(self._root).removeprefix("workflow-job-run-").partition("/")[0]
        found = self._store.job(int(number))
        if found is None or found[1].status != "completed":
            return _error(HTTPStatus.NOT_FOUND, "BlobNotFound", "The specified blob does not exist.")
        return Response(
            status=HTTPStatus.OK, body=_text(found[1].log).encode(), headers={"Content-Type": "text/plain"}
        )

    def _signature(self, path: str, signed: dict[str, str]) -> str:
        said = "\n".join((path, *(f"{name}={signed[name]}" for name in sorted(signed))))
        return hmac.new(self._key, said.encode(), hashlib.sha256).hexdigest()


def _text(lines: list[tuple[datetime, str]]) -> str:
    """A log as GitHub keeps it: each line after its time, to a tenth of a microsecond."""
    return _BYTE_ORDER_MARK + "".join(
        f"{at.strftime('%Y-%m-%dT%H:%M:%S.%f')}0Z {line}\n" for at, line in lines
    )


def _error(status: int, code: str, message: str) -> Response:
    body = f'\ufeff<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Response(
        status=status,
        body=body.encode(),
        headers={"Content-Type": "application/xml", "x-ms-error-code": code},
    )

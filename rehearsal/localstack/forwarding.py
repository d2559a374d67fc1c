"""Requests of programs that are meant for S3, handed on to LocalStack.

Terraform's S3 backend finds a bucket in the path of an address only where all of AWS is at that address, so programs
are told of one, and it is here that S3 becomes another.
"""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rehearsal.served import Wsgi

_SECONDS: Final = 30.0
_SCOPE: Final = "/s3/aws4_request"
_NOT_PASSED_ON: Final = frozenset({"connection", "keep-alive", "transfer-encoding", "content-encoding"})


def forwarding(application: Wsgi, url: str, *, account: str) -> Wsgi:
    """`application`, but for what is signed for S3, which is asked at `url` in the name of `account`."""
    place = urlsplit(url).netloc

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        signed = environ.get("HTTP_AUTHORIZATION", "")
        if _SCOPE not in signed:
            return application(environ, start_response)
        key = signed.partition("Credential=")[2].partition("/")[0]
        headers = {
            name.removeprefix("HTTP_").replace("_", "-").title(): str(value)
            for name, value in environ.items()
            if name.startswith("HTTP_") and name not in {"HTTP_HOST", "HTTP_CONNECTION"}
        }
        headers["Authorization"] = signed.replace(key, account, 1)
        if kind := environ.get("CONTENT_TYPE"):
            headers["Content-Type"] = kind
        path = quote(environ["PATH_INFO"].encode("latin-1"))
        query = f"?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else ""
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        connection = http.client.HTTPConnection(place, timeout=_SECONDS)
        try:
            connection.request(environ["REQUEST_METHOD"], path + query, body, headers)
            came = connection.getresponse()
            content = came.read()
        finally:
            connection.close()
        kept = [(name, value) for name, value in came.getheaders() if name.lower() not in _NOT_PASSED_ON]
        start_response(f"{came.status} {came.reason}", kept)
        return [content]

    return answer

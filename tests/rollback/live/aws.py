"""An AWS on loopback that answers what it is told to: STS, and the credentials of single sign-on."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

from tests.rollback.builders import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY: Final = "AKIAIOSFODNN7EXAMPLE"
SECRET: Final = "hunter2-the-secret-key"  # noqa: S105 - what may come out nowhere
TOKEN: Final = "hunter2-the-session-token"  # noqa: S105 - likewise
_NAMESPACE: Final = "https://sts.amazonaws.com/doc/2011-06-15/"


@dataclass
class FakeAws:
    """What it answers, and what it was asked.

    Attributes:
        url: where it is.
        account: whose credentials it takes all for.
        error: the status, code and message that STS answers instead; None where it answers well.
        role_ends: when the credentials of a role end, in milliseconds since 1970.
        asked: the operations, in order.
    """

    url: str = ""
    account: str = ACCOUNT
    error: tuple[int, str, str] | None = None
    role_ends: int = 0
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str, body: str) -> tuple[int, str]:
        if path.startswith("/federation/credentials"):
            self.asked.append("sso:GetRoleCredentials")
            keys = {"accessKeyId": KEY, "secretAccessKey": SECRET, "sessionToken": TOKEN}
            return 200, json.dumps({"roleCredentials": {**keys, "expiration": self.role_ends}})
        operation = parse_qs(body).get("Action", ["?"])[0]
        self.asked.append(f"sts:{operation}")
        if self.error:
            status, code, message = self.error
            return (
                status,
                f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>",
            )
        if operation == "AssumeRole":
            ends = datetime.fromtimestamp(self.role_ends / 1000, UTC).isoformat()
            return 200, (
                f'<AssumeRoleResponse xmlns="{_NAMESPACE}"><AssumeRoleResult><Credentials>'
                f"<AccessKeyId>{KEY}</AccessKeyId><SecretAccessKey>{SECRET}</SecretAccessKey>"
                f"<SessionToken>{TOKEN}</SessionToken><Expiration>{ends}</Expiration>"
                "</Credentials></AssumeRoleResult></AssumeRoleResponse>"
            )
        return 200, (
            f'<GetCallerIdentityResponse xmlns="{_NAMESPACE}"><GetCallerIdentityResult>'
            f"<Arn>arn:aws:iam::{self.account}:user/kim</Arn><UserId>X</UserId><Account>{self.account}</Account>"
            "</GetCallerIdentityResult></GetCallerIdentityResponse>"
        )


@contextmanager
def listening() -> Iterator[FakeAws]:
    """It answers while the block runs."""
    fake = FakeAws()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            status, text = fake.answer(self.path, self.rfile.read(length).decode())
            self.send_response(status)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST  # noqa: N815 - the name that http.server looks for

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

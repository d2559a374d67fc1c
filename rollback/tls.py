"""A real TLS handshake: which certificate a host shows, and whether it is trusted for that host."""

from __future__ import annotations

import hashlib
import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

PORT: Final = 443
TIMEOUT_SECONDS: Final = 10.0
"""How long a handshake may really take, in seconds."""


@dataclass(frozen=True, slots=True)
class Handshake:
    """What a TLS handshake with a host has shown.

    Attributes:
        host: whom was asked for.
        fingerprint: the SHA-256 of the certificate that was shown, in hex; empty where none was.
        not_before: from when on it is valid, in UTC; None where it isn't trusted.
        not_after: until when it is valid, in UTC; None where it isn't trusted.
        problem: why it isn't trusted for this host, in the words of OpenSSL or of the connection; empty where it is.
    """

    host: str
    fingerprint: str = ""
    not_before: datetime | None = None
    not_after: datetime | None = None
    problem: str = ""

    @property
    def trusted(self) -> bool:
        """Whether the chain leads to an authority that is trusted, and the certificate is for this host."""
        return not self.problem

    def problem_at(self, now: datetime) -> str:
        """Why a client would refuse the connection at `now`; empty where it would not."""
        if self.problem:
            return self.problem
        if self.not_before is not None and now < self.not_before:
            return f"it is valid only from {self.not_before:%Y-%m-%d %H:%M} UTC"
        if self.not_after is not None and now >= self.not_after:
            return f"it has expired on {self.not_after:%Y-%m-%d %H:%M} UTC"
        return ""


def fingerprint(pem: str) -> str:
    """The SHA-256 of the first certificate of a PEM text, in hex.

    Raises:
        ValueError: there is none in it.
    """
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    first = pem[pem.index(begin) : pem.index(end) + len(end)]
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(first)).hexdigest()


class Tls:
    """The hands on TLS.

    Args:
        connect: opens a TCP connection to a host and port, within so many seconds.
        context: makes what decides whom to trust; this machine's own authorities if nothing else is said.
    """

    def __init__(
        self,
        *,
        connect: Callable[[tuple[str, int], float], socket.socket] = socket.create_connection,
        context: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        self._connect = connect
        self._context = context

    def handshake(self, host: str, *, port: int = PORT) -> Handshake:
        """Connect twice: once to see what is shown, whatever it is, and once as a careful client would.

        It sends no request. That nobody answers is an answer, too: see `Handshake.problem`.
        """
        try:
            shown = self._shown(host, port)
        except OSError as error:
            return Handshake(host, problem=_reason(error))
        context = self._context()
        try:
            with self._wrapped(context, host, port) as connection:
                told = connection.getpeercert() or {}
                again = hashlib.sha256(connection.getpeercert(binary_form=True) or b"").hexdigest()
        except OSError as error:
            return Handshake(host, shown, problem=_reason(error))
        return Handshake(host, again, _moment(told.get("notBefore")), _moment(told.get("notAfter")))

    def _shown(self, host: str, port: int) -> str:
        # A default context would read all authorities of this machine first, to trust none of them.
        careless = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        careless.check_hostname = False
        careless.verify_mode = ssl.CERT_NONE
        with self._wrapped(careless, host, port) as connection:
            return hashlib.sha256(connection.getpeercert(binary_form=True) or b"").hexdigest()

    def _wrapped(self, context: ssl.SSLContext, host: str, port: int) -> ssl.SSLSocket:
        plain = self._connect((host, port), TIMEOUT_SECONDS)
        try:
            return context.wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise


def _reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message.rstrip(".")
    if isinstance(error, ssl.SSLError):
        return f"the handshake failed ({error.reason or 'no reason given'})"
    if isinstance(error, TimeoutError):
        return "nobody answers in time"
    return f"no connection ({error.strerror or type(error).__name__})"


def _moment(text: object) -> datetime | None:
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(text), UTC) if isinstance(text, str) else None

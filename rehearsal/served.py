"""The stage's AWS over HTTP on loopback, so that `aws`, `terraform` and people see what boto3 sees."""

from __future__ import annotations

import functools
import io
import json
import logging
import socket
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from threading import Thread
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias
from urllib.parse import parse_qs

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

from rehearsal.terraform_config import credentials_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from rehearsal.clock import VirtualClock
    from rehearsal.keys import Keys

PROVIDER_PATH: Final = "/-/provider"
"""Where the provisioners of the rehearsed infrastructure have a setting made true (`rehearsal.world.provider`)."""
PROVIDER_URL: Final = "REHEARSAL_PROVIDER_URL"
"""The environment variable from which they know that place."""

_ATTEMPT: Final = "HTTP_AMZ_SDK_REQUEST"
"""Where AWS's libraries say the how manieth attempt of the same request this is, as ``attempt=1; max=5``."""
_log: Final = logging.getLogger(__name__)
_log.addHandler(logging.NullHandler())  # a sandbox's terminal is for its person

_SERVICE: Final = 3
"""Where a signature's credential scope names the service."""
_OBJECT: Final = {"GET": "GetObject", "PUT": "PutObject", "HEAD": "HeadObject", "DELETE": "DeleteObject"}

Wsgi: TypeAlias = "Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]"
"""A WSGI application."""
Provider: TypeAlias = "Callable[[bytes], str | None]"
"""Makes a setting true: takes it as JSON, and returns why it can't, or None."""


@dataclass(frozen=True, slots=True)
class Served:
    """Where the stage is served.

    Attributes:
        url: the endpoint of every AWS service.
        variables: the environment variables with which a subprocess finds it and nothing else,
            whatever this machine's own AWS settings are. Lay them over the process's environment.
    """

    url: str
    variables: Mapping[str, str]


def aws_application(provider: Provider) -> Wsgi:
    """The stage's AWS and its provider, without any lock.

    The application is the one that moto's own `ThreadedMotoServer` serves; that class has no place to
    take the clock's lock around a request.
    """
    aws = _moto()

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] != PROVIDER_PATH:
            response: Iterable[bytes] = aws(environ, start_response)
            return response
        refusal = provider(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
        body = (refusal or "").encode()
        headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
        start_response("409 Conflict" if refusal else "200 OK", headers)
        return [body]

    return answer


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to AWS that came over loopback.

    Attributes:
        operation: as ``s3:PutObject``.
        key: the object's key, or the LockID in a table; empty where there is neither.
        environ: the request, as WSGI has it.
        start: begins the answer, likewise.
    """

    operation: str
    key: str
    environ: dict[str, Any]
    start: Callable[..., Any]

    def answer(self, status: int, kind: str, body: bytes) -> Iterable[bytes]:
        """Answer it here."""
        headers = [("Content-Type", kind), ("Content-Length", str(len(body)))]
        self.start(f"{status} {HTTPStatus(status).phrase}", headers)
        return [body]

    def cut(self) -> None:
        """Cut the connection, whatever is answered."""
        with suppress(OSError):
            self.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)


class RequestInterceptor(Protocol):
    """Stands before the stage's AWS over loopback: passes a request on, or answers it itself."""

    def __call__(self, asked: Asked, proceed: Callable[[], Iterable[bytes]], /) -> Iterable[bytes]:
        """Answer `asked`; `proceed` has AWS do it."""
        ...


def intercepted(application: Wsgi, interceptors: Sequence[RequestInterceptor]) -> Wsgi:
    """An application before which `interceptors` stand, the first outermost; more may come later."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not interceptors or environ["PATH_INFO"] == PROVIDER_PATH:
            return application(environ, start_response)
        content = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(content)
        asked = Asked(*_asked(environ, content), environ, start_response)

        def proceed(depth: int = 0) -> Iterable[bytes]:
            if depth == len(interceptors):
                return application(environ, start_response)
            return interceptors[depth](asked, functools.partial(proceed, depth + 1))

        return proceed()

    return answer


def _asked(environ: dict[str, Any], content: bytes) -> tuple[str, str]:
    """The operation and the key of a request of Terraform's backend."""
    scope = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")[2].split("/")
    service = scope[_SERVICE] if len(scope) > _SERVICE else ""
    if target := environ.get("HTTP_X_AMZ_TARGET", ""):
        said = json.loads(content or b"{}")
        named = (said.get("Key") or said.get("Item") or {}).get("LockID", {})
        return f"{service}:{target.rpartition('.')[2]}", str(named.get("S", ""))
    if service != "s3":
        action = parse_qs(content.decode(errors="replace")).get("Action", [""])[0]
        return f"{service}:{action}", ""
    key = environ["PATH_INFO"].lstrip("/").partition("/")[2]
    method = environ["REQUEST_METHOD"]
    if key:
        return f"s3:{_OBJECT.get(method, method)}", key
    query = environ.get("QUERY_STRING", "")
    return ("s3:ListObjectsV2" if "list-type" in query else f"s3:{method.title()}Bucket"), ""


@contextmanager
def listening(application: Wsgi, name: str, *, address: tuple[str, int] = ("127.0.0.1", 0)) -> Iterator[str]:
    """Answer for as long as the block lasts; yields the URL, which names this machine 127.0.0.1.

    Args:
        application: what answers.
        name: that of the thread.
        address: where; port 0 is a free one.
    """

    def whole(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        pieces = application(environ, start_response)
        try:
            return [b"".join(pieces)]
        finally:
            getattr(pieces, "close", _nothing)()

    server = make_server(*address, whole, threaded=True, request_handler=_Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, name=name, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def served(
    clock: VirtualClock, keys: Keys, application: Wsgi, *, region: str, directory: Path, latency: float
) -> Iterator[Served]:
    """Serve the open stage on a free port of 127.0.0.1 for as long as the block lasts.

    Args:
        clock: the stage's clock; its lock is held while a request is answered.
        keys: with which the subprocess signs.
        application: what answers: `aws_application`, or something that stands before it.
        region: its default region.
        directory: where its AWS configuration file is put.
        latency: the virtual seconds that each request takes.
    """

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        with clock.lock:
            clock.sleep(latency)
            return application(environ, start_response)

    with listening(answer, "stage-aws") as url:
        yield Served(url, variables(url, keys, region, directory))


def _nothing() -> None:
    """What there is to be done where nothing has to be closed."""


class _Handler(MotoRequestHandler):
    """A request handler that prints no access log, and whose answers leave in one piece.

    Werkzeug sends the head of an answer and then its body. AWS's SDK for Go, with which Terraform speaks, now and then
    closes the connection in between, and sends anew what had its effect (github.com/aws/aws-sdk-go-v2, issues 1825
    and 2737): its PutItem then meets the lock that it has just taken itself.
    """

    def setup(self) -> None:
        """Hold back what is written."""
        super().setup()
        self.wfile = _InOnePiece(self.wfile)

    def handle_expect_100(self) -> bool:
        """Leave it to Werkzeug to say that the body may come."""
        return True

    def make_environ(self) -> dict[str, Any]:
        """The request; whoever waits to be told to go on with its body has been told."""
        self.wfile.flush()
        environ: dict[str, Any] = super().make_environ()
        if not environ.get(_ATTEMPT, "attempt=1;").startswith("attempt=1;"):
            _log.warning("It is asked once more (%s): %s", environ[_ATTEMPT], _shown(environ))
        return environ

    def connection_dropped(self, error: BaseException, environ: dict[str, Any] | None = None) -> None:
        """Hang up, and take down that somebody didn't wait for the whole answer, or that none could be given."""
        self.close_connection = True
        _log.warning("The connection was lost (%r): %s", error, _shown(environ or {}))

    def send_response(self, code: int, message: str | None = None) -> None:
        """Send the status alone; werkzeug's own would send this machine's time as well."""
        self.send_response_only(code, message)

    def log(self, *_: object) -> None:
        """Say nothing."""


def _shown(environ: Mapping[str, Any]) -> str:
    names = ("REQUEST_METHOD", "PATH_INFO", "HTTP_X_AMZ_TARGET")
    return " ".join(str(environ[name]) for name in names if name in environ) or "before there was a request"


class _InOnePiece(io.BufferedIOBase):
    """Hands on what was written when it is flushed, and drops it if that fails.

    Args:
        below: what sends at once.
    """

    def __init__(self, below: io.BufferedIOBase) -> None:
        self._below = below
        self._held: list[bytes] = []

    def writable(self) -> bool:
        """Whether it can be written to."""
        return True

    def write(self, data: Any, /) -> int:
        """Hold `data` back."""
        self._held.append(bytes(data))
        return len(self._held[-1])

    def flush(self) -> None:
        """Send what was held back."""
        held, self._held = self._held, []
        if held:
            self._below.write(b"".join(held))


@functools.cache
def _moto() -> Any:
    """The application of moto, which asks its one state a process; building it takes 20 ms a service."""
    return DomainDispatcherApplication(create_backend_app)


def variables(url: str, keys: Keys, region: str, directory: Path) -> dict[str, str]:
    """The environment variables with which a subprocess finds the AWS at `url` and nothing else.

    Args:
        url: its endpoint.
        keys: with which the subprocess signs.
        region: its default region.
        directory: where its AWS configuration file is put.
    """
    config = directory / "aws-config"
    config.write_text(f"[default]\nregion = {region}\n", encoding="utf-8")
    return {
        **credentials_of(keys),
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ENDPOINT_URL": url,
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
        "AWS_PROFILE": "default",
        "AWS_DEFAULT_PROFILE": "default",
        "AWS_CONFIG_FILE": str(config),
        "AWS_SHARED_CREDENTIALS_FILE": str(directory / "aws-credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
        PROVIDER_URL: url + PROVIDER_PATH,
    }

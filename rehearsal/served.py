"""The stage's AWS over HTTP on loopback, so that `aws`, `terraform` and people see what boto3 sees."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING, Any

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from rehearsal.clock import VirtualClock
    from rehearsal.emulator import Keys


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


@contextmanager
def served(
    clock: VirtualClock, keys: Keys, *, region: str, directory: Path, latency: float
) -> Iterator[Served]:
    """Serve the open stage on a free port of 127.0.0.1 for as long as the block lasts.

    The application is the one that moto's own `ThreadedMotoServer` serves; that class has no place to
    take the clock's lock around a request.

    Args:
        clock: the stage's clock; its lock is held while a request is answered.
        keys: with which the subprocess signs.
        region: its default region.
        directory: where its AWS configuration file is put.
        latency: the virtual seconds that each request takes.
    """
    application = DomainDispatcherApplication(create_backend_app)

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        with clock.lock:
            clock.sleep(latency)
            response: Iterable[bytes] = application(environ, start_response)
            return response

    server = make_server("127.0.0.1", 0, answer, threaded=True, request_handler=_Quiet)
    thread = Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.01}, name="stage-aws", daemon=True
    )
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield Served(url, _variables(url, keys, region, directory))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Quiet(MotoRequestHandler):
    """A request handler that prints no access log."""

    def log(self, *_: object) -> None:
        """Say nothing."""


def _variables(url: str, keys: Keys, region: str, directory: Path) -> dict[str, str]:
    config = directory / "aws-config"
    config.write_text(f"[default]\nregion = {region}\n", encoding="utf-8")
    return {
        "AWS_ACCESS_KEY_ID": keys.access_key,
        "AWS_SECRET_ACCESS_KEY": keys.secret_key,
        "AWS_SESSION_TOKEN": "",
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
    }

"""The addresses on loopback at which a served stage answers, the same for as long as the process lives."""

from __future__ import annotations

import json
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, Final

from rehearsal.origin.server import LOOPBACK, also_listening
from rehearsal.served import intercepted, listening
from rehearsal.serving.ledger import AWS
from rehearsal.world.front import Front
from rollback.aws import is_read
from rollback.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rehearsal.embedded import EmbeddedStage
    from rehearsal.served import Asked, Wsgi
    from rehearsal.serving.ledger import Ledger
    from rehearsal.world.front import Answering

DOORS: Final = ("aws", "origin", "application", "control")
"""In the order of their ports, where these are given."""
_OPERATION: Final = "stage.operation"
_ABOUT: Final = "stage.about"
_DEPLOYS: Final = frozenset({"ecs:CreateService", "ecs:UpdateService"})
_NOTHING: Final = (b"No stage is open.\n",)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where everything is, as URLs without a slash at the end.

    Attributes:
        aws: every AWS service.
        origin: the git remote and GitHub's API.
        application: the application, through its load balancer.
        control: the control endpoint.
    """

    aws: str
    origin: str
    application: str
    control: str


@dataclass(frozen=True, slots=True)
class Binding:
    """Where to listen.

    Attributes:
        host: the interface; anything but 127.0.0.1 is for a container, whose ports are published on loopback.
        first_port: that of AWS, and the others follow in the order of `DOORS`; 0 for free ones.
    """

    host: str = LOOPBACK
    first_port: int = 0

    def address(self, door: str) -> tuple[str, int]:
        """Where a door listens."""
        return self.host, self.first_port + DOORS.index(door) if self.first_port else 0


class Doors:
    """What answers at the addresses; `stage` is put there once it is open.

    Attributes:
        stage: the open stage, and `ledger` where its requests are written down.
    """

    def __init__(self) -> None:
        self.stage: EmbeddedStage | None = None
        self.ledger: Ledger | None = None
        self._aws: Wsgi | None = None
        self._front: Front | None = None

    @contextmanager
    def open(self, binding: Binding, control: Callable[[tuple[str, int]], str]) -> Iterator[Addresses]:
        """Listen for as long as the block lasts.

        Args:
            binding: where.
            control: begins to listen for the control endpoint at an address, and returns its port.

        Raises:
            ConfigurationError: a port can't be had.
        """
        with ExitStack() as undo:
            try:
                aws = undo.enter_context(listening(self._answer, "stage-aws", address=binding.address("aws")))
                origin = undo.enter_context(also_listening(binding.address("origin")))
                self._front = Front(binding.address("application"))
                undo.callback(self._front.close)
                port = control(binding.address("control"))
            except (OSError, SystemExit) as error:
                # werkzeug ends the process where a port is in use.
                raise ConfigurationError(
                    f"The stage can't listen at {binding.host}, from port {binding.first_port}: {error}.",
                    remedy="Choose other ports with --port, or leave it out for free ones.",
                ) from None
            yield Addresses(
                aws=aws,
                origin=f"http://{LOOPBACK}:{origin}",
                application=f"http://{LOOPBACK}:{self._front.port}",
                control=f"http://{LOOPBACK}:{port}",
            )

    def show(self, stage: EmbeddedStage, ledger: Ledger) -> None:
        """Let in whoever asks, to `stage`."""
        self.stage, self.ledger = stage, ledger
        self._aws = intercepted(stage.aws_over_http(), [_note_operation])
        self._lead(ledger.users_ask(stage.application))

    def shut(self) -> None:
        """Answer nobody any more; the addresses stay."""
        self.stage, self.ledger, self._aws = None, None, None
        self._lead(None)

    def _lead(self, application: Answering | None) -> None:
        if self._front is not None:
            self._front.application = application

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        stage, ledger, aws = self.stage, self.ledger, self._aws
        if stage is None or ledger is None or aws is None:
            start_response("503 Service Unavailable", [("Content-Type", "text/plain")])
            return _NOTHING

        def start(status: str, headers: list[tuple[str, str]], *rest: object) -> Any:
            if operation := environ.get(_OPERATION, ""):
                what, reads = _named(operation, environ)
                ledger.add(
                    AWS,
                    what,
                    by=_who(stage, environ),
                    reads=reads,
                    status=int(status.partition(" ")[0]),
                    about=environ[_ABOUT],
                )
            # AWS dates its answers, and by the stage's clock it must be.
            dated = [(name, value) for name, value in headers if name.lower() != "date"]
            return start_response(
                status, [*dated, ("Date", format_datetime(stage.clock.now(), usegmt=True))], *rest
            )

        with stage.clock.lock:
            return list(aws(environ, start))


def _note_operation(asked: Asked, proceed: Callable[[], Iterable[bytes]]) -> Iterable[bytes]:
    asked.environ[_OPERATION] = asked.operation
    asked.environ[_ABOUT] = asked.key or _task_definition(asked)
    return proceed()


def _task_definition(asked: Asked) -> str:
    """The task definition that a service is given; of all else that is said nothing is kept."""
    if asked.operation not in _DEPLOYS:
        return ""
    body = asked.environ["wsgi.input"]
    try:
        said = json.loads(body.read())
    except ValueError:  # what AWS answers to that is not for here
        said = None
    body.seek(0)
    return str(said.get("taskDefinition", "")).rpartition("/")[2] if isinstance(said, dict) else ""


def _named(operation: str, environ: dict[str, Any]) -> tuple[str, bool]:
    """What is asked for, and whether it could only read: in S3 and Route 53 the method says that."""
    service, _, name = operation.partition(":")
    method = environ["REQUEST_METHOD"]
    if not name:
        operation = f"{service}:{method} {environ['PATH_INFO']}"
    by_method = service == "s3" or not name
    return operation, method in {"GET", "HEAD"} if by_method else is_read(name)


def _who(stage: EmbeddedStage, environ: dict[str, Any]) -> str:
    """The name of the IAM user with whose key a request is signed."""
    signed = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")[2].partition("/")[0]
    return stage.user_of(signed) or "nobody"

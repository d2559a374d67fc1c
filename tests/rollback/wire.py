"""What stands between botocore's clients and moto: it counts, and it can be made to misbehave."""

from __future__ import annotations

import json
from collections import deque
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from botocore.awsrequest import AWSResponse
from moto.core.models import botocore_stubber

from rehearsal.insulation import INSULATED, insulated_session
from rollback.aws import client_config
from tests.rollback.builders import ACCOUNT, REGION

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.awsrequest import AWSPreparedRequest
    from botocore.client import BaseClient
    from botocore.credentials import Credentials

    from rehearsal.clock import VirtualClock
    from rehearsal.emulator import Emulator

    Proceed: TypeAlias = Callable[[], AWSResponse]
    Fault: TypeAlias = Callable[[AWSPreparedRequest, Proceed], AWSResponse]


class _Body:
    """The raw response that `AWSResponse` reads from."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: object) -> list[bytes]:
        return [self._content]


class Wire:
    """Clients whose calls end in moto, unless a fault comes in between.

    Attributes:
        faults: what happens to the next attempts, one each; afterwards all is well.
        attempts: the operations that went out, as ``ecs:CreateCluster``.
        reached: those of them that moto has carried out.
        watchers: called with each attempt before anything happens to it.
    """

    def __init__(self) -> None:
        self._session = insulated_session()
        self._session.unregister("before-send", cast("Any", botocore_stubber))
        self._session.set_credentials("nobody", "nothing")
        self._credentials = cast("Credentials", self._session.get_credentials())
        self._clients: dict[str, BaseClient] = {}

    def begin(self, emulator: Emulator, clock: VirtualClock) -> None:
        """Forget everything, and send calls to this moto from now on, as a user of `ACCOUNT`; it dates by `clock`."""
        keys = emulator.user(ACCOUNT, REGION, "tester")
        self._credentials.access_key, self._credentials.secret_key = keys.access_key, keys.secret_key
        self._emulator, self._clock = emulator, clock
        self.faults: deque[Fault] = deque()
        self.attempts: list[str] = []
        self.reached: list[str] = []
        self.watchers: list[Callable[[str], None]] = []

    def client(self, service: str, /) -> BaseClient:
        """The client of `service`: the same at each call."""
        if service not in self._clients:
            client = self._session.create_client(service, REGION, config=client_config().merge(INSULATED))
            client.meta.events.register("before-send", cast("Any", self._send))
            self._clients[service] = client
        return self._clients[service]

    def _send(self, request: AWSPreparedRequest, event_name: str, **_: object) -> AWSResponse:
        operation = event_name.partition(".")[2].replace(".", ":")
        self.attempts.append(operation)
        for watcher in self.watchers:
            watcher(operation)

        def proceed() -> AWSResponse:
            self.reached.append(operation)
            answer = self._emulator.answer(request)
            answer.headers["date"] = format_datetime(self._clock.now(), usegmt=True)
            return answer

        return self.faults.popleft()(request, proceed) if self.faults else proceed()


def answering(status: int, code: str, message: str = "as you see") -> Fault:
    """AWS refuses or fails without doing anything, in the protocol it was asked in."""

    def fault(request: AWSPreparedRequest, _: Proceed) -> AWSResponse:
        if "X-Amz-Target" in request.headers:
            body = json.dumps({"__type": code, "message": message})
        else:
            body = (
                f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message>"
                "</Error><RequestId>1</RequestId></ErrorResponse>"
            )
        return answer_with(status, body.encode())(request, _)

    fault.__name__ = f"{status}-{code}"  # its name in the ids of tests
    return fault


def answer_with(status: int, body: bytes) -> Fault:
    """Somebody answers with just this."""

    def fault(request: AWSPreparedRequest, _: Proceed) -> AWSResponse:
        return AWSResponse(request.url, status, {}, _Body(body))  # type: ignore[arg-type]

    fault.__name__ = f"{status}-body"
    return fault


def raising(error: BaseException, *, after: bool = False) -> Fault:
    """The connection fails, before the call is carried out or after it."""

    def fault(_: AWSPreparedRequest, proceed: Proceed) -> AWSResponse:
        if after:
            proceed()
        raise error

    fault.__name__ = f"{type(error).__name__}{'-after' if after else ''}"
    return fault

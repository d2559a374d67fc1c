"""The doors through which calls reach the stage's AWS, and where faults and latency are put in their way."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, cast

from botocore.exceptions import EndpointConnectionError
from moto.core.models import botocore_stubber

from rehearsal.insulation import INSULATED, insulated_session
from rollback.aws import client_config

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocore.awsrequest import AWSPreparedRequest, AWSResponse
    from botocore.client import BaseClient
    from botocore.credentials import Credentials
    from botocore.model import OperationModel

    from rehearsal.keys import Keys


@dataclass(frozen=True, slots=True)
class Call:
    """One API call, as it goes out.

    Attributes:
        operation: as ``ecs:UpdateService``.
        occurrence: 1 for the first call of that operation since the door was opened.
        number: 1 for the first call of any operation.
        attempt: 1 for the first attempt of this call, more for its retries.
        request: what is sent.
    """

    operation: str
    occurrence: int
    number: int
    attempt: int
    request: AWSPreparedRequest


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a service is, if not where AWS has it.

    Attributes:
        url: its address.
        account: whose keys sign there, where that isn't said by the door's: LocalStack takes the account itself for an
            access key (its documentation, "Multi-account setups"). Empty for the door's own keys.
    """

    url: str
    account: str = ""

    @property
    def parameters(self) -> dict[str, Any]:
        """What a client is made with."""
        signs = (
            {"aws_access_key_id": self.account, "aws_secret_access_key": "rehearsal"} if self.account else {}
        )
        return {"endpoint_url": self.url, **signs}


class Interceptor(Protocol):
    """Stands in the door: passes a call on, answers it itself, or lets it fail."""

    def __call__(self, call: Call, proceed: Callable[[], AWSResponse], /) -> AWSResponse:
        """Answer `call`, or raise one of botocore's HTTP errors; `proceed` has AWS do it."""
        ...


class Spectator(Protocol):
    """Sees each call of a door before it goes out, and changes nothing."""

    def __call__(self, operation: str, parameters: Mapping[str, Any], /) -> None:
        """Take note of `operation`, as ``ecs:UpdateService``, and its parameters as they were given."""
        ...


class Door:
    """The clients of one identity, made once in a process, and where their calls go.

    A client takes 10 to 130 ms to make, so clients outlive the stage they were made for. Each stage
    opens the door with the keys of its own account and closes it at its end; what goes through a
    closed door is refused.

    Args:
        endpoints: where the clients of a service send their calls; by default to AWS's own, which answers by the door.

    Attributes:
        arn: who goes through it, as AWS names them.
        interceptors: what stands in it, the first outermost.
        spectators: who sees what goes through it.
    """

    def __init__(self, endpoints: Callable[[str], Endpoint] | None = None) -> None:
        self._endpoints = endpoints
        self._session = insulated_session()
        # moto puts itself into every session made after its import; here the door passes calls on to it.
        self._session.unregister("before-send", cast("Any", botocore_stubber))
        self._session.set_credentials("closed", "closed")
        self._credentials = cast("Credentials", self._session.get_credentials())
        self._clients: dict[tuple[str, str], BaseClient] = {}
        self._answer: Callable[[AWSPreparedRequest], AWSResponse] | None = None
        self._counts: Counter[str] = Counter()
        self._invocation: tuple[object, int] = (None, 0)
        self.arn = ""
        self.interceptors: list[Interceptor] = []
        self.spectators: list[Spectator] = []

    def open(self, keys: Keys, answer: Callable[[AWSPreparedRequest], AWSResponse]) -> None:
        """Have the calls signed with `keys` and answered by `answer`, counted from 1 again."""
        self.sign_in(keys)
        self._answer = answer
        self._counts.clear()
        self._invocation = (None, 0)
        self.interceptors.clear()
        self.spectators.clear()

    def sign_in(self, keys: Keys) -> None:
        """Sign the calls from now on with `keys`."""
        self._credentials.access_key, self._credentials.secret_key = keys.access_key, keys.secret_key
        self._credentials.token = keys.session_token or None
        self.arn = keys.arn

    def close(self) -> None:
        """Refuse every call from now on."""
        self._answer = None
        self.interceptors.clear()
        self.spectators.clear()

    def client(self, service: str, region: str) -> BaseClient:
        """The client of `service` in `region`: the same at each call."""
        client = self._clients.get((service, region))
        if client is None:
            config = client_config().merge(INSULATED)
            more = self._endpoints(service).parameters if self._endpoints else {}
            client = self._session.create_client(service, region, config=config, verify=True, **more)
            send: Any = partial(self._send, service)
            client.meta.events.register("before-send", send)
            show: Any = partial(self._show, service)
            client.meta.events.register("before-parameter-build", show)
            self._clients[service, region] = client
        return client

    def _show(self, service: str, params: Mapping[str, Any], model: OperationModel, **_: object) -> None:
        for spectator in self.spectators:
            spectator(f"{service}:{model.name}", params)

    def _send(self, service: str, request: AWSPreparedRequest, event_name: str, **_: object) -> AWSResponse:
        answer = self._answer
        if answer is None:
            raise EndpointConnectionError(endpoint_url=request.url)
        call = self._call(f"{service}:{event_name.rpartition('.')[2]}", request)

        def proceed(depth: int = 0) -> AWSResponse:
            if depth == len(self.interceptors):
                return answer(request)
            return self.interceptors[depth](call, partial(proceed, depth + 1))

        return proceed()

    def _call(self, operation: str, request: AWSPreparedRequest) -> Call:
        """Number the call; botocore's retries of one call carry the same invocation id."""
        invocation = request.headers.get("amz-sdk-invocation-id")
        same, attempt = self._invocation
        if invocation is not None and invocation == same:
            attempt += 1
        else:
            attempt = 1
            self._counts[operation] += 1
        self._invocation = (invocation, attempt)
        return Call(operation, self._counts[operation], self._counts.total(), attempt, request)

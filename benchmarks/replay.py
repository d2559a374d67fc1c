"""The API calls of a rehearsal, taken down and made again to stock moto."""

from __future__ import annotations

import copy
import os
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from unittest import mock

import boto3
import botocore.client
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.ec2.models import ec2_backends

from benchmarks.harness import Cost

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from botocore.client import BaseClient

    from rehearsal.emulator import Network

Parameters: TypeAlias = "dict[str, Any]"

NEAREST: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "ListServiceDeployments": ("ListServices", ("cluster",)),
    "DescribeServiceDeployments": ("DescribeClusters", ()),
    "DescribeServiceRevisions": ("DescribeClusters", ()),
}
"""What moto lacks: the nearest of its own reads of the same service, and what is passed on to it."""


@dataclass(frozen=True, slots=True)
class Made:
    """A call that was made.

    Attributes:
        service: as botocore calls it.
        operation: as ``DescribeServices``.
        parameters: what was asked.
        answer: what came back.
    """

    service: str
    operation: str
    parameters: Parameters
    answer: Any

    def __str__(self) -> str:
        return f"{self.service}:{self.operation}"


@contextmanager
def taken_down() -> Iterator[list[Made]]:
    """A list that grows with every API call of this process that is answered, whoever makes it."""
    made: list[Made] = []
    original: Any = botocore.client.BaseClient._make_api_call  # type: ignore[attr-defined]  # noqa: SLF001

    def call(client: BaseClient, operation: str, parameters: Parameters) -> Any:
        asked = copy.deepcopy(parameters)
        answer = original(client, operation, parameters)
        made.append(Made(client.meta.service_model.service_name, operation, asked, answer))
        return answer

    with mock.patch.object(botocore.client.BaseClient, "_make_api_call", call):
        yield made


class Names:
    """How what AWS named at random in one life is called in another."""

    def __init__(self) -> None:
        self._others: dict[str, str] = {}

    def learn(self, here: Any, there: Any) -> None:
        """Compare two answers to the same call: where they hold different texts, these name the same."""
        if isinstance(here, dict) and isinstance(there, dict):
            for key in here.keys() & there.keys() - {"ResponseMetadata"}:
                self.learn(here[key], there[key])
        elif isinstance(here, list) and isinstance(there, list):
            for one, other in zip(here, there, strict=False):
                self.learn(one, other)
        elif isinstance(here, str) and isinstance(there, str) and here != there:
            self._others.setdefault(here, there)
            # `family:41` is the end of its ARN, and what is passed on is one or the other.
            self._others.setdefault(here.rpartition("/")[2], there.rpartition("/")[2])

    def translated(self, value: Any) -> Any:
        """`value` as it is called there."""
        if isinstance(value, dict):
            return {key: self.translated(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.translated(item) for item in value]
        return self._others.get(value, value) if isinstance(value, str) else value


class Bare:
    """Stock moto, and plain clients of it, made once."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._session = boto3.Session("testing", "testing", region_name=region)
        self._clients: dict[str, BaseClient] = {}

    def replay(self, made: Sequence[Made], network: Network) -> Cost:
        """Make the calls again, in the same order, to a moto that knows nothing yet.

        Only the calls count: not the opening of moto, nor the default network of EC2, nor what it takes
        to find out what each thing is called this time.

        Raises:
            RuntimeError: stock moto refuses what the stage answered, so that the comparison would be off.
        """
        seconds = processor = 0.0
        names = Names()
        with mock.patch.dict(os.environ, {"MOTO_EC2_LOAD_DEFAULT_AMIS": "false"}), mock_aws():
            account = self._client("sts").get_caller_identity()["Account"]  # type: ignore[attr-defined]
            own = ec2_backends[account][self._region].describe_subnets(filters={"default-for-az": "true"})
            names.learn([network.vpc, *network.subnets], [own[0].vpc_id, *(each.id for each in own)])
            for each in made:
                client: Any = self._client(each.service)
                operation, parameters = asked_of_stock_moto(each, names)
                wall, process = time.perf_counter(), time.process_time()
                try:
                    answer = client._make_api_call(operation, parameters)  # noqa: SLF001 - as `taken_down` does
                except ClientError as error:
                    raise RuntimeError(f"Stock moto refuses {each}: {error}") from error
                seconds += time.perf_counter() - wall
                processor += time.process_time() - process
                if operation == each.operation:
                    names.learn(each.answer, answer)
        return Cost(seconds, processor)

    def _client(self, service: str) -> BaseClient:
        client = self._clients.get(service)
        if client is None:
            client = self._clients[service] = self._session.client(service)  # type: ignore[call-overload]
        return client


def asked_of_stock_moto(made: Made, names: Names) -> tuple[str, Parameters]:
    """The operation that stock moto is asked, and with what."""
    operation, passed_on = NEAREST.get(made.operation, (made.operation, tuple(made.parameters)))
    parameters = {key: names.translated(made.parameters[key]) for key in passed_on}
    for network in parameters.get("networkConfiguration", {}).values():
        network.setdefault("securityGroups", [])  # without them stock moto breaks down
    return operation, parameters


def stand_ins(made: Sequence[Made]) -> list[str]:
    """Which operations stock moto is asked in the place of others, and how often."""
    missing = Counter(each.operation for each in made if each.operation in NEAREST)
    return [f"{count} x {name} by {NEAREST[name][0]}" for name, count in sorted(missing.items())]

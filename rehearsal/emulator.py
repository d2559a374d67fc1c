"""moto in this process: opened empty, closed empty, and never a way to the network."""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self
from unittest import mock

from botocore.exceptions import EndpointConnectionError
from botocore.handlers import BUILTIN_HANDLERS, REGISTER_LAST
from moto.core.base_backend import AccountSpecificBackend, BackendDict
from moto.core.model_instances import reset_model_data
from moto.core.models import botocore_stubber
from moto.ec2.models import ec2_backends
from moto.ec2.models.subnets import Subnet
from moto.ecs.models import ecs_backends
from moto.iam.models import iam_backends
from moto.s3.models import S3Backend
from moto.utilities.utils import get_partition

from rehearsal.insulation import insulated_environment, parsed_moment
from rehearsal.keys import Keys
from rollback.errors import ConfigurationError

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

_ANSWERED: Final = re.compile(
    r"https?://([^/]+\.amazonaws\.com|127\.\d+\.\d+\.\d+|\[::1\]|localhost)(:\d+)?/"
)
"""Where botocore may send a request: to what moto always answers, or to this machine."""

_REMEMBERED: Final[tuple[Any, ...]] = (
    AccountSpecificBackend._generate_regions,  # noqa: SLF001 - keyed by objects of the last rehearsal
    Subnet._base_avail_ip_iterator,  # noqa: SLF001 - likewise
    parsed_moment,
)


@dataclass(frozen=True, slots=True)
class Network:
    """The default VPC that every account has, and its subnets."""

    vpc: str
    subnets: tuple[str, ...]


class Emulator:
    """moto's state between the opening and the closing of a stage.

    moto's own `mock_aws` does this and more: it also takes over `requests` for the whole process,
    which takes 3 ms a rehearsal and slows every request to the application. The stage needs no more
    than the door that botocore's calls go through.
    """

    is_open: ClassVar[bool] = False

    def __init__(self) -> None:
        self._undo = ExitStack()

    def open(self) -> Self:
        """Begin with nothing in any account.

        Raises:
            RuntimeError: another stage is open; moto has one state a process.
        """
        if Emulator.is_open:
            raise RuntimeError("A stage is open in this process already: close it before you open another.")
        self._undo.enter_context(insulated_environment())
        self._undo.enter_context(mock.patch.object(botocore_stubber, "enabled", new=True))
        self._undo.enter_context(mock.patch.object(Emulator, "is_open", new=True))
        self._undo.callback(_forget)
        _forget()
        return self

    def close(self) -> None:
        """Forget everything, and let the rest of the process be as it was."""
        self._undo.close()

    def answer(self, request: AWSPreparedRequest) -> AWSResponse:
        """What moto answers to a call.

        Raises:
            EndpointConnectionError: it is a call that moto doesn't know, which goes nowhere.
        """
        try:
            response: AWSResponse | None = botocore_stubber("before-send", request)
        except NotImplementedError:
            response = None
        if response is None:
            raise EndpointConnectionError(endpoint_url=request.url)
        return response

    def user(self, account: str, region: str, name: str) -> Keys:
        """The keys of the account's IAM user `name`, who is made if need be.

        moto tells the account of a call by its access key, so the first user of an account can't be
        made by a call.
        """
        iam = iam_backends[account][get_partition(region)]
        if name not in iam.users:
            iam.create_user(region, name)
            iam.create_access_key(name)
        user = iam.users[name]
        keys = user.access_keys[0]
        return Keys(keys.access_key_id, keys.secret_access_key, user.arn)

    def holder(self, access_key: str) -> str:
        """The name of the IAM user whose access key it is; empty where it is nobody's."""
        for partitions in iam_backends.values():
            for iam in partitions.values():
                for user in iam.users.values():
                    if any(key.access_key_id == access_key for key in user.access_keys):
                        return str(user.name)
        return ""

    def network(self, account: str, region: str) -> Network:
        """The default VPC of the account. Asked of moto itself: a client of EC2 takes 0.3 s to make."""
        subnets = ec2_backends[account][region].describe_subnets(filters={"default-for-az": "true"})
        return Network(subnets[0].vpc_id, tuple(subnet.id for subnet in subnets))


def require_region(region: str) -> None:
    """See that moto knows the region.

    Raises:
        ConfigurationError: it doesn't.
    """
    if region not in ecs_backends["000000000000"]:
        raise ConfigurationError(
            f"The embedded stage knows no region {region}.",
            remedy="Correct the region in environments.toml, or play on another stage.",
        )


def _forget() -> None:
    """Forget all state, also what moto's caches keep alive of it.

    moto resets a region by making it anew before it drops it; where there is none there is nothing to make. Its S3
    keeps open files, and the names of all buckets beside the accounts.
    """
    touched: Any = BackendDict
    for accounts in touched._instances:  # noqa: SLF001 - it has no other way to ask
        for regions in accounts.values():
            for backend in regions.values():
                if isinstance(backend, S3Backend):
                    backend.reset()
            regions.clear()
    BackendDict.reset()
    reset_model_data()
    for remembered in _REMEMBERED:
        remembered.cache_clear()


def _guard(request: AWSPreparedRequest, **_: object) -> None:
    """Stop what another botocore client of this process would send out while a stage is open."""
    if Emulator.is_open and not _ANSWERED.match(request.url):
        raise EndpointConnectionError(endpoint_url=request.url)


BUILTIN_HANDLERS.append(("before-send", _guard, REGISTER_LAST))

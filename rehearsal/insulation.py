"""Keeping what this machine says about AWS away from the stage.

A profile that isn't there, a configured endpoint, an account for moto in the environment: each of them
would break the stage or lead its calls elsewhere.
"""

from __future__ import annotations

import functools
import gc
import importlib
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

import botocore.session
from botocore.config import Config
from botocore.loaders import JSONFileLoader, Loader
from botocore.utils import parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

_FOREIGN: Final = ("AWS_", "BOTO", "MOTO_", "_X_AMZN_")
_SETTINGS: Final = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    # Loading 500 machine images takes 0.3 s each time EC2 is made anew, and nobody starts one.
    "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
    # A bucket is its own account's: without a policy others are denied.
    "MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS": "false",
}

INSULATED: Final = Config(
    ignore_configured_endpoint_urls=True,  # type: ignore[call-arg] # the stubs lag
    user_agent="rehearsal",
)
"""What a client needs on top of an insulated session: AWS_ENDPOINT_URL is looked up elsewhere, and what botocore tells
of this machine at each call takes a twentieth of it to put together."""


@contextmanager
def insulated_environment() -> Iterator[None]:
    """Within this block the process's environment says nothing of AWS, but what moto needs."""
    foreign = {name: value for name, value in os.environ.items() if name.startswith(_FOREIGN)}
    for name in foreign:
        del os.environ[name]
    os.environ.update(_SETTINGS)
    try:
        yield
    finally:
        for name in _SETTINGS:
            os.environ.pop(name, None)
        os.environ.update(foreign)


def insulated_session() -> botocore.session.Session:
    """A botocore session that reads no environment variable and no file of this machine."""
    session = botocore.session.Session(
        session_vars={
            name: (None, None, os.devnull if name.endswith("_file") else default, convert)
            for name, (_, _, default, convert) in botocore.session.Session.SESSION_VARIABLES.items()
        }
    )
    session.register_component("data_loader", _loader())
    parsers: Any = session.get_component("response_parser_factory")
    parsers.set_parser_defaults(timestamp_parser=parsed_moment)
    return session


@functools.cache
def parsed_moment(value: Any) -> datetime:
    """A time as botocore reads it, which it is slow at; each poll brings those of the last again."""
    moment: datetime = parse_timestamp(value)
    return moment


_read: Final[Any] = functools.cache(JSONFileLoader().load_file)
"""A file of botocore's data, parsed once in a process: that of EC2 alone takes 0.2 s."""


class _ReadOnce(JSONFileLoader):
    def load_file(self, file_path: str) -> Any:
        return _read(file_path)


@functools.cache
def _loader() -> Loader:
    """Where all sessions of the stage, and moto's own, have the service models from."""
    return Loader(file_loader=_ReadOnce())


@contextmanager
def _uncollected() -> Iterator[None]:
    """Have the garbage collector leave alone what comes to be within this block, now and later.

    Modules and service models stay as long as the process, and looking through them again and again
    takes a tenth of the time until the first rehearsal has ended.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if enabled:
            gc.enable()


@functools.cache
def load_moto() -> None:
    """Import what of moto the stage uses, once, as on a machine without any AWS settings.

    moto makes a boto3 session for each table of regions that it needs, and each of them parses the
    same 1 MB of endpoints: the parsed files are shared among them, which saves most of a second. What
    moto adds to service models it adds to copies of its own.
    """
    shared = mock.patch.object(JSONFileLoader, "load_file", lambda _, path: _read(path))
    with insulated_environment(), shared, _uncollected():
        for service in ("ec2", "ecr", "ecs", "elbv2", "iam", "logs", "secretsmanager", "ssm", "sts"):
            importlib.import_module(f"moto.{service}.models")
        accounts: Any = importlib.import_module("moto.core.base_backend").AccountSpecificBackend
        session = accounts.get_session()
        session._session.register_component("data_loader", _loader())  # noqa: SLF001 - boto3 has no other way
        session.get_available_regions("ecs")
        responses: Any = importlib.import_module("moto.core.responses")
        # It inspects a whole class at every call, which is a twentieth of it.
        responses.method_names_from_class = functools.cache(responses.method_names_from_class)

"""The account that these tests play with."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from moto import mock_aws

from rehearsal.aws import install
from tests.stage.aws.cloud import Clients, Cloud

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def clients() -> Clients:
    return Clients()


@pytest.fixture
def aws(clients: Clients) -> Iterator[Clients]:
    """An empty AWS."""
    # moto's own AMIs take 250 ms to load, and nothing here starts an instance.
    with mock.patch.dict(os.environ, {"MOTO_EC2_LOAD_DEFAULT_AMIS": "false"}), mock_aws():
        yield clients
        install.detach()


@pytest.fixture
def cloud(aws: Clients) -> Cloud:
    """An account with everything but the service."""
    cloud = Cloud(aws)
    cloud.open()
    return cloud

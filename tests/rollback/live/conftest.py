from __future__ import annotations

import os
from typing import TYPE_CHECKING

import botocore.credentials
import botocore.tokens
import pytest

from tests.rollback.live.aws import FakeAws, listening

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def _fake() -> Iterator[FakeAws]:
    with listening() as fake:
        yield fake


@pytest.fixture
def fake(_fake: FakeAws) -> FakeAws:
    """An AWS on loopback, with nothing asked of it yet."""
    _fake.__init__(url=_fake.url)  # type: ignore[misc]
    return _fake


@pytest.fixture
def machine(fake: FakeAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine on which nobody has signed in, and whose every way to AWS ends on loopback; returns its home."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "XDG_"))]:
        monkeypatch.delenv(name)
    home = tmp_path / "home"
    (home / ".aws" / "sso" / "cache").mkdir(parents=True)
    told = {
        "HOME": home,
        "AWS_CONFIG_FILE": home / ".aws" / "config",
        "AWS_SHARED_CREDENTIALS_FILE": home / ".aws" / "credentials",
        "AWS_ENDPOINT_URL": fake.url,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for name, value in told.items():
        monkeypatch.setenv(name, str(value))
    # Where botocore looks is decided when it is imported.
    cache = str(home / ".aws" / "sso" / "cache")
    monkeypatch.setattr(botocore.credentials.SSOProvider, "_SSO_TOKEN_CACHE_DIR", cache)
    monkeypatch.setattr(botocore.tokens.SSOTokenProvider, "_SSO_TOKEN_CACHE_DIR", cache)
    return home

"""Where LocalStack is: at its endpoint, or in a container that is started for this run."""

from __future__ import annotations

import atexit
import functools
import http.client
import json
from typing import Final
from urllib.parse import urlsplit

from rollback.errors import ConfigurationError

VERSION: Final = "4.14.0"
"""The last that runs without a token."""
IMAGE: Final = f"localstack/localstack:{VERSION}"
SERVICES: Final = ("acm", "iam", "logs", "route53", "s3", "sts")
"""What is asked of it, as boto3 calls them."""
_SECONDS: Final = 3.0
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1", "localhost.localstack.cloud"})


@functools.cache
def found() -> str:
    """The URL of LocalStack, which is started if none answers where localstack-client says that it should be.

    That is ``LOCALSTACK_HOST``, by default port 4566 of this machine. A container ends with this process.

    Raises:
        ConfigurationError: none answers, and none can be started.
    """
    from localstack_client.config import get_service_endpoint  # noqa: PLC0415 - few runs need it

    url: str = (get_service_endpoint("s3") or "").replace("localhost", "127.0.0.1")
    if urlsplit(url).hostname not in _LOOPBACK:
        raise ConfigurationError(
            f"LocalStack would be asked at {url}, which is not this machine.",
            remedy="Unset AWS_ENDPOINT_URL and LOCALSTACK_HOST, or have them name 127.0.0.1.",
        )
    why = trouble_at(url)
    return url if not why else _started(f"{why}")


def trouble_at(url: str) -> str:
    """Why what answers at `url` is no LocalStack that can be used; empty where it is one."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_SECONDS)
    try:
        connection.request("GET", "/_localstack/health")
        said = json.loads(connection.getresponse().read())
        missing = [each for each in SERVICES if said["services"].get(each, "disabled") == "disabled"]
    except (OSError, http.client.HTTPException):
        return f"No LocalStack answers at {url}"
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"What answers at {url} is no LocalStack"
    finally:
        connection.close()
    return f"The LocalStack at {url} doesn't serve {', '.join(missing)}" if missing else ""


def _started(why: str) -> str:
    """Start a container, and return its URL."""
    from testcontainers.community.localstack import (  # noqa: PLC0415 - few runs need it
        LocalStackContainer,
    )

    try:
        container = LocalStackContainer(IMAGE)
        container.start()
    except Exception as error:  # noqa: BLE001 - whatever a missing Docker, a registry or a daemon says
        said = next(iter(str(error).splitlines()), type(error).__name__)
        raise ConfigurationError(
            f"{why}, and testcontainers can't start {IMAGE}: {said}",
            remedy="Start one with `docker compose up --wait`, or as docs/backends.md says without Docker.",
        ) from None
    atexit.register(container.stop)
    url: str = container.get_url()
    return url.replace("localhost", "127.0.0.1")

"""Count a million log events, in a process of its own: `counted` starts it, ``python -m benchmarks.a_million`` is it."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, cast

from rollback.logs import reading
from rollback.logs.grouping import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

PAGE: Final = 10_000
PAGES: Final = 100
PARSED: Final = "parsed"
CHECKOUT: Final = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Counted:
    """What came of it.

    Attributes:
        errors: how many of the events are errors.
        messages: how many different ones.
        memory: the most that the process had, in bytes.
        seconds: of the processor, the making of the events included.
    """

    errors: int
    messages: int
    memory: int
    seconds: float


def counted(*, parsed: bool) -> Counted:
    """Count them in a process of its own, since a process never tells less memory than it once had.

    Args:
        parsed: whether boto3 parses each page from JSON, which takes four times as long.
    """
    ran = subprocess.run(  # noqa: S603 - this module
        [sys.executable, "-m", "benchmarks.a_million", *([PARSED] if parsed else [])],
        capture_output=True,
        text=True,
        check=True,
        cwd=CHECKOUT,
    )
    errors, messages, memory, seconds = ran.stdout.split()
    return Counted(int(errors), int(messages), int(memory), float(seconds))


class Pages:
    """A log of different events, a hundredth of them errors; each page is made when it is asked for."""

    def paginate(self, **_: object) -> Iterator[dict[str, Any]]:
        """One page after another, as FilterLogEvents answers."""
        for number in range(PAGES):
            yield {"events": page(number)}


def page(number: int) -> list[dict[str, Any]]:
    """The events of a page."""
    return [event(number * PAGE + n) for n in range(PAGE)]


def event(n: int) -> dict[str, Any]:
    """One event."""
    level = "INFO" if n % 100 else "ERROR"
    return {"timestamp": n, "message": f"{level} order {n} was lost in transit", "logStreamName": "s"}


def client() -> Any:
    """A client of boto3 that is answered with such pages, and reaches nothing."""
    import boto3  # noqa: PLC0415 - its memory counts only where it is asked for
    from botocore import UNSIGNED  # noqa: PLC0415 - likewise
    from botocore.awsrequest import AWSResponse, HeadersDict  # noqa: PLC0415 - likewise
    from botocore.config import Config  # noqa: PLC0415 - likewise

    made: Any = boto3.client("logs", region_name="us-east-1", config=Config(signature_version=UNSIGNED))

    def answer(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        number = int(json.loads(cast("bytes", request.body)).get("nextToken", "0"))
        more = {"nextToken": str(number + 1)} if number + 1 < PAGES else {}
        body = json.dumps({"events": page(number), **more}).encode()
        raw: Any = SimpleNamespace(stream=lambda **_: iter([body]))
        headers: Any = HeadersDict()
        return AWSResponse(request.url, 200, headers, raw)

    made.meta.events.register("before-send", answer)
    return made


def most_memory() -> int:
    """In bytes. On Linux getrusage also knows what the parent had when it forked, /proc does not."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def main() -> None:
    """Print the errors, the different messages, the most memory in bytes, and the seconds."""
    began = time.process_time()
    logs = client() if PARSED in sys.argv else SimpleNamespace(get_paginator=lambda _: Pages())
    access: Any = SimpleNamespace(aws=SimpleNamespace(logs=logs))
    environment: Any = SimpleNamespace(logs=SimpleNamespace(group="g", errors=("ERROR", "Traceback")))
    tally = Tally(environment.logs.errors)
    noon = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
    reading.count(environment, access, tally, noon, noon + timedelta(hours=1))
    print(tally.total, len(list(tally)), most_memory(), time.process_time() - began)


if __name__ == "__main__":
    main()

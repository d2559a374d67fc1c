"""How long it takes to list the versions of a big state, and how much memory."""

from __future__ import annotations

import json
import os
import re
import tracemalloc
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast
from unittest import mock
from urllib.parse import parse_qs, urlsplit

from botocore.awsrequest import AWSResponse

from benchmarks.harness import Answer, Figure, cost, in_turns, median
from benchmarks.setting import opened
from rollback.state.versions import NEWEST, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from botocore.awsrequest import AWSPreparedRequest

    from benchmarks.harness import Cost, Size
    from benchmarks.setting import Setting
    from rehearsal.doors import Call

BOUND: Final = 3.0
"""The most seconds that listing may take."""
HELD: Final = 3.0
"""The most memory it may hold at a time, in sizes of one version: its content and what is read of it."""
VERSIONS: Final = 200
RESOURCES: Final = 10_000
ATTRIBUTES: Final = 32
SERIAL: Final = b'"serial": 0001'
BEGAN: Final = datetime(2026, 1, 1, tzinfo=UTC)
_SPAN: Final = re.compile(r"bytes=(\d*)-(\d*)")


class Shelf:
    """An S3 that holds nothing but the versions of one state.

    moto copies every version at each listing and the whole of one for each range; S3 does neither.
    """

    def __init__(self, key: str) -> None:
        self._key = key
        self._content = state()
        self.size = len(self._content)
        self.sent = 0

    def __call__(self, call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        """Answer in S3's place."""
        if call.operation == "s3:ListObjectVersions":
            return _response(call.request, self._listing())
        if call.operation == "s3:GetObject":
            return self._object(call.request)
        return proceed()

    def _object(self, request: AWSPreparedRequest) -> AWSResponse:
        query = parse_qs(urlsplit(str(request.url)).query)
        serial = int(query["versionId"][0].removeprefix("version-"))
        asked: Any = request.headers.get("Range", "bytes=0-")
        span = _SPAN.fullmatch(asked.decode() if isinstance(asked, bytes) else asked)
        assert span
        content = memoryview(self._content)
        begin = int(span[1]) if span[1] else self.size - int(span[2])
        end = min(int(span[2]) + 1, self.size) if span[1] and span[2] else self.size
        sent = bytes(content[begin:end]).replace(SERIAL, b'"serial": %4d' % serial, 1 if begin == 0 else 0)
        self.sent += len(sent)
        return _response(request, sent, ETag='"e"', **{"Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT"})

    def _listing(self) -> bytes:
        versions = "".join(
            f"<Version><Key>{self._key}</Key><VersionId>version-{serial}</VersionId><IsLatest>{str(serial == VERSIONS).lower()}</IsLatest>"
            f"<LastModified>{BEGAN + timedelta(hours=serial):%Y-%m-%dT%H:%M:%S.000Z}</LastModified><ETag>e</ETag><Size>{self.size}</Size></Version>"
            for serial in range(VERSIONS, 0, -1)
        )
        space = "http://s3.amazonaws.com/doc/2006-03-01/"
        return f'<ListVersionsResult xmlns="{space}"><IsTruncated>false</IsTruncated>{versions}</ListVersionsResult>'.encode()


class _Body:
    """The raw response that botocore reads from."""

    def __init__(self, content: bytes) -> None:
        self._content = memoryview(content)

    def read(self, amount: int | None = None) -> bytes:
        """The next `amount` bytes, or all that are left."""
        taken = len(self._content) if amount is None else amount
        begun, self._content = self._content[:taken], self._content[taken:]
        return bytes(begun)

    def stream(self, **_: object) -> Iterator[bytes]:
        """All of it."""
        yield self.read()


def _response(request: AWSPreparedRequest, content: bytes, **headers: str) -> AWSResponse:
    all_headers = cast("Any", {"Content-Length": str(len(content)), **headers})
    return AWSResponse(str(request.url), 200, all_headers, _Body(content))


def state() -> bytes:
    """A state of some 20 MB, laid out as Terraform does it."""
    resources = [
        {
            "mode": "managed",
            "type": "aws_instance",
            "name": f"number_{number}",
            "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
            "instances": [
                {
                    "schema_version": 1,
                    "attributes": {
                        f"attribute_{each}": f"{number} {each} of it" * 2 for each in range(ATTRIBUTES)
                    },
                    "sensitive_attributes": [],
                    "private": "bnVsbA==",
                }
            ],
        }
        for number in range(RESOURCES)
    ]
    document = {
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 0,
        "lineage": "1f2e3d4c-0000-0000-0000-000000000000",
        "outputs": {},
        "resources": resources,
        "check_results": None,
    }
    return json.dumps(document, indent=2).encode().replace(b'"serial": 0', SERIAL, 1) + b"\n"


@contextmanager
def shelved() -> Iterator[tuple[Setting, Shelf]]:
    """A stage on which the state's versions are."""
    with opened() as on:
        shelf = Shelf(on.environment.state_key)
        on.stage.operator.interceptors.append(shelf)
        yield on, shelf


def answer(size: Size) -> Answer:
    """List them again and again, and once with the memory watched."""
    with shelved() as (on, shelf):
        costs = in_turns(
            {
                "bare": lambda: measured(on, synced=False),
                "synced": lambda: measured(on, synced=True),
            },
            size.rounds,
        )
        before = shelf.sent
        peak = memory(on)
        sent = shelf.sent - before
    bare = median(each.seconds for each in costs["bare"])
    synced = median(each.seconds for each in costs["synced"])
    megabytes = shelf.size / 1e6
    return Answer(
        (
            Figure(f"listing {VERSIONS} versions of {megabytes:.0f} MB", bare, "s", BOUND),
            Figure("  of which in this process", median(each.processor for each in costs["bare"]), "s"),
            Figure("  with this disk's fsync of the journal", synced, "s"),
            Figure("  memory it holds at most / one version", peak / shelf.size, bound=HELD),
            Figure("  what is fetched", sent / 1e6, "MB"),
        ),
        (
            f"{RESOURCES:,} resources; the newest {NEWEST} are read in full, of the others the two ends.",
            "S3 is answered for by what costs next to nothing, so this is the tool's own work; parsed values live outside of Python's own memory only while a version is read.",
        ),
    )


def measured(on: Setting, *, synced: bool) -> Cost:
    """What listing costs, with the journal on disk before each next thing or without waiting for that."""
    with mock.patch.object(os, "fsync", os.fsync if synced else lambda _: None):
        return cost(lambda: listing_of(on))


def listing_of(on: Setting) -> None:
    """List, and see that all was told."""
    rows = listed(on.environment, on.operator.access).rows
    assert [row.head.serial for row in rows if row.head] == list(range(VERSIONS, 0, -1))
    assert [row.resources for row in rows[:NEWEST]] == [RESOURCES] * NEWEST


def memory(on: Setting) -> int:
    """The most bytes that listing holds at a time, beside what was there."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        listing_of(on)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return peak - before

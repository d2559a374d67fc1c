"""A bucket with versions of a state in it, a lock table, and what stands in the way to them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from botocore.awsrequest import AWSResponse
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rehearsal.doors import Call
    from rehearsal.embedded import EmbeddedStage
    from rollback.environment import Environment

TABLE = "locks"
LINEAGE = "1f2e3d4c-aaaa-bbbb-cccc-000000000001"
SECRET = "hunter2-is-in-the-state"  # noqa: S105 - what must show up nowhere


def with_table(environment: Environment) -> Environment:
    """The same, with a lock table."""
    return replace(environment, terraform=replace(environment.terraform, lock_table=TABLE))


def resource(
    name: str, *keys: int | str, module: str = "", mode: str = "managed", **more: object
) -> dict[str, Any]:
    """A resource with an instance of each key, or one without."""
    instances = [{"index_key": key} for key in keys] or [{}]
    filled = [
        {**each, "schema_version": 0, "attributes": {"password": SECRET, "serial": 99}, **more}
        for each in instances
    ]
    found = {"mode": mode, "type": "terraform_data", "name": name, "provider": "p", "instances": filled}
    return {"module": module, **found} if module else found


def state(
    serial: int,
    *resources: dict[str, Any],
    lineage: str = LINEAGE,
    terraform: str = "1.11.4",
    pad: int = 0,
) -> bytes:
    """A state as Terraform lays it out; `pad` bytes bigger than it need be."""
    document = {
        "version": 4,
        "terraform_version": terraform,
        "serial": serial,
        "lineage": lineage,
        "outputs": {"padding": {"value": "x" * pad, "type": "string"}} if pad else {},
        "resources": list(resources),
        "check_results": None,
    }
    return json.dumps(document, indent=2).encode() + b"\n"


class Shelf:
    """The state's bucket, versioned, and what happens to what is in it."""

    def __init__(self, stage: EmbeddedStage) -> None:
        self.stage = stage
        self.environment = stage.environment
        self.s3 = stage.clients.s3
        self.bucket = self.environment.state_bucket
        self.key = self.environment.state_key
        self.s3.create_bucket(Bucket=self.bucket)
        self.s3.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"})

    def put(self, content: bytes, *, key: str = "") -> str:
        """Store a version a minute later; returns its id."""
        self.stage.clock.sleep(60)
        return self.s3.put_object(Bucket=self.bucket, Key=key or self.key, Body=content)["VersionId"]

    def delete(self, *, key: str = "") -> str:
        """Delete the object a minute later; returns the marker's id."""
        self.stage.clock.sleep(60)
        return self.s3.delete_object(Bucket=self.bucket, Key=key or self.key)["VersionId"]

    def content(self, *, key: str = "") -> bytes:
        """What the object holds."""
        return self.s3.get_object(Bucket=self.bucket, Key=key or self.key)["Body"].read()

    def make_table(self) -> None:
        """Make the lock table."""
        self.stage.clients.dynamodb.create_table(
            TableName=TABLE,
            AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )

    def items(self) -> dict[str, dict[str, str]]:
        """What is in the lock table."""
        items = self.stage.clients.dynamodb.scan(TableName=TABLE)["Items"]
        return {
            item["LockID"]["S"]: {name: value["S"] for name, value in item.items() if name != "LockID"}
            for item in items
        }

    def put_item(self, name: str, **attributes: str) -> None:
        """Write an item of the lock table."""
        item = {"LockID": {"S": name}, **{key: {"S": value} for key, value in attributes.items()}}
        self.stage.clients.dynamodb.put_item(TableName=TABLE, Item=cast("Any", item))

    # What stands in the way.

    def refuse(
        self, operation: str, code: str, status: int, *, containing: str = "", times: int = 1000
    ) -> None:
        """Have AWS refuse an operation."""

        def answer(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
            nonlocal times
            if call.operation != operation or containing not in str(call.request.url) or not times:
                return proceed()
            times -= 1
            content = f"<Error><Code>{code}</Code><Message>Said by a test</Message></Error>".encode()
            if operation.startswith("dynamodb"):
                content = json.dumps(
                    {"__type": f"com.amazonaws#{code}", "message": "Said by a test"}
                ).encode()
            return response(call, status, content)

        self.stage.operator.interceptors.append(answer)

    def lose(self, operation: str, *, after: bool, times: int = 1) -> None:
        """Lose the answer of an operation after it was done, or its request before."""

        def lose(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
            nonlocal times
            if call.operation != operation or not times:
                return proceed()
            times -= 1
            if after:
                proceed()
            raise ReadTimeoutError(endpoint_url=call.request.url)

        self.stage.operator.interceptors.append(lose)

    def meanwhile(self, operation: str, happens: Callable[[], object], *, times: int = 1) -> None:
        """Have something happen just before an operation of the operator reaches AWS."""

        def happen(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
            nonlocal times
            if call.operation == operation and times:
                times -= 1
                happens()
            return proceed()

        self.stage.operator.interceptors.append(happen)

    def break_off(self, *, times: int) -> None:
        """Have the next contents break off on the way."""

        def cut(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
            nonlocal times
            if call.operation != "s3:GetObject" or not times:
                return proceed()
            times -= 1
            whole = self.content()
            return response(call, 200, whole[:-5], length=len(whole))

        self.stage.operator.interceptors.append(cut)

    def asked(self) -> list[str]:
        """What the operator asks from now on, as ``s3:GetObject bytes=0-4095``."""
        asked: list[str] = []

        def note(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
            span: Any = call.request.headers.get("Range", "")
            asked.append(f"{call.operation} {span.decode() if isinstance(span, bytes) else span}".strip())
            return proceed()

        self.stage.operator.interceptors.append(note)
        return asked


class _Body:
    def __init__(self, content: bytes) -> None:
        self._left = content

    def read(self, amount: int | None = None) -> bytes:
        taken = len(self._left) if amount is None else amount
        begun, self._left = self._left[:taken], self._left[taken:]
        return begun

    def stream(self, **_: object) -> Sequence[bytes]:
        return [self.read()]


def response(call: Call, status: int, content: bytes, *, length: int | None = None) -> AWSResponse:
    """An answer of AWS's."""
    headers = {
        "content-length": str(len(content) if length is None else length),
        "etag": '"e"',
        "last-modified": "Thu, 01 Jan 2026 00:00:00 GMT",
    }
    return AWSResponse(str(call.request.url), status, cast("Any", headers), _Body(content))


def unreachable(call: Call, _: Callable[[], AWSResponse]) -> AWSResponse:
    """Nothing gets through."""
    raise EndpointConnectionError(endpoint_url=call.request.url)

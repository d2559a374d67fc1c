"""Reading a state: its numbers and addresses, and its serial changed without touching the rest.

The format is version 4 of Terraform's state files (Terraform 0.12 and later), as Terraform 1.11 to 1.15
write it. The values of resources are parsed only as far as it takes to skip them.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from typing import Annotated, Any, Final

import pydantic_core
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rollback.state.model import Damage, StateFile, StateHead, Unparsable

FORMAT: Final = 4
HEAD_BYTES: Final = 4096
"""How much of a state's beginning holds its numbers; Terraform itself needs some 200 bytes for them."""
TAIL_BYTES: Final = 64
"""How much of its end shows that it doesn't break off."""

_MANAGED: Final = "managed"
_TOKENS: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s"{}\[\]:,]+', re.DOTALL)
_SERIAL: Final = b'"serial"'
_INTRODUCES: Final = re.compile(r"([$%])(?=\{)")
_ESCAPES: Final = {"\n": r"\n", "\r": r"\r", "\t": r"\t", '"': r"\"", "\\": r"\\"}
_OF_THE_PROGRAM: Final = ("serial", "terraform_version")
"""What a Terraform that stores a state writes anew."""

_Serial = Annotated[int, Field(ge=0)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class _Instance(_Part):
    index_key: int | str | None = None
    deposed: str = ""


class _Resource(_Part):
    module: str = ""
    mode: str
    type: str
    name: str
    instances: list[_Instance] = []


class _Head(_Part):
    terraform_version: str = ""
    serial: _Serial
    lineage: str


class _Document(_Head):
    version: int
    resources: list[_Resource] = []


class _Format(_Part):
    """What tells a state of another kind from something that is none."""

    version: int | None = None
    lineage: str | None = None
    encrypted_data: str = ""


def read_state(content: bytes) -> StateFile:
    """Read the whole of a state.

    Raises:
        Unparsable: it isn't one; no value of it is in the error.
    """
    try:
        document = _Document.model_validate_json(content)
    except ValidationError as error:
        # Not chained: pydantic's error holds what it has read.
        raise Unparsable(_damage(content, error)) from None
    if document.version != FORMAT:
        raise Unparsable(_of_format(document.version))
    addresses: set[str] = set()
    data_sources = deposed = 0
    for resource in document.resources:
        for instance in resource.instances:
            if resource.mode != _MANAGED:
                data_sources += 1
            elif instance.deposed:
                deposed += 1
            else:
                addresses.add(_address(resource, instance))
    return StateFile(
        version=document.version,
        terraform_version=document.terraform_version,
        serial=document.serial,
        lineage=document.lineage,
        addresses=tuple(sorted(addresses)),
        data_sources=data_sources,
        deposed=deposed,
    )


def read_head(beginning: bytes) -> StateHead | None:
    """The numbers of a state of which only the beginning is there; None where they don't stand in it."""
    try:
        known = pydantic_core.from_json(beginning, allow_partial=True)
    except ValueError:
        return None
    if not isinstance(known, dict):
        return None
    whole = dict(list(known.items())[:-1])  # the last member may be cut in the middle of a number
    if whole.get("version") != FORMAT:
        return None
    try:
        head = _Head.model_validate(whole)
    except ValidationError:
        return None
    return StateHead(head.terraform_version, head.serial, head.lineage)


def looks_whole(end: bytes) -> bool:
    """Whether what ends like this may be a whole JSON object."""
    return end.rstrip().endswith(b"}")


def with_serial(content: bytes, serial: int) -> bytes:
    """The same state with another serial; every other byte stays.

    Raises:
        Unparsable: it is no state, or its serial stands in it twice.
    """
    before = read_state(content)
    begin, end = _serial_span(content)
    changed = content[:begin] + str(serial).encode() + content[end:]
    if read_state(changed) != replace(before, serial=serial):
        raise Unparsable(Damage.NOT_A_STATE)
    return changed


def fingerprint(content: bytes) -> str:
    """A hash of all that a state says but for its serial and which Terraform wrote it.

    The order of resources and of check results, the layout, and whether what is empty is written or left out make no
    difference: each Terraform does that in its own way, and the check results are in another order each time.

    Raises:
        Unparsable: it is no state.
    """
    read_state(content)
    document = json.loads(content)
    for name in _OF_THE_PROGRAM:
        document.pop(name, None)
    resources = [_canonical_resource(resource) for resource in document.pop("resources", ())]
    document["check_results"] = _unordered(document.get("check_results"))
    canonical = _filled(document) | {"resources": sorted(r for r in resources if r)}
    return hashlib.sha256(json.dumps(canonical, sort_keys=True).encode()).hexdigest()


def equal_but_serial(one: bytes, other: bytes) -> bool:
    """Whether two states say the same, but for their serials and which Terraform wrote them.

    Raises:
        Unparsable: one of them is no state.
    """
    return fingerprint(one) == fingerprint(other)


def _canonical_resource(resource: dict[str, Any]) -> str:
    instances = sorted(json.dumps(_filled(each), sort_keys=True) for each in resource.pop("instances", ()))
    return json.dumps(_filled(resource) | {"instances": instances}, sort_keys=True) if instances else ""


def _unordered(value: object) -> object:
    """The same with all its lists sorted."""
    if isinstance(value, dict):
        return {name: _unordered(each) for name, each in value.items()}
    if isinstance(value, list):
        return sorted((_unordered(each) for each in value), key=lambda each: json.dumps(each, sort_keys=True))
    return value


def _filled(members: dict[str, Any]) -> dict[str, Any]:
    """Without the members that are empty; `index_key` 0 is a key."""
    return {name: value for name, value in members.items() if value or name == "index_key"}


def _address(resource: _Resource, instance: _Instance) -> str:
    """As Terraform writes it (its documentation, "Resource Addressing")."""
    module = f"{resource.module}." if resource.module else ""
    key = instance.index_key
    index = "" if key is None else f"[{_quoted(key) if isinstance(key, str) else key}]"
    return f"{module}{resource.type}.{resource.name}{index}"


def _quoted(key: str) -> str:
    """A key as it is written in HCL: what begins a template is doubled, what can't be seen is escaped."""
    return '"' + "".join(_escaped(c) for c in _INTRODUCES.sub(r"\1\1", key)) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004


def _damage(content: bytes, error: ValidationError) -> Damage:
    if not content.strip():
        return Damage.EMPTY
    first = error.errors(include_input=False, include_url=False)[0]
    if first["type"] == "json_invalid":
        return Damage.TRUNCATED if "EOF while parsing" in first["msg"] else Damage.NOT_JSON
    try:
        known = _Format.model_validate_json(content)
    except ValidationError:
        return Damage.NOT_A_STATE
    if known.encrypted_data:
        return Damage.ENCRYPTED
    if known.version is None or known.version == FORMAT or known.lineage is None:
        return Damage.NOT_A_STATE
    return _of_format(known.version)


def _of_format(version: int) -> Damage:
    return Damage.NEWER_FORMAT if version > FORMAT else Damage.OLDER_FORMAT


def _serial_span(content: bytes) -> tuple[int, int]:
    """From where to where the serial's number stands, which Terraform writes near the beginning."""
    depth = 0
    previous = b""
    found = False
    for token in _TOKENS.finditer(content):
        text = token[0]
        if found and text != b":":
            return token.span()
        if text in b"{[":
            depth += 1
        elif text in b"}]":
            depth -= 1
        elif depth == 1 and text == _SERIAL and previous in {b"{", b","}:
            found = True
        previous = text
    raise Unparsable(Damage.NOT_A_STATE)

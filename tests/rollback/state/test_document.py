"""Reading a state: what it says in numbers and addresses, and what is none."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollback.state.document import (
    equal_but_serial,
    fingerprint,
    looks_whole,
    read_head,
    read_state,
    with_serial,
)
from rollback.state.model import Damage, StateHead, Unparsable
from tests.rollback.state.shelf import LINEAGE, SECRET, resource, state

WHOLE = state(
    7,
    resource("one"),
    resource("many", 0, 10, 2),
    resource("each", "a b", module='module.m["k"]'),
    resource("looked_up", mode="data"),
    resource("replaced", deposed="ab12cd34"),
)


def damage_of(content: bytes) -> Damage:
    with pytest.raises(Unparsable) as raised:
        read_state(content)
    return raised.value.damage


def changed(content: bytes, **members: Any) -> bytes:
    return json.dumps({**json.loads(content), **members}).encode()


def test_a_state_is_read_to_its_numbers_and_addresses() -> None:
    read = read_state(WHOLE)
    assert (read.version, read.terraform_version, read.serial, read.lineage) == (4, "1.11.4", 7, LINEAGE)
    assert read.addresses == (
        'module.m["k"].terraform_data.each["a b"]',
        "terraform_data.many[0]",
        "terraform_data.many[10]",
        "terraform_data.many[2]",
        "terraform_data.one",
    )
    assert (read.resources, read.data_sources, read.deposed) == (5, 1, 1)


def test_no_value_is_in_what_was_read_or_in_any_error() -> None:
    assert SECRET not in repr(read_state(WHOLE))
    for content in (changed(WHOLE, serial=SECRET), changed(WHOLE, resources=SECRET), WHOLE[:-30]):
        with pytest.raises(Unparsable) as raised:
            read_state(content)
        error = raised.value
        assert SECRET not in f"{error!r} {error} {error.__cause__!r}"
        assert error.__suppress_context__


@pytest.mark.parametrize(
    ("key", "address"),
    [
        ('q"uo\\te', r'terraform_data.a["q\"uo\\te"]'),
        ("dollar${", 'terraform_data.a["dollar$${"]'),
        ("percent%{x}", 'terraform_data.a["percent%%{x}"]'),
        ("just $ and %", 'terraform_data.a["just $ and %"]'),
        ("line\nbreak\ttab\r", r'terraform_data.a["line\nbreak\ttab\r"]'),
        ("é<&>", 'terraform_data.a["é<&>"]'),
        ("\x1b\u200b\U000e0001", r'terraform_data.a["\u001b\u200b\U000e0001"]'),
        ("0", 'terraform_data.a["0"]'),
        (0, "terraform_data.a[0]"),
    ],
)
def test_an_address_is_written_as_terraform_writes_it(key: str | int, address: str) -> None:
    assert read_state(state(1, resource("a", key))).addresses == (address,)


@pytest.mark.parametrize(
    ("content", "damage"),
    [
        (b"", Damage.EMPTY),
        (b" \n", Damage.EMPTY),
        (b"<html>Forbidden</html>", Damage.NOT_JSON),
        (b"\x00\x01\x02", Damage.NOT_JSON),
        (WHOLE + WHOLE, Damage.NOT_JSON),
        (b'{"a": "\xff"}', Damage.NOT_JSON),
        (WHOLE[:150], Damage.TRUNCATED),
        (WHOLE[:-2], Damage.TRUNCATED),
        (b"[1, 2]", Damage.NOT_A_STATE),
        (b"{}", Damage.NOT_A_STATE),
        (b'"text"', Damage.NOT_A_STATE),
        (b'{"version": 5}', Damage.NOT_A_STATE),
        (changed(WHOLE, serial=-1), Damage.NOT_A_STATE),
        (changed(WHOLE, serial="7"), Damage.NOT_A_STATE),
        (changed(WHOLE, lineage=None), Damage.NOT_A_STATE),
        (changed(WHOLE, resources=[{"mode": "managed"}]), Damage.NOT_A_STATE),
        (changed(WHOLE, version=5), Damage.NEWER_FORMAT),
        (changed(WHOLE, version=5, resources={"of": "another shape"}), Damage.NEWER_FORMAT),
        (changed(WHOLE, version=3), Damage.OLDER_FORMAT),
        (
            b'{"serial":1,"lineage":"x","meta":{},"encrypted_data":"QUJD","encryption_version":"v0"}',
            Damage.ENCRYPTED,
        ),
    ],
)
def test_what_is_no_state_says_why(content: bytes, damage: Damage) -> None:
    assert damage_of(content) is damage


@given(st.integers(0, len(WHOLE) - 3))
def test_a_state_cut_anywhere_is_empty_or_breaks_off(length: int) -> None:
    assert damage_of(WHOLE[:length]) in {Damage.EMPTY, Damage.TRUNCATED}
    assert not looks_whole(WHOLE[:length][-64:]) or WHOLE[:length].rstrip().endswith(b"}")


@given(st.binary(max_size=300))
def test_whatever_bytes_there_are_they_are_read_or_said_to_be_none(content: bytes) -> None:
    # hypothesis also tries the bytes that it finds in the code, and one of them is a state.
    with suppress(Unparsable):
        assert read_state(content).serial >= 0
    read_head(content)


@given(st.integers(0, 10**15), st.integers(0, 10**15))
def test_another_serial_changes_no_other_byte(before: int, after: int) -> None:
    content = state(before, resource("one"), resource("many", 1, 2))
    expected = content.replace(b'"serial": %d,\n  "lineage"' % before, b'"serial": %d,\n  "lineage"' % after)
    assert with_serial(content, after) == expected
    assert read_state(expected).serial == after


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(json.loads(WHOLE), sort_keys=True).encode(),
        json.dumps(json.loads(WHOLE), separators=(",", ":")).encode(),
        json.dumps(
            {"outputs": {"serial": {"value": 'a "serial": 3 }', "serial": 4}}, **json.loads(state(7))}
        ).encode(),
        changed(state(7), outputs={"o": {"value": "serial", "x": ["serial", {"serial": 1}]}}),
        json.dumps(dict(reversed(json.loads(WHOLE).items()))).encode(),
        json.dumps({"lineage": "serial", **json.loads(state(7, lineage="serial"))}).encode(),
    ],
)
def test_the_serial_is_found_wherever_it_stands_and_no_value_is_taken_for_it(content: bytes) -> None:
    after = json.loads(with_serial(content, 4321))
    assert after == {**json.loads(content), "serial": 4321}


@pytest.mark.parametrize(
    "content",
    [
        WHOLE.replace(b'"lineage"', b'"serial": 8, "lineage"', 1),
        WHOLE.replace(b'"serial": 7', b'"s\\u0065rial": 7', 1),
    ],
    ids=["twice", "in disguise"],
)
def test_a_serial_that_cannot_be_changed_for_sure_is_not_changed(content: bytes) -> None:
    with pytest.raises(Unparsable):
        with_serial(content, 9)


def test_a_damaged_state_gets_no_serial() -> None:
    with pytest.raises(Unparsable):
        with_serial(WHOLE[:-10], 9)


def test_states_are_equal_but_for_serial_program_layout_and_order() -> None:
    again = json.loads(changed(WHOLE, serial=70, terraform_version="1.15.5"))
    again["resources"].reverse()
    del again["check_results"]
    for each in again["resources"]:
        for instance in each["instances"]:
            instance["identity_schema_version"] = 0
    assert equal_but_serial(WHOLE, json.dumps(again).encode())
    assert fingerprint(WHOLE) == fingerprint(with_serial(WHOLE, 70))


@pytest.mark.parametrize(
    "other",
    [
        changed(WHOLE, lineage="another"),
        changed(WHOLE, outputs={"o": {"value": 1, "type": "number"}}),
        WHOLE.replace(SECRET.encode(), b"another", 1),
        state(7, resource("one", 0)),
    ],
)
def test_states_that_say_something_else_are_not_equal(other: bytes) -> None:
    assert not equal_but_serial(WHOLE, other)


def test_an_index_of_zero_is_not_no_index() -> None:
    assert not equal_but_serial(state(1, resource("a", 0)), state(1, resource("a")))


def test_an_empty_value_is_a_value() -> None:
    empty = WHOLE.replace(b'"password": "%s",' % SECRET.encode(), b"")
    null = WHOLE.replace(b'"%s"' % SECRET.encode(), b"null")
    assert not equal_but_serial(empty, null)


def test_the_beginning_of_a_state_says_its_numbers() -> None:
    assert read_head(WHOLE[:300]) == StateHead("1.11.4", 7, LINEAGE)
    assert read_head(WHOLE) == StateHead("1.11.4", 7, LINEAGE)


@pytest.mark.parametrize("turned", [False, True])
def test_a_beginning_says_the_truth_or_nothing_wherever_it_is_cut(turned: bool) -> None:  # noqa: FBT001
    """Also of a state that another tool has laid out, in which the serial comes last."""
    numbers = {
        "version": 4,
        "terraform_version": "1.11.4",
        "lineage": LINEAGE,
        "serial": 123456,
        "resources": [],
    }
    content = json.dumps(numbers).encode() if turned else state(123456, resource("one"))
    told = [read_head(content[:length]) for length in range(300)]
    assert set(told) == {None, StateHead("1.11.4", 123456, LINEAGE)}


@pytest.mark.parametrize(
    "content", [b"", b"[1,", b"nonsense", changed(WHOLE, version=5), changed(WHOLE, serial="x")]
)
def test_the_beginning_of_something_else_says_nothing(content: bytes) -> None:
    assert read_head(content) is None

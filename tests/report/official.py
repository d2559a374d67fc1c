"""Messages as the field's own tools read them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cucumber_messages import Envelope, message_converter

if TYPE_CHECKING:
    from pathlib import Path

Message = dict[str, Any]


def valid(path: Path) -> list[Message]:
    """The messages of a file, each of which the official package must take whole and give back the same.

    Raises:
        AssertionError: it doesn't.
    """
    found = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for message in found:
        assert message_converter.to_dict(message_converter.from_dict(message, Envelope)) == message
    return found


def of(messages: list[Message], kind: str) -> list[Any]:
    """What each message of a kind says."""
    return [message[kind] for message in messages if kind in message]


def results(messages: list[Message]) -> dict[str, list[tuple[str, str]]]:
    """By the name of each scenario its steps, with how they ended; a hook has no text."""
    pickles = {each["id"]: each for each in of(messages, "pickle")}
    texts = {step["id"]: step["text"] for each in pickles.values() for step in each["steps"]}
    cases = {each["id"]: each for each in of(messages, "testCase")}
    attempts = {each["id"]: cases[each["testCaseId"]] for each in of(messages, "testCaseStarted")}
    ended = {
        each["testStepId"]: each["testStepResult"]["status"] for each in of(messages, "testStepFinished")
    }
    return {
        pickles[case["pickleId"]]["name"]: [
            (texts.get(step.get("pickleStepId", ""), ""), ended.get(step["id"], ""))
            for step in case["testSteps"]
        ]
        for case in attempts.values()
    }


def evidence(messages: list[Message], media: str) -> list[Any]:
    """The bodies of all attachments of a media type, read."""
    return [
        json.loads(each["body"])
        for each in of(messages, "attachment")
        if each["mediaType"].endswith(f".{media}+json")
    ]

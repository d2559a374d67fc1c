"""The team's channel of the stage, which takes what Slack would take."""

from __future__ import annotations

from http import HTTPStatus

import pytest
import requests

from rehearsal.world.channel import ADDRESS, Channel


def test_a_message_arrives() -> None:
    channel = Channel()
    assert channel.session().post(ADDRESS, json={"text": "Hello"}).text == "ok"
    assert channel.messages == ["Hello"]


def test_each_stage_has_a_channel_of_its_own() -> None:
    first, second = Channel(), Channel()
    first.session().post(ADDRESS, json={"text": "one"})
    second.session().post(ADDRESS, json={"text": "two"})
    assert (first.messages, second.messages) == (["one"], ["two"])


@pytest.mark.parametrize("body", [b"", b"text", b"[]", b"{}"])
def test_what_is_no_message_is_refused(body: bytes) -> None:
    channel = Channel()
    assert channel.session().post(ADDRESS, data=body).status_code == HTTPStatus.BAD_REQUEST
    assert channel.messages == []


def test_another_address_is_nobodys() -> None:
    session = Channel().session()
    assert session.post(f"{ADDRESS}-other", json={"text": "Hello"}).status_code == HTTPStatus.NOT_FOUND
    with pytest.raises(requests.ConnectionError, match=r"Nothing on the stage answers at example\.com"):
        session.post("https://example.com/", json={"text": "Hello"})


def test_it_fails_and_hangs_when_it_is_told_to() -> None:
    channel = Channel()
    channel.status = HTTPStatus.INTERNAL_SERVER_ERROR
    assert (
        channel.session().post(ADDRESS, json={"text": "Hello"}).status_code
        == HTTPStatus.INTERNAL_SERVER_ERROR
    )
    channel.hangs = True
    with pytest.raises(requests.ReadTimeout):
        channel.session().post(ADDRESS, json={"text": "Hello"})
    assert channel.messages == ["Hello", "Hello"]


def test_it_asks_for_time_as_slack_does() -> None:
    channel = Channel()
    channel.busy = 1
    answer = channel.session().post(ADDRESS, json={"text": "Hello"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (HTTPStatus.TOO_MANY_REQUESTS, "3")
    assert channel.session().post(ADDRESS, json={"text": "Hello"}).ok
    assert channel.messages == ["Hello"]


def test_it_can_be_out_of_reach() -> None:
    channel = Channel()
    channel.down = True
    with pytest.raises(requests.ConnectTimeout):
        channel.session().post(ADDRESS, json={"text": "Hello"})
    assert channel.messages == []

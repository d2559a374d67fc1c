"""The `rehearsal` table: what it may say, and the sentence where it says something else."""

from __future__ import annotations

import pytest

from rehearsal.blueprint import Blueprint
from rollback.errors import ConfigurationError

GOOD: dict[str, object] = {
    "repository": "app",
    "container": "app",
    "port": 8080,
    "desired_count": 2,
    "health_path": "/health",
    "deregistration_delay_seconds": 30,
    "health_check_interval_seconds": 10,
    "healthy_threshold": 2,
    "unhealthy_threshold": 2,
    "grace_period_seconds": 60,
    "minimum_healthy_percent": 100,
    "maximum_percent": 200,
    "circuit_breaker": True,
    "circuit_breaker_rollback": True,
    "first_revision": 40,
}


def read(table: dict[str, object]) -> Blueprint:
    return Blueprint.read(table, file="places.toml", key="environments.test.rehearsal")


def test_a_good_table_is_read_as_it_stands() -> None:
    assert read(GOOD).model_dump() == GOOD


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("repository", "Upper Case", "the name of an ECR repository, in lower case"),
        ("container", "-x", "the name of a container"),
        ("port", 0, "a whole number from 1 to 65535"),
        ("port", "8080", "a whole number from 1 to 65535"),
        ("port", True, "a whole number from 1 to 65535"),
        ("desired_count", 0, "a whole number from 1 to 100"),
        ("desired_count", 2.5, "a whole number from 1 to 100"),
        ("health_path", "health", "a path that starts with a slash"),
        ("healthy_threshold", 1, "a whole number from 2 to 10"),
        ("maximum_percent", 99, "a whole number from 100 to 200"),
        ("circuit_breaker", "yes", "true or false"),
    ],
)
def test_a_bad_value_is_one_sentence_with_file_key_and_what_is_expected(
    key: str, value: object, expected: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read({**GOOD, key: value})
    assert str(caught.value) == (
        f"places.toml: environments.test.rehearsal.{key} has a value that it can't have. Expected {expected}."
    )


@pytest.mark.parametrize("key", GOOD)
def test_every_key_is_needed(key: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"rehearsal\.{key} is missing\. Expected "):
        read({name: value for name, value in GOOD.items() if name != key})


def test_an_unknown_key_is_named_with_those_there_are() -> None:
    with pytest.raises(ConfigurationError, match=r"rehearsal\.replicas is not a key.*desired_count"):
        read({**GOOD, "replicas": 3})


def test_several_mistakes_are_counted() -> None:
    with pytest.raises(ConfigurationError, match=r"port has a value.*\(and 2 more mistakes\)"):
        read({**GOOD, "port": 0, "desired_count": 0, "health_path": ""})
    with pytest.raises(ConfigurationError, match=r"\(and 1 more mistake\)"):
        read({**GOOD, "port": 0, "desired_count": 0})


def test_a_minimum_that_leaves_no_room_is_refused() -> None:
    """With 100 and 100 percent ECS can neither stop nor start a task, so no deployment would ever move."""
    with pytest.raises(ConfigurationError, match=r"maximum_percent"):
        read({**GOOD, "maximum_percent": 100})

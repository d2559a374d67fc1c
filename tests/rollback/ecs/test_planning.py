from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from rollback.ecs.history import History
from rollback.ecs.model import LoadBalanced
from rollback.ecs.planning import _found, _version
from rollback.ecs.resources import Image
from rollback.plan import Severity
from tests.rollback.builders import ENVIRONMENT, app, completed, deployment, service

if TYPE_CHECKING:
    from rollback.access import Access

FRONT: Final = replace(service(deployment(3)), load_balancers=(LoadBalanced("arn:tg", "front", 8080),))


@pytest.mark.parametrize(
    ("reference", "tags", "version"),
    [
        ("registry/app:v41", ("v41", "stable"), "v41"),
        ("app:v41", (), "v41"),
        ("localhost:5000/app", ("v41",), "v41"),
        ("registry/app@sha256:0", ("v41",), "v41"),
        ("registry/app:v41@sha256:0", ("v41",), "v41"),
        ("registry/app@sha256:0", ("v41", "v42"), ""),
        ("registry/app:latest", ("latest", "v41"), "v41"),
        ("registry/app:latest", ("latest",), ""),
        ("registry/app", (), ""),
    ],
)
def test_the_version_is_told_from_the_tags_of_the_image(
    reference: str, tags: tuple[str, ...], version: str
) -> None:
    assert _version((Image("front", reference, "sha256:0", tags),), FRONT) == version


def test_the_version_is_that_of_the_container_behind_the_load_balancer() -> None:
    images = (Image("proxy", "proxy:7"), Image("front", "app:v41"))
    assert _version(images, FRONT) == "v41"
    assert _version(images, service(deployment(3))) == "7"


def registered(access: Access, count: int) -> None:
    for _ in range(count):
        access.aws.ecs.register_task_definition(
            family="app", containerDefinitions=[{"name": "front", "image": "app", "memory": 128}]
        )


def test_where_nothing_is_proven_an_earlier_revision_is_found_and_called_unproven(access: Access) -> None:
    registered(access, 2)
    found = _found(ENVIRONMENT, service(deployment(2)), History(), access)
    assert found is not None
    assert found.revision == app(1)
    assert [(f.check, f.severity) for f in found.findings] == [("target-proven", Severity.WARNING)]


def test_a_revision_that_was_rolled_back_from_is_not_found_for_being_unproven(access: Access) -> None:
    """3 is a copy of 1, put there to go back from 2: there is nowhere left to go."""
    registered(access, 3)
    past = History(completed(3, 2, 1, images={1: "same", 3: "same"}))
    assert _found(ENVIRONMENT, service(deployment(3)), past, access) is None

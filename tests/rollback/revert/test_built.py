"""Which commit an image was built from, by its tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rehearsal.world.version import AppVersion
from rollback.ecs import look
from rollback.ecs.built import Build, build
from rollback.git import Copy
from tests.rollback.revert.house import House, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

SHA = "3f2a91c0d4" + "e" * 30


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One for all: only images and revisions are added to it."""
    with opened(tmp_path_factory.mktemp("house")) as made:
        yield made


def built(house: House, revision: int) -> Build:
    service = look.service(house.environment, house.access)
    return build(type(service.revision)(house.environment.family, revision), service, house.access)


def copied(house: House) -> Copy:
    return Copy.fetched(house.environment.repository, house.access)


@pytest.mark.parametrize(
    ("tags", "tag"),
    [
        ((SHA,), SHA),
        ((SHA[:7],), SHA[:7]),
        (("latest", f"main-{SHA[:10]}"), f"main-{SHA[:10]}"),
        ((f"{SHA[:12]}_42",), f"{SHA[:12]}_42"),
        ((SHA[:6],), ""),
        ((f"x{SHA[:10]}",), ""),
        ((f"{SHA[:10]}x",), ""),
        (("v41", "latest"), ""),
        ((SHA[1:],), ""),
        ((), ""),
    ],
)
def test_a_tag_names_a_commit_by_seven_digits_or_more_that_stand_alone(
    tags: tuple[str, ...], tag: str
) -> None:
    assert Build(tags).tag_of(SHA) == tag
    assert Build(tags).is_of(SHA) == bool(tag)


def test_a_date_or_the_number_of_a_build_is_no_commit() -> None:
    assert not Build(("20260105",)).is_of("20260105" + "a" * 32)
    assert Build(("1" * 40,)).is_of("1" * 40)


def test_an_image_is_of_the_commit_that_its_tag_names(house: House) -> None:
    revision = house.world.team.release(AppVersion(house.tip))
    image = built(house, revision)
    assert image.tags == (house.tip,)
    commit = image.commit(copied(house))
    assert commit is not None
    assert commit.sha == house.tip


def test_an_image_that_is_named_by_its_digest_is_known_by_the_tags_it_has(house: House) -> None:
    """The revision's own tag is none, and a piece of its digest is none either."""
    before = house.origin.history.application
    image = built(house, house.world.team.release(AppVersion(before), pinned=True))
    assert image.tags == (before,)
    assert image.is_of(before)


def test_of_several_tags_the_revisions_own_one_comes_first(house: House) -> None:
    commit = house.origin.history.infrastructure
    revision = house.world.team.release(AppVersion("several"), tag=f"a-{commit[:10]}")
    house.world.team.push(AppVersion("several"), tag="0-first-by-name")
    image = built(house, revision)
    assert image.tags[0] == f"a-{commit[:10]}"
    assert set(image.tags) == {f"a-{commit[:10]}", "0-first-by-name"}
    found = image.commit(copied(house))
    assert found is not None
    assert found.sha == commit


def test_what_looks_like_a_commit_and_is_none_is_passed_over(house: House) -> None:
    copy, tip = copied(house), house.tip
    found = Build(("deadbeefdeadbeef", "v41", tip)).commit(copy)
    assert found is not None
    assert found.sha == tip
    assert Build(("deadbeefdeadbeef", "v41")).commit(copy) is None


def test_an_image_from_elsewhere_is_known_by_its_own_tag_alone(house: House) -> None:
    """It can't be looked up; a port in the registry's name is no tag."""
    team = house.world.team
    assert built(house, _foreign(house, f"registry.example:5000/team/app:{house.tip}")).is_of(house.tip)
    assert built(house, _foreign(house, "registry.example:5000/team/app")).tags == ()
    assert built(house, _foreign(house, f"registry.example/app:{house.tip}@sha256:{'0' * 64}")).tags == ()
    assert team.revisions


def test_the_container_behind_the_load_balancer_counts_and_not_its_companions(house: House) -> None:
    """Whichever stands first in the task definition."""
    revision = _foreign(house, "registry.example/log-router:1.9", f"registry.example/app:{house.tip}")
    assert built(house, revision).tags == (house.tip,)


def _foreign(house: House, *images: str) -> int:
    """Register a revision of these images, the last of them the application's."""
    name = house.stage.blueprint.container
    names = [*(f"beside-{number}" for number in range(len(images) - 1)), name]
    answer = house.stage.clients.ecs.register_task_definition(
        family=house.environment.family,
        containerDefinitions=[
            {"name": each, "image": image, "memory": 128} for each, image in zip(names, images, strict=True)
        ],
    )
    return answer["taskDefinition"]["revision"]

"""What an apply of the branch's newest commit would destroy, after an old state was restored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rehearsal.insulation import load_moto
from rollback import state
from rollback.plan import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollback.plan import Finding
    from rollback.state import SavedPoint, Verification
    from tests.rollback.terraform.site import Site

BASTION = "terraform_data.bastion"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A bastion came with the first commit, and went with the second."""
    load_moto()
    from tests.rollback.terraform import site as sites  # noqa: PLC0415 - it imports moto

    made = sites.Site(tmp_path_factory.mktemp("site"), sites.testing_environment())
    kept = sites.resource("network", "10.0.0.0/16")
    made.commit(kept, sites.resource("bastion"))
    made.apply()
    made.commit(kept)
    made.apply()
    yield made
    made.close()


@pytest.fixture(scope="module")
def saved(site: Site) -> SavedPoint:
    """The version with the bastion is in force again."""
    first = state.list_versions(site.environment, site.access)[-1]
    plan = state.plan(site.environment, site.access, choice=first.id, few_resources=True)
    result = state.apply(site.environment, site.access, plan)
    assert result.landed, result.sentence
    assert BASTION in site.inputs
    assert result.saved is not None
    return result.saved


def verified(site: Site, saved: SavedPoint, *allow: str) -> tuple[Verification, Finding]:
    seen = state.verify(site.environment, site.access, saved, allow=allow)
    (found,) = [finding for finding in seen.findings if finding.check == "plan-destroys"]
    return seen, found


def test_what_the_next_apply_would_destroy_is_a_contradiction_with_its_address(
    site: Site, saved: SavedPoint
) -> None:
    seen, found = verified(site, saved)
    assert not seen.landed
    assert seen.contradictions == (found,)
    assert found.seen.endswith(f"would destroy 1 resource: {BASTION}.")
    assert "allow each by its address" in found.remedy


def test_what_may_be_destroyed_is_allowed_by_its_address(site: Site, saved: SavedPoint) -> None:
    seen, found = verified(site, saved, BASTION)
    assert seen.landed, seen.contradictions
    assert found.severity is Severity.OK


def test_allowing_another_address_allows_nothing(site: Site, saved: SavedPoint) -> None:
    seen, _ = verified(site, saved, "terraform_data.network")
    assert not seen.landed
    assert [file for place in site.places for file in place.iterdir()] == [], "no plan is left on disk"

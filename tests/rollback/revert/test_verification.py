"""A second look at a revert, and whether git agrees with what runs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rehearsal.world.version import AppVersion, Behaviour
from rollback import revert
from rollback.revert import SavedPoint, Side
from tests.rollback.revert.house import BAD, House, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollback.plan import Finding
    from rollback.revert import Verification


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, SavedPoint]]:
    """One for all: a revert that has landed; each test brings the world where it wants it."""
    with opened(tmp_path_factory.mktemp("house")) as house:
        house.bad()
        result = house.apply(house.plan(house.developers.named(BAD)))
        assert result.landed, result.sentence
        yield house, result.saved


@pytest.fixture(autouse=True)
def _as_it_was(landed: tuple[House, SavedPoint]) -> None:
    """The branch is at the revert, and so is the service."""
    house, saved = landed
    house.origin.settle()
    house.origin.bare.point(house.environment.branch, saved.commit)
    house.deploys(saved.commit)


def verified(landed: tuple[House, SavedPoint], sides: tuple[Side, ...] = ()) -> Verification:
    house, saved = landed
    return revert.verify(house.environment, house.access, replace(saved, sides=sides or saved.sides))


def agreed(house: House) -> Finding:
    return revert.agreement(house.environment, house.access)


def against(verification: Verification) -> list[str]:
    return [finding.check for finding in verification.contradictions]


class TestVerify:
    def test_everything_shows_a_revert_in_force(self, landed: tuple[House, SavedPoint]) -> None:
        verification = verified(landed)
        checks = [finding.check for finding in verification.findings]
        assert verification.landed
        assert checks[:2] == ["branch-holds", "service-runs"]
        assert {"primary-revision", "steady", "targets"} < set(checks)
        assert verification.target == f"The revert {landed[1].commit[:10]}"

    def test_somebody_has_pushed_over_it(self, landed: tuple[House, SavedPoint]) -> None:
        house, saved = landed
        house.origin.bare.point(house.environment.branch, saved.before)
        verification = verified(landed)
        assert against(verification) == ["branch-holds"]
        assert "doesn't hold the revert" in verification.contradictions[0].seen

    def test_somebody_has_reverted_it(self, landed: tuple[House, SavedPoint]) -> None:
        house, _ = landed
        sha = house.developers.reverts_the_newest()
        (finding,) = verified(landed).contradictions
        assert (finding.check, f"{sha[:10]} on main has reverted" in finding.seen) == ("branch-holds", True)

    def test_the_service_runs_what_does_not_hold_it(self, landed: tuple[House, SavedPoint]) -> None:
        house, saved = landed
        house.deploys(saved.before)
        verification = verified(landed)
        assert "service-runs" in against(verification)
        assert "which doesn't hold the revert" in verification.contradictions[0].seen

    def test_the_service_runs_a_later_commit_that_holds_it(self, landed: tuple[House, SavedPoint]) -> None:
        house, _ = landed
        house.developers.commit("Later", {"docs/later.md": "L\n"})
        house.by_hand(house.tip)
        verification = verified(landed)
        assert verification.landed
        assert f"built from {house.tip[:10]}, which holds the revert" in verification.findings[1].seen

    def test_a_version_that_answers_as_another_is_a_contradiction(
        self, landed: tuple[House, SavedPoint]
    ) -> None:
        """The image is tagged with the commit, and is another one."""
        house, saved = landed
        revision = house.world.team.release(AppVersion("something-else"), tag=f"x-{saved.commit[:12]}")
        house.world.team.deploy(revision)
        house.world.settle()
        verification = verified(landed)
        assert verification.findings[1].severity == "ok"
        assert not verification.landed

    def test_what_it_was_built_from_can_not_be_told(self, landed: tuple[House, SavedPoint]) -> None:
        house, _ = landed
        house.by_hand("release-7")
        verification = verified(landed)
        assert verification.landed
        assert verification.findings[1].severity == "warning"
        assert "(release-7)" in verification.findings[1].seen

    def test_an_infrastructure_revert_leaves_open_which_version_runs(
        self, landed: tuple[House, SavedPoint]
    ) -> None:
        house, saved = landed
        house.deploys(house.developers.made[BAD].before)
        assert verified(landed, sides=(Side.INFRASTRUCTURE,)).landed
        assert not verified(landed, sides=(Side.INFRASTRUCTURE, Side.APPLICATION)).landed
        house.by_hand("release-8", Behaviour.ERRORS)
        assert not verified(landed, sides=(Side.INFRASTRUCTURE,)).landed
        assert saved.sides == (Side.APPLICATION,)


class TestAgreement:
    def test_the_newest_commit_runs(self, landed: tuple[House, SavedPoint]) -> None:
        finding = agreed(landed[0])
        assert (finding.severity, "the newest commit of main" in finding.seen) == ("ok", True)

    @pytest.mark.parametrize("count", [1, 2])
    def test_what_the_next_deployment_would_bring_is_counted(
        self, landed: tuple[House, SavedPoint], count: int
    ) -> None:
        house, _ = landed
        shas = [house.developers.commit(f"n{n}", {f"docs/n{n}.md": "N\n"}).commit for n in range(count)]
        finding = agreed(house)
        assert finding.severity == "warning"
        assert f"is {count} commit{'s' * (count > 1)} further, at {shas[-1][:10]}" in finding.seen
        reverted = [each.rpartition(" ")[2] for each in finding.commands if " revert --no-edit " in each]
        assert reverted == shas[::-1]

    def test_other_commits_with_the_same_files_are_no_difference(
        self, landed: tuple[House, SavedPoint]
    ) -> None:
        """The bad change and its revert on top of what runs."""
        house, _ = landed
        house.deploys(house.developers.made[BAD].before)
        finding = agreed(house)
        assert (finding.severity, "holds the same files" in finding.seen) == ("ok", True)

    def test_what_is_not_on_the_branch_at_all_is_told(self, landed: tuple[House, SavedPoint]) -> None:
        house, _ = landed
        sha = house.origin.commit_elsewhere()
        house.by_hand(sha)
        finding = agreed(house)
        assert finding.severity == "warning"
        assert f"built from {sha[:10]}, which is not on main at all" in finding.seen

    def test_what_can_not_be_told_is_a_warning(self, landed: tuple[House, SavedPoint]) -> None:
        landed[0].by_hand("release-9")
        finding = agreed(landed[0])
        assert (finding.severity, "can't be told" in finding.seen) == ("warning", True)

    def test_what_a_merge_has_brought_is_told_without_a_count(self, landed: tuple[House, SavedPoint]) -> None:
        """A pull request's own commit was deployed before it was merged."""
        house, _ = landed
        house.developers.commit("Meanwhile", {"docs/meanwhile.md": "M\n"})
        pull = house.developers.pull_request("Tried first", {"app/first.py": "F = 1\n"})
        house.by_hand(pull.head_sha)
        house.developers.commit("Meanwhile too", {"docs/too.md": "M\n"})
        house.origin.merge(pull, "robin-vega")
        finding = agreed(house)
        assert finding.severity == "warning"
        assert f"built from {pull.head_sha[:10]}, which a merge has brought to main" in finding.seen
        assert finding.commands == (f"git diff --stat {pull.head_sha} {house.tip}",)

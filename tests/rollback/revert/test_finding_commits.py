"""From what was asked for to the commits on the branch, or to what stands against them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from rehearsal.origin.drafts import Draft
from rollback.git import Commit
from rollback.revert.finding_commits import shape_of
from tests.rollback.revert.house import House, found, opened, weighed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rehearsal.origin.github.store import Pull


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One for all: plans only read, and what is added on top stands in nobody's way."""
    with opened(tmp_path_factory.mktemp("house")) as made:
        yield made


def made(*parents: str) -> Commit:
    return Commit(
        sha="c" * 40,
        parents=parents,
        tree="d" * 40,
        author="Robin",
        at=datetime(2026, 1, 5, tzinfo=UTC),
        message="Change\n",
    )


@pytest.mark.parametrize(
    ("parents", "severity", "says"),
    [
        ((), "refusal", "the first commit of all"),
        (("a" * 40,), "ok", "has one parent"),
        (("a" * 40, "b" * 40), "ok", "a merge of 2 parents"),
        (("a" * 40, "b" * 40, "e" * 40), "warning", "joins 2 branches at once"),
    ],
)
def test_a_commit_is_reverted_by_how_many_parents_it_has(
    parents: tuple[str, ...], severity: str, says: str
) -> None:
    finding = shape_of(made(*parents))
    assert finding.severity == severity
    assert says in finding.seen
    assert bool(finding.remedy) == (severity != "ok")


def test_the_first_commit_of_all_is_refused(house: House) -> None:
    plan = house.plan(house.origin.history.first)
    assert weighed(plan, "refusal") == ["parents"]
    assert plan.commands == ()


def test_an_octopus_is_reverted_against_its_first_parent_with_a_warning(house: House) -> None:
    bare, tip = house.origin.bare, house.tip
    sides = [bare.commit(name, name, {f"app/{name}.py": "A = 1\n"}, parent=tip) for name in ("arm", "leg")]
    draft = Draft(
        ref=f"refs/heads/{house.environment.branch}",
        parents=(tip, *sides),
        message="Merge branches 'arm' and 'leg'\n",
        files={"app/arm.py": "A = 1\n", "app/leg.py": "A = 1\n"},
        at=house.stage.clock.now(),
    )
    (octopus,) = bare.make([draft])
    plan = house.plan(octopus)
    assert weighed(plan, "refusal") == []
    assert "joins 2 branches at once" in found(plan, "parents").seen
    assert plan.trees == (house.tree(tip),)
    assert any(" revert --no-edit -m 1 " in command for command in plan.commands)


def test_a_short_name_or_one_in_capitals_is_as_good(house: House) -> None:
    sha = house.origin.history.application
    (commit,) = house.plan(sha[:9].upper()).commits
    assert commit.sha == sha


@pytest.mark.parametrize("named", ["tree", "unknown"])
def test_an_object_that_is_no_commit_is_refused_with_the_history_to_look_at(house: House, named: str) -> None:
    """None of them raises: what is wrong is a finding of the plan."""
    objects = {
        "tree": house.tree(house.tip),
        "unknown": "deadbeef" * 5,
    }
    plan = house.plan(objects[named])
    refused = found(plan, "change-known")
    assert weighed(plan, "refusal") == ["change-known"]
    assert refused.remedy
    assert refused.commands == (f"git log --oneline --first-parent -10 origin/{house.environment.branch}",)


def test_a_commit_that_is_only_elsewhere_can_not_be_what_is_wrong_here(house: House) -> None:
    plan = house.plan(house.origin.commit_elsewhere())
    refused = found(plan, "change-on-branch")
    assert refused.severity == "refusal"
    assert f"can't be what is wrong in {house.environment.name}" in refused.seen
    assert refused.remedy == f"Choose one of the commits of {house.environment.branch}."
    assert plan.commits == ()


class TestRanges:
    def test_it_is_what_came_after_the_first_up_to_the_last_newest_first(self, house: House) -> None:
        shas = [house.developers.commit(f"Step {n}", {f"app/step_{n}.py": "S = 1\n"}).commit for n in (1, 2, 3)]  # fmt: skip
        plan = house.plan(f"{shas[0]}..{shas[2][:10]}")
        assert [commit.sha for commit in plan.commits] == [shas[2], shas[1]]
        assert plan.trees[-1] == house.tree(shas[0])
        assert found(plan, "revert-applies").severity == "ok"
        assert plan.subject == "Step 2"

    @pytest.mark.parametrize("same", [True, False])
    def test_one_without_a_commit_or_the_wrong_way_round_is_refused(
        self, house: House, *, same: bool
    ) -> None:
        first, last = house.origin.history.application, house.tip
        plan = house.plan(f"{last}..{last}" if same else f"{last}..{first}")
        assert weighed(plan, "refusal") == ["change-known"]
        assert not same or f"no commit after {last}" in found(plan, "change-known").seen

    def test_a_commit_and_its_revert_within_it_are_both_taken_back(self, house: House) -> None:
        """What stood before the range is what comes back, although one of its commits is reverted already."""
        before = house.tip
        house.developers.commit("Good idea", {"app/idea.py": "IDEA = 1\n"})
        house.developers.commit("Bad idea", {"app/idea.py": "IDEA = 2\n"})
        back = house.developers.reverts("Bad idea")
        unrelated: dict[str, str | None] = {"app/unrelated.py": "U = 1\n"}
        house.developers.commit("Unrelated", unrelated)
        plan = house.plan(f"{before}..{back}")
        assert weighed(plan, "refusal") == []
        assert [commit.subject for commit in plan.commits] == ['Revert "Bad idea"', "Bad idea", "Good idea"]
        expected = house.origin.bare.commit("expected", "Unrelated", unrelated, parent=before)
        assert plan.trees[-1] == house.tree(expected)

    def test_what_was_reverted_after_it_is_left_out(self, house: House) -> None:
        before = house.tip
        house.developers.commit("One thing", {"app/one.py": "ONE = 1\n"})
        last = house.developers.commit("Another thing", {"app/another.py": "TWO = 2\n"}).commit
        house.developers.reverts("One thing")
        plan = house.plan(f"{before}..{last}")
        assert [commit.subject for commit in plan.commits] == ["Another thing"]
        assert found(plan, "already-reverted").severity == "warning"
        assert plan.done_by is None
        assert plan.trees == (house.tree(before),)


class TestPullRequests:
    def test_one_that_was_closed_is_not_taken_for_an_open_one(self, house: House) -> None:
        pull = house.developers.pull_request("Turned down", {"app/down.py": "D = 1\n"})
        assert "is still open" in found(house.plan(f"#{pull.number}"), "pull-request-merged").seen
        pull.state, pull.closed_at = "closed", house.stage.clock.now()
        plan = house.plan(f"#{pull.number}")
        assert "was closed without being merged" in found(plan, "pull-request-merged").seen
        assert plan.commits == ()
        assert plan.commands == ()

    def test_one_merged_elsewhere_names_where(self, house: House) -> None:
        house.origin.bare.point("next", house.tip)
        pull = house.developers.merged("For later", {"app/later.py": "L = 1\n"}, base="next").pull
        assert pull is not None
        refused = found(house.plan(f"#{pull.number}"), "pull-request-merged")
        assert refused.severity == "refusal"
        assert f"was merged into next, and {house.environment.branch} doesn't hold it (yet)" in refused.seen

    def test_a_merge_is_all_of_it_however_many_commits_it_had(self, house: House) -> None:
        """Also where its message doesn't name it."""
        pull = house.developers.pull_request("Merged whole", {"app/whole.py": "W = 1\n"})
        branch = house.environment.branch
        self._was_merged(house, pull, house.origin.bare.merge(branch, pull.head, "Bring it in"), commits=3)
        plan = house.plan(f"#{pull.number}")
        assert weighed(plan, "refusal") == []
        assert plan.pull_request == f"{house.environment.repository.name}#{pull.number}"
        assert plan.subject == "Merged whole"

    def test_its_address_is_as_good_as_its_number(self, house: House) -> None:
        pull = house.origin.history.pulls[0]
        address = f"https://github.com/{house.environment.repository.name}/pull/{pull.number}"
        assert house.plan(address).commits == house.plan(f"#{pull.number}").commits

    @pytest.mark.parametrize(
        ("commits", "message", "whole"),
        [
            (1, "Last", True),
            (3, "Last", False),
            (3, "Last (#{number})", True),
            (3, "Last\n\nSquashed from #{number}, all of it.", True),
            (3, "Last, as #{number}1 has it", False),
            (3, "Last, which needs team/lib#{number}", False),
        ],
    )
    def test_one_that_was_rebased_is_not_reverted_by_its_last_commit_alone(
        self, house: House, *, commits: int, message: str, whole: bool
    ) -> None:
        pull = self._rebased(house, commits, message)
        plan = house.plan(f"#{pull.number}")
        assert weighed(plan, "refusal") == ([] if whole else ["pull-request-whole"])
        if not whole:
            assert (
                f"Pull request #{pull.number} had {commits} commits" in found(plan, "pull-request-whole").seen
            )
            assert found(plan, "pull-request-whole").remedy.endswith(f"two dots, {pull.merge_commit[:10]}.")

    def _rebased(self, house: House, commits: int, message: str) -> Pull:
        """A pull request whose last commit on the branch says `message`."""
        number = house.origin.store.next_number()
        files: Mapping[str, str] = {f"app/rebased_{number}.py": "R = 1\n"}
        pull = house.developers.pull_request(f"Rebased {number}", dict(files))
        subject, _, body = message.format(number=number).partition("\n\n")
        branch = house.environment.branch
        self._was_merged(
            house, pull, house.origin.bare.commit(branch, subject, files, body=body), commits=commits
        )
        return pull

    def _was_merged(self, house: House, pull: Pull, sha: str, *, commits: int) -> None:
        pull.state, pull.merge_commit, pull.commits = "closed", sha, commits
        pull.merged_at = pull.closed_at = house.stage.clock.now()

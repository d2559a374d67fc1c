"""From a plan to the push, while others work on the same branch."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rehearsal.origin import git_faults
from rehearsal.origin.drafts import Draft
from rehearsal.origin.github import faults as hub_faults
from rehearsal.origin.smart_http import Operation
from rollback import revert
from rollback.errors import Outdated, Refused
from rollback.journal import Kind, read
from rollback.revert import Outcome
from rollback.revert.applying import TRIES, revert_title
from tests.rollback.revert.house import House, opened, whenever

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollback.journal import Entry
    from rollback.revert import Result

LIST, PUSH = Operation.LIST_TO_PUSH, Operation.PUSH


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One repository for all, in which each test has commits of its own."""
    with opened(tmp_path_factory.mktemp("house")) as made:
        yield made


@pytest.fixture
def house(shared: House) -> Iterator[House]:
    """With a journal of this test's own, and without the trouble that others have made."""
    yield replace(shared, access=shared.stage.access())
    shared.origin.git.interceptors.clear()
    shared.origin.api.interceptors.clear()


@pytest.fixture
def branch(house: House) -> str:
    """The branch on which the revert of the newest commit, which is new, would be proposed."""
    return f"revert-{note(house, 'proposed')[:10]}-{house.environment.short}"


def note(house: House, name: str) -> str:
    """A commit that no pipeline has anything to do for, so that its revert is done once it is pushed."""
    lines = "".join(f"{name} {number}\n" for number in range(20))
    return house.developers.commit(name, {f"docs/{name}.md": f"{house.tip}\n{lines}"}).commit


def more(house: House, name: str, subject: str) -> str:
    """A commit that adds to the note of that name, far from where it was made."""
    path = f"docs/{name}.md"
    text = house.origin.bare.read(house.tip, path) or ""
    return house.developers.commit(subject, {path: f"{text}{subject}\n"}).commit


def module(house: House, name: str) -> str:
    """A commit of the application, so that its revert is deployed."""
    return house.developers.commit(name, {f"app/{name}.py": f"{name} = 1\n"}).commit


def entries(house: House, kind: Kind) -> list[Entry]:
    return [entry for entry in read(house.access.journal.path) if entry.kind is kind]


class TestTheBranchMoves:
    def test_once_and_it_is_planned_again_on_top_of_what_came(self, house: House) -> None:
        plan = house.plan(note(house, "bad"))
        git_faults.before(house.origin.git, LIST, lambda: note(house, "others"))
        result = house.apply(plan)
        assert result.landed
        assert house.subjects(3) == ['Revert "bad"', "others", "bad"]
        assert house.origin.bare.read(house.tip, "docs/bad.md") is None
        assert house.origin.bare.read(house.tip, "docs/others.md")
        assert result.saved.commit == house.tip
        assert result.saved.before == house.origin.bare.show(house.tip).parents[0]
        assert any("Planning again" in entry.what for entry in entries(house, Kind.DECISION))
        assert [entry.detail["commits"] for entry in entries(house, Kind.SAVED)][-1] == [house.tip]

    def test_and_the_revert_has_become_another_one(self, house: House) -> None:
        """Nothing is changed, and what is new is told."""
        plan = house.plan(note(house, "alone"))
        git_faults.before(house.origin.git, LIST, lambda: more(house, "alone", "Build on it"))
        with pytest.raises(Outdated, match=r"main has moved since .* A later commit touches .*Build on it"):
            house.apply(plan)
        assert house.subjects(1) == ["Build on it"]

    def test_and_one_more_commit_builds_on_it_than_the_plan_has_told(self, house: House) -> None:
        """The check and its weight are the same, and yet somebody should read it."""
        note(house, "below")
        text = house.origin.bare.read(house.tip, "docs/below.md")
        sha = house.developers.commit("Above", {"docs/below.md": f"Above\n{text}"}).commit
        more(house, "below", "Build on this")
        plan = house.plan(sha)
        assert [finding.check for finding in plan.warnings] == ["later-commits"]
        more(house, "below", "And more")
        with pytest.raises(Outdated, match=r"2 later commits touch the same files: .*And more"):
            house.apply(plan)
        assert house.subjects(1) == ["And more"]

    def test_and_it_is_reverted_by_somebody_else_meanwhile(self, house: House) -> None:
        plan = house.plan(note(house, "twice"))
        git_faults.before(house.origin.git, LIST, lambda: house.developers.reverts("twice"))
        result = house.apply(plan)
        assert result.outcome is Outcome.NOTHING
        assert house.tip[:10] in result.sentence
        assert result.remedy
        assert house.subjects(2) == ['Revert "twice"', "twice"]

    def test_every_time_and_it_is_given_up(self, house: House) -> None:
        plan = house.plan(note(house, "held"))
        moves: list[str] = []

        def move() -> None:
            moves.append(note(house, f"n{len(moves)}"))

        whenever(house, LIST, move)
        with pytest.raises(Outdated, match="moved each time") as caught:
            house.apply(plan)
        assert len(moves) == TRIES
        assert house.tip == moves[-1]
        assert "hold their merges" in caught.value.remedy


class TestThePush:
    @pytest.mark.parametrize("arrived", [True, False])
    def test_whether_it_arrived_is_not_guessed(self, house: House, *, arrived: bool) -> None:
        """The answer is lost, and the remote can't be asked either."""
        before = module(house, f"uncertain_{arrived}")
        plan = house.plan(before)
        kind = git_faults.Kind.CUT_AFTER if arrived else git_faults.Kind.CUT_BEFORE
        git_faults.inject(house.origin.git, git_faults.Fault(kind=kind, operation=PUSH))
        gone = git_faults.Fault(
            kind=git_faults.Kind.BAD_GATEWAY, operation=Operation.LIST_TO_FETCH, occurrence=3
        )
        git_faults.inject(house.origin.git, gone)
        result = house.apply(plan)
        assert result.outcome is Outcome.LOST
        assert (house.tip == before) is not arrived
        assert "the answer was lost" in result.sentence
        assert result.saved.commit[:10] in result.sentence
        assert result.commands[0].startswith("git ls-remote --heads ")
        assert entries(house, Kind.OUTCOME)[-1].what == result.sentence
        house.origin.git.interceptors.clear()
        again = revert.follow_saved(house.environment, house.access, result.saved)
        assert again.outcome is (Outcome.LANDED if arrived else Outcome.NO_RUN)

    def test_each_commit_is_reverted_by_one_of_its_own_the_newest_first(self, house: House) -> None:
        before = house.tip
        note(house, "one")
        note(house, "two")
        result = house.apply(house.plan(f"{before}..{house.tip}"))
        assert house.subjects(3) == ['Revert "one"', 'Revert "two"', "two"]
        assert house.tree(house.tip) == house.tree(before)
        assert len(result.saved.commits) == 2
        assert "It answers with errors." in house.origin.bare.message(house.tip)

    def test_what_has_been_reverted_already_is_told_and_nothing_is_pushed(self, house: House) -> None:
        sha = note(house, "done")
        tip = house.developers.reverts("done")
        result = house.apply(house.plan(sha))
        assert (result.outcome, result.saved.commits, house.tip) == (Outcome.NOTHING, (), tip)
        assert entries(house, Kind.OUTCOME)[-1].detail["outcome"] == Outcome.NOTHING.value
        assert not entries(house, Kind.SAVED)

    def test_where_it_goes_back_to_is_on_disk_before_it_goes_out_and_so_is_being_interrupted(
        self, house: House
    ) -> None:
        before = module(house, "interrupted")
        plan = house.plan(before)
        seen: list[Entry] = []
        whenever(house, PUSH, lambda: seen.extend(entries(house, Kind.SAVED)))
        house.troubles.interrupted_in(30)
        with pytest.raises(KeyboardInterrupt):
            house.apply(plan)
        (entry,) = seen
        assert plan.service is not None
        assert entry.detail["before"] == before
        assert entry.detail["commits"] == [house.tip]
        assert entry.detail["branch"] == house.environment.branch
        assert entry.detail["sides"] == ["application"]
        assert entry.detail["deployments"] == [each.id for each in plan.service.deployments]
        (entry,) = entries(house, Kind.INTERRUPTED)
        assert house.tip[:10] in entry.what
        assert entry.detail["look"] == f"gh run list --repo connect2/connect2-app --commit {house.tip}"


class TestProposals:
    def test_a_name_that_somebody_has_is_not_taken(self, house: House, branch: str) -> None:
        theirs = house.origin.bare.commit(branch, "Theirs", {"app/theirs.py": "T = 1\n"}, parent=house.tip)
        result = house.apply(house.plan(house.tip, propose=True))
        assert result.pull_request is not None
        assert result.pull_request.head == f"{branch}-2"
        assert house.origin.bare.tip(branch) == theirs

    def test_where_all_names_are_taken_it_is_refused_and_nothing_is_pushed(
        self, house: House, branch: str
    ) -> None:
        names = [branch, *(f"{branch}-{number}" for number in range(2, 20))]
        now = house.stage.clock.now()
        house.origin.bare.make(
            [
                Draft(ref=f"refs/heads/{name}", parents=(house.tip,), message="Theirs\n", at=now)
                for name in names
            ]
        )
        before = house.origin.bare.branches()
        with pytest.raises(Refused, match=f"There are 19 branches called {branch}"):
            house.apply(house.plan(house.tip, propose=True))
        assert house.origin.bare.branches() == before

    def test_one_that_github_refuses_leaves_the_branch_and_says_how_to_go_on(
        self, house: House, branch: str
    ) -> None:
        tip, plan = house.tip, house.plan(house.tip, propose=True)
        fault = hub_faults.Fault(kind=hub_faults.Kind.UNPROCESSABLE, method="POST", path="/pulls")
        hub_faults.inject(house.origin.api, fault)
        result = house.apply(plan)
        assert (result.outcome, result.pull_request, house.tip) == (Outcome.NOT_PROPOSED, None, tip)
        assert house.origin.bare.tip(branch) == result.saved.commit
        assert result.commands == (
            f"gh pr create --repo connect2/connect2-app --base main --head {branch} --fill",
        )
        with pytest.raises(Refused, match="no pull request to wait for"):
            revert.go_on(house.environment, house.access, result)

    def test_its_words_call_nobody_and_are_no_markup(self, house: House) -> None:
        house.developers.commit(
            "Ask @everyone <img src=x> and `run`", {"app/@team.py": "A = 1\n", "app/<b>.py": "A = 1\n"}
        )
        plan = revert.plan(
            house.environment, house.access, what=house.tip, why="Thank @robin <b>", propose=True
        )
        result = house.apply(plan)
        assert result.pull_request is not None
        pull = house.origin.store.pulls[result.pull_request.number]
        for raw in ("@everyone", "@team", "@robin", "<img", "<b>", "`run`"):
            assert raw not in pull.body
        assert "Thank @\N{ZERO WIDTH SPACE}robin &lt;b>" in pull.body
        assert "Ask @\N{ZERO WIDTH SPACE}everyone &lt;img src=x> and 'run'" in pull.body
        assert "- ok: " in pull.body
        assert all(f"    {command}\n" in pull.body for command in plan.commands)

    def test_its_title_is_no_longer_than_github_takes(self, house: House) -> None:
        before = house.tip
        for name in ("x" * 300, "y"):
            house.developers.commit(name, {f"docs/{name[0]}.md": "A\n"})
        title = revert_title(house.plan(f"{before}..{house.tip}"))
        assert title == f'Revert "{"x" * 233}..." and 1 more'
        assert len(title) == 256
        assert revert_title(house.plan(house.tip)) == 'Revert "y"'

    def test_one_that_nobody_merges_stays_proposed_until_the_deadline(self, house: House) -> None:
        result = house.apply(house.plan(module(house, "unmerged"), propose=True))
        budgets = house.environment.budgets
        hurried = replace(budgets, application=replace(budgets.application, deadline_seconds=100.0))
        waited = revert.go_on(replace(house.environment, budgets=hurried), house.access, result)
        assert waited.outcome is Outcome.PROPOSED
        assert 100 <= waited.seconds < 120
        assert waited.commands

    @pytest.mark.parametrize(("how", "count"), [("squash", 2), ("rebase", 2), ("merge", 1)])
    def test_what_it_has_become_on_the_branch_is_what_is_undone(
        self, house: House, how: str, count: int
    ) -> None:
        before = house.tip
        for name in ("one", "two")[:count]:
            bad = note(house, f"{name}_{how}")
        proposed = house.apply(house.plan(f"{before}..{bad}", propose=True))
        tip = note(house, f"meanwhile_{how}")
        self._merge(house, proposed, how)
        result = revert.go_on(house.environment, house.access, proposed)
        assert result.landed, result.sentence
        assert (result.saved.before, result.saved.commit) == (tip, house.tip)
        assert len(result.saved.commits) == (count if how == "rebase" else 1)
        saved = revert.saved_point(house.environment, read(house.access.journal.path))
        assert saved == result.saved
        plan = revert.plan_undo(house.environment, house.access, saved, why="It was not that.")
        assert plan.refusals == ()
        assert plan.trees[-1] == house.tree(tip)

    def test_what_was_proposed_may_be_gone_by_then(self, house: House) -> None:
        """The branch was deleted, and it is another machine that goes on."""
        proposed = house.apply(house.plan(note(house, "gone"), propose=True))
        commits = (house.tip, *proposed.saved.commits)
        self._merge(house, proposed, "squash")
        assert proposed.pull_request is not None
        house.origin.bare.delete(proposed.pull_request.head)
        shutil.rmtree(house.access.directory)
        more = replace(proposed, saved=replace(proposed.saved, commits=commits))
        result = revert.go_on(house.environment, house.access, more)
        assert result.landed
        assert result.saved.commits == (house.tip,)

    def _merge(self, house: House, proposed: Result, how: str) -> None:
        """Press the button; "Rebase and merge" makes each commit anew."""
        assert proposed.pull_request is not None
        pull = house.origin.store.pulls[proposed.pull_request.number]
        if how != "rebase":
            house.origin.merge(pull, "sasha-berg", how=how)
            return
        bare, tip = house.origin.bare, house.tip
        for sha in proposed.saved.commits:
            files = {path: bare.read(sha, path) for path in bare.changed(bare.show(sha).parents[0], sha)}
            subject, _, body = bare.message(sha).partition("\n\n")
            pull.merge_commit = bare.commit(house.environment.branch, subject, files, body=body)
        pull.state, pull.merged_at = "closed", house.stage.clock.now()
        house.pushed(tip)

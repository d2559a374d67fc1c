"""What a plan finds on its way, and what it would do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rehearsal.origin.github import faults as hub_faults
from rollback import revert
from rollback.errors import Outdated, Refused, RollbackError
from rollback.github import GitHubError
from rollback.journal import Kind, read
from rollback.revert import Side
from tests.rollback.revert.house import WHY, House, found, opened, weighed

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One for all: plans only read, and each test has commits of its own."""
    with opened(tmp_path_factory.mktemp("house")) as made:
        yield made


def commit(house: House, name: str, **more: str) -> str:
    """A commit of the application, of a file of its own."""
    return house.developers.commit(name, {f"app/{name}.py": f"{name} = 1\n", **more}).commit


@pytest.mark.parametrize("why", ["", " \n", "---", "  - "])
def test_there_must_be_a_reason(house: House, why: str) -> None:
    with pytest.raises(RollbackError, match="The revert has no reason") as caught:
        revert.plan(house.environment, house.access, what=house.tip, why=why)
    assert caught.value.remedy


def test_a_reason_that_looks_like_an_option_is_none(house: House) -> None:
    plan = revert.plan(house.environment, house.access, what=house.tip, why=" --amend\n it ")
    assert plan.wish.why == "amend it"


def test_the_wrong_region_or_account_ends_it_before_anything_else_is_asked(house: House) -> None:
    """Neither the repository nor GitHub: what they said would be of another place."""
    asked = len(read(house.access.journal.path))
    elsewhere = replace(house.environment, region="eu-west-1")
    plan = revert.plan(elsewhere, house.access, what=house.tip, why=WHY)
    assert plan.findings == plan.refusals
    assert len(plan.findings) == 1
    other = revert.plan(replace(house.environment, account="0" * 12), house.access, what=house.tip, why=WHY)
    assert len(other.refusals) == 1
    since = read(house.access.journal.path)[asked:]
    assert {entry.kind for entry in since} <= {Kind.CALL, Kind.ANSWER, Kind.OBSERVATION, Kind.PLAN}
    with pytest.raises(Refused):
        revert.apply(elsewhere, house.access, plan)


def test_it_is_in_the_journal_with_all_that_was_found(house: House) -> None:
    plan = house.plan(house.origin.history.application)
    *_, last = read(house.access.journal.path)
    assert (last.kind, last.what) == (Kind.PLAN, plan.title)
    told = last.detail["findings"]
    assert isinstance(told, list)
    assert [each["check"] for each in told] == [finding.check for finding in plan.findings]


def test_what_only_neutral_files_change_belongs_to_no_side(house: House) -> None:
    plan = house.plan(house.origin.history.documentation)
    assert plan.sides == ()
    assert weighed(plan, "refusal") == []
    assert "workflow" not in [finding.check for finding in plan.findings]


def test_what_it_is_about_is_named(house: House) -> None:
    sha = commit(house, "named")
    plan = house.plan(sha)
    assert (plan.subject, plan.pull_request) == ("named", "")
    assert plan.title == f'Revert {sha} ("named") on main of {house.environment.repository.name}.'


def test_with_nothing_on_top_it_brings_back_exactly_what_was(house: House) -> None:
    before, sha = house.tip, commit(house, "exactly")
    plan = house.plan(sha)
    assert f"exactly the files of {before[:10]}" in found(plan, "revert-applies").seen
    assert plan.trees == (house.tree(before),)
    commit(house, "on_top")
    assert found(house.plan(sha), "revert-applies").seen == "It reverts without a conflict."


def test_what_is_no_longer_there_can_not_be_reverted(house: House) -> None:
    """Taken back by a commit that doesn't say so."""
    sha = commit(house, "gone")
    house.developers.commit("Tidy up", {"app/gone.py": None})
    plan = house.plan(sha)
    assert weighed(plan, "refusal") == ["empty"]
    assert plan.commands == ()


def test_a_conflict_names_files_and_the_commit_and_how_to_solve_it_by_hand(house: House) -> None:
    sha = commit(house, "fought")
    commit(house, "other", **{"app/fought.py": "fought = 2\n"})
    plan = house.plan(sha)
    refused = found(plan, "conflicts")
    assert (plan.trees, plan.commands) == ((), ())
    assert f"The revert of {sha[:10]} conflicts in app/fought.py" in refused.seen
    assert any(f"revert --no-edit {sha}" in command for command in refused.commands)


def test_later_commits_to_the_same_files_are_named_without_those_that_go_too(house: House) -> None:
    before = house.tip
    first = commit(house, "shared", **{"app/shared.py": "".join(f"A{n} = {n}\n" for n in range(20))})
    text = house.origin.bare.read(house.tip, "app/shared.py") or ""
    last = house.developers.commit("Shared twice", {"app/shared.py": f"Z = 1\n{text}"}).commit
    assert found(house.plan(f"{before}..{last}"), "later-commits").severity == "ok"
    plan = house.plan(last)
    assert found(plan, "later-commits").seen == "No later commit touches its files."
    house.developers.commit("Shared thrice", {"app/shared.py": f"Z = 1\n{text}Y = 1\n"})
    told = found(house.plan(last), "later-commits")
    assert told.severity == "warning"
    assert told.seen.startswith("A later commit touches the same files: ")
    assert '("Shared thrice")' in told.seen
    assert "2 later commits touch" in found(house.plan(first), "later-commits").seen


def test_a_revert_of_a_revert_is_a_warning_and_of_all_else_is_not(house: House) -> None:
    sha = commit(house, "returning")
    back = house.developers.reverts("returning")
    plan = house.plan(back)
    assert weighed(plan, "refusal") == []
    assert f"is itself the revert of {sha[:10]}" in found(plan, "revert-of-a-revert").seen
    done = house.plan(sha)
    assert (done.commits, done.refusals, done.commands) == ((), (), ())
    assert done.done_by is not None
    assert done.done_by.sha == back


def test_what_is_asked_for_as_a_pull_request_says_so_in_its_commands(house: House) -> None:
    sha = commit(house, "proposed")
    plan = house.plan(sha, propose=True)
    branch = f"revert-{sha[:10]}-{house.environment.short}"
    assert plan.proposes
    assert any(command.endswith(f"push origin HEAD:refs/heads/{branch}") for command in plan.commands)
    assert any(command.startswith("gh pr create ") for command in plan.commands)
    assert not house.plan(sha).proposes


def test_a_branch_that_takes_no_push_is_gone_round(house: House) -> None:
    sha = commit(house, "around")
    house.troubles.protected()
    try:
        plan = house.plan(sha)
    finally:
        house.origin.store.rules.clear()
        house.origin.bare.unprotect(house.environment.branch)
    assert plan.proposes
    assert found(plan, "branch-protection").severity == "warning"


def test_nobody_who_commits_is_a_refusal_with_what_to_type(house: House) -> None:
    sha = commit(house, "nobody")
    house.troubles.nobody_committing()
    try:
        refused = found(house.plan(sha), "identity")
    finally:
        from rehearsal.embedded import ON_CALL  # noqa: PLC0415 - it imports moto

        house.stage.git_variables(ON_CALL)
    assert refused.severity == "refusal"
    assert len(refused.commands) == 2
    assert found(house.plan(sha), "identity").seen.endswith("Kim Okafor <kim@example.com>.")


def test_both_sides_are_asked_for_by_name(house: House) -> None:
    path = f"{house.environment.terraform_directory}/settings.auto.tfvars.json"
    text = (house.origin.bare.read(house.tip, path) or "").replace("{", '{\n  "more": "1",', 1)
    sha = commit(house, "both", **{path: text})
    assert weighed(house.plan(sha), "refusal") == ["one-side"]
    plan = house.plan(sha, both_sides=True)
    assert weighed(plan, "refusal") == []
    assert plan.sides == (Side.INFRASTRUCTURE, Side.APPLICATION)
    assert len([each for each in plan.findings if each.check == "workflow"]) == 2


def test_a_migration_is_refused_also_where_both_sides_are_asked_for(house: House) -> None:
    developers = house.developers
    made = house.merged("Both", {**developers.migration("Both"), **developers.other_log_retention()})
    assert weighed(house.plan(made.commit, both_sides=True), "refusal") == ["migrations"]


def test_a_service_that_is_not_there_is_a_refusal(house: House) -> None:
    missing = replace(house.environment, service="another-service")
    plan = revert.plan(missing, house.access, what=house.origin.history.application, why=WHY)
    assert "service-exists" in weighed(plan, "refusal")


def test_a_branch_that_is_not_there_is_an_error_of_its_own(house: House) -> None:
    missing = replace(house.environment, branch="release")
    with pytest.raises(RollbackError, match='has no branch "release"'):
        revert.plan(missing, house.access, what=house.tip, why=WHY)


def test_a_github_that_does_not_answer_is_an_error_and_not_a_finding(house: House) -> None:
    fault = hub_faults.Fault(kind=hub_faults.Kind.BAD_CREDENTIALS)
    hub_faults.inject(house.origin.api, fault)
    try:
        with pytest.raises(GitHubError):
            house.plan(house.origin.history.application)
    finally:
        house.origin.api.interceptors.pop()


def test_a_plan_with_a_refusal_can_not_be_applied(house: House) -> None:
    tip = house.tip
    with pytest.raises(Refused, match="first commit of all"):
        house.apply(house.plan(house.origin.history.first))
    assert house.tip == tip
    assert not issubclass(Outdated, Refused)

"""The sentences of the chapters that roll back by a revert: application, infrastructure, and their principle."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import pytest
from pytest_bdd import given, parsers, then, when

from rehearsal.reverter import Reverter
from rollback import revert
from rollback.git import check_pull_request
from rollback.revert import Outcome, Side

if TYPE_CHECKING:
    from rehearsal.notes import Notes
    from rehearsal.origin.origin import Origin
    from rehearsal.origin.people import Developers
    from rehearsal.origin.sight import Sight, State
    from rehearsal.origin.terminal import Terminal, Typed
    from rehearsal.origin.troubles import Troubles
    from rehearsal.story import Recorder
    from rehearsal.world.world import World
    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.git import PullRequestCheck

ENDS = {
    "been proposed as a pull request": Outcome.PROPOSED,
    "started no workflow run": Outcome.NO_RUN,
    "failed in its workflow run": Outcome.RUN_FAILED,
    "been cancelled before it was deployed": Outcome.CANCELLED,
    "been left waiting for an approval": Outcome.WAITING,
    "been deployed, and reversed by ECS itself": Outcome.REVERSED,
    "been superseded by another deployment": Outcome.SUPERSEDED,
    "been lost sight of": Outcome.LOST,
}
FIVE_MINUTES = 300


@pytest.fixture
def reverter(environment: Environment, access: Access, notes: Notes, earlier: State) -> Reverter:
    """The engineer on call, who sits down when a sentence first speaks of them."""
    del earlier
    return Reverter(environment, access, notes)


# What we do.


@given(parsers.parse('we have planned to revert "{title}"'))
@when(parsers.parse('we plan to revert "{title}"'))
def plan(reverter: Reverter, developers: Developers, title: str) -> None:
    reverter.make_plan(developers.named(title))


@given(parsers.parse('we have reverted "{title}"'))
@when(parsers.parse('we revert "{title}"'))
def do_revert(reverter: Reverter, developers: Developers, title: str) -> None:
    reverter.roll_back(developers.named(title))


@when(parsers.parse('we revert both sides of "{title}"'))
def revert_both_sides(reverter: Reverter, developers: Developers, title: str) -> None:
    reverter.roll_back(developers.named(title), both_sides=True)


@when(parsers.parse('we propose the revert of "{title}" instead'))
def propose(reverter: Reverter, developers: Developers, title: str) -> None:
    reverter.propose(developers.named(title))


@when(parsers.parse('we revert everything from "{first}" to "{last}"'))
def revert_range(reverter: Reverter, developers: Developers, first: str, last: str) -> None:
    reverter.roll_back(f"{developers.made[first].before}..{developers.made[last].commit}")


@when(parsers.parse('we try to revert "{title}"'))
def try_to_revert(reverter: Reverter, developers: Developers, title: str) -> None:
    reverter.try_to_revert(developers.named(title) if title in developers.made else title)


@when(parsers.parse('we try to revert the revert of "{title}"'))
def revert_the_revert(reverter: Reverter, sight: Sight, title: str) -> None:
    reverter.try_to_revert(reverter.result.saved.commit)


@when(parsers.parse("we try to revert the commit {name}"))
def try_commit(reverter: Reverter, name: str) -> None:
    reverter.try_to_revert(name)


@when("we try to revert a commit by too few digits")
def try_too_few(reverter: Reverter, origin: Origin) -> None:
    reverter.try_to_revert(origin.two_alike())


@when("we try to revert the newest tag")
def try_tag(reverter: Reverter, origin: Origin) -> None:
    reverter.try_to_revert(origin.history.tag)


@when("we try to revert the branch itself")
def try_branch(reverter: Reverter, origin: Origin) -> None:
    reverter.try_to_revert(origin.branch)


@when("we try to revert a pull request of somebody else's repository")
def try_other_repository(reverter: Reverter, environment: Environment) -> None:
    host = revert.web_host(environment.repository)
    reverter.try_to_revert(f"https://{host}/somebody/else/pull/7")


@when(parsers.parse("we try to revert pull request {number:d}"))
def try_number(reverter: Reverter, number: int) -> None:
    reverter.try_to_revert(f"#{number}")


@when("we try to revert a commit that is only on another branch")
def try_other_branch(reverter: Reverter, origin: Origin) -> None:
    reverter.try_to_revert(origin.commit_elsewhere())


@when("we go on with the revert")
def apply(reverter: Reverter) -> None:
    reverter.apply()


@when("we try to go on with the revert")
def try_to_apply(reverter: Reverter) -> None:
    reverter.try_to_apply()


@when("we undo the revert")
def undo(reverter: Reverter) -> None:
    reverter.undo()


@when("we follow the revert once more")
def follow(reverter: Reverter) -> None:
    reverter.follow_again()


@when("a reviewer merges it within five minutes, while we wait")
def merged_while_we_wait(reverter: Reverter, troubles: Troubles) -> None:
    troubles.merged_in(_proposal(reverter), FIVE_MINUTES)
    reverter.wait_for_the_merge()


@when("a reviewer closes it within five minutes, while we wait")
def closed_while_we_wait(reverter: Reverter, troubles: Troubles, notes: Notes) -> None:
    troubles.closed_in(_proposal(reverter), FIVE_MINUTES)
    with notes.trying():
        reverter.wait_for_the_merge()


@given(parsers.parse("we sit in a checkout that is {state}"), target_fixture="fingerprint")
def sit_in_checkout(terminal: Terminal, monkeypatch: pytest.MonkeyPatch, state: str) -> str:
    terminal.become(state)
    monkeypatch.chdir(terminal.directory)
    return terminal.fingerprint()


@when("somebody types the plan's commands in a checkout of their own")
def types_the_plan(reverter: Reverter, terminal: Terminal) -> None:
    terminal.type_all(reverter.plan.commands)


@when(
    parsers.parse('somebody types "{command}" for "{title}" without naming a parent'), target_fixture="typed"
)
def types_short_form(terminal: Terminal, developers: Developers, command: str, title: str) -> Typed:
    return terminal.type(f"{command} --no-edit {developers.made[title].commit}")


@when(parsers.parse("a pull request changes {what}"), target_fixture="checked")
def pull_request_changes(
    access: Access, developers: Developers, environment: Environment, terminal: Terminal, what: str
) -> PullRequestCheck:
    pull = developers.pull_request("A change", developers.of(what))
    terminal.type_all(["git fetch --quiet origin"])
    return check_pull_request(
        environment.repository,
        access.processes,
        terminal.directory,
        base=f"origin/{pull.base}",
        head=f"origin/{pull.head}",
    )


# What we are told.


@then("the plan says that it is a merge, reverted against its first parent")
def plan_counts_parents(reverter: Reverter) -> None:
    assert any(f.check == "parents" and "merge of 2 parents" in f.seen for f in reverter.plan.findings)
    assert any("revert --no-edit -m 1 " in command for command in reverter.plan.commands)


@then("the plan says that exactly the files of the commit before come back")
def plan_compares_trees(reverter: Reverter, developers: Developers) -> None:
    before = next(iter(developers.made.values())).before
    assert any(
        f.check == "revert-applies" and f"exactly the files of {before[:10]}" in f.seen
        for f in reverter.plan.findings
    )


@then("there was nothing to do")
def nothing_to_do(reverter: Reverter) -> None:
    assert reverter.result.outcome is Outcome.NOTHING, reverter.result.sentence


@then(parsers.parse("the revert has {end}"))
def ended(reverter: Reverter, end: str) -> None:
    assert reverter.result.outcome is ENDS[end], reverter.result.sentence


@then("we are told which job and step failed, with the last lines of its log")
def told_of_failure(reverter: Reverter) -> None:
    result = reverter.result
    run = result.run
    assert run is not None
    assert run.conclusion == "failure"
    assert "job" in result.sentence
    assert "step" in result.sentence
    assert result.log


@then("the files that stand in the way are named")
def conflicting_files(reverter: Reverter, developers: Developers, notes: Notes) -> None:
    module = developers.made["Faster checkout"].files[0]
    assert module in notes.refused.sentence


@then("the pull request says why, and what was found")
def proposal_body(reverter: Reverter, origin: Origin) -> None:
    body = html.unescape(origin.store.pulls[_proposal(reverter)].body).replace("\N{ZERO WIDTH SPACE}", "")
    assert reverter.plan.wish.why in body
    assert {finding.seen for finding in reverter.plan.findings if finding.seen not in body} == set()


@then("a second look confirms that the revert is in force")
def in_force(reverter: Reverter) -> None:
    assert reverter.result.outcome is Outcome.LANDED, reverter.result.sentence
    assert reverter.verify().contradictions == ()


@then("a second look says that the service runs a commit that doesn't hold the revert")
def taken_back_by_a_deployment(reverter: Reverter) -> None:
    assert any("doesn't hold the revert" in each.seen for each in reverter.verify().contradictions)


@then("a second look says that the revert was reverted on the branch")
def taken_back_on_the_branch(reverter: Reverter) -> None:
    assert any("has reverted the revert" in each.seen for each in reverter.verify().contradictions)


@then("we are told beforehand that the next deployment would change more than its own commit")
def disagreement(environment: Environment, access: Access) -> None:
    finding = revert.agreement(environment, access)
    assert finding.severity == "warning"
    assert "the next deployment" in finding.seen


@then("git and the service agree")
def agreement(environment: Environment, access: Access) -> None:
    finding = revert.agreement(environment, access)
    assert finding.severity == "ok", finding.seen


@then("the journal says that we broke off, and how to look for the run")
def broke_off(reverter: Reverter, notes: Notes) -> None:
    assert notes.interrupted
    assert reverter.last_words().startswith("gh run list")


@then("our checkout is as it was")
def checkout_untouched(terminal: Terminal, fingerprint: str) -> None:
    assert terminal.fingerprint() == fingerprint


@then("git refuses, since it is a merge")
def git_refuses(typed: Typed) -> None:
    assert typed.code
    assert "is a merge but no -m option was given" in typed.output


@then(parsers.parse("the revert kept to its {usual:d} to {longest:d} minutes"))
def kept_to_budget(
    reverter: Reverter, story: Recorder, environment: Environment, usual: int, longest: int
) -> None:
    result = reverter.result
    infrastructure = Side.INFRASTRUCTURE in result.saved.sides
    budget = environment.budgets.infrastructure if infrastructure else environment.budgets.application
    label = "Infrastructure revert" if infrastructure else "Application revert"
    assert result.outcome is Outcome.LANDED, result.sentence
    story.timing(label, result.seconds, budget)
    assert (budget.from_seconds, budget.to_seconds) == (usual * 60, longest * 60)
    assert result.seconds <= budget.to_seconds


# What the sides have to do with each other.


@then("the tasks were restarted after the revert was applied")
def restarted(reverter: Reverter) -> None:
    assert reverter.result.restarted


@then("the tasks were not restarted")
def not_restarted(reverter: Reverter, sight: Sight, earlier: State) -> None:
    assert not reverter.result.restarted
    assert sight.state().deployments == earlier.deployments


@then("the service runs the same revision as before")
def same_revision(world: World, earlier: State) -> None:
    assert world.look.primary_revision() == earlier.deployments[0][1]


@then(parsers.parse("only the {side}'s workflow has run for the revert"))
def only_one_side(sight: Sight, reverter: Reverter, environment: Environment, side: str) -> None:
    assert _workflows(sight, reverter) == {_workflow_of(environment, Side(side))}


@then("the workflows of both sides have run for the revert")
def both_sides(sight: Sight, reverter: Reverter, environment: Environment) -> None:
    assert _workflows(sight, reverter) == {_workflow_of(environment, side) for side in Side}


@then("the check of the principle says that it keeps to the principle")
def principle_kept(checked: PullRequestCheck) -> None:
    assert not checked.mixed


@then("the check of the principle says that it mixes infrastructure and application")
def principle_broken(checked: PullRequestCheck) -> None:
    assert checked.mixed
    assert "mixes infrastructure" in checked.sentence


def _proposal(reverter: Reverter) -> int:
    pull = reverter.result.pull_request
    assert pull is not None
    return pull.number


def _workflows(sight: Sight, reverter: Reverter) -> set[str]:
    return {run.workflow.path for run in sight.runs_for(reverter.result.saved.commit)}


def _workflow_of(environment: Environment, side: Side) -> str:
    repository = environment.repository
    if side is Side.INFRASTRUCTURE:
        return repository.infrastructure_workflow
    return repository.application_workflow

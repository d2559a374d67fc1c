"""Which pushes start which workflows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rehearsal.origin.github.store import Store
from rehearsal.origin.pipeline import Pipeline
from rehearsal.origin.pipeline.expressions import Unrehearsed
from rehearsal.origin.push import WORKFLOW_ACTOR, ZERO, Push
from tests.stage.origin.pipeline_house import DEPLOY, House

if TYPE_CHECKING:
    from pathlib import Path

    from rehearsal.world.world import World
    from rollback.environment import Environments

CODE = {"app/new.py": "x = 1\n"}


@pytest.fixture
def house(world: World, environments: Environments, tmp_path: Path) -> House:
    return House(world, environments, tmp_path)


def workflow(on: str, *, more: str = "") -> str:
    return (
        f"name: Own\non: {on}\n{more}jobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make\n"
    )


def started_by(house: House, on: str, files: dict[str, str | None], branch: str = "") -> bool:
    """Whether a push of `files` starts a workflow with that trigger."""
    house.push({DEPLOY: workflow(on)}, "Set up", branch=branch)
    before = len(house.store.runs)
    house.push(files, branch=branch)
    return any(run.workflow.name == "Own" for run in house.store.runs[before:])


def test_code_starts_the_deployment_and_infrastructure_starts_terraform(house: House) -> None:
    house.push(CODE)
    assert house.names == ["Deploy"]
    house.push({f"{house.environment.terraform_directory}/main.tf": "x"})
    assert house.names == ["Deploy", "Terraform"]
    house.push({"README.md": "x", "docs/deep/down.md": "y"})
    assert house.names == ["Deploy", "Terraform"]
    house.push({**CODE, "app/b.py": "", "infrastructure/a.tf": "x", "docs/a.md": "z"})
    assert house.names == ["Deploy", "Terraform", "Deploy", "Terraform"]


def test_a_run_tells_what_it_runs_for(house: House) -> None:
    sha = house.push(CODE, "Add something", body="A long story.")
    run = house.run
    assert (run.sha, run.branch, run.title, run.actor) == (sha, house.branch, "Add something", "ada")
    assert (run.event, run.number, run.attempt, run.created_at) == ("push", 1, 1, house.clock.now())
    assert house.store.workflows[DEPLOY] is run.workflow
    house.push({"app/new.py": "x = 2\n"})
    assert (house.run.number, house.run.workflow) == (2, run.workflow)
    assert len({run.id, house.run.id, run.workflow.id}) == 3


@pytest.mark.parametrize(
    "message",
    [
        ("Fix [skip ci]", ""),
        ("[ci skip] Fix", ""),
        ("Fix", "Because.\n\n[no ci]"),
        ("Fix", "about [skip actions] here"),
        ("Fix [Actions Skip]", ""),
        ("Fix", "Because.\n\n\nskip-checks: true"),
        ("Fix", "Because.\n\n\nReviewed-by: Bob\nskip-checks:true"),
    ],
)
def test_an_instruction_in_the_message_keeps_every_workflow_from_starting(
    house: House, message: tuple[str, str]
) -> None:
    house.push(CODE, message[0], body=message[1])
    assert house.names == []


@pytest.mark.parametrize(
    "message",
    [
        ("Skip ci", ""),
        ("Fix (skip ci)", ""),
        ("Fix [skip  ci]", ""),
        ("Fix", "skip-checks: true"),
        ("Fix", "Because.\n\nskip-checks: true"),
        ("Fix", "Because.\n\n\nskip-checks: true\nReviewed-by: Bob"),
        ("Fix", "Because.\n\n\nskip-checks: false"),
    ],
)
def test_what_only_looks_like_an_instruction_is_none(house: House, message: tuple[str, str]) -> None:
    house.push(CODE, message[0], body=message[1])
    assert house.names == ["Deploy"]


def test_only_the_newest_commit_of_a_push_is_asked_for_instructions(house: House) -> None:
    before = house.bare.tip(house.branch)
    house.bare.commit(house.branch, "Fix [skip ci]", CODE)
    after = house.bare.commit(house.branch, "More", {"docs/a.md": "x"})
    house.pipeline.pushed(Push(branch=house.branch, before=before, after=after, actor="ada"))
    assert house.names == ["Deploy"]


def test_what_a_workflow_pushes_itself_starts_none(house: House) -> None:
    house.push(CODE, actor=WORKFLOW_ACTOR)
    assert house.names == []
    house.push({"app/new.py": None}, actor="ada")
    assert house.names == ["Deploy"]


def test_the_workflows_of_the_branch_are_known_before_anything_is_pushed(house: House) -> None:
    house.bare.commit(house.branch, "Break one", {".github/workflows/broken.yml": "on: [push"})
    store = Store("owner/name")
    pipeline = Pipeline(house.bare, store, house.world.stage, house.world, seed=0)
    assert {path: workflow.name for path, workflow in store.workflows.items()} == {
        ".github/workflows/broken.yml": ".github/workflows/broken.yml",
        DEPLOY: "Deploy",
        ".github/workflows/terraform.yml": "Terraform",
    }
    store.workflows[DEPLOY].state = "disabled_manually"
    before = house.bare.tip(house.branch)
    after = house.bare.commit(house.branch, "Change", CODE)
    pipeline.pushed(Push(branch=house.branch, before=before, after=after, actor="ada"))
    assert "Deploy" not in {run.workflow.name for run in store.runs}


def test_a_disabled_workflow_does_not_start(house: House) -> None:
    house.push(CODE)
    house.store.workflows[DEPLOY].state = "disabled_manually"
    house.push({"app/new.py": None})
    assert house.names == ["Deploy"]
    house.store.workflows[DEPLOY].state = "active"
    house.push(CODE)
    assert house.names == ["Deploy", "Deploy"]


def test_without_actions_nothing_starts(house: House) -> None:
    house.store.actions_enabled = False
    house.push(CODE)
    assert house.names == []


def test_a_branch_that_is_no_environments_starts_nothing(house: House) -> None:
    house.push_new("feature/search", CODE, parent=house.branch)
    house.push({"app/new.py": None}, branch="feature/search")
    assert house.names == []


def test_a_deleted_branch_starts_nothing(house: House) -> None:
    tip = house.bare.tip(house.branch)
    house.pipeline.pushed(Push(branch=house.branch, before=tip, after=ZERO, actor="ada"))
    assert house.names == []


def test_the_workflow_file_of_the_pushed_commit_decides(house: House) -> None:
    house.push({DEPLOY: workflow("{push: {branches: [nowhere]}}"), **CODE})
    assert house.names == []
    house.push({DEPLOY: None, ".github/workflows/other.yaml": workflow("push")})
    assert house.names == ["Own"]
    assert set(house.store.workflows) >= {".github/workflows/other.yaml"}


@pytest.mark.parametrize(
    ("on", "starts"),
    [
        ("push", True),
        ("[pull_request]", False),
        ("{push: {branches: ['ma*', staging, 'dev*']}}", True),
        ("{push: {branches-ignore: ['ma*', staging, 'dev*']}}", False),
        ("{push: {branches-ignore: [feature/**]}}", True),
        ("{push: {tags: ['v*']}}", False),
        ("{push: {tags: ['v*'], branches: ['**']}}", True),
        ("{push: {tags: ['v*'], branches-ignore: [nowhere]}}", True),
        ("{push: {paths: ['app/**']}}", True),
        ("{push: {paths: ['app/**', '!app/new.py']}}", False),
        ("{push: {paths: ['app/**'], branches: [nowhere]}}", False),
        ("{push: {paths-ignore: ['app/**']}}", False),
        ("{push: {paths-ignore: ['docs/**']}}", True),
        ("{push: {paths-ignore: []}}", True),
    ],
)
def test_branches_and_paths_have_both_to_fit(house: House, on: str, starts: bool) -> None:  # noqa: FBT001 - a column
    assert started_by(house, on, {**CODE}) == starts


def test_of_several_files_one_that_is_not_ignored_will_do(house: House) -> None:
    on = "{push: {paths-ignore: ['docs/**']}}"
    assert not started_by(house, on, {"docs/a.md": "x", "docs/b.md": "x"})
    assert started_by(house, on, {"docs/a.md": "y", "app/b.py": "x"})


def test_a_push_that_changes_no_file_starts_what_asks_for_no_path(house: House) -> None:
    assert not started_by(house, "{push: {paths-ignore: ['docs/**']}}", {})
    assert not started_by(house, "{push: {paths: ['**']}}", {})
    assert started_by(house, "push", {})


def test_a_push_of_several_commits_is_compared_as_a_whole(house: House) -> None:
    """A commit and its revert in one push change nothing: a two-dot diff."""
    house.push({DEPLOY: workflow("{push: {paths: ['app/**']}}")})
    before = house.bare.tip(house.branch)
    house.bare.commit(house.branch, "Add", CODE)
    after = house.bare.commit(house.branch, "Revert", {"app/new.py": None, "docs/a.md": "x"})
    house.pipeline.pushed(Push(branch=house.branch, before=before, after=after, actor="ada"))
    assert house.names == []


def test_only_the_first_three_hundred_files_are_held_against_the_filter(house: House) -> None:
    on = "{push: {paths: ['z.txt']}}"
    many: dict[str, str | None] = {f"docs/{number:03}.md": "x" for number in range(299)}
    assert started_by(house, on, {**many, "z.txt": "1"})
    assert not started_by(house, on, {**dict.fromkeys(many, "y"), "docs/299.md": "x", "z.txt": "2"})


def test_a_new_branch_is_compared_with_where_its_new_commits_begin(house: House) -> None:
    house.push({DEPLOY: workflow("{push: {paths: ['app/**']}}")})
    house.push_new("only-docs", {"docs/a.md": "x"}, parent=house.branch)
    assert house.names == []
    house.push_new("with-code", CODE, parent=house.branch)
    assert house.names == ["Own"]
    tip = house.bare.tip("with-code")
    house.bare.point("just-a-name", tip)
    house.pipeline.pushed(Push(branch="just-a-name", before=ZERO, after=tip, actor="ada"))
    assert house.names == ["Own"]


def test_the_first_branch_of_all_is_compared_with_nothing(house: House) -> None:
    for branch in house.others:
        house.bare.delete(branch)
    house.pipeline.pushed(Push(branch=house.branch, before=ZERO, after=house.first, actor="ada"))
    assert house.names == ["Deploy", "Terraform"]


def test_a_file_that_github_does_not_accept_starts_a_run_that_fails_at_once(house: House) -> None:
    house.push({DEPLOY: "on: [push"})
    run = house.run
    assert (run.status, run.conclusion, run.jobs, run.workflow.name) == ("completed", "failure", [], DEPLOY)
    with pytest.raises(ValueError, match="can't be run again"):
        house.pipeline.rerun(run)


def test_a_file_with_more_than_is_played_here_is_refused_aloud(house: House) -> None:
    with pytest.raises(Unrehearsed, match=r"deploy\.yml says run-name"):
        house.push({DEPLOY: workflow("push", more="run-name: x\n")})
    with pytest.raises(Unrehearsed, match=r"inputs\.group"):
        house.push({DEPLOY: workflow("push", more="concurrency: '${{ inputs.group }}'\n")})

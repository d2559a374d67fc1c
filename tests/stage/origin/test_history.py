"""Two weeks of a team's work, as git and GitHub have them."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from rehearsal.blueprint import Blueprint
from rehearsal.clock import OPENING, VirtualClock
from rehearsal.origin import command, history
from rehearsal.origin.drafts import DEVELOPER
from rehearsal.origin.github.store import Store
from rehearsal.origin.past import Kind
from rehearsal.origin.repository import Bare
from rehearsal.origin.storyline import Storyline
from rollback.environment import Environments, load

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from rehearsal.origin.history import History
    from rehearsal.origin.objects import Commit
    from rollback.environment import Environment


@pytest.fixture(scope="module")
def environments(pytestconfig: pytest.Config) -> Environments:
    return load(pytestconfig.rootpath / "environments.toml")


@pytest.fixture(scope="module")
def blueprint(environments: Environments) -> Blueprint:
    table = environments.section(environments.default, "rehearsal")
    return Blueprint.read(table, file="environments.toml", key="rehearsal")


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Bare:
    return Bare(tmp_path_factory.mktemp("history") / "origin.git", VirtualClock())


@pytest.fixture(scope="module")
def past(bare: Bare, environments: Environments, blueprint: Blueprint) -> History:
    return history.build(bare, environments, blueprint)


def built(path: Path, environments: Iterable[Environment], blueprint: Blueprint) -> tuple[Bare, History]:
    bare = Bare(path, VirtualClock())
    return bare, history.build(bare, environments, blueprint)


def git(bare: Bare, *args: str) -> str:
    done = subprocess.run(  # noqa: S603 - an argument list, and never a shell
        ["git", f"--git-dir={bare.path}", *args],  # noqa: S607 - the git that PATH names
        capture_output=True,
        text=True,
        check=True,
        env=command.environ(),
    )
    return done.stdout.strip()


def line(bare: Bare, branch: str) -> list[str]:
    """The first-parent line of a branch, newest first."""
    return git(bare, "rev-list", "--first-parent", branch).split()


def everything(bare: Bare, past: History) -> list[Commit]:
    return bare.log(past.branch, 100)


def test_git_finds_it_sound(bare: Bare, past: History) -> None:
    assert git(bare, "fsck", "--strict") == ""
    assert 20 <= len(everything(bare, past)) <= 40


def test_it_has_the_branches_of_all_environments_and_no_others(
    bare: Bare, past: History, environments: Environments
) -> None:
    assert set(bare.branches()) == {environment.branch for environment in environments}
    assert git(bare, "symbolic-ref", "--short", "HEAD") == environments.default.branch == past.branch


def test_the_default_branch_has_all_that_the_others_have(
    bare: Bare, past: History, environments: Environments
) -> None:
    tips = [bare.tip(environment.branch) for environment in environments]
    assert len(set(tips)) == len(environments)
    for tip in tips:
        assert git(bare, "rev-list", f"{past.branch}..{tip}") == ""


def test_every_branch_has_the_interesting_commits_on_its_own_line(
    bare: Bare, past: History, environments: Environments
) -> None:
    interesting = {
        past.first,
        past.application,
        past.infrastructure,
        past.documentation,
        past.migration,
        past.reverted,
        past.revert,
        past.tagged,
        *(pull.merge_commit for pull in past.pulls[:-3]),
    }
    for environment in environments:
        assert interesting <= set(line(bare, environment.branch))


def test_it_took_two_weeks_and_is_over(bare: Bare, past: History) -> None:
    for branch in bare.branches():
        times = [bare.show(sha).at for sha in line(bare, branch)]
        assert times == sorted(times, reverse=True)
        assert len(set(times)) == len(times)
    times = [commit.at for commit in everything(bare, past)]
    assert max(times) < OPENING
    assert 13 <= (OPENING - min(times)).days <= 14
    assert all(at.weekday() < 5 and 6 <= at.hour < 18 for at in times)


def test_a_later_clock_moves_it(tmp_path: Path, environments: Environments, blueprint: Blueprint) -> None:
    clock = VirtualClock()
    clock.sleep(86400 * 7 + 12345)
    bare = Bare(tmp_path / "origin.git", clock)
    past = history.build(bare, environments, blueprint)
    ages = [clock.now() - commit.at for commit in everything(bare, past)]
    assert 0 < min(ages).days <= max(ages).days <= 14


def test_it_is_the_same_each_time(
    tmp_path: Path, environments: Environments, blueprint: Blueprint, past: History
) -> None:
    assert built(tmp_path / "again.git", environments, blueprint)[1] == past


def test_every_merge_is_what_git_merges(bare: Bare, past: History) -> None:
    merges = [commit for commit in everything(bare, past) if len(commit.parents) == 2]
    assert len(merges) >= 6
    for commit in merges:
        assert git(bare, "merge-tree", "--write-tree", *commit.parents) == commit.tree


def test_pull_requests_are_worded_as_github_words_them(
    bare: Bare, past: History, environments: Environments
) -> None:
    owner = environments.default.repository.name.partition("/")[0]
    assert [pull.number for pull in past.pulls] == list(range(1, len(past.pulls) + 1))
    assert {pull.kind for pull in past.pulls} == set(Kind)
    for pull in past.pulls:
        commit = bare.show(pull.merge_commit)
        assert commit.parents[0] == pull.base_sha
        assert commit.committer.name == "GitHub"
        assert commit.at == pull.merged_at > bare.show(pull.head_sha).at
        assert pull.created_at < pull.merged_at
        if pull.kind is Kind.MERGE:
            subject = f"Merge pull request #{pull.number} from {owner}/{pull.head}"
            assert commit.message == f"{subject}\n\n{pull.title}\n"
            assert commit.parents[1] == pull.head_sha
            counted = git(bare, "rev-list", "--count", f"{pull.base_sha}..{pull.head_sha}")
            if not pull.title.startswith("Promote"):
                assert int(counted) == pull.commits
        else:
            assert commit.message == f"{pull.title} (#{pull.number})\n"
            assert commit.parents == (pull.base_sha,)
            assert commit.tree == bare.show(pull.head_sha).tree


def test_the_revert_took_back_what_it_names(bare: Bare, past: History) -> None:
    commit = bare.show(past.revert)
    assert commit.message.startswith(f'Revert "{bare.show(past.reverted).subject}"\n')
    assert f"\n\nThis reverts commit {past.reverted}.\n" in commit.message
    before = bare.show(past.reverted).parents[0]
    assert bare.show(before).tree == commit.tree
    assert before != past.revert


def test_a_merge_has_a_later_commit_to_the_same_file_on_top(bare: Bare, past: History) -> None:
    pull = past.pull("Send receipts")
    changed = set(bare.changed(pull.base_sha, pull.merge_commit))
    later = line(bare, past.branch)[: line(bare, past.branch).index(pull.merge_commit)]
    assert any(changed & set(bare.changed(f"{sha}^", sha)) for sha in later)


def test_each_named_commit_is_of_its_kind(bare: Bare, past: History, environments: Environments) -> None:
    repository = environments.default.repository
    terraform = tuple(f"{environment.terraform_directory}/" for environment in environments)

    def touched(sha: str) -> tuple[str, ...]:
        return bare.changed(f"{sha}^", sha)

    assert all(path.startswith("app/") for path in touched(past.application))
    assert all(path.startswith(terraform) for path in touched(past.infrastructure))
    assert len(touched(past.infrastructure)) == len(environments)
    assert all(path.startswith("docs/") for path in touched(past.documentation))
    assert any(path.startswith(repository.migrations) for path in touched(past.migration))
    assert all(
        path.startswith(terraform) for path in touched(past.pull("Keep logs for thirty days").merge_commit)
    )
    assert bare.show(past.first).parents == ()
    assert git(bare, "rev-parse", f"{past.tag}^{{commit}}") == past.tagged
    assert git(bare, "cat-file", "-t", past.tag) == "tag"


def test_all_of_it_is_healthy(bare: Bare, past: History) -> None:
    """No commit on the line says that it behaves badly or needs a file that isn't in it."""
    for sha in line(bare, past.branch):
        files = bare.files(sha)
        for text in files.values():
            assert "BEHAVIOUR" not in text
            assert "# fails" not in text
            for needed in (
                row.removeprefix("# needs: ") for row in text.splitlines() if row.startswith("# needs: ")
            ):
                assert needed in files
        modules = [text for path, text in files.items() if path.endswith(".py")]
        for module in modules:
            compile(module, "module", "exec")


def test_there_are_modules_enough_for_a_scenario_s_changes(bare: Bare, past: History) -> None:
    modules = [path for path in bare.files(past.branch) if path.startswith("app/") and "__init__" not in path]
    assert len(modules) >= 8


def test_every_environment_has_its_settings(
    bare: Bare, past: History, environments: Environments, blueprint: Blueprint
) -> None:
    for environment in environments:
        directory = environment.terraform_directory
        settings = bare.read(past.branch, f"{directory}/settings.auto.tfvars.json")
        assert json.loads(settings or "") == {
            "database_host": "db.internal",
            "health_check_path": blueprint.health_path,
            "service_ingress": ["load_balancer"],
        }
        versions = bare.read(past.branch, f"{directory}/versions.tf") or ""
        assert f'bucket       = "{environment.state_bucket}"' in versions
        assert 'required_version = ">= 1.11"' in versions
        root = bare.read(past.branch, f"{directory}/main.tf") or ""
        assert "slow_start        = 30" in root
        assert "log_retention_days = 30" in root
        assert root.count("{") == root.count("}")


def workflow(bare: Bare, past: History, path: str) -> dict[Any, Any]:
    loaded: dict[Any, Any] = yaml.safe_load(bare.read(past.branch, path) or "")
    return loaded


def test_the_workflows_are_what_their_pipeline_expects(
    bare: Bare, past: History, environments: Environments
) -> None:
    repository = environments.default.repository
    deploy = workflow(bare, past, repository.application_workflow)
    terraform = workflow(bare, past, repository.infrastructure_workflow)
    steps = {
        name: [step["name"] for step in job["steps"]]
        for name, job in {**deploy["jobs"], **terraform["jobs"]}.items()
    }
    assert steps == {
        "test": ["Checkout", "Test"],
        "deploy": [
            "Checkout",
            "Build image",
            "Push image",
            "Migrate database",
            "Register task definition",
            "Update service",
        ],
        "plan": ["Checkout", "Terraform init", "Terraform plan"],
        "apply": ["Checkout", "Terraform init", "Terraform apply"],
    }
    assert (deploy["jobs"]["deploy"]["needs"], terraform["jobs"]["apply"]["needs"]) == ("test", "plan")
    # YAML 1.1 reads the key "on" as true, and so does the library.
    branches = [environment.branch for environment in environments]
    assert deploy[True]["push"]["branches"] == terraform[True]["push"]["branches"] == branches
    assert terraform[True]["push"]["paths"] == ["infrastructure/**", ".github/workflows/terraform.yml"]
    assert deploy[True]["push"]["paths-ignore"] == [*terraform[True]["push"]["paths"], "docs/**", "**.md"]
    assert deploy["concurrency"] == {
        "group": "deploy-${{ github.ref_name }}",
        "cancel-in-progress": False,
    }
    assert deploy["jobs"]["deploy"]["environment"] == (
        "${{ github.ref_name == 'main' && 'production' || github.ref_name }}"
    )


def test_github_remembers_the_pull_requests(past: History, environments: Environments) -> None:
    store = Store(environments.default.repository.name)
    past.remember(store)
    assert list(store.pulls) == [pull.number for pull in past.pulls]
    for pull in past.pulls:
        known = store.pulls[pull.number]
        assert (known.state, known.merged, known.merge_commit) == ("closed", True, pull.merge_commit)
        assert (known.user, known.head_sha, known.title) == (pull.author.login, pull.head_sha, pull.title)
    assert store.next_number() == len(past.pulls) + 1


def test_one_branch_for_all_needs_no_promotion(
    tmp_path: Path, environments: Environments, blueprint: Blueprint
) -> None:
    same = [replace(environment, branch="trunk") for environment in environments]
    bare, past = built(tmp_path / "one.git", same, blueprint)
    assert (list(bare.branches()), past.branch) == (["trunk"], "trunk")
    assert not any(pull.title.startswith("Promote") for pull in past.pulls)
    assert past.pulls[-1].merge_commit == bare.tip("trunk")
    assert git(bare, "fsck", "--strict") == ""


def test_the_file_s_default_has_all_of_it(
    tmp_path: Path, environments: Environments, blueprint: Blueprint
) -> None:
    text = environments.path.read_text().replace('default = "production"', 'default = "development"')
    (tmp_path / "environments.toml").write_text(text)
    bare, past = built(tmp_path / "other.git", load(tmp_path / "environments.toml"), blueprint)
    assert past.branch == "development"
    for branch in bare.branches():
        assert git(bare, "rev-list", f"development..{branch}") == ""


def test_without_a_file_the_last_environment_has_all_of_it(
    tmp_path: Path, environments: Environments, blueprint: Blueprint
) -> None:
    first, *_, last = environments
    bare, past = built(tmp_path / "two.git", [last, first], blueprint)
    assert past.branch == first.branch
    assert git(bare, "rev-list", f"{first.branch}..{last.branch}") == ""
    assert git(bare, "symbolic-ref", "--short", "HEAD") == first.branch


def test_it_costs_a_handful_of_git_commands(
    tmp_path: Path, environments: Environments, blueprint: Blueprint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each takes some milliseconds, and every rehearsal with a repository begins with them."""
    command.require_git()
    commands: list[list[str]] = []
    run = subprocess.run

    def counted(args: list[str], **options: Any) -> subprocess.CompletedProcess[bytes]:
        commands.append(args)
        return run(args, **options)

    monkeypatch.setattr(subprocess, "run", counted)
    built(tmp_path / "counted.git", environments, blueprint)
    assert len(commands) <= 6


def test_a_storyline_refuses_what_only_git_could_merge(tmp_path: Path) -> None:
    storyline = Storyline(Bare(tmp_path / "origin.git", VirtualClock()))

    def commit(on: Any, text: str) -> Any:
        return storyline.commit(
            "refs/heads/main", on, {"a": text}, subject=text, author=DEVELOPER, at=OPENING
        )

    base = commit(None, "1")
    with pytest.raises(ValueError, match="have changed a"):
        storyline.merge(
            "refs/heads/main",
            commit(base, "2"),
            commit(base, "3"),
            since=base,
            squash=False,
            subject="Merge",
            body="",
            author=DEVELOPER,
            at=OPENING,
        )

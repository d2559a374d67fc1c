"""The check for CI that infrastructure and application come in separate pull requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rollback.errors import RollbackError
from rollback.git import GitError, UnknownCommit, check_pull_request
from rollback.git.__main__ import main
from tests.environment.shop import SHOP

if TYPE_CHECKING:
    from pathlib import Path

    from rollback.git import PullRequestCheck
    from tests.rollback.git.house import House


def check(
    house: House, *, base: str = "main", head: str = "feature", where: Path | None = None
) -> PullRequestCheck:
    return check_pull_request(
        house.repository, house.processes, where or house.checkout, base=base, head=head
    )


@pytest.fixture
def feature(house: House) -> House:
    """On a branch of its own, while main has moved on."""
    house.branch("feature")
    house.switch("main")
    house.commit("Meanwhile", {"infra/meanwhile.tf": "x"}, push=False)
    house.switch("feature")
    return house


def test_a_change_of_one_side_is_fine(feature: House) -> None:
    """What main has got in the meantime is not the branch's."""
    feature.commit("App", {"app/x.py": "x", "README.md": "y"}, push=False)
    found = check(feature)
    assert not found.mixed
    assert found.sentence == "This change is to the application only (app/x.py)."


def test_a_change_of_both_is_named_with_its_files(feature: House) -> None:
    feature.commit("App", {f"app/{n}.py": "x" for n in range(7)}, push=False)
    feature.commit("Infra", {"infra/main.tf": "x"}, push=False)
    found = check(feature)
    assert found.mixed
    assert found.sentence == (
        "This change mixes infrastructure (infra/main.tf) and application (app/0.py, app/1.py, app/2.py, app/3.py, "
        "app/4.py and 2 more), so that one revert can't undo just one of them: make it two pull requests."
    )


def test_what_was_taken_back_within_it_does_not_count(feature: House) -> None:
    feature.commit("Infra", {"infra/main.tf": "x"}, push=False)
    feature.commit(
        "App, and not the infrastructure after all", {"infra/main.tf": None, "app/x.py": "x"}, push=False
    )
    assert not check(feature).mixed


def test_a_file_moved_from_one_side_to_the_other_is_a_change_of_both(feature: House) -> None:
    feature.commit(
        "Move", {"app/main.py": None, "infra/main.py": "".join(f"line {n}\n" for n in range(30))}, push=False
    )
    assert check(feature).mixed


def test_a_submodule_that_git_is_told_to_overlook_is_not_overlooked(feature: House) -> None:
    modules = '[submodule "m"]\n\tpath = infra/m\n\turl = https://github.example/m.git\n\tignore = all\n'
    for number in "12":
        feature.run("update-index", "--add", "--cacheinfo", f"160000,{number * 40},infra/m")
        (feature.checkout / ".gitmodules").write_text(modules)
        feature.run("add", ".gitmodules")
        feature.run("commit", "-q", "-m", f"Module {number}")
    feature.env |= {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "diff.ignoreSubmodules",
        "GIT_CONFIG_VALUE_0": "all",
    }
    assert check(feature, base="feature~1").sentence == "This change is to the infrastructure only (infra/m)."


def test_nothing_of_either_is_said_so(feature: House) -> None:
    feature.commit("Docs", {"docs/x": "x"}, push=False)
    assert check(feature).sentence == "This change is to neither the infrastructure nor the application."
    feature.commit("Infra", {"infra/x": "x"}, push=False)
    assert check(feature).sentence == "This change is to the infrastructure only (infra/x)."


def test_it_is_asked_from_any_directory_of_the_checkout(feature: House) -> None:
    feature.commit("Both", {"infra/x": "x", "app/y": "y"}, push=False)
    assert check(feature, where=feature.checkout / "app").mixed


def test_another_repository_in_the_environment_is_not_looked_at(feature: House) -> None:
    """As within a hook."""
    other = feature.root / "other"
    feature.run("init", "-q", str(other), cwd=feature.root)
    feature.env |= {"GIT_DIR": str(other / ".git"), "GIT_WORK_TREE": str(other)}
    feature.commit("Both", {"infra/x": "x", "app/y": "y"}, push=False)
    assert check(feature).mixed


def test_a_replaced_commit_is_looked_at_as_it_was_pushed(feature: House) -> None:
    sha = feature.commit("Both", {"infra/x": "x", "app/y": "y"}, push=False)
    feature.run("replace", sha, "main")
    assert check(feature).mixed


def test_a_checkout_without_history_is_told_what_it_needs(feature: House) -> None:
    """What actions/checkout makes unless it is told otherwise."""
    feature.commit("App", {"app/x.py": "x"}, push=False)
    feature.run("push", "-q", str(feature.remote), "+feature", "+main")
    shallow = feature.root / "shallow"
    feature.run(
        "clone",
        "-q",
        "--depth=1",
        "-b",
        "feature",
        f"file://{feature.remote}",
        str(shallow),
        cwd=feature.root,
    )
    with pytest.raises(
        UnknownCommit, match='The base "origin/main" is not a commit of this checkout'
    ) as caught:
        check(feature, base="origin/main", head="HEAD", where=shallow)
    assert "fetch-depth: 0" in caught.value.remedy
    feature.run("fetch", "-q", "--depth=1", "origin", "+main:refs/remotes/origin/main", cwd=shallow)
    with pytest.raises(GitError, match="have no commit in common") as other:
        check(feature, base="origin/main", head="HEAD", where=shallow)
    assert "fetch-depth: 0" in other.value.remedy


@pytest.mark.parametrize(
    ("base", "sentence"),
    [
        ("-x", "begins with a hyphen"),
        ("", "is empty"),
        ("nothing", "is not a commit"),
        ("HEAD:app", "is not a commit"),
    ],
)
def test_a_base_that_is_none_is_a_sentence(feature: House, base: str, sentence: str) -> None:
    with pytest.raises(RollbackError, match=sentence):
        check(feature, base=base)


def test_outside_of_a_checkout_it_says_so(feature: House) -> None:
    with pytest.raises(GitError, match="not a git repository") as caught:
        check(feature, where=feature.root)
    assert "damaged" not in str(caught.value)


class TestCommand:
    @pytest.fixture(autouse=True)
    def _there(self, feature: House, monkeypatch: pytest.MonkeyPatch) -> None:
        (feature.root / "environments.toml").write_text(SHOP)
        monkeypatch.chdir(feature.checkout)
        monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
        for name, value in feature.env.items():
            if value is not None:
                monkeypatch.setenv(name, value)

    def run(self, *more: str) -> int:
        return main(["check-pull-request", "--base", "main", "--config", "../environments.toml", *more])

    def test_one_side_passes(self, feature: House, capsys: pytest.CaptureFixture[str]) -> None:
        feature.commit("App", {"app/x.py": "x"}, push=False)
        assert self.run() == 0
        assert capsys.readouterr().out == "This change is to the application only (app/x.py).\n"

    def test_both_sides_fail_with_one_sentence(
        self, feature: House, capsys: pytest.CaptureFixture[str]
    ) -> None:
        feature.commit("Both", {"app/x.py": "x", "infra/y": "y"}, push=False)
        assert self.run("--head", "feature", "--env", "stg") == 1
        assert capsys.readouterr().out.startswith("This change mixes ")

    def test_github_shows_it_at_the_top(
        self, feature: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        feature.commit("Both", {"app/100%.py": "x", "infra/y\n::error::z": "y"}, push=False)
        assert self.run() == 1
        annotations = [line for line in capsys.readouterr().out.splitlines() if line.startswith("::")]
        assert len(annotations) == 1
        assert annotations[0].startswith("::error::This change mixes ")
        assert "app/100%25.py" in annotations[0]

    @pytest.mark.parametrize(
        ("more", "sentence"),
        [
            (("--head", "nothing"), 'The head "nothing" is not a commit'),
            (("--env", "prodd"), 'knows no environment "prodd"'),
            (("--config", "nowhere.toml"), "is not there"),
        ],
    )
    def test_what_can_not_be_told_is_another_exit_code(
        self, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], sentence: str
    ) -> None:
        assert self.run(*more) == 2
        assert sentence in capsys.readouterr().err

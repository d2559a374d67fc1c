"""Building the pages: whole files or none, other people's left alone, and one sentence where it can't be done."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
import typer

from rehearsal.report import build as building
from rehearsal.report.__main__ import main
from rehearsal.report.writing import Unwritable, write_all
from rollback.environment import Environments, load
from tests.environment.shop import SHOP

if TYPE_CHECKING:
    from pathlib import Path

    from rehearsal.report.build import Built

_FEATURE = """
@ecs
Feature: Back to the revision before
  Use it when it hurts.

  Scenario: Back
    Given the service runs
    When we roll back
    Then it runs the revision before
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one chapter, in which nothing was rehearsed yet."""
    (tmp_path / "environments.toml").write_text(SHOP)
    (tmp_path / "features/ecs").mkdir(parents=True)
    (tmp_path / "features/ecs/back.feature").write_text(_FEATURE)
    return tmp_path


@pytest.fixture
def known(project: Path) -> Environments:
    return load(project / "environments.toml")


def _build(project: Path, known: Environments) -> Built:
    out = project / "runbook"
    return building.build(
        out / "history", out, root=project, features=project / "features", environments=known
    )


def test_a_project_without_a_run_gets_a_page_that_says_so(project: Path, known: Environments) -> None:
    built = _build(project, known)
    assert built.index == project / "runbook/index.html"
    assert "Back to the revision before" in built.index.read_text()
    assert {verdict.state for verdict in built.runbook.front.verdicts} == {"not known"}
    assert {path.name for path in built.written} == {path.name for path in (project / "runbook").iterdir()}


def test_the_same_is_there_for_a_wiki_and_for_a_machine(project: Path, known: Environments) -> None:
    """The first page leads to both, so they have to be there before it."""
    index = _build(project, known).index
    for name in ("runbook.md", "runbook.json"):
        assert f'href="{name}"' in index.read_text()
        assert "Back to the revision before" in (index.parent / name).read_text()


def test_what_is_built_can_be_read_by_others(project: Path, known: Environments) -> None:
    """A page is published: it is not as private as the file that it was made from."""
    assert all(path.stat().st_mode & 0o044 == 0o044 for path in _build(project, known).written)


def test_the_first_page_is_the_last_to_be_written(project: Path, known: Environments) -> None:
    """Whoever reads while it is built finds no link that leads nowhere."""
    assert _build(project, known).written[-1].name == "index.html"


def test_the_page_of_a_chapter_that_is_gone_goes_and_what_others_have_put_there_stays(
    project: Path, known: Environments
) -> None:
    theirs = project / "runbook/notes.html"
    theirs.parent.mkdir()
    theirs.write_text("<p>ours</p>")
    _build(project, known)
    (project / "features/ecs/back.feature").rename(project / "features/ecs/there.feature")
    built = _build(project, known)
    assert [path.name for path in built.removed] == ["ecs-back.html"]
    assert not built.removed[0].exists()
    assert theirs.exists()


def test_a_failure_in_the_middle_of_a_file_leaves_the_old_one_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_all(tmp_path, [("index.html", "old")])

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(Unwritable, match=r"index.html can't be written: No space left on device\."):
        write_all(tmp_path, [("index.html", "new")])
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("index.html", "old")]


def test_a_folder_that_cannot_be_written_is_one_sentence(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the folder is to be, there is a file."""
    (project / "taken").write_text("")
    ended, out, err = _run(project, "--out", "taken", monkeypatch=monkeypatch, capsys=capsys)
    assert (ended, out) == (2, "")
    assert err.count("\n") == 1
    assert err.startswith("taken")
    assert "Name a folder that can be" in err
    assert (project / "taken").read_text() == ""


def test_the_program_says_whether_there_is_a_way_back_and_where_the_page_is(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ended, out, err = _run(project, monkeypatch=monkeypatch, capsys=capsys)
    assert (ended, err) == (0, "")
    assert out.splitlines()[0].startswith("production: not known.")
    assert out.splitlines()[-1] == f"{os.path.join('runbook', 'index.html')} is made of 0 runs."  # noqa: PTH118


def test_the_program_names_what_it_has_skipped(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "runbook/history").mkdir(parents=True)
    (project / "runbook/history/foreign.ndjson").write_text("hello\n")
    ended, out, _ = _run(project, monkeypatch=monkeypatch, capsys=capsys)
    assert ended == 0
    assert out.splitlines()[0].startswith("skipped: foreign.ndjson")


@pytest.mark.parametrize("option", ["--history", "--features"])
def test_a_folder_that_is_named_and_is_not_there_is_a_mistake(
    project: Path, option: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its absence would be read as a runbook that nobody has rehearsed."""
    ended, _, err = _run(project, option, "nowhere", monkeypatch=monkeypatch, capsys=capsys)
    assert ended == 2
    assert err == f"nowhere is not a folder. Name one with {option}.\n"
    assert not (project / "runbook").exists()


def _run(
    project: Path, *words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str, str]:
    """What the program prints, started within `project`, and what it ends with."""
    monkeypatch.chdir(project)
    monkeypatch.setattr("sys.argv", ["python -m rehearsal.report", *words])
    with pytest.raises(SystemExit) as ended:
        typer.run(main)
    out, err = capsys.readouterr()
    return int(ended.value.code or 0), out, err

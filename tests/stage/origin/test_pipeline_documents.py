"""Workflow files, as GitHub reads them."""

from __future__ import annotations

import pytest

from rehearsal.origin.pipeline.document import Definition, InvalidWorkflow, paths_in, read
from rehearsal.origin.pipeline.expressions import Unrehearsed

JOBS = """
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: make
"""


def from_text(text: str) -> Definition:
    return read(".github/workflows/ci.yml", text)


@pytest.mark.parametrize(
    "on", ["push", "[pull_request, push]", "{push: }", "{push: {}, schedule: [{cron: x}]}"]
)
def test_a_push_starts_it_in_each_form_that_on_can_have(on: str) -> None:
    push = from_text(f"on: {on}{JOBS}").push
    assert push is not None
    assert push.branches is push.paths is push.tags is None


def test_other_events_are_no_push() -> None:
    assert from_text(f"on: [pull_request, workflow_dispatch]{JOBS}").push is None


def test_on_is_a_word_in_the_yaml_that_github_reads() -> None:
    definition = from_text(f"on: push\nname: on\nenv: {{A: yes, B: off}}{JOBS}")
    assert definition.name == "on"


def test_a_workflow_without_a_name_is_called_by_its_path() -> None:
    assert from_text(f"on: push{JOBS}").name == ".github/workflows/ci.yml"


def test_short_forms_mean_the_same_as_long_ones() -> None:
    short = from_text(
        "on: {push: {branches: main}}\nconcurrency: group\njobs:\n  a: {runs-on: x, environment: e, steps: [{run: z}]}\n"
        "  b: {runs-on: x, needs: a, steps: [{uses: actions/checkout@v4}]}\n"
    )
    long = from_text(
        "on: {push: {branches: [main]}}\nconcurrency: {group: group, cancel-in-progress: false}\n"
        "jobs:\n  a: {runs-on: x, environment: {name: e}, steps: [{run: z}]}\n"
        "  b: {runs-on: x, needs: [a], steps: [{uses: actions/checkout@v4}]}\n"
    )
    assert short == long
    assert short.jobs["a"].steps[0].title == "Run z"
    assert short.jobs["b"].steps[0].title == "Run actions/checkout@v4"


@pytest.mark.parametrize(
    "text",
    [
        "on: [push",
        "- a list",
        "name: no jobs\non: push",
        "on: push\njobs: {}",
        f"name: no event{JOBS}",
        "on: push\njobs: {a: {steps: [{run: x}]}}",
        "on: push\njobs: {a: {runs-on: x, steps: []}}",
        "on: push\njobs: {a: {runs-on: x, steps: [{name: idle}]}}",
        "on: push\njobs: {a: {runs-on: x, steps: [{run: x, uses: y}]}}",
        "on: push\njobs: {a: {runs-on: x, needs: nobody, steps: [{run: x}]}}",
        "on: push\njobs:\n  a: {runs-on: x, needs: b, steps: [{run: x}]}\n  b: {runs-on: x, needs: a, steps: [{run: x}]}",
        f"on: {{push: {{paths: [a], paths-ignore: [b]}}}}{JOBS}",
        f"on: {{push: {{branches: [a], branches-ignore: [b]}}}}{JOBS}",
    ],
)
def test_what_github_does_not_accept_is_invalid(text: str) -> None:
    with pytest.raises(InvalidWorkflow, match=r"^\.github/workflows/ci\.yml is n"):
        from_text(text)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("run-name: x\non: push" + JOBS, "run-name"),
        ("on: {push: {types: [x]}}" + JOBS, "types"),
        ("on: push\njobs: {a: {runs-on: x, if: always(), steps: [{run: x}]}}", r"jobs\.a\.if"),
        ("on: push\njobs: {a: {runs-on: x, strategy: {}, steps: [{run: x}]}}", "strategy"),
        (
            "on: push\njobs: {a: {runs-on: x, steps: [{run: x, continue-on-error: true}]}}",
            "continue-on-error",
        ),
    ],
)
def test_a_key_that_is_not_played_is_refused_and_not_read_past(text: str, key: str) -> None:
    with pytest.raises(Unrehearsed, match=rf"says .*{key}.*, which the rehearsed pipeline doesn't know"):
        from_text(text)


def test_workflow_files_are_those_of_one_directory() -> None:
    files = ["x.yml", ".github/workflows/b.yml", ".github/workflows/a.yaml", ".github/workflows/a/b.yml"]
    assert paths_in([*files, ".github/workflows/notes.md"]) == [
        ".github/workflows/a.yaml",
        ".github/workflows/b.yml",
    ]

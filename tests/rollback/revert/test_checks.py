"""What each check says of what it is given; that a plan makes them, the runbook's features show."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from rollback.git import Trial, kinds_of
from rollback.github.model import Protection
from rollback.revert import Side, checks
from rollback.revert.planning import sides_of, workflow_of
from tests.rollback.builders import ENVIRONMENT, REPOSITORY, deployment, service

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rollback.access import Access
    from rollback.plan import Finding


def hands(*, signed_in: bool = True, state: str = "active") -> Access:
    github = SimpleNamespace(signed_in=signed_in, workflow_state=lambda _: state)
    return cast("Access", SimpleNamespace(github=github))


def said(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    return [(finding.check, finding.severity) for finding in findings]


def one(findings: Iterable[Finding]) -> Finding:
    (finding,) = findings
    return finding


class TestOneSide:
    @pytest.mark.parametrize(
        ("paths", "says", "sides"),
        [
            (["app/a.py", "docs/a.md"], "changes the application only", (Side.APPLICATION,)),
            (["infra/a.tf", "README.md"], "changes infrastructure only", (Side.INFRASTRUCTURE,)),
            (["docs/a.md"], "only what is neither side's", ()),
        ],
    )
    def test_what_keeps_to_one_side_goes(self, paths: list[str], says: str, sides: tuple[Side, ...]) -> None:
        kinds = kinds_of(paths, REPOSITORY)
        finding = one(checks.one_side(kinds, allowed=False))
        assert (finding.severity, says in finding.seen) == ("ok", True)
        assert sides_of(kinds) == sides

    @pytest.mark.parametrize(("allowed", "severity"), [(False, "refusal"), (True, "warning")])
    def test_what_changes_both_is_refused_unless_asked_for_by_name(
        self, *, allowed: bool, severity: str
    ) -> None:
        kinds = kinds_of(["infra/a.tf", "app/a.py"], REPOSITORY)
        finding = one(checks.one_side(kinds, allowed=allowed))
        assert finding.severity == severity
        assert "infrastructure (infra/a.tf) and application (app/a.py)" in finding.seen
        assert finding.remedy
        assert sides_of(kinds) == (Side.INFRASTRUCTURE, Side.APPLICATION)

    def test_each_side_has_its_workflow(self) -> None:
        assert workflow_of(ENVIRONMENT, Side.APPLICATION) == REPOSITORY.application_workflow
        assert workflow_of(ENVIRONMENT, Side.INFRASTRUCTURE) == REPOSITORY.infrastructure_workflow
        assert sides_of(None) == ()


class TestTheWayToTheBranch:
    @pytest.mark.parametrize(
        ("protection", "proposes", "signed_in", "findings"),
        [
            (Protection(), False, True, [("branch-protection", "ok")]),
            (Protection(), True, True, [("branch-protection", "ok")]),
            (Protection(), False, False, [("branch-protection", "ok"), ("token", "warning")]),
            (Protection(), True, False, [("branch-protection", "refusal"), ("token", "warning")]),
            (Protection(reasons=("a review",)), True, True, [("branch-protection", "warning")]),
            (Protection(unknown="No."), False, True, [("branch-protection", "warning")]),
            (
                Protection(reasons=("a review",), unknown="No."),
                True,
                True,
                [("branch-protection", "warning")],
            ),
            (
                Protection(reasons=("a review",)),
                True,
                False,
                [("branch-protection", "refusal"), ("token", "warning")],
            ),
        ],
    )
    def test_it_is_told_before_anything_is_pushed(
        self, protection: Protection, findings: list[tuple[str, str]], *, proposes: bool, signed_in: bool
    ) -> None:
        access = hands(signed_in=signed_in)
        assert said(checks.way_to_the_branch(ENVIRONMENT, access, protection, proposes=proposes)) == findings

    def test_the_reasons_are_named_and_what_is_unknown_is_not_taken_for_a_yes(self) -> None:
        known = Protection(reasons=("1 approving review is required", "commits must be signed"))
        (finding,) = checks.way_to_the_branch(ENVIRONMENT, hands(), known, proposes=True)
        assert "no direct push: 1 approving review is required, commits must be signed." in finding.seen
        (finding,) = checks.way_to_the_branch(ENVIRONMENT, hands(), Protection(unknown="No."), proposes=False)
        assert "can't be told: No." in finding.seen
        assert "plan it as a pull request" in finding.remedy

    def test_without_a_token_the_variable_is_named(self) -> None:
        refused, told = checks.way_to_the_branch(
            ENVIRONMENT, hands(signed_in=False), Protection(), proposes=True
        )
        assert "as you wish it" in refused.seen
        assert refused.remedy.endswith("into TEAM_TOKEN.")
        assert "TEAM_TOKEN" in told.seen


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize(
    ("state", "severity", "says"),
    [
        ("active", "ok", "is active"),
        ("disabled_inactivity", "refusal", "is disabled inactivity, so a push would bring nothing about"),
        ("", "refusal", "GitHub knows no workflow"),
    ],
)
def test_a_workflow_must_be_there_and_on(side: Side, state: str, severity: str, says: str) -> None:
    finding = one(checks.workflow(ENVIRONMENT, hands(state=state), side))
    file = workflow_of(ENVIRONMENT, side)
    assert finding.severity == severity
    assert says in finding.seen
    assert file in finding.seen
    name = file.rpartition("/")[2]
    enable = (f"gh workflow enable {name} --repo team/app",)
    assert finding.commands == (enable if state.startswith("disabled") else ())


class TestTheService:
    @pytest.mark.parametrize(("status", "desired"), [("DRAINING", 2), ("INACTIVE", 2), ("ACTIVE", 0)])
    def test_one_that_runs_nothing_can_prove_nothing(self, status: str, desired: int) -> None:
        seen = service(deployment(42), desired=desired, status=status)
        assert said(checks.service(ENVIRONMENT, seen, [Side.APPLICATION])) == [("service", "refusal")]

    @pytest.mark.parametrize(
        ("state", "sides", "told"),
        [
            ("COMPLETED", [Side.APPLICATION], False),
            ("IN_PROGRESS", [Side.APPLICATION], True),
            ("IN_PROGRESS", [Side.INFRASTRUCTURE, Side.APPLICATION], True),
            ("IN_PROGRESS", [Side.INFRASTRUCTURE], False),
        ],
    )
    def test_a_deployment_in_progress_matters_where_ours_will_take_its_place(
        self, state: str, sides: list[Side], *, told: bool
    ) -> None:
        seen = service(deployment(42, state=state, running=1, pending=1), deployment(41, status="ACTIVE"))
        expected = [("service", "ok"), *([("deployment-in-progress", "warning")] if told else [])]
        assert said(checks.service(ENVIRONMENT, seen, sides)) == expected


@pytest.mark.parametrize(("before", "severity"), [("t", "ok"), ("another", "refusal")])
def test_a_revert_of_the_newest_commit_that_does_not_bring_back_what_was_is_not_trusted(
    before: str, severity: str
) -> None:
    """Whatever git's trial has come to, the two trees are compared."""
    commit = cast("Any", SimpleNamespace(sha="c" * 40, parents=("b" * 40,)))
    copy = cast("Any", SimpleNamespace(tree_of=lambda _: before))
    finding = one(checks.trial(ENVIRONMENT, copy, commit, [commit], Trial(trees=("t",))))
    assert (finding.check, finding.severity) == ("revert-applies", severity)
    assert "exactly the files of bbbbbbbbbb" in finding.seen


def test_a_sentence_names_five_files_and_counts_the_others() -> None:
    assert checks.named([f"f{n}" for n in range(5)]) == "f0, f1, f2, f3, f4"
    assert checks.named([f"f{n}" for n in range(7)]) == "f0, f1, f2, f3, f4 and 2 more"
    assert checks.named(["a\x1b[31m"]).isprintable()

"""What is read is what GitHub's own description says there is: its names, and what may be missing or null."""

from __future__ import annotations

import importlib
import json
from typing import TYPE_CHECKING, Any, get_args

import pytest
from pydantic import ValidationError

from rollback.github import protection, shapes
from tests.rollback.github.payloads import DEPLOY, job, run

if TYPE_CHECKING:
    from rollback.github.shapes import Shape

# It has a model for everything at GitHub; only what is asked for here should be read by mypy.
DESCRIPTION: Any = importlib.import_module("githubkit_schemas.latest.models")

OLDER = {(protection.StatusChecks, "enforcement_level")}
"""What is described for the branch, but not for its protection."""

GONE = {(shapes.PullRequest, "merge_commit_sha")}
"""What the newest version of the API, which githubkit describes, no longer has, and ours has."""

PAIRS: list[tuple[type[Shape], str]] = [
    (shapes.PullRequest, "PullRequest"),
    (shapes.PullRequestNumber, "PullRequestSimple"),
    (shapes.Ref, "PullRequestPropHead"),
    (shapes.Ref, "PullRequestPropBase"),
    (shapes.Run, "WorkflowRun"),
    (shapes.Runs, "ReposOwnerRepoActionsRunsGetResponse200"),
    (shapes.Job, "Job"),
    (shapes.Step, "JobPropStepsItems"),
    (shapes.Jobs, "ReposOwnerRepoActionsRunsRunIdJobsGetResponse200"),
    (shapes.Jobs, "ReposOwnerRepoActionsRunsRunIdAttemptsAttemptNumberJobsGetResponse200"),
    (shapes.Workflow, "Workflow"),
    (shapes.PendingDeployment, "PendingDeployment"),
    (shapes.WaitingEnvironment, "PendingDeploymentPropEnvironment"),
    (shapes.Commit, "Commit"),
    (shapes.CommitText, "CommitPropCommit"),
    (protection.Branch, "BranchWithProtection"),
    (protection.Classic, "BranchProtection"),
    (protection.Reviews, "ProtectedBranchPullRequestReview"),
    (protection.StatusChecks, "ProtectedBranchRequiredStatusCheck"),
    (protection.Check, "ProtectedBranchRequiredStatusCheckPropChecksItems"),
    (protection.Switch, "BranchProtectionPropLockBranch"),
    (protection.Switch, "BranchProtectionPropRequiredSignatures"),
]


FIELDS = [
    pytest.param(ours, described, name, id=f"{described}.{name}")
    for ours, described in PAIRS
    for name in ours.model_fields
    if (ours, name) not in GONE | OLDER
]


@pytest.mark.parametrize(("ours", "described", "name"), FIELDS)
def test_what_is_read_is_what_github_describes(ours: type[Shape], described: str, name: str) -> None:
    """A field that is needed is always there, and one that may be null may be null."""
    theirs = getattr(DESCRIPTION, described).model_fields[name]
    mine = ours.model_fields[name]
    if mine.is_required():
        assert theirs.is_required()
        assert (type(None) in get_args(theirs.annotation)) == (type(None) in get_args(mine.annotation))


@pytest.mark.parametrize(("ours", "name"), sorted(GONE, key=str))
def test_what_is_gone_may_be_missing(ours: type[Shape], name: str) -> None:
    assert not ours.model_fields[name].is_required()


RULES: dict[str, str] = {
    model.model_fields["type"].annotation.__args__[0]: name
    for name in dir(DESCRIPTION)
    if name.startswith("RepositoryRuleDetailedOneof")
    for model in (getattr(DESCRIPTION, name),)
}


@pytest.mark.parametrize("kind", sorted(RULES))
def test_every_kind_of_rule_that_github_describes_is_known(kind: str) -> None:
    """Known to be kept, to be broken, or to be compared at the push; none is guessed at."""
    reasons, unknown = protection.of_rules([protection.Rule(type=kind)])
    assert not any("doesn't know" in each for each in unknown)
    named = {*protection.ASKED, "pull_request", "required_deployments"}
    assert bool(reasons) == (kind in named)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("PullRequest", "required_approving_review_count"),
        ("RequiredStatusChecks", "required_status_checks"),
        ("RequiredDeployments", "required_deployment_environments"),
    ],
)
def test_the_parameters_of_a_rule_are_named_as_described(kind: str, name: str) -> None:
    assert name in getattr(DESCRIPTION, f"RepositoryRule{kind}PropParameters").model_fields
    assert name in protection.Parameters.model_fields


def test_null_is_as_good_as_missing_where_something_may_be_missing() -> None:
    told = job() | {"steps": None}
    assert shapes.Job.model_validate_json(json.dumps(told)).steps == ()


def test_null_is_not_enough_where_something_is_needed() -> None:
    with pytest.raises(ValidationError):
        shapes.Job.model_validate_json(json.dumps(job() | {"name": None}))


def test_the_file_of_a_workflow_is_told_without_the_branch_it_is_from() -> None:
    told = shapes.Run.model_validate_json(json.dumps(run(path=f"{DEPLOY}@main"))).told()
    assert told.workflow == DEPLOY


@pytest.mark.parametrize("sha", ["", "main", "-x", "0" * 39, "0" * 41, "0" * 40 + "\n", "G" * 40])
def test_what_is_no_object_name_is_not_taken_for_one(sha: str) -> None:
    """It ends up in an argument list of git."""
    with pytest.raises(ValidationError):
        shapes.Run.model_validate_json(json.dumps(run(head_sha=sha)))


def test_times_are_told_in_utc_and_must_say_their_zone() -> None:
    told = shapes.Run.model_validate_json(json.dumps(run(created_at="2026-01-05T04:00:00+01:00"))).told()
    assert told.created_at.isoformat() == "2026-01-05T03:00:00+00:00"
    with pytest.raises(ValidationError):
        shapes.Run.model_validate_json(json.dumps(run(created_at="2026-01-05T04:00:00")))

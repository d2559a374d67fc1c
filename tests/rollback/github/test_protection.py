from __future__ import annotations

from typing import Any

import pytest

from rollback.github import GitHub, GitHubError, Protection
from tests.rollback.github.script import API, NOT_FOUND, Asked, Reply, Script

RULES = "GET /rules/branches/main"
BRANCH = "GET /branches/main"
CLASSIC = "GET /branches/main/protection"
FORBIDDEN = Reply(403, {"message": "Resource not accessible by personal access token"})
UPGRADE = Reply(
    403, {"message": "Upgrade to GitHub Pro or make this repository public to enable this feature."}
)
HIDDEN = "an administrator of the repository"


def branch(*, protected: bool = True, **protection: object) -> dict[str, Any]:
    return {"name": "main", "protected": protected, "protection": {"enabled": protected, **protection}}


def ruled(script: Script, github: GitHub, *rules: dict[str, Any]) -> Protection:
    """What is found where rulesets alone protect the branch."""
    script.on(RULES, Reply(200, list(rules)))
    script.on(BRANCH, Reply(200, branch(enabled=False)))
    return github.protection("main")


def guarded(script: Script, github: GitHub, **classic: object) -> Protection:
    """What is found where classic protection alone does, and an administrator asks."""
    script.on(RULES, Reply(200, []))
    script.on(BRANCH, Reply(200, branch()))
    script.on(CLASSIC, Reply(200, {"url": "u", "enforce_admins": {"enabled": False}, **classic}))
    return github.protection("main")


def rule(kind: str, **parameters: object) -> dict[str, Any]:
    return {"type": kind, "ruleset_id": 1, **({"parameters": parameters} if parameters else {})}


def test_a_branch_without_protection_takes_a_push(script: Script, github: GitHub) -> None:
    script.on(RULES, Reply(200, []))
    script.on(BRANCH, Reply(200, branch(protected=False)))
    assert github.protection("main") == Protection()
    assert not github.protection("main").pull_request_needed
    assert script.times(CLASSIC) == []


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (rule("pull_request", required_approving_review_count=1, dismiss_stale_reviews_on_push=True), "1 approving review is required"),
        (rule("pull_request", required_approving_review_count=2), "2 approving reviews are required"),
        (rule("pull_request", required_approving_review_count=0), "a pull request is required"),
        (rule("pull_request"), "a pull request is required"),
        (rule("required_status_checks", required_status_checks=[{"context": "test", "integration_id": 1}]), 'the status check "test" must have passed'),
        (rule("required_signatures"), "commits must be signed"),
        (rule("update"), "updates are restricted"),
        (rule("merge_queue", merge_method="MERGE"), "changes must go through the merge queue"),
        (rule("required_deployments", required_deployment_environments=["staging"]), "it must have been deployed to staging before"),
        (rule("required_deployments", required_deployment_environments=[]), "deployments are required"),
        (rule("workflows", workflows=[]), "required workflows must have passed"),
        (rule("code_scanning", code_scanning_tools=[]), "results of code scanning are required"),
    ],
    ids=range(12),
)  # fmt: skip
def test_a_rule_that_a_push_does_not_keep_is_a_reason(
    script: Script, github: GitHub, given: dict[str, Any], reason: str
) -> None:
    found = ruled(script, github, given)
    assert found == Protection(reasons=(reason,))
    assert found.pull_request_needed


@pytest.mark.parametrize(
    "kind", ["non_fast_forward", "required_linear_history", "creation", "deletion", "copilot_code_review"]
)
def test_a_rule_that_a_revert_keeps_is_none(script: Script, github: GitHub, kind: str) -> None:
    assert ruled(script, github, rule(kind)) == Protection()


def test_no_required_check_is_no_reason(script: Script, github: GitHub) -> None:
    assert ruled(script, github, rule("required_status_checks", required_status_checks=[])) == Protection()


@pytest.mark.parametrize(
    ("kind", "seen"),
    [
        ("commit_message_pattern", "a commit's message"),
        ("file_path_restriction", "the paths of files"),
        ("max_file_size", "the size of files"),
        ("invented_next_year", '"invented_next_year", which this tool doesn\'t know'),
    ],
)
def test_a_rule_that_can_not_be_judged_is_told(script: Script, github: GitHub, kind: str, seen: str) -> None:
    found = ruled(script, github, rule(kind, pattern="^fix", operator="regex"))
    assert found.reasons == ()
    assert seen in found.unknown
    assert found.unknown.endswith(".")


def test_the_rules_of_every_page_count(script: Script, github: GitHub) -> None:
    def answer(asked: Asked) -> Reply:
        if "page" in asked.query:
            return Reply(200, [rule("update")])
        link = f'<{API}/repos/team/app/rules/branches/main?per_page=100&page=2>; rel="next"'
        return Reply(200, [rule("non_fast_forward")], {"Link": link})

    script.on(RULES, answer)
    script.on(BRANCH, Reply(200, branch(protected=False)))
    assert github.protection("main").reasons == ("updates are restricted",)


@pytest.mark.parametrize(
    ("classic", "reasons"),
    [
        ({"required_pull_request_reviews": {"required_approving_review_count": 2}}, ("2 approving reviews are required",)),
        ({"required_pull_request_reviews": {"require_code_owner_reviews": True}}, ("a pull request is required",)),
        ({"required_status_checks": {"strict": True, "contexts": ["test"], "checks": [{"context": "test", "app_id": None}]}}, ('the status check "test" must have passed',)),
        ({"required_status_checks": {"strict": True, "contexts": [], "checks": []}}, ()),
        ({"required_signatures": {"url": "u", "enabled": True}}, ("commits must be signed",)),
        ({"required_signatures": {"url": "u", "enabled": False}}, ()),
        ({"lock_branch": {"enabled": True}}, ("the branch is locked",)),
        ({"lock_branch": {"enabled": False}}, ()),
        ({"restrictions": {"users": [], "teams": [], "apps": []}}, ("only some people may push to it",)),
        ({"required_linear_history": {"enabled": True}, "allow_force_pushes": {"enabled": False}}, ()),
    ],
    ids=range(10),
)  # fmt: skip
def test_classic_protection_is_told_to_an_administrator(
    script: Script, github: GitHub, classic: dict[str, Any], reasons: tuple[str, ...]
) -> None:
    assert guarded(script, github, **classic) == Protection(reasons=reasons)


@pytest.mark.parametrize("answer", [FORBIDDEN, NOT_FOUND])
def test_classic_protection_that_is_not_shown_is_unknown_but_for_its_checks(
    script: Script, github: GitHub, answer: Reply
) -> None:
    checks = {"enforcement_level": "non_admins", "contexts": ["test"], "checks": []}
    script.on(RULES, Reply(200, []))
    script.on(BRANCH, Reply(200, branch(required_status_checks=checks)))
    script.on(CLASSIC, answer)
    found = github.protection("main")
    assert found.reasons == ('the status check "test" must have passed',)
    assert HIDDEN in found.unknown


def test_checks_that_are_off_are_no_reason(script: Script, github: GitHub) -> None:
    checks = {"enforcement_level": "off", "contexts": ["test"], "checks": []}
    script.on(RULES, Reply(200, []))
    script.on(BRANCH, Reply(200, branch(required_status_checks=checks)))
    script.on(CLASSIC, FORBIDDEN)
    assert github.protection("main").reasons == ()


def test_a_branch_that_only_says_that_it_is_protected_is_looked_into(script: Script, github: GitHub) -> None:
    script.on(RULES, Reply(200, []))
    script.on(BRANCH, Reply(200, {"name": "main", "protected": True}))
    script.on(CLASSIC, FORBIDDEN)
    assert HIDDEN in github.protection("main").unknown


def test_an_administrator_is_told_that_there_is_no_classic_protection(script: Script, github: GitHub) -> None:
    script.on(RULES, Reply(200, []))
    script.on(BRANCH, Reply(200, branch()))
    script.on(CLASSIC, Reply(404, {"message": "Branch not protected"}))
    assert github.protection("main") == Protection()


def test_a_plan_without_rulesets_has_none(script: Script, github: GitHub) -> None:
    """So GitHub answers for a private repository of an owner who doesn't pay."""
    script.on(RULES, UPGRADE)
    script.on(BRANCH, Reply(200, branch(protected=False)))
    assert github.protection("main") == Protection()


@pytest.mark.parametrize("answer", [FORBIDDEN, NOT_FOUND])
def test_rules_that_are_not_shown_are_unknown(script: Script, github: GitHub, answer: Reply) -> None:
    script.on(RULES, answer)
    script.on(BRANCH, Reply(200, branch(protected=False)))
    assert "the rules for main" in github.protection("main").unknown.replace("no rules", "the rules")


@pytest.mark.parametrize("answer", [FORBIDDEN, NOT_FOUND])
def test_a_branch_that_is_not_shown_is_unknown(script: Script, github: GitHub, answer: Reply) -> None:
    script.on(RULES, Reply(200, [rule("update")]))
    script.on(BRANCH, answer)
    found = github.protection("main")
    assert found.reasons == ("updates are restricted",)
    assert "branch main of team/app" in found.unknown


@pytest.mark.parametrize("where", [RULES, BRANCH, CLASSIC])
@pytest.mark.parametrize("answer", [Reply(401), Reply(502), Reply(200, {"odd": True}), Reply(200, b"<html>")])
def test_a_failure_that_is_not_of_this_question_is_raised(
    script: Script, github: GitHub, where: str, answer: Reply
) -> None:
    """A branch whose protection couldn't be asked for is never one that has none."""
    script.on(RULES, Reply(200, []))
    script.on(BRANCH, Reply(200, branch()))
    script.on(CLASSIC, Reply(200, {"url": "u"}))
    script.on(where, answer)
    with pytest.raises(GitHubError):
        github.protection("main")


def test_both_systems_count_and_say_the_same_once(script: Script, github: GitHub) -> None:
    script.on(RULES, Reply(200, [rule("pull_request", required_approving_review_count=1), rule("update")]))
    script.on(BRANCH, Reply(200, branch()))
    script.on(
        CLASSIC,
        Reply(200, {"url": "u", "required_pull_request_reviews": {"required_approving_review_count": 1}}),
    )
    assert github.protection("main").reasons == ("1 approving review is required", "updates are restricted")


def test_a_branch_with_a_slash_is_one_name(script: Script, github: GitHub) -> None:
    script.on("GET /rules/branches/release%2F1%23x", Reply(200, [rule("update")]))
    script.on("GET /branches/release%2F1%23x", Reply(200, branch(protected=False)))
    assert github.protection("release/1#x") == Protection(reasons=("updates are restricted",))

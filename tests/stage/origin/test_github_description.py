"""The rehearsed API against GitHub's own description of its API: every endpoint, in every case."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from rehearsal.origin.github.faults import Fault, Kind, inject
from rehearsal.origin.github.store import BranchRules
from tests.stage.origin.github_description import (
    ENDPOINTS,
    Client,
    check,
    methods,
    unknown,
)
from tests.stage.origin.github_house import FINE_GRAINED, NOBODY, OCTAVIA, ROOT, STRANGER, build

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.stage.origin.github_house import House

R = "/repos/{owner}/{repo}"


@dataclass(frozen=True)
class Case:
    """A request: what is asked for besides owner and repository, and the status that it has to have."""

    name: str
    endpoint: str
    arguments: Callable[[House], tuple[object, ...]] = lambda _: ()
    parameters: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    who: str = OCTAVIA
    before: Callable[[House], object] = lambda _: None

    def __str__(self) -> str:
        return self.name


def run(house: House) -> tuple[object, ...]:
    return (house.run.id,)


def job(number: int) -> Callable[[House], tuple[object, ...]]:
    return lambda house: (house.run.jobs[number].id,)


def values(*given: object) -> Callable[[House], tuple[object, ...]]:
    return lambda _: given


def approve(house: House) -> None:
    house.store.pulls[2].approvals = 1


def look_twice(house: House) -> None:
    house.told("/pulls/2")


def close(house: House) -> None:
    house.store.pulls[2].state = "closed"


def switch_off(house: House) -> None:
    house.store.actions_enabled = False


def every_rule(house: House) -> None:
    house.store.rules["main"].lock = True


def no_rule(house: House) -> None:
    house.store.rules["main"] = BranchRules()


NEW = {"title": "Undo", "head": "clash", "base": "main", "body": "Because.", "draft": False}
CASES = [
    Case("repository", f"GET {R}"),
    Case("repository for an administrator", f"GET {R}", who=ROOT),
    Case("repository unseen", f"GET {R}", who=NOBODY, status=404),
    Case("bad credentials", f"GET {R}", who=STRANGER, status=401),
    Case("runs", f"GET {R}/actions/runs"),
    Case("runs of a commit", f"GET {R}/actions/runs", parameters={"head_sha": "0" * 40}),
    Case("runs by date", f"GET {R}/actions/runs", parameters={"created": "nonsense"}, status=422),
    Case("run", f"GET {R}/actions/runs/{{run_id}}", run),
    Case("completed run", f"GET {R}/actions/runs/{{run_id}}", lambda house: (house.store.runs[0].id,)),
    Case("no run", f"GET {R}/actions/runs/{{run_id}}", values(1), status=404),
    Case("jobs", f"GET {R}/actions/runs/{{run_id}}/jobs", run),
    Case("all jobs", f"GET {R}/actions/runs/{{run_id}}/jobs", run, {"filter_": "all"}),
    Case(
        "attempt",
        f"GET {R}/actions/runs/{{run_id}}/attempts/{{attempt_number}}",
        lambda house: (house.run.id, 1),
    ),
    Case(
        "jobs of an attempt",
        f"GET {R}/actions/runs/{{run_id}}/attempts/{{attempt_number}}/jobs",
        lambda house: (house.run.id, 1),
    ),
    Case(
        "jobs of no attempt",
        f"GET {R}/actions/runs/{{run_id}}/attempts/{{attempt_number}}/jobs",
        lambda house: (house.run.id, 3),
        status=404,
    ),
    Case("run logs", f"GET {R}/actions/runs/{{run_id}}/logs", run, status=404),
    Case("approval", f"GET {R}/actions/runs/{{run_id}}/pending_deployments", run),
    Case(
        "no approval",
        f"GET {R}/actions/runs/{{run_id}}/pending_deployments",
        lambda house: (house.store.runs[0].id,),
    ),
    Case("failed job", f"GET {R}/actions/jobs/{{job_id}}", job(0)),
    Case("running job", f"GET {R}/actions/jobs/{{job_id}}", job(1)),
    Case("waiting job", f"GET {R}/actions/jobs/{{job_id}}", job(2)),
    Case("no job", f"GET {R}/actions/jobs/{{job_id}}", values(1), status=404),
    Case("no log yet", f"GET {R}/actions/jobs/{{job_id}}/logs", job(2), status=404),
    Case("workflows", f"GET {R}/actions/workflows"),
    Case("workflow by file", f"GET {R}/actions/workflows/{{workflow_id}}", values("terraform.yml")),
    Case("no workflow", f"GET {R}/actions/workflows/{{workflow_id}}", values("none.yml"), status=404),
    Case("runs of a workflow", f"GET {R}/actions/workflows/{{workflow_id}}/runs", values("deploy.yml")),
    Case("actions", f"GET {R}/actions/permissions", who=ROOT),
    Case("actions off", f"GET {R}/actions/permissions", who=ROOT, before=switch_off),
    Case("actions unseen", f"GET {R}/actions/permissions", status=404),
    Case("pulls", f"GET {R}/pulls", parameters={"state": "all"}),
    Case("pull merged", f"GET {R}/pulls/{{pull_number}}", values(1)),
    Case("pull just seen", f"GET {R}/pulls/{{pull_number}}", values(2)),
    Case("pull tried", f"GET {R}/pulls/{{pull_number}}", values(2), before=look_twice),
    Case("pull closed", f"GET {R}/pulls/{{pull_number}}", values(2), before=close),
    Case("no pull", f"GET {R}/pulls/{{pull_number}}", values(99), status=404),
    Case("open a pull", f"POST {R}/pulls", parameters=NEW, status=201),
    Case("open a pull from nowhere", f"POST {R}/pulls", parameters=NEW | {"head": "gone"}, status=422),
    Case("open a pull again", f"POST {R}/pulls", parameters=NEW | {"head": "fix/total"}, status=422),
    Case("open an empty pull", f"POST {R}/pulls", parameters=NEW | {"head": "main"}, status=422),
    Case("merge", f"PUT {R}/pulls/{{pull_number}}/merge", values(2), before=approve),
    Case("merge without approval", f"PUT {R}/pulls/{{pull_number}}/merge", values(2), status=405),
    Case(
        "merge what has moved",
        f"PUT {R}/pulls/{{pull_number}}/merge",
        values(2),
        {"sha": "0" * 40},
        409,
        before=approve,
    ),
    Case("protected branch", f"GET {R}/branches/{{branch}}", values("main")),
    Case("branch of a ruleset", f"GET {R}/branches/{{branch}}", values("clash")),
    Case("free branch", f"GET {R}/branches/{{branch}}", values("fix/total")),
    Case("no branch", f"GET {R}/branches/{{branch}}", values("gone"), status=404),
    Case("protection", f"GET {R}/branches/{{branch}}/protection", values("main"), who=ROOT),
    Case(
        "whole protection",
        f"GET {R}/branches/{{branch}}/protection",
        values("main"),
        who=ROOT,
        before=every_rule,
    ),
    Case(
        "empty protection",
        f"GET {R}/branches/{{branch}}/protection",
        values("main"),
        who=ROOT,
        before=no_rule,
    ),
    Case("protection unseen", f"GET {R}/branches/{{branch}}/protection", values("main"), status=404),
    Case(
        "protection forbidden",
        f"GET {R}/branches/{{branch}}/protection",
        values("main"),
        who=FINE_GRAINED,
        status=403,
    ),
    Case(
        "no protection",
        f"GET {R}/branches/{{branch}}/protection",
        values("clash"),
        who=ROOT,
        status=404,
    ),
    Case("rules", f"GET {R}/rules/branches/{{branch}}", values("clash")),
    Case("no rules", f"GET {R}/rules/branches/{{branch}}", values("main")),
    Case("commit", f"GET {R}/commits/{{ref}}", lambda house: (house.known.merge,)),
    Case("first commit", f"GET {R}/commits/{{ref}}", lambda house: (house.known.first,)),
    Case("no commit", f"GET {R}/commits/{{ref}}", values("0" * 40), status=422),
    Case("pulls of a commit", f"GET {R}/commits/{{commit_sha}}/pulls", lambda house: (house.known.merge,)),
    Case("rate limit", "GET /rate_limit"),
]
UNDESCRIBED = {f"GET {R}/actions/jobs/{{job_id}}/logs", f"GET {R}/actions/runs/{{run_id}}/logs"}
"""Endpoints that answer with no body where all is well."""


def ask(house: House, case: Case) -> Any:
    method, _, path = case.endpoint.partition(" ")
    client = Client(house.api, who=case.who)
    place = ("acme", "shop") if path.startswith(R) else ()
    return client.call(method, path, *place, *case.arguments(house), **case.parameters)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_answer_is_what_github_describes(case: Case) -> None:
    """No required field is missing, each has its type, and none is sent that GitHub doesn't know."""
    house = build()
    case.before(house)
    response = ask(house, case)
    assert response.status_code == case.status
    check(response)


@pytest.mark.parametrize("endpoint", [f"{method} {path}" for method, path in ENDPOINTS])
def test_every_endpoint_has_a_case_that_succeeds(endpoint: str) -> None:
    """A new endpoint without a case above is noticed."""
    succeeding = {case.endpoint for case in CASES if case.status < 400} | UNDESCRIBED
    assert endpoint in succeeding


@pytest.mark.parametrize(("endpoint", "docs"), ENDPOINTS.items(), ids=" ".join)
def test_every_error_names_the_documentation_of_its_endpoint(endpoint: tuple[str, str], docs: str) -> None:
    """An endpoint that GitHub doesn't have, or documents elsewhere, is noticed."""
    assert methods()[endpoint][2] == docs


@pytest.mark.parametrize(
    "kind",
    [
        Kind.BAD_CREDENTIALS,
        Kind.NOT_ACCESSIBLE,
        Kind.NOT_FOUND,
        Kind.UNPROCESSABLE,
        Kind.TOO_MANY_REQUESTS,
        Kind.SECONDARY_LIMIT,
        Kind.SERVER_ERROR,
    ],
)
@pytest.mark.parametrize("endpoint", [f"GET {R}/pulls/{{pull_number}}", f"POST {R}/pulls"])
def test_an_injected_refusal_is_what_github_describes(kind: Kind, endpoint: str) -> None:
    """A fault speaks as GitHub does, in the model of the endpoint that it strikes."""
    house = build()
    inject(house.api, Fault(kind=kind))
    method, _, path = endpoint.partition(" ")
    given = ("acme", "shop", 2) if "{pull" in path else ("acme", "shop")
    parameters: dict[str, Any] = {} if method == "GET" else NEW
    response = Client(house.api).call(method, path, *given, **parameters)
    assert response.status_code >= 400
    check(response)


@pytest.mark.parametrize("base", ["https://ghe.test/api/v3", "https://api.github.test"])
def test_an_enterprise_server_answers_below_its_base_path(base: str) -> None:
    house = build(api=base)
    response = Client(house.api, base_url=base).call("GET", f"{R}/pulls/{{pull_number}}", "acme", "shop", 2)
    check(response)
    assert json.loads(response._response.content)["url"] == f"{base}/repos/acme/shop/pulls/2"


def test_the_check_notices_what_is_missing_or_not_described() -> None:
    """The check itself can fail: else all of the above would prove nothing."""
    house = build()
    good = Client(house.api).call("GET", f"{R}/pulls/{{pull_number}}", "acme", "shop", 2)
    check(good)
    whole = json.loads(good._response.content)
    for spoilt in (
        {name: value for name, value in whole.items() if name != "merge_commit_sha"},
        whole | {"merged": "yes"},
        whole | {"merged": 1},
        whole | {"invented": None},
        whole | {"head": whole["head"] | {"invented": None}},
    ):
        good._response._content = json.dumps(spoilt).encode()
        with pytest.raises((AssertionError, ValueError)):
            check(good)
    assert list(unknown([{"a": 1}, {"b": {"c": 2}}], [{"a": 1}, {"b": {}}])) == ["[1].b.c"]

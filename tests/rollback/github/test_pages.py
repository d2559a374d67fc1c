from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rollback.github import GitHub, Unexpected
from rollback.github.transport import PAGES, REMEMBERED
from tests.rollback.github.payloads import SHA, jobs, pull, run, runs
from tests.rollback.github.payloads import job as a_job
from tests.rollback.github.script import REPO, TOKEN, Asked, Reply, Script

if TYPE_CHECKING:
    from collections.abc import Callable

JOBS = "GET /actions/runs/1/jobs"


def paged(names: list[str], size: int, url: str = f"{REPO}/actions/runs/1/jobs") -> Callable[[Asked], Reply]:
    """A list of jobs in pages, with links as GitHub has them."""

    def answer(asked: Asked) -> Reply:
        page = int(asked.query.get("page", "1"))
        here = names[(page - 1) * size : page * size]
        links = [f'<{url}?per_page=100&page=1>; rel="first"']
        if page * size < len(names):
            links.insert(0, f'<{url}?per_page=100&page={page + 1}>; rel="next"')
        body = jobs(*(a_job(name, id=number + 1) for number, name in enumerate(here)))
        return Reply(200, body, {"Link": ", ".join(links)})

    return answer


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 40), st.integers(1, 10))
def test_every_page_is_read_once_and_in_order(script: Script, github: GitHub, count: int, size: int) -> None:
    """Also where GitHub gives fewer a page than it was asked for."""
    script.asked.clear()
    names = [f"job {number}" for number in range(count)]
    script.on(JOBS, paged(names, size))
    pages = max(1, -(-count // size))
    if pages > PAGES:
        with pytest.raises(Unexpected, match=f"more than {PAGES} pages"):
            github.jobs(1)
        return
    assert [job.name for job in github.jobs(1)] == names
    assert [each.query.get("page", "1") for each in script.asked] == [str(n + 1) for n in range(pages)]
    assert all(each.query["per_page"] == "100" for each in script.asked)


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/api/v3/repos/team/app/actions/runs/1/jobs?page=2",
        "http://github.example/api/v3/repos/team/app/actions/runs/1/jobs?page=2",
        "https://github.example:8443/api/v3/repos/team/app/actions/runs/1/jobs?page=2",
        "https://github.example/login?page=2",
        "https://evil.example\\@github.example/api/v3/repos?page=2",
        "//evil.example/api/v3/repos",
        "https://[broken",
    ],
)
def test_a_next_page_elsewhere_is_not_asked_for(script: Script, github: GitHub, link: str) -> None:
    """The token would go there, or what it says would be taken for GitHub's."""
    script.on(JOBS, Reply(200, jobs(a_job()), {"Link": f'<{link}>; rel="next"'}))
    with pytest.raises(Unexpected, match="next page is at another host"):
        github.jobs(1)
    assert len(script.asked) == 1


def test_a_list_that_links_to_itself_ends(script: Script, github: GitHub) -> None:
    script.on(JOBS, Reply(200, jobs(a_job()), {"Link": f'<{REPO}/actions/runs/1/jobs>; rel="next"'}))
    with pytest.raises(Unexpected, match="pages"):
        github.jobs(1)
    assert len(script.asked) == PAGES


def test_an_answer_that_has_not_changed_is_asked_for_by_its_etag(script: Script, github: GitHub) -> None:
    """GitHub doesn't count those, so that a run can be watched without using up the rate."""

    def answer(asked: Asked) -> Reply:
        if asked.headers.get("if-none-match") == 'W/"one"':
            return Reply(304)
        return Reply(200, pull(), {"ETag": 'W/"one"'})

    script.on("GET /pulls/7", answer)
    assert github.pull_request(7) == github.pull_request(7) == github.pull_request(7)
    assert ["if-none-match" in each.headers for each in script.asked] == [False, True, True]


def test_a_changed_answer_replaces_the_remembered_one(script: Script, github: GitHub) -> None:
    script.on(
        "GET /pulls/7",
        Reply(200, pull(title="one"), {"ETag": '"1"'}),
        Reply(200, pull(title="two"), {"ETag": '"2"'}),
        Reply(304),
    )
    assert [github.pull_request(7).title for _ in range(3)] == ["one", "two", "two"]
    assert script.asked[-1].headers["if-none-match"] == '"2"'


def test_an_etag_is_that_of_one_page(script: Script, github: GitHub) -> None:
    """The second page may have changed while the first has not."""

    def answer(asked: Asked) -> Reply:
        if asked.query.get("page") == "2":
            return Reply(200, jobs(a_job(f"second {len(script.asked)}")), {"ETag": f'"{len(script.asked)}"'})
        if "if-none-match" in asked.headers:
            return Reply(304)
        link = f'<{REPO}/actions/runs/1/jobs?per_page=100&page=2>; rel="next"'
        return Reply(200, jobs(a_job("first")), {"ETag": '"a"', "Link": link})

    script.on(JOBS, answer)
    assert [job.name for job in github.jobs(1)] == ["first", "second 2"]
    assert [job.name for job in github.jobs(1)] == ["first", "second 4"]


def test_304_to_a_question_that_knew_nothing_is_no_answer(script: Script, github: GitHub) -> None:
    script.on("GET /pulls/7", Reply(304))
    with pytest.raises(Unexpected):
        github.pull_request(7)


def test_the_memory_of_answers_has_an_end(script: Script, github: GitHub) -> None:
    for number in range(REMEMBERED + 5):
        script.on(f"GET /pulls/{number}", Reply(200, pull(number), {"ETag": '"1"'}))
        github.pull_request(number)
    assert len(vars(vars(github)["_transport"])["_remembered"]) == REMEMBERED


def test_runs_of_another_commit_are_left_out_although_github_lists_them(
    script: Script, github: GitHub
) -> None:
    """An older GitHub Enterprise Server doesn't know the filter, and lists all."""
    script.on("GET /actions/runs", Reply(200, runs(run(), run(id=2, head_sha="0" * 40))))
    assert [each.sha for each in github.runs(SHA)] == [SHA]
    assert script.asked[0].query["head_sha"] == SHA


def test_the_newest_run_comes_first(script: Script, github: GitHub) -> None:
    listed = runs(run(id=1), run(id=3, created_at="2026-01-05T02:00:00+00:00"), run(id=2))
    script.on("GET /actions/runs", Reply(200, listed))
    assert [each.id for each in github.runs(SHA)] == [2, 1, 3]


def test_each_request_names_the_version_of_the_api(script: Script, github: GitHub) -> None:
    """Of the next one a pull request no longer tells its merge commit."""
    script.on("GET /pulls/7", Reply(200, pull()))
    github.pull_request(7)
    assert script.asked[0].headers["x-github-api-version"] == "2022-11-28"
    assert script.asked[0].headers["accept"] == "application/vnd.github+json"
    assert script.asked[0].headers["authorization"] == f"Bearer {TOKEN}"

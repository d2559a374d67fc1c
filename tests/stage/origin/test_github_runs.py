"""Runs, jobs and workflows, as they are asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rehearsal.origin.github.asking import Refused
from rehearsal.origin.github.endpoints.dates import within
from rehearsal.origin.github.store import Run
from tests.stage.origin.github_house import ROOT, build

if TYPE_CHECKING:
    from tests.stage.origin.github_house import House


def found(house: House, query: str, path: str = "/actions/runs") -> list[int]:
    return [run["run_number"] for run in house.told(f"{path}?{query}")["workflow_runs"]]


def test_the_newest_run_comes_first() -> None:
    assert found(build(), "") == [7, 3]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("branch=main", [3]),
        ("branch=fix/total", [7]),
        ("branch=fix", []),
        ("event=push", [7, 3]),
        ("event=schedule", []),
        ("status=waiting", [7]),
        ("status=success", [3]),
        ("status=completed", [3]),
        ("status=failure", []),
        ("actor=octavia", [7]),
        ("created=%3E%3D2026-01-05", [7]),
        ("created=2026-01-03", [3]),
        ("branch=main&status=waiting", []),
    ],
)
def test_runs_are_found_by_what_they_are(query: str, numbers: list[int]) -> None:
    house = build()
    assert found(house, query) == numbers
    assert house.told(f"/actions/runs?{query}")["total_count"] == len(numbers)


def test_runs_are_found_by_exactly_their_commit() -> None:
    house = build()
    assert found(house, f"head_sha={house.known.fix}") == [7]
    assert found(house, f"head_sha={house.known.fix[:12]}") == []


@pytest.mark.parametrize("name", ["deploy.yml", ".github%2Fworkflows%2Fdeploy.yml", "{id}"])
def test_a_workflow_is_known_by_its_file_and_by_its_id(name: str) -> None:
    house = build()
    path = f"/actions/workflows/{name.format(id=house.run.workflow.id)}"
    assert house.told(path)["path"] == ".github/workflows/deploy.yml"
    assert found(house, "", f"{path}/runs") == [7]
    assert house.told("/actions/workflows/terraform.yml")["state"] == "disabled_manually"


def test_a_run_shows_the_open_pull_requests_of_its_branch() -> None:
    house = build()
    path = f"/actions/runs/{house.run.id}"
    assert [pull["number"] for pull in house.told(path)["pull_requests"]] == [2]
    house.store.pulls[2].head = "clash"
    assert house.told(path)["pull_requests"] == []
    house.store.pulls[2].head, house.store.pulls[2].state = "fix/total", "closed"
    assert house.told(path)["pull_requests"] == []


def test_a_run_shows_its_commit_unless_that_is_gone() -> None:
    house = build()
    path = f"/actions/runs/{house.run.id}"
    assert house.told(path)["head_commit"]["message"] == "Correct the total"
    house.run.sha = "0" * 40
    assert house.told(path)["head_commit"] is None


def test_only_the_latest_attempts_jobs_are_told_unless_all_are_asked_for() -> None:
    house = build()
    path = f"/actions/runs/{house.run.id}"

    def names(which: str) -> list[tuple[int, str]]:
        return [(job["run_attempt"], job["name"]) for job in house.told(f"{path}{which}")["jobs"]]

    assert names("/jobs") == names("/jobs?filter=latest") == [(2, "test"), (2, "deploy")]
    assert names("/jobs?filter=all") == [(1, "test"), (2, "test"), (2, "deploy")]
    assert names("/attempts/1/jobs") == [(1, "test")]
    for attempt in ("0", "3", "x"):
        house.told(f"{path}/attempts/{attempt}/jobs", 404)


def test_an_earlier_attempt_has_ended_whatever_goes_on_now() -> None:
    house = build()
    path = f"/actions/runs/{house.run.id}"
    house.run.jobs[1].conclusion = "cancelled"
    now, then = house.told(path), house.told(f"{path}/attempts/1")
    assert (now["run_attempt"], now["status"], now["conclusion"]) == (2, "waiting", None)
    assert (then["run_attempt"], then["status"], then["conclusion"]) == (1, "completed", "failure")
    assert now["previous_attempt_url"] == then["jobs_url"].removesuffix("/jobs")


def test_a_job_that_has_not_begun_has_neither_steps_nor_a_runner() -> None:
    house = build()
    going, held = house.run.jobs[1:]
    begun, waits = (house.told(f"/actions/jobs/{job.id}") for job in (going, held))
    assert [step["status"] for step in begun["steps"]] == ["in_progress", "queued"]
    assert begun["runner_name"]
    assert (waits["status"], waits["steps"], waits["runner_id"]) == ("waiting", [], None)


def test_a_run_that_waits_names_its_environment_and_who_may_approve() -> None:
    house = build()
    path = f"/actions/runs/{house.run.id}/pending_deployments"
    (awaited,) = house.told(path)
    assert awaited["environment"]["name"] == "production"
    assert [entry["reviewer"]["login"] for entry in awaited["reviewers"]] == ["root", "octavia"]
    assert awaited["current_user_can_approve"]
    house.store.reviewers["production"] = ("octavia",)
    assert not house.told(path, who=ROOT)[0]["current_user_can_approve"]
    house.run.environment = ""
    assert house.told(path) == []


@settings(max_examples=25)
@given(st.integers(0, 30), st.integers(1, 140))
def test_following_the_links_meets_every_run_once(runs: int, size: int) -> None:
    """GitHub's own links name the repository by its number, keep the filters, and end."""
    house = build()
    model = house.store.runs[0]
    house.store.runs = [
        Run(
            id=number,
            number=number,
            workflow=model.workflow,
            branch="main",
            sha=model.sha,
            title="",
            actor="octavia",
            created_at=model.created_at,
        )
        for number in range(1, runs + 1)
    ]
    met: list[int] = []
    after, path = "/repos/acme/shop", f"/actions/runs?branch=main&per_page={size}"
    pages = 0
    while path:
        response = house.ask(path, after=after)
        met += [run["run_number"] for run in house.told(path, after=after)["workflow_runs"]]
        links = relations(response.headers.get("Link", ""))
        after, path = "", links.get("next", "").removeprefix("https://api.github.test")
        pages += 1
        assert not path or path.startswith("/repositories/")
    assert met == list(range(runs, 0, -1))
    assert pages == max(1, -(-runs // min(size, 100)))


def relations(header: str) -> dict[str, str]:
    links = (link.split(">; rel=") for link in header.split(", ") if link)
    return {relation.strip('"'): address.removeprefix("<") for address, relation in links}


def test_a_page_leads_to_all_the_others() -> None:
    house = build()
    house.store.runs *= 3
    links = relations(house.ask("/actions/runs?per_page=2&page=2").headers["Link"])
    pages = {relation: address.rpartition("page=")[2] for relation, address in links.items()}
    assert pages == {"prev": "1", "next": "3", "last": "3", "first": "1"}
    assert "Link" not in house.ask("/actions/runs").headers


def test_a_page_beyond_the_last_leads_back_to_it() -> None:
    links = relations(build().ask("/actions/runs?per_page=1&page=9").headers["Link"])
    pages = {relation: address.rpartition("page=")[2] for relation, address in links.items()}
    assert pages == {"prev": "2", "first": "1"}


@pytest.mark.parametrize(
    "query", ["per_page=0", "per_page=x", "page=0", "page=-1", "per_page=%C2%B2", "per_page=%D9%A1"]
)
def test_a_page_that_is_none_is_the_first_of_the_usual_size(query: str) -> None:
    assert found(build(), query) == [7, 3]


def test_no_page_is_longer_than_a_hundred() -> None:
    house = build()
    house.store.runs *= 60
    told = house.told("/actions/runs?per_page=120")
    assert (len(told["workflow_runs"]), told["total_count"]) == (100, 120)


MOMENTS = st.datetimes(
    datetime(2026, 1, 1),  # noqa: DTZ001 - hypothesis wants the time zone apart
    datetime(2026, 1, 31),  # noqa: DTZ001 - as above
    timezones=st.just(UTC),
).map(lambda moment: moment.replace(microsecond=0))


@given(MOMENTS, MOMENTS)
def test_a_time_is_found_by_every_way_to_ask_for_it(moment: datetime, other: datetime) -> None:
    text = other.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert within(f">={text}", moment) == within(f"{text}..*", moment) == (moment >= other)
    assert within(f"<={text}", moment) == within(f"*..{text}", moment) == (moment <= other)
    assert within(f">{text}", moment) == (moment > other)
    assert within(f"<{text}", moment) == (moment < other)
    assert within(text, moment) == (moment == other)


@given(MOMENTS, MOMENTS)
def test_a_day_lasts_from_midnight_to_midnight(moment: datetime, other: datetime) -> None:
    day = str(other.date())
    assert within(day, moment) == (moment.date() == other.date())
    assert within(f">{day}", moment) == (moment.date() > other.date())
    assert within(f"<={day}", moment) == (moment.date() <= other.date())
    assert within(f"{day}..{day}", moment + timedelta(microseconds=7)) == (moment.date() == other.date())


def test_a_fraction_of_a_second_is_part_of_its_second() -> None:
    moment = datetime(2026, 1, 5, 3, 0, 0, 500_000, tzinfo=UTC)
    assert within("<=2026-01-05T03:00:00Z", moment)
    assert not within(">2026-01-05T03:00:00Z", moment)


@pytest.mark.parametrize("query", ["", "soon", ">", "2026-13-01", "..", "2026-01-01.."])
def test_what_is_no_time_is_refused(query: str) -> None:
    with pytest.raises(Refused):
        within(query, datetime(2026, 1, 1, tzinfo=UTC))


def told_of(house: House, *names: str) -> dict[str, Any]:
    told = house.told(f"/actions/runs/{house.run.id}")
    return {name: told[name] for name in names}


def test_a_run_tells_what_the_pipeline_has_stored() -> None:
    house = build()
    assert told_of(house, "head_sha", "head_branch", "path", "name", "event", "run_number") == {
        "head_sha": house.known.fix,
        "head_branch": "fix/total",
        "path": ".github/workflows/deploy.yml",
        "name": "Deploy it",
        "event": "push",
        "run_number": 7,
    }
    house.run.status, house.run.conclusion = "completed", "cancelled"
    house.run.updated_at = house.clock.now() + timedelta(seconds=90)
    assert told_of(house, "status", "conclusion", "created_at", "updated_at") == {
        "status": "completed",
        "conclusion": "cancelled",
        "created_at": "2026-01-05T03:00:00Z",
        "updated_at": "2026-01-05T03:01:30Z",
    }

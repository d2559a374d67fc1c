"""Whether the way back is open: never more is claimed than was played."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from rehearsal.report.limits import Limits
from rehearsal.report.making import make_runbook
from rollback.environment import load
from rollback.errors import ConfigurationError
from tests.environment.shop import SHOP
from tests.report.kept import EXTRA, EXTRA_TEXT, NOW, ROLLING, ROLLING_TEXT, keep, write_features

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rehearsal.report.views import Row, Runbook, Verdict
    from rollback.environment import Environments

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
LIVE: Final = {"stage": "live", "live": True}
REPORT: Final = """
[defaults.report]
stale_days = 30
chapter_days = { ecs = 7 }
may_be_skipped = ["provider"]
"""


@pytest.fixture(scope="module")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Environments:
    """Production and staging."""
    path = tmp_path_factory.mktemp("settings") / "environments.toml"
    path.write_text(SHOP.replace("[defaults.rehearsal]", f"{REPORT}\n[defaults.rehearsal]"), encoding="utf-8")
    return load(path)


class Project:
    """A runbook, its kept runs, and what is made of them."""

    def __init__(self, root: Path, environments: Environments) -> None:
        self.root = root
        self.environments = environments
        write_features(root)

    def keep(self, **about: Any) -> Path:
        """Keep a run: `tests.report.kept.keep`."""
        return keep(self.root, self.root / "history", **about)

    def made(self) -> Runbook:
        """The runbook, now."""
        return make_runbook(
            self.root / "history",
            root=self.root,
            features=self.root / "features",
            environments=self.environments,
            now=NOW,
        )

    def verdict(self, environment: str = "production") -> Verdict:
        """The answer for one environment."""
        return next(each for each in self.made().front.verdicts if each.environment == environment)

    def row(self, slug: str = "ecs-rolling", environment: str = "production") -> Row:
        """How a chapter stands."""
        found = self.made().front.rows
        return next(each for each in found if (each.slug, each.environment) == (slug, environment))


@pytest.fixture
def project(tmp_path: Path, environments: Environments) -> Project:
    return Project(tmp_path, environments)


def whole(project: Project) -> None:
    project.keep()


def failing(project: Project) -> None:
    project.keep(ago=2 * HOUR)
    project.keep(outcomes={"image": "failed"})


def mended(project: Project) -> None:
    project.keep(ago=2 * HOUR, outcomes={"image": "failed"})
    project.keep()


def failing_in_part(project: Project) -> None:
    project.keep(ago=2 * HOUR)
    project.keep(only=["image"], outcomes={"image": "failed"})


def in_part(project: Project) -> None:
    project.keep(only=["image"])


def in_part_after_the_whole(project: Project) -> None:
    project.keep(ago=2 * HOUR)
    project.keep(only=["image"])


def in_two_halves(project: Project) -> None:
    project.keep(ago=2 * HOUR, only=["image"])
    project.keep(only=["errors", "real"])


def cut_short(project: Project) -> None:
    project.keep(ago=2 * HOUR)
    project.keep(only=["errors"], finished=False)


def broken_off(project: Project) -> None:
    project.keep(ago=2 * HOUR)
    project.keep(only=["errors"], message="The run was broken off.")


def stray(project: Project) -> None:
    project.keep(message="Failed without a story: features/x.feature.")


def old(project: Project) -> None:
    project.keep(ago=8 * DAY)


def half_of_it_old(project: Project) -> None:
    project.keep(ago=8 * DAY)
    project.keep(only=["errors"])


def nearly_old(project: Project) -> None:
    project.keep(ago=7 * DAY - HOUR)


def skipped(project: Project) -> None:
    project.keep(outcomes={"image": "skipped"})


def skipped_after_it_passed(project: Project) -> None:
    project.keep(ago=2 * HOUR)
    project.keep(outcomes={"image": "skipped"})


def skipped_and_that_is_allowed(project: Project) -> None:
    project.keep(outcomes={"real": "skipped"})


def never(project: Project) -> None:
    project.keep(environment="staging")


def reworded(project: Project) -> None:
    project.keep()
    write_features(project.root, {ROLLING: ROLLING_TEXT.replace("Given the image is", "Given the image has")})


def retold(project: Project) -> None:
    project.keep()
    write_features(project.root, {ROLLING: ROLLING_TEXT.replace("two minutes", "a while")})


def failing_with_another_wording(project: Project) -> None:
    project.keep(ago=2 * HOUR)
    write_features(project.root, {ROLLING: ROLLING_TEXT.replace("landed", "ended")})
    project.keep(outcomes={"errors": "failed"})
    write_features(project.root)


def drill_failed_before_a_rehearsal(project: Project) -> None:
    project.keep(ago=2 * HOUR, only=["errors"], outcomes={"errors": "failed"}, **LIVE)
    project.keep()


def drill_mended(project: Project) -> None:
    project.keep(ago=3 * HOUR, only=["errors"], outcomes={"errors": "failed"}, **LIVE)
    project.keep(ago=2 * HOUR)
    project.keep(only=["errors"], **LIVE)


def rehearsal_failed_before_a_drill(project: Project) -> None:
    project.keep(ago=2 * HOUR, outcomes={"errors": "failed"})
    project.keep(only=["errors"], **LIVE)


def unreadable(project: Project) -> None:
    project.keep()
    (project.root / "features" / "ecs" / "broken.feature").write_text("Featur", encoding="utf-8")


def another_chapter(project: Project) -> None:
    project.keep()
    write_features(project.root, {"features/ecs/new.feature": ROLLING_TEXT.replace("Roll back", "New")})


@pytest.mark.parametrize(
    ("history", "state", "said"),
    [
        (whole, "open", "All 2 chapters passed"),
        (failing, "closed", '"The image is gone" failed in the rehearsal on the embedded stage'),
        (mended, "open", ""),
        (failing_in_part, "closed", "It runs 42 & not <41>."),
        (in_part, "not known", "Only 1 of 2 scenarios was rehearsed."),
        (in_part_after_the_whole, "open", ""),
        (in_two_halves, "open", ""),
        (cut_short, "not known", "was cut short"),
        (broken_off, "not known", "was cut short"),
        (stray, "not known", "Failed without a story: features/x.feature."),
        (old, "not known", "8 days ago, and it counts for 7 days"),
        (half_of_it_old, "not known", "8 days ago, and it counts for 7 days"),
        (nearly_old, "open", ""),
        (skipped, "not known", "1 scenario was skipped: No provider is here."),
        (skipped_after_it_passed, "open", ""),
        (skipped_and_that_is_allowed, "open", ""),
        (never, "not known", "Nothing was ever rehearsed for it"),
        (reworded, "not known", "1 scenario had another wording when last played."),
        (retold, "open", ""),
        (failing_with_another_wording, "open", ""),
        (drill_failed_before_a_rehearsal, "closed", "failed in the drill on the real environment"),
        (drill_mended, "open", ""),
        (rehearsal_failed_before_a_drill, "closed", "failed in the rehearsal"),
        (unreadable, "not known", "features/ecs/broken.feature can't be read"),
        (another_chapter, "not known", "1 was never rehearsed"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_the_way_back_is_as_open_as_it_was_walked(
    project: Project, history: Callable[[Project], None], state: str, said: str
) -> None:
    history(project)
    verdict = project.verdict()
    assert verdict.state == state
    assert said in " ".join([verdict.why, *(reason.text for reason in verdict.reasons)])
    assert bool(verdict.reasons or "ever" in verdict.why) == (state != "open")
    assert bool(verdict.remedy) == (state != "open")


class TestBesides:
    """What has to be known of a way back that is open."""

    def said(self, project: Project) -> str:
        verdict = project.verdict()
        assert verdict.state == "open"
        return " ".join(reason.text for reason in verdict.besides)

    def test_a_rehearsal_is_never_told_as_a_drill(self, project: Project) -> None:
        project.keep()
        said = self.said(project)
        assert "Rehearsed on the embedded stage, which is not the real environment." in said
        assert "The real environment was never drilled" in said

    def test_a_drill_is_told_with_its_age_and_how_much_it_was(self, project: Project) -> None:
        project.keep(ago=3 * DAY, only=["errors"], **LIVE)
        project.keep()
        assert "The real environment was last drilled 3 days ago, with 1 scenario." in self.said(project)
        assert project.verdict().drilled == NOW - 3 * DAY

    def test_what_may_be_skipped_is_told(self, project: Project) -> None:
        skipped_and_that_is_allowed(project)
        assert "1 scenario of it left out, which the limits allow: No provider is here." in self.said(project)

    def test_a_time_over_its_budget_is_told(self, project: Project) -> None:
        project.keep(seconds=301)
        assert "Rollback took 5 min 1 s, and 5 min is its budget." in self.said(project)

    def test_a_newer_failure_with_another_wording_is_told(self, project: Project) -> None:
        failing_with_another_wording(project)
        assert "1 scenario played since with another wording, and 1 of these failed." in self.said(project)

    def test_rows_of_an_outline_are_no_other_wordings_of_one_another(self, project: Project) -> None:
        """Where the name doesn't tell them apart, they have it in common."""
        text = ROLLING_TEXT.replace(", in <environment>", "").replace("staging     |", "production  |")
        write_features(project.root, {ROLLING: text, EXTRA: EXTRA_TEXT})
        project.keep(apart=timedelta(seconds=1))
        assert "wording" not in self.said(project)


class TestOneChapter:
    """The row of the front page."""

    def test_what_was_never_played_for_an_environment_is_not_told_of_another(self, project: Project) -> None:
        """A run without ``--env`` plays the examples of staging, and all else for the default environment."""
        project.keep()
        assert project.row().standing == "passed"
        row = project.row(environment="staging")
        assert (row.standing, row.played, row.of) == ("in part", 1, 2)
        assert project.verdict("staging").remedy.endswith("--env staging --stage embedded")

    def test_the_trend_is_of_the_newest_twelve_runs_the_oldest_first(self, project: Project) -> None:
        for number in range(14):
            project.keep(
                ago=number * HOUR, seconds=100.0 + number, outcomes={"image": "failed"} if number == 1 else {}
            )
        row = project.row()
        assert [point.outcome for point in row.trend] == ["passed"] * 10 + ["failed", "passed"]
        assert row.trend[-1].at == NOW
        (recovery,) = row.recoveries
        assert recovery.last == 100.0
        assert recovery.times[0] == 113.0
        assert recovery.within

    def test_the_newest_run_is_the_one_that_is_told_with_its_stage(self, project: Project) -> None:
        project.keep(ago=2 * DAY)
        project.keep(only=["errors"], **LIVE)
        row = project.row()
        assert row.at == NOW - HOUR
        assert row.age_seconds == 3600
        assert row.stage is not None
        assert row.stage.words == "drill on the real environment"
        assert [point.outcome for point in row.trend] == ["passed", "in part"]

    def test_never_rehearsed_is_overdue_unless_it_may_be_skipped(self, project: Project) -> None:
        assert project.row().overdue
        assert not project.row("infrastructure-extra").overdue

    def test_a_chapter_that_is_gone_is_named(self, project: Project) -> None:
        project.keep()
        (project.root / EXTRA).unlink()
        assert project.made().front.gone == ("On the provider",)

    def test_a_file_that_could_not_be_read_is_named(self, project: Project) -> None:
        path = project.keep()
        path.with_name("foreign.ndjson").write_text("no", encoding="utf-8")
        assert "foreign.ndjson: It isn't a rehearsal's" in project.made().front.troubles[0]


class TestLimits:
    """The `report` table of environments.toml."""

    def read(self, tmp_path: Path, table: str) -> Limits:
        path = tmp_path / "environments.toml"
        path.write_text(
            SHOP.replace("[defaults.rehearsal]", f"[defaults.report]\n{table}\n\n[defaults.rehearsal]")
        )
        found = load(path)
        return Limits.of(found, found.default)

    def test_the_shortest_that_applies_counts(self) -> None:
        limits = Limits(stale_days=30, chapter_days={"ecs": 7, "live": 3})
        assert [limits.days(tags) for tags in ((), ("x",), ("ecs",), ("ecs", "live"))] == [30, 30, 7, 3]

    def test_each_key_may_be_left_out(self, tmp_path: Path) -> None:
        assert self.read(tmp_path, "") == Limits()

    @pytest.mark.parametrize(
        ("table", "sentence"),
        [
            ("stale_days = 0", "report.stale_days has a value that it can't have. Expected a number of days"),
            (
                'chapter_days = { ecs = "x" }',
                "report.chapter_days.ecs has a value that it can't have. Expected a number",
            ),
            (
                "stale = 3",
                "report.stale is not a key of the report table. Take it out; the keys are stale_days",
            ),
        ],
    )
    def test_a_mistake_is_a_sentence(self, tmp_path: Path, table: str, sentence: str) -> None:
        with pytest.raises(ConfigurationError) as caught:
            self.read(tmp_path, table)
        assert sentence in f"{caught.value.sentence} {caught.value.remedy}"


def test_the_fixture_has_a_feature_that_may_be_skipped() -> None:
    assert "@provider" in EXTRA_TEXT

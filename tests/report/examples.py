"""Views with everything in them that a page has to bear: all outcomes, three environments, pictures, HTML in names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rehearsal.report.chapter_views import (
    ChapterPage,
    Line,
    PlayView,
    Refusal,
    RuleView,
    ScenarioView,
    StepText,
    StepView,
)
from rehearsal.report.facts import (
    Call,
    Command,
    Mark,
    Note,
    Request,
    Rollout,
    Sample,
    StateVersion,
    Timing,
    VersionMark,
)
from rehearsal.report.views import (
    FrontPage,
    Part,
    Reason,
    Recovery,
    Row,
    Runbook,
    Stage,
    Standing,
    Symptom,
    TrendPoint,
    Verdict,
)

if TYPE_CHECKING:
    from rehearsal.report.model import Outcome

ROOT: Final = Path(__file__).parents[2]
NOW: Final = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)
ENVIRONMENTS: Final = ("production", "staging", "development")
EMBEDDED: Final = Stage(name="embedded")
LIVE: Final = Stage(name="live", live=True)
NASTY: Final = (
    "The name is <script>alert('x')</script> & \"so\" on | `code` *stars* _under_ [link](javascript:x)"
)
UPDATE: Final = (
    "aws ecs update-service --region us-east-1 --cluster shop-cluster --service shop-service "
    "--task-definition shop:41 --force-new-deployment"
)
WAIT: Final = "aws ecs wait services-stable --region us-east-1 --cluster shop-cluster --services shop-service"
PASSED: Final[tuple[Standing, ...]] = ("passed",) * 9
EMERGENCY: Final = Timing(label="Emergency rollback", seconds=138.0, from_seconds=120, to_seconds=300)


def trend(*outcomes: Standing, of: int = 11, slowest: float | None = 0.46) -> tuple[TrendPoint, ...]:
    """A point a day, the last an hour ago."""
    return tuple(
        TrendPoint(
            at=NOW - timedelta(days=len(outcomes) - 1 - index, hours=1),
            stage=EMBEDDED if index % 5 else LIVE,
            outcome=outcome,
            played=of if outcome in {"passed", "failed"} else of // 2,
            of=of,
            slowest=slowest,
        )
        for index, outcome in enumerate(outcomes)
    )


def row(
    standing: Standing = "passed",
    *,
    title: str = "Emergency rollback to an earlier revision",
    slug: str = "ecs-emergency",
    environment: str = "production",
    overdue: bool = False,
    late: bool = False,
) -> Row:
    """A chapter that stands like this."""
    never = standing == "not rehearsed"
    days = 41 if overdue else 0
    return Row(
        title=title,
        slug=slug,
        environment=environment,
        standing=standing,
        sentence={
            "passed": "All 11 scenarios passed.",
            "failed": 'The scenario "The new version answers with errors" failed: the service runs 42, not 41.',
            "cut short": "The newest run was cut short after 4 of 11 scenarios.",
            "in part": "Only 5 of 11 scenarios were rehearsed.",
            "not rehearsed": "Never rehearsed, as far as these files go back.",
        }[standing],
        at=None if never else NOW - timedelta(days=days, hours=1),
        age_seconds=None if never else days * 86400 + 3600,
        stage=None if never else EMBEDDED,
        played={"passed": 11, "failed": 11, "cut short": 4, "in part": 5, "not rehearsed": 0}[standing],
        of=11,
        skipped=2 if standing == "in part" else 0,
        recoveries=()
        if never
        else (
            Recovery(
                label="Emergency rollback",
                times=(133.0, 141.0, 138.0, 199.0, 150.0, 129.5, 138.0),
                last=342.0 if late else 138.0,
                median=138.0,
                from_seconds=120,
                to_seconds=300,
            ),
        ),
        trend=() if never else trend(*PASSED, "failed", "in part", standing, slowest=1.14 if late else 0.46),
        limit_days=30,
        overdue=overdue,
        other_text=standing == "in part",
    )


def rollout() -> Rollout:
    """From revision 42, which answers errors, back to 41; 138 seconds."""
    samples = []
    for index in range(24):
        t = index * 6.0
        new = min(4, max(0, (index - 4) // 2))
        old = 4 - min(4, max(0, (index - 10) // 2))
        failed = 5 if new == 0 else max(0, 5 - index // 3)
        samples.append(Sample(t=t, tasks=(("41", new), ("42", old)), ok=10 - failed, failed=failed))
    return Rollout(
        began=NOW - timedelta(hours=1),
        samples=tuple(samples),
        marks=(
            Mark(t=0, text="We ask for revision 41"),
            Mark(t=66, text="The first task of 41 is healthy"),
            Mark(t=132, text="Landed"),
        ),
    )


def versions() -> tuple[StateVersion, ...]:
    """A chain in which each mark is there."""
    lineage = "6f0c1c3e-9d1b-4d5e-a3b8-0c4c7a1f1b11"
    chain: tuple[tuple[str, int, int | None, VersionMark], ...] = (
        ("3sL4kqtJlcpXroDTDmJ", 40, 4, ""),
        ("rmSd0ErK2bTlxqGaE4p", 30, 5, "restored"),
        ("QUpfdndhfd8438MNFDN", 4, 6, "damaged"),
        ("nXjkD8f32wdkLPd92Ba", 3, None, "deleted"),
        ("zP0dZ4Ld82kPqLd93kd", 1, 7, "current"),
    )
    return tuple(
        StateVersion(id=id_, at=NOW - timedelta(hours=hours), serial=serial, lineage=lineage, mark=mark)
        for id_, hours, serial, mark in chain
    )


def steps(outcome: Outcome = "passed") -> tuple[StepView, ...]:
    """Steps with everything that a step can have, of which one has ended like this."""
    return (
        StepView(
            keyword="Given",
            text="the service has worked with revision 40 and then with revision 41",
            outcome="passed",
            seconds=203.0,
        ),
        StepView(
            keyword="And",
            text="these revisions:",
            details=("| revision | works |", "| 41       | yes   |", "| 42       | <b>no</b> |"),
            outcome="passed",
        ),
        StepView(
            keyword="When",
            text="we roll back",
            outcome=outcome,
            seconds=138.0,
            message="The service runs 42 & not <41>." if outcome == "failed" else "",
            by_hand=(
                Line(command=UPDATE, expected="HTTP 200", changes=True),
                Line(command=WAIT, expected="exit code 0"),
                Line(command="git revert --no-edit -m 1 4f2c1a9", expected="", changes=True),
            ),
            expected=("Landed: every task runs revision 41.",),
            evidence=(
                Note(kind="plan", text="Roll back service shop-service: 42 -> 41", commands=(UPDATE, WAIT)),
                Call(
                    service="ecs",
                    operation="DescribeServices",
                    status=200,
                    seconds=0.1,
                    count=31,
                    line="aws ecs describe-services --cluster shop-cluster --services shop-service",
                ),
                Call(
                    service="ecs",
                    operation="UpdateService",
                    status=200,
                    reads=False,
                    line=UPDATE,
                    params='{"cluster": "shop-cluster"}',
                ),
                Call(
                    service="ecs",
                    operation="UpdateService",
                    status=400,
                    error="ThrottlingException",
                    reads=False,
                ),
                Command(line="git fetch origin main", exit=0, seconds=0.4),
                Command(line="terraform plan -out=plan", exit=1, seconds=8.0),
                Request(
                    method="GET", url="https://prod.shop.example/version?a=1&b=<2>", status=503, count=12
                ),
                Note(kind="decision", text="On call confirmed it by name."),
                Note(kind="outcome", text="Landed: every task runs revision 41."),
            ),
            left_out="… and 31 more calls",
        ),
        StepView(
            keyword="Then",
            text="the application answers only as version v41",
            outcome=outcome if outcome in {"passed", "cut short"} else "not reached",
        ),
    )


def refusing() -> tuple[StepView, ...]:
    """Steps of a refusal that was rehearsed."""
    refused = Refusal(
        text='The image "shop:41" is gone, so <tasks> can\'t start.',
        remedy="Build it again, or choose another revision with --to.",
        commands=("aws ecr describe-images --repository-name shop --image-ids imageTag=41",),
    )
    return (
        StepView(keyword="Given", text="the image of revision 41 is gone", outcome="passed"),
        StepView(keyword="When", text="we try to roll back", outcome="passed", refusals=(refused,)),
        StepView(keyword="Then", text="it is refused", outcome="passed"),
    )


def play(
    outcome: Outcome = "passed",
    *,
    environment: str = "production",
    number: int = 1,
    name: str = "The new version answers with errors",
) -> PlayView:
    """A play that has ended like this."""
    return PlayView(
        anchor=f"play-{environment}-{outcome.replace(' ', '-')}-{number}",
        environment=environment,
        name=f"{name}, in {environment}",
        example=(("environment", environment),),
        outcome=outcome,
        message={
            "failed": "The service runs 42 & not <41>.",
            "skipped": "No AWS provider is here: set REHEARSAL_TERRAFORM_PROVIDERS.",
        }.get(outcome, ""),
        at=NOW - timedelta(hours=1),
        age_seconds=3600,
        stage=LIVE if environment == "staging" else EMBEDDED,
        seconds=479.0,
        steps=steps(outcome),
        timings=(EMERGENCY,),
        rollout=rollout(),
        other_text=outcome == "failed",
    )


def scenario(name: str, *plays: PlayView, anchor: str) -> ScenarioView:
    """A scenario of the runbook that was played like this."""
    return ScenarioView(
        anchor=anchor,
        name=name,
        prose=("A sentence that tells more, with <b>HTML</b> in it.",),
        tags=("ecs",),
        steps=(
            StepText(
                keyword="Given",
                text="the service has worked with revision <before> and then with revision 41",
            ),
            StepText(keyword="When", text="we roll back"),
            StepText(keyword="Then", text="the application answers only as version v41"),
        ),
        plays=plays,
    )


def chapter() -> ChapterPage:
    """A chapter with every kind of scenario."""
    refused = PlayView(
        anchor="play-refused",
        environment="production",
        name="The image is gone",
        outcome="passed",
        at=NOW - timedelta(days=3),
        age_seconds=3 * 86400,
        stage=EMBEDDED,
        steps=refusing(),
    )
    chain = PlayView(
        anchor="play-versions",
        environment="production",
        name="Choosing a version",
        outcome="passed",
        at=NOW - timedelta(days=3),
        age_seconds=3 * 86400,
        stage=EMBEDDED,
        steps=steps(),
        versions=versions(),
    )
    return ChapterPage(
        slug="ecs-emergency",
        title="Emergency rollback to an earlier revision",
        uri="features/ecs/emergency.feature",
        tag="ecs",
        tags=("ecs",),
        prose=(
            "The service is put back on a task definition revision that has worked before.",
            "It changes neither git nor Terraform.",
        ),
        when_to_use="Use it when the version in front of your users hurts and there is no time for a new build.",
        symptoms=("the application answers with errors since the last deployment", "tasks keep <restarting>"),
        background=(StepText(keyword="Given", text="the service runs"),),
        rules=(
            RuleView(
                scenarios=(
                    scenario(
                        "The new version answers with errors, in <environment>",
                        *(play(environment=environment) for environment in ENVIRONMENTS),
                        anchor="the-new-version-answers-with-errors",
                    ),
                    scenario("It fails", play("failed"), anchor="it-fails"),
                    scenario("It is skipped", play("skipped"), anchor="it-is-skipped"),
                    scenario("It is cut short", play("cut short"), anchor="it-is-cut-short"),
                    scenario("Never played", anchor="never-played"),
                    scenario(NASTY, play(number=2, name=NASTY), anchor="nasty"),
                ),
            ),
            RuleView(
                name="What can't work is known <before>",
                anchor="rule-what-can-t-work-is-known-before",
                prose=("A refusal changes nothing.",),
                scenarios=(
                    scenario("The image is gone", refused, anchor="the-image-is-gone"),
                    scenario("Choosing a version", chain, anchor="choosing-a-version"),
                ),
            ),
        ),
        rows=tuple(row(environment=environment) for environment in ENVIRONMENTS),
    )


def verdicts() -> tuple[Verdict, ...]:
    """One of each state."""
    return (
        Verdict(
            environment="production",
            state="open",
            why="Each of 5 chapters was rehearsed and passed within its limit, the longest ago 2 hours ago.",
            besides=(
                Reason(text="All of it was a rehearsal: the environment itself was not drilled."),
                Reason(
                    slug="infrastructure-provider",
                    text="3 scenarios were skipped: no AWS provider is here.",
                ),
            ),
            rehearsed=NOW - timedelta(hours=2),
        ),
        Verdict(
            environment="staging",
            state="closed",
            why="1 of 5 chapters failed.",
            reasons=(Reason(slug="ecs-emergency", text=f'"{NASTY}" failed.'),),
            remedy="pytest --env staging --stage embedded",
            rehearsed=NOW - timedelta(days=4),
            drilled=NOW - timedelta(days=4),
        ),
        Verdict(
            environment="development",
            state="not known",
            why="2 of 5 chapters were never rehearsed for it.",
            reasons=(
                Reason(slug="ecs-emergency", text="It was never rehearsed."),
                Reason(
                    slug="infrastructure-state", text="It was last rehearsed 41 days ago; its limit is 30."
                ),
            ),
            remedy="pytest --env development --stage embedded",
        ),
    )


def runbook() -> Runbook:
    """A whole runbook."""
    standings: tuple[Standing, ...] = ("passed", "failed", "cut short", "in part", "not rehearsed")
    first = chapter()
    chapters = [first] + [
        ChapterPage(
            slug=f"{tag}-{number}",
            title=f"Chapter {number} of {tag}",
            uri=f"features/{tag}/{number}.feature",
            tag=tag,
            tags=(tag,),
            prose=("Prose.",),
        )
        for tag in ("application", "infrastructure")
        for number in (1, 2)
    ]
    rows = tuple(
        row(
            standings[(index + shift) % 5],
            title=each.title,
            slug=each.slug,
            environment=environment,
            overdue=index == 3,
            late=index == 2,
        )
        for index, each in enumerate(chapters)
        for shift, environment in enumerate(ENVIRONMENTS)
    )
    return Runbook(
        environments=ENVIRONMENTS,
        front=FrontPage(
            generated=NOW,
            runs=12,
            verdicts=verdicts(),
            parts=(
                Part(tag="ecs", title="the emergency rollback", slugs=("ecs-emergency",)),
                Part(
                    tag="application",
                    title="the rollback of application code",
                    slugs=("application-1", "application-2"),
                ),
                Part(
                    tag="infrastructure",
                    title="the rollback of infrastructure",
                    slugs=("infrastructure-1", "infrastructure-2"),
                ),
            ),
            rows=rows,
            troubles=("20261123T183000Z-production-embedded-1.ndjson, line 4: it isn't <JSON>.",),
            gone=("A chapter of yesterday",),
        ),
        chapters=tuple(chapters),
        symptoms=(
            Symptom(text="HTTPS fails", chapter=first.title, slug=first.slug),
            Symptom(text="tasks keep <restarting>", chapter=first.title, slug=first.slug),
        ),
    )

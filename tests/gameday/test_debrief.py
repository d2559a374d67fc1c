"""What is made of a game when it is over: moments, points, hints, and the page."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from rehearsal.clock import VirtualClock
from rehearsal.gameday.commits import counterparts, renamed
from rehearsal.gameday.debrief import Debrief, Folder, Subject
from rehearsal.gameday.deeds import TOOL, Deed, Moments, by_players, by_the_tool, folded, moments
from rehearsal.gameday.game import Hinted
from rehearsal.gameday.hints import Chapter, hints, symptoms
from rehearsal.gameday.score import Ending, score
from rehearsal.gameday.twin import Twin
from rehearsal.origin.repository import Bare
from rehearsal.serving.ledger import Entry
from rollback.journal import Entry as Noted
from rollback.journal import Kind
from tests.gameday.conftest import ENVIRONMENT

if TYPE_CHECKING:
    from pathlib import Path

PAGE = datetime(2026, 1, 5, 3, 5, tzinfo=UTC)
BUDGET = ENVIRONMENT.budgets.emergency


def deed(seconds: float, what: str = "ecs:DescribeServices", *, reads: bool = True, **more: object) -> Deed:
    return Deed(seconds=seconds, who="operator", what=what, reads=reads, **more)  # type: ignore[arg-type]


def test_who_one_is_says_nothing_of_what_ails() -> None:
    found = moments([deed(5, "sts:GetCallerIdentity"), deed(9), deed(12, "x", reads=False)], 60)
    assert found == Moments(detected=9, decided=9, acted=12, recovered=60)


def test_what_was_refused_has_changed_nothing() -> None:
    found = moments([deed(5), deed(7, "x", reads=False, refused=True)], None)
    assert found == Moments(detected=5)


def test_who_changes_something_without_a_look_has_decided_then() -> None:
    assert moments([deed(7, "x", reads=False), deed(9)], None) == Moments(detected=7, decided=7, acted=7)


@given(st.lists(st.tuples(st.floats(0, 1000), st.booleans()), max_size=12))
def test_moments_come_in_order(drawn: list[tuple[float, bool]]) -> None:
    found = moments([deed(at, reads=reads) for at, reads in sorted(drawn)], 2000)
    known = [at for at in (found.detected, found.decided, found.acted, found.recovered) if at is not None]
    assert known == sorted(known)


def test_terraforms_lock_is_no_change() -> None:
    """`terraform plan` writes one, and only looks."""
    entry = Entry(
        number=1,
        at=(PAGE + timedelta(seconds=3)).isoformat(),
        door="aws",
        by="operator",
        what="s3:PutObject",
        reads=False,
        status=200,
        about="app/terraform.tfstate.tflock",
    )
    (found,) = by_players([entry], page=PAGE)
    assert (found.seconds, found.changed) == (3, False)


def test_the_tools_journal_is_told_in_the_same_words() -> None:
    """A call counts once, by its answer; of commands only those that somebody else hears."""

    def noted(number: int, kind: Kind, what: str, **detail: object) -> Noted:
        return Noted(number, PAGE + timedelta(seconds=number), kind, what, detail)  # type: ignore[arg-type]

    entries = [
        noted(1, Kind.ANSWER, "ecs:DescribeServices", status=200),
        noted(2, Kind.CALL, "ecs:UpdateService", parameters={"taskDefinition": "shop:41"}),
        noted(3, Kind.ANSWER, "ecs:UpdateService", status=200),
        noted(4, Kind.COMMAND, "git merge-tree a b", args=["git", "merge-tree", "a", "b"]),
        noted(5, Kind.COMMAND, "git -C x push origin", args=["git", "-C", "x", "push", "origin"]),
    ]
    assert list(by_the_tool(entries, began=PAGE)) == [
        Deed(seconds=1, who=TOOL, what="ecs:DescribeServices"),
        Deed(seconds=3, who=TOOL, what="ecs:UpdateService", about="shop:41", reads=False),
        Deed(seconds=5, who=TOOL, what="git push", reads=False),
    ]


def test_a_watch_is_one_line() -> None:
    assert folded([deed(1), deed(6), deed(11), deed(12, "x"), deed(13)]) == (
        deed(1, times=3),
        deed(12, "x"),
        deed(13),
    )


def test_points() -> None:
    """A hint costs 10, a minute begun after the budget 5, being late 50 at most; what isn't recovered is worth 0."""

    def points(recovered: float, given: int = 0, ending: Ending = Ending.RECOVERED) -> int:
        return score(ending, hints=given, recovered=recovered, budget=BUDGET).points

    assert [points(300), points(301), points(361), points(99999)] == [100, 95, 90, 50]
    assert [points(300, 2), points(99999, 9)] == [80, 0]
    assert {points(10, 0, each) for each in Ending if each is not Ending.RECOVERED} == {0}


def test_the_scenarios_own_symptom_comes_before_the_chapters() -> None:
    chapter = "When it hurts.\n\nSymptoms: HTTPS fails; users wait.\nMore prose."
    assert symptoms("", chapter) == ("HTTPS fails", "users wait")
    assert symptoms("Symptom: nothing works.", chapter) == ("nothing works",)
    assert symptoms("", "Prose.") == ()


def test_hints_go_from_where_to_look_to_the_last_line_to_type() -> None:
    chapter = Chapter("Emergency", "features/ecs/x.feature", "Use it\n  at night.\nSymptoms: errors.")
    looks = [deed(0, "sts:GetCallerIdentity"), deed(1), deed(2), deed(3, "ecs:ListTasks")]
    assert list(hints(chapter, looks, "Roll back.", ["aws one", "aws two"])) == [
        "Look first. The tool asks: aws ecs describe-services, aws ecs list-tasks.",
        "The chapter is “Emergency” (features/ecs/x.feature). Use it at night.",
        "The tool's plan: Roll back.",
        "Step 1 of 2 by hand: aws one",
        "Step 2 of 2 by hand: aws two",
    ]


def debrief(**more: object) -> Debrief:
    given: dict[str, object] = {
        "subject": Subject(
            scenario='It <script>alert("x")</script> fails',
            chapter="Emergency",
            path="features/ecs/x.feature",
            environment="staging",
            seed=7,
            speed=60,
            symptoms=("users report errors",),
            players=("player-1", "player-2"),
            surprise=True,
        ),
        "at": datetime(2026, 11, 23, 14, 5, 6, tzinfo=UTC),
        "ending": Ending.RECOVERED,
        "seconds": 330.0,
        "budget_from": 120.0,
        "budget_to": 300.0,
        "score": score(Ending.RECOVERED, hints=1, recovered=330, budget=BUDGET),
        "moments": Moments(detected=10, decided=50, acted=60, recovered=330),
        "deeds": (deed(10), deed(60, "ecs:UpdateService", reads=False, about="shop:<41>")),
        "hints": (Hinted(seconds=20, who="player-2", text="Look & see."),),
        "wrong": (),
        "conditions": ("the service runs revision 41",),
        "tool": Twin(
            seconds=140,
            deeds=(deed(0, times=3),),
            moments=Moments(detected=0, decided=1, acted=1, recovered=140),
            title="Roll it back.",
            commands=("aws ecs update-service --service 'x'",),
        ),
    }
    return Debrief(**{**given, **more})  # type: ignore[arg-type]


class Outline(HTMLParser):
    """What of a page has to be in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"href", "src"}]
        if tag not in {"meta", "link", "br"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_asks_nobody_and_shows_text_as_text(tmp_path: Path) -> None:
    written = Folder(tmp_path).keep(debrief())
    assert written is not None
    text = written.read_text(encoding="utf-8")
    outline = Outline(text)
    assert outline.open == []
    assert set(outline.addresses) == {"../style.css", "../index.html", "#main"}
    assert "script" not in outline.tags
    assert "svg" in outline.tags
    assert "It &lt;script&gt;" in text
    assert "shop:&lt;41&gt;" in text
    seen = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))
    for each in (
        "Recovered after 5 min 30 s, 30 s over the budget of 5 min.",
        "85 points (10 for 1 hint, 5 for being late)",
        "You took 5 min 30 s, the tool 2 min 20 s; the budget is 5 min.",
        "5 min 30 s (+ 4 min 30 s) 2 min 20 s (+ 2 min 19 s)",
        "aws ecs update-service shop:&lt;41&gt; (a change)",
        "player-2 Look &amp; see.",
        "drawn by seed 7",
    ):
        assert each in seen


def test_machines_get_the_same(tmp_path: Path) -> None:
    written = Folder(tmp_path).keep(debrief())
    assert written is not None
    assert written.name == "20261123T140506Z-it-script-alert-x-script-fails.html"
    told = json.loads(written.with_suffix(".json").read_text(encoding="utf-8"))
    assert (told["format"], told["ending"], told["seconds"]) == (1, "recovered", 330)
    assert told["moments"]["acted"] == 60
    assert told["tool"]["commands"] == ["aws ecs update-service --service 'x'"]


def test_who_has_done_nothing_gets_a_page_too(tmp_path: Path) -> None:
    empty = debrief(
        ending=Ending.GIVEN_UP, moments=Moments(), deeds=(), hints=(), wrong=("x (y)",), tool=Twin()
    )
    written = Folder(tmp_path).keep(empty)
    assert written is not None
    text = written.read_text(encoding="utf-8")
    assert Outline(text).open == []
    assert "Given up after 5 min 30 s." in text
    assert "x (y)" in text


def test_the_tools_commits_are_named_as_the_players_repository_has_them(tmp_path: Path) -> None:
    """Two repositories tell the same history with other files; a commit that is only in one keeps its name."""
    shas: dict[str, list[str]] = {}
    for name in ("tools", "served"):
        bare = Bare(tmp_path / name, VirtualClock())
        first = bare.commit("main", "One", {"address": name})
        shas[name] = [first, bare.commit("main", "Two", {"other": "x"})]
        if name == "tools":
            shas[name].append(bare.commit("main", 'Revert "Two"', {"other": "y"}))
    known = counterparts(tmp_path / "tools", tmp_path / "served")
    ours, theirs = shas["tools"], shas["served"]
    assert known == dict(zip(ours[:2], theirs, strict=True))
    assert renamed(f"git revert {ours[1]} in ../revert-{ours[1][:10]}", known) == (
        f"git revert {theirs[1]} in ../revert-{theirs[1][:10]}"
    )
    assert renamed(ours[2], known) == ours[2]
    assert counterparts(tmp_path / "none", tmp_path / "served") == {}

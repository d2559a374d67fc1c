from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from rollback.errors import JournalError
from rollback.journal import Entry, Kind
from rollback.record import report
from rollback.record.timeline import MOST
from tests.rollback.builders import ENVIRONMENT
from tests.rollback.record.tale import UPDATE, URL, Tale

if TYPE_CHECKING:
    from markdown_it.token import Token

SECRETS = (
    "hunter2hunter2",
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_abcdefghijklmnop0123",
    "T000/B000/XXXXSECRET",
    "eyJhbGciOi.eyJzdWIiOi.SflKxwRJSM",
    "c2VjcmV0LWJlYXJlcg",
)
PLANTED = (
    "postgresql://app:hunter2hunter2@db.internal:5432/app and password=hunter2hunter2, "
    'token: "hunter2hunter2"; AKIAIOSFODNN7EXAMPLE ghp_abcdefghijklmnop0123 '
    "https://hooks.slack.com/services/T000/B000/XXXXSECRET eyJhbGciOi.eyJzdWIiOi.SflKxwRJSM "
    "Authorization: Bearer c2VjcmV0LWJlYXJlcg"
)
NASTY = "`rm` | <img src=x> **bold** [a](http://b) _c_ ~~d~~ $x$ @team &amp; \\ # e"


def rendered(text: str) -> list[Token]:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)


def whole(told: str = "Rolled back.") -> Tale:
    tale = Tale().add(Kind.OBSERVATION, "kim opened it.", opened_by="kim", host="laptop")
    return tale.answers(500).planned().saved().asked().answered().wait(3).ended(told=told).answers(200)


def cells(text: str) -> list[str]:
    """What is read in the cells of all tables."""
    return [
        "".join(child.content for child in token.children or ())
        for before, token in zip(rendered(text), rendered(text)[1:], strict=False)
        if before.type in {"td_open", "th_open"} and token.type == "inline"
    ]


def test_it_says_what_who_and_when() -> None:
    text = report(ENVIRONMENT, whole().entries).markdown()
    found = cells(text)
    for said in (
        "service-test, cluster cluster-test",
        "account 111122223333, us-east-1",
        "kim on laptop",
        "arn:aws:iam::1:user/kim",
        "2026-01-05 12:03:00, 3 min after it had begun (2 min to 5 min are promised)",
    ):
        assert said in found
    assert "aws ecs update-service" in text
    assert f"12:00:00 {UPDATE} (taskDefinition app:41)" in text


def test_people_who_decided_are_named_with_what_they_said() -> None:
    tale = Tale().add(
        Kind.DECISION, "Begun without a complete checklist: It hurts.", by="Kim", reason="It hurts."
    )
    tale.add(Kind.DECISION, "Attested: The issue is confirmed.", by="Lee", seen="I saw it.").rolled_back()
    who = dict(report(ENVIRONMENT, tale.entries).who)
    assert who["Kim"] == "Begun without a complete checklist: It hurts."
    assert who["Lee"] == "Attested: The issue is confirmed. I saw it."


def test_the_same_journal_gives_the_same_report() -> None:
    one, two = (report(ENVIRONMENT, whole().entries).markdown() for _ in range(2))
    assert one == two


@pytest.mark.parametrize(
    ("tale", "said"),
    [
        (Tale().planned(), "Nothing was changed. Roll service-test back"),
        (Tale().planned().saved(), "It was about to begin, and nothing was changed."),
        (Tale().planned().saved().asked(), f"It broke off after {UPDATE} went out at 12:00:00 UTC"),
        (Tale().planned().saved().asked().answered(), "how it ended is not in the journal"),
    ],
    ids=["planned", "saved", "asked", "answered"],
)
def test_a_journal_that_stops_in_the_middle_gives_a_report_that_says_so(tale: Tale, said: str) -> None:
    made = report(ENVIRONMENT, tale.entries)
    assert said in made.summary
    if tale.entries[-1].kind is not Kind.PLAN:
        assert ("Ended", "the journal doesn't say: it stops in the middle") in made.when
        assert made.follow_ups[0].startswith("Go on with the rollback from its journal, or undo it")


def test_a_journal_without_a_rollback_still_gives_a_report() -> None:
    made = report(ENVIRONMENT, Tale().add(Kind.OBSERVATION, "Looked around.").entries)
    assert made.summary == "Nothing was changed."
    assert "not measured" in made.markdown()


def test_an_empty_journal_and_another_environments_are_refused() -> None:
    with pytest.raises(JournalError, match="The journal is empty"):
        report(ENVIRONMENT, [])
    with pytest.raises(JournalError, match="This journal is of testing, not of other"):
        report(replace(ENVIRONMENT, name="other"), whole().entries)


class TestWhatIsLeftToDo:
    def test_git_still_holds_what_an_emergency_rollback_took_back(self) -> None:
        left = report(ENVIRONMENT, Tale().rolled_back().entries).follow_ups
        assert any("The branch testing still holds the bad change" in each for each in left)

    def test_not_once_it_was_reverted(self) -> None:
        tale = Tale().rolled_back().planned("revert").saved("revert").ended(way="revert")
        assert not any("still holds" in each for each in report(ENVIRONMENT, tale.entries).follow_ups)

    def test_warnings_orphans_remains_the_list_after_and_who_was_not_told(self) -> None:
        warned = [{"check": "x", "severity": "warning", "seen": "The breaker is off.", "remedy": "Watch."}]
        tale = Tale().planned("state", findings=warned).saved("state", orphans=["aws_x.a"])
        tale.ended(way="state", remains=["The old instance stays."])
        tale.add(
            Kind.OBSERVATION,
            "Listed.",
            phase="after",
            missing={"logs": "Logs: 40 errors.", "report": "None."},
        )
        tale.add(Kind.OBSERVATION, "The team was not told: 500.", notified="ended", delivered=False)
        left = report(ENVIRONMENT, tale.entries).follow_ups
        assert "The plan warned: The breaker is off. Watch." in left
        assert any("aws_x.a" in each for each in left)
        assert "The old instance stays." in left
        assert "Not done: Logs: 40 errors." in left
        assert "Tell the team: The team was not told: 500." in left
        assert not any("None." in each for each in left)

    def test_what_did_not_land_comes_first_with_its_remedy(self) -> None:
        tale = Tale().planned().saved().asked().ended(landed=False, remedy="Read the events.")
        assert (
            report(ENVIRONMENT, tale.entries).follow_ups[0] == "The rollback has not landed. Read the events."
        )


class TestTimeline:
    def test_looks_are_folded_and_changes_are_not(self) -> None:
        tale = Tale().planned()
        for _ in range(50):
            tale.answered("ecs:DescribeServices").answers(200, 500)
        tale.saved().asked().answered()
        looked, *_ = [m for m in report(ENVIRONMENT, tale.entries).timeline if m.what == "looked"]
        assert (
            looked.told
            == "50 of 100 answers of the application were errors; 50 looks (ecs:DescribeServices 50)"
        )
        changed = [m for m in report(ENVIRONMENT, tale.entries).timeline if m.what == "changed"]
        assert [m.told for m in changed] == [f"{UPDATE} (taskDefinition app:41): answered 200 after 0.1 s"]

    def test_a_change_whose_answer_was_lost_shows_that(self) -> None:
        tale = (
            Tale().planned().saved().asked().add(Kind.ANSWER, UPDATE, failed="ReadTimeoutError", seconds=20)
        )
        told = [m.told for m in report(ENVIRONMENT, tale.entries).timeline if m.what == "changed"]
        assert told == [f"{UPDATE} (taskDefinition app:41): no answer (ReadTimeoutError) after 20 s"]

    def test_of_very_many_moments_the_first_and_the_last_are_shown(self) -> None:
        tale = Tale()
        for number in range(2 * MOST):
            tale.add(Kind.DECISION, f"decision {number}")
        told = [moment.told for moment in report(ENVIRONMENT, tale.entries).timeline]
        assert (told[0], told[-1]) == ("decision 0", f"decision {2 * MOST - 1}")
        assert f"{MOST} moments; the journal has them." in told


class TestMarkdown:
    def test_what_comes_from_outside_is_read_as_it_is_written(self) -> None:
        """In a table, in a list and in a paragraph: nothing of it becomes markup, and nothing is lost."""
        tale = whole(told=NASTY).add(Kind.OBSERVATION, "Listed.", phase="after", missing={"logs": NASTY})
        text = report(ENVIRONMENT, tale.entries).markdown()
        kinds = {child.type for token in rendered(text) for child in (token, *(token.children or ()))}
        assert not kinds & {"html_inline", "em_open", "link_open", "code_inline", "s_open", "image"}
        assert text.count("<!--") == 1
        assert len([token for token in rendered(text) if token.type == "html_block"]) == 1
        assert NASTY.replace("@team", "@\N{ZERO WIDTH SPACE}team") in cells(text)

    @given(text=st.text())
    def test_no_text_breaks_a_table(self, text: str) -> None:
        entries = whole(told=text).entries
        lines = report(ENVIRONMENT, entries).markdown().splitlines()
        usual = report(ENVIRONMENT, whole().entries).markdown().splitlines()
        assert len([line for line in lines if line.startswith("|")]) == len(
            [line for line in usual if line.startswith("|")]
        )
        assert [line for line in lines if line.startswith("#")] == [
            line for line in usual if line.startswith("#")
        ]

    def test_backticks_in_a_command_don_t_end_the_block(self) -> None:
        tale = Tale().planned(commands=["```", "# Not a heading"]).saved()
        fences = [t for t in rendered(report(ENVIRONMENT, tale.entries).markdown()) if t.type == "fence"]
        assert fences[-1].content == "```\n# Not a heading\n"

    def test_no_secret_is_shown_wherever_it_was_planted(self) -> None:
        tale = Tale().add(Kind.OBSERVATION, PLANTED, opened_by=PLANTED, host=PLANTED)
        tale.add(Kind.DECISION, PLANTED, by=PLANTED, reason=PLANTED).planned(
            commands=[PLANTED],
            findings=[{"check": "x", "severity": "warning", "seen": PLANTED, "remedy": PLANTED}],
            goes_to=PLANTED,
        )
        tale.saved(orphans=[PLANTED]).add(Kind.CALL, UPDATE, parameters={"note": PLANTED})
        tale.ended(told=PLANTED, remedy=PLANTED)
        text = report(ENVIRONMENT, tale.entries).markdown()
        assert [secret for secret in SECRETS if secret in text] == []
        assert "***" in text


def test_a_long_journal_takes_no_longer_than_its_length() -> None:
    def took(count: int) -> float:
        entries = Tale().planned().saved().entries
        entries += [
            Entry(n, entries[0].at, Kind.ANSWER if n % 2 else Kind.CALL, UPDATE, {"status": 200})
            for n in range(3, count)
        ]
        began = time.process_time()
        report(ENVIRONMENT, entries).markdown()
        return time.process_time() - began

    took(2_000)
    short, long = min(took(2_500) for _ in range(2)), took(20_000)
    assert long < 3 * 8 * short


KEYS = [
    "way",
    "environment",
    "asked",
    "findings",
    "commands",
    "runs",
    "goes_to",
    "deployed_at",
    "version",
    "reverts",
    "sides",
    "orphans",
    "stood",
    "saved",
    "landed",
    "remedy",
    "remains",
    "outcome",
    "phase",
    "missing",
    "done",
    "delivered",
    "notified",
    "by",
    "reason",
    "seen",
    "may_begin",
    "override",
    "opened_by",
    "host",
    "status",
    "failed",
    "code",
    "error",
    "seconds",
    "parameters",
    "args",
    "resumes",
]
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("testing"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=2),
    max_leaves=4,
)
entries = st.lists(
    st.tuples(st.sampled_from(Kind), st.dictionaries(st.sampled_from(KEYS), values, max_size=6)), max_size=8
)


@settings(max_examples=60)
@given(told=entries)
def test_whatever_somebody_has_written_into_a_journal_there_is_a_report(
    told: list[tuple[Kind, dict[str, Any]]],
) -> None:
    """Or a sentence, where it is another environment's."""
    tale = Tale().planned().saved()
    for kind, detail in told:
        tale.add(kind, URL, **detail)
    with suppress(JournalError):
        text = report(ENVIRONMENT, tale.entries).markdown()
        assert text.startswith("# Incident report: service-test in testing")

"""The runbook as Markdown for a wiki, and as JSON for machines: all of it, and nothing that is taken for markup."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from rehearsal.report import machine, markdown
from rehearsal.report.chapter_views import ChapterPage, RuleView, ScenarioView, StepText
from rehearsal.report.views import FrontPage, Runbook, Symptom, Verdict
from tests.report import examples

RENDERED: Final = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
ONES: Final = frozenset(
    {"p", "h1", "h2", "h3", "h4", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"}
)
OURS: Final = ONES | {"a", "strong", "code", "pre"}
"""The elements that the page itself is made of."""
PIECES: Final = (
    *"<>`*_[]()!|#-+=~\\&@:/.1a \n\t\r\0\u202e",
    "<script>",
    "http://x",
    "<!--",
    "]]>",
    "\n\n",
    "```",
)


def elements(text: str) -> list[str]:
    """The elements of HTML that a wiki would make of it."""
    return re.findall(r"<([a-zA-Z!/?][\w-]*)", RENDERED.render(text).replace("</", "<"))


def hostile(text: str) -> Runbook:
    """A runbook in which everything from outside is `text`."""
    steps = (StepText(keyword="Given", text=text, details=(text,)),)
    scenario = ScenarioView(anchor="x", name=text, prose=(text,), steps=steps)
    chapter = ChapterPage(
        slug="x",
        title=text,
        uri=text,
        prose=(text,),
        when_to_use=text,
        symptoms=(text,),
        rules=(RuleView(name=text, anchor="y", prose=(text,), scenarios=(scenario,)),),
    )
    front = FrontPage(
        generated=examples.NOW,
        runs=1,
        verdicts=(Verdict(environment="production", state="open", why=text),),
        troubles=(text,),
        gone=(text,),
    )
    symptom = Symptom(text=text, chapter=text, slug="x")
    return Runbook(environments=("production",), front=front, chapters=(chapter,), symptoms=(symptom,))


class TestMarkdown:
    TEXT: Final = markdown.document(examples.runbook())

    def test_has_the_answer_before_anything_else(self) -> None:
        assert self.TEXT.index("| production | open |") < self.TEXT.index("## Symptoms")

    def test_tells_what_to_type_for_each_environment_and_what_a_refusal_says(self) -> None:
        assert self.TEXT.count(examples.UPDATE) >= 3
        assert "we roll back, by hand in staging:" in self.TEXT
        assert "is gone, so &lt;tasks&gt; can't start. Build it again" in self.TEXT

    def test_leads_from_a_symptom_to_its_chapter(self) -> None:
        anchor = "#emergency-rollback-to-an-earlier-revision"
        assert f"- HTTPS fails: [Emergency rollback to an earlier revision]({anchor})" in self.TEXT
        assert "\n## Emergency rollback to an earlier revision\n" in self.TEXT

    def test_shows_html_in_names_as_text(self) -> None:
        assert set(elements(self.TEXT)) <= OURS
        assert "<script>" not in self.TEXT
        assert "&lt;script&gt;alert('x')&lt;/script&gt;" in RENDERED.render(self.TEXT)

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
    def test_whatever_comes_from_outside_becomes_no_markup(self, text: str) -> None:
        made = markdown.document(hostile(f"x{text}"))
        plain = markdown.document(hostile("x"))
        assert elements(made) == elements(plain)


class TestJson:
    SAID: Final[dict[str, Any]] = json.loads(machine.document(examples.runbook()))

    def test_says_its_format_and_the_answer_for_each_environment(self) -> None:
        assert self.SAID["format"] == 1
        assert [(each["environment"], each["way_back"]) for each in self.SAID["environments"]] == [
            ("production", "open"),
            ("staging", "closed"),
            ("development", "not known"),
        ]

    def test_has_each_chapter_for_each_environment_with_its_times_in_seconds(self) -> None:
        (first, *_) = self.SAID["chapters"]
        assert [each["environment"] for each in first["standing"]] == list(examples.ENVIRONMENTS)
        assert first["standing"][0]["recoveries"][0]["budget_seconds"] == [120, 300]
        assert first["standing"][0]["last"] == "2026-11-23T17:30:00Z"

    def test_has_what_to_type(self) -> None:
        play = self.SAID["chapters"][0]["scenarios"][0]["plays"][0]
        lines = [line for step in play["steps"] for line in step["by_hand"]]
        assert lines[0] == {"command": examples.UPDATE, "expected": "HTTP 200", "changes": True}

    def test_explains_every_field_in_its_page(self) -> None:
        """`docs/runbook-page.md`, held against the code."""
        page = (examples.ROOT / "docs" / "runbook-page.md").read_text(encoding="utf-8")
        explained = set(re.findall(r"`(\w+)`", page))

        def fields(value: Any) -> set[str]:
            if isinstance(value, dict):
                return {*value, *(key for each in value.values() for key in fields(each))}
            return {key for each in value for key in fields(each)} if isinstance(value, list) else set()

        assert fields(self.SAID) - {"environment"} <= explained

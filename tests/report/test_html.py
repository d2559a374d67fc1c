"""The pages: valid, self-contained, safe whatever the features say, and readable without a script."""

from __future__ import annotations

import re
from base64 import b64encode
from collections import Counter
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import pytest

from rehearsal.report.facts import Call
from rehearsal.report.html import MACHINE, MARKDOWN, chapter_page, pages
from tests.report.examples import NASTY, UPDATE, chapter, play, row, runbook, scenario, steps
from tests.report.reading import Page

if TYPE_CHECKING:
    from collections.abc import Mapping

_INVITES: Final = re.compile(r"""(?:src|srcset|action|data|poster)=|url\((?!["']?#)|@import|https?://""")
"""What makes a browser ask somebody for something."""


@pytest.fixture(scope="module")
def texts() -> Mapping[str, str]:
    """Each file of a runbook with everything in it."""
    return dict(pages(runbook()))


@pytest.fixture(scope="module")
def read(texts: Mapping[str, str]) -> Mapping[str, Page]:
    return {name: Page(text) for name, text in texts.items() if name.endswith(".html")}


def test_there_is_a_page_for_each_chapter_beside_the_first_the_symptoms_and_one_stylesheet(
    texts: Mapping[str, str],
) -> None:
    assert set(texts) == {"index.html", "symptoms.html", "style.css"} | {
        f"{each.slug}.html" for each in runbook().chapters
    }


def test_every_element_is_closed_in_order(read: Mapping[str, Page]) -> None:
    assert {name: page.mistakes for name, page in read.items() if page.mistakes} == {}


def test_no_id_is_there_twice(read: Mapping[str, Page]) -> None:
    assert {name: Counter(page.ids).most_common(1)[0][1] for name, page in read.items()} == dict.fromkeys(
        read, 1
    )


def test_every_link_leads_to_something_that_is_there(
    texts: Mapping[str, str], read: Mapping[str, Page]
) -> None:
    """No link is dead, and none leaves the folder."""
    for name, page in read.items():
        for link in page.links:
            file, _, anchor = link.partition("#")
            assert (file or name) in {*texts, MARKDOWN, MACHINE}, link
            assert not anchor or anchor in read[file or name].ids, link


def test_what_describes_a_picture_or_labels_a_part_is_there(read: Mapping[str, Page]) -> None:
    for page in read.values():
        for _, values in page.tags:
            named = f"{values.get('aria-labelledby') or ''} {values.get('for') or ''}".split()
            assert set(named) <= set(page.ids)


def test_every_picture_says_in_words_what_it_shows_or_is_hidden_from_who_listens(
    read: Mapping[str, Page],
) -> None:
    pictures = [values for page in read.values() for tag, values in page.tags if tag == "svg"]
    assert pictures
    assert all(
        each.get("aria-hidden") == "true" or (each["role"] == "img" and each["aria-labelledby"])
        for each in pictures
    )


def test_nothing_is_asked_of_anybody_but_the_stylesheet_beside_the_page(texts: Mapping[str, str]) -> None:
    """A page works without a network; addresses stand in it only as text that somebody reads."""
    for name, text in texts.items():
        markup = re.sub(r">[^<]*<", "><", text) if name.endswith(".html") else text
        assert not _INVITES.search(markup), name
        assert re.findall(r"<link[^>]*>", text) == (
            ['<link rel="stylesheet" href="style.css">'] if name.endswith(".html") else []
        )


def test_the_stylesheet_is_small(texts: Mapping[str, str]) -> None:
    assert len(texts["style.css"].encode()) < 15_000


def test_a_feature_with_a_script_in_it_is_shown_as_text(read: Mapping[str, Page]) -> None:
    """Whatever a feature, a message or an address holds is read, and never run."""
    page = read["ecs-emergency.html"]
    for said in (NASTY, "<b>HTML</b>", "<b>no</b>", "runs 42 & not <41>", "b=<2>", "tasks keep <restarting>"):
        assert said in page.words
    for each in read.values():
        assert len(each.scripts) == 1
        assert "alert(" not in each.scripts[0]
        assert not any(name.startswith("on") for _, values in each.tags for name in values)
        assert not {"b", "img", "iframe", "style"} & {tag for tag, _ in each.tags}


def test_a_page_allows_its_own_script_alone(read: Mapping[str, Page]) -> None:
    """What would get past the escaping would still not run."""
    for page in read.values():
        digest = b64encode(sha256(page.scripts[0].encode()).digest()).decode()
        policy = next(v["content"] for _, v in page.tags if v.get("http-equiv") == "Content-Security-Policy")
        assert f"script-src 'sha256-{digest}'" in (policy or "")


def test_the_first_page_says_first_whether_there_is_a_way_back(read: Mapping[str, Page]) -> None:
    words = read["index.html"].words
    said = words.index("production open"), words.index("staging closed"), words.index("development not known")
    assert sorted(said) == list(said)
    assert said[-1] < words.index("What do you see?")


@pytest.mark.parametrize("name", ["index.html", "symptoms.html"])
def test_a_symptom_leads_to_its_chapter(read: Mapping[str, Page], name: str) -> None:
    for symptom in runbook().symptoms:
        assert symptom.text in read[name].words
    assert read[name].links.count("ecs-emergency.html") >= len(runbook().symptoms)


def test_an_outcome_is_a_word_and_never_a_colour_alone(read: Mapping[str, Page]) -> None:
    """The words of all outcomes are on the page; colour and mark come from the style of the same name."""
    words = read["index.html"].words
    assert all(
        each in words for each in ("passed", "failed", "cut short", "in part", "not rehearsed", "overdue")
    )
    marks = [values for tag, values in read["ecs-emergency.html"].tags if values.get("class") == "passed"]
    assert marks
    assert all(each["aria-label"] == "passed" for each in marks)


def test_what_was_skipped_in_the_history_is_named(read: Mapping[str, Page]) -> None:
    assert "embedded-1.ndjson, line 4: it isn't <JSON>." in read["index.html"].words


def test_a_chapter_tells_steps_commands_answers_refusals_and_evidence(read: Mapping[str, Page]) -> None:
    words = read["ecs-emergency.html"].words
    for said in (
        "Use it when the version in front of your users hurts",
        "the application answers with errors since the last deployment",
        "When we roll back",
        "2 min 18 s",
        UPDATE,
        "Expect: HTTP 200",
        'It says: The image "shop:41" is gone, so <tasks> can\'t start.',
        "What to do: Build it again",
        "Evidence: 3 notes, 33 API calls, 2 programs, 12 HTTP requests",
        "ThrottlingException, HTTP 400",
        "… and 31 more calls",
        "No AWS provider is here",
    ):
        assert said in words


def test_without_a_script_every_environment_is_read_and_nothing_waits_to_be_shown(
    read: Mapping[str, Page],
) -> None:
    """Only the choice itself, and what stands for an environment without a play, are hidden until a script shows them."""
    tags = read["ecs-emergency.html"].tags
    hidden = [values for _, values in tags if "hidden" in values]
    assert all(values.get("class") == "choice" or "data-absent" in values for values in hidden)
    assert [values for values in hidden if values.get("class") == "choice"]
    shown = {values.get("data-environment") for _, values in tags if "hidden" not in values}
    assert {"production", "staging", "development"} <= shown
    assert not any(tag == "button" for tag, _ in tags)


def test_a_scenario_that_was_never_played_shows_its_steps_as_they_are_written() -> None:
    book = runbook()
    page = Page(chapter_page(book, replace(chapter(), rules=chapter().rules[:1])))
    after = page.words[page.words.rindex("Not rehearsed yet") :]
    assert "the service has worked with revision <before>" in after


def test_of_several_examples_the_failed_one_is_shown_and_the_others_open_on_demand() -> None:
    book, one = runbook(), chapter()
    good, bad = play(number=1), play("failed", number=2)
    told = replace(one.rules[0], scenarios=(scenario("Either", good, bad, anchor="either"),))
    text = chapter_page(book, replace(one, rules=(told,)))
    assert text.index(f'id="{bad.anchor}"') < text.index(f'<details id="{good.anchor}">')


def test_a_runbook_without_anything_is_still_a_page() -> None:
    """The first run of a project has no history, and perhaps no symptoms."""
    book = runbook()
    front = replace(book.front, rows=(row("not rehearsed"),), troubles=(), gone=(), runs=0)
    empty = replace(book, front=front, symptoms=(), chapters=(replace(chapter(), rules=(), rows=()),))
    read = {name: Page(text) for name, text in pages(empty) if name.endswith(".html")}
    assert all(not page.mistakes for page in read.values())
    assert "No chapter names its symptoms yet" in read["symptoms.html"].words


def test_evidence_without_end_leaves_a_page_of_sixty_scenarios_below_two_megabytes() -> None:
    """Each scenario keeps its share of the page; what is left out is said."""
    step = steps()[2]
    calls = tuple(Call(service="ecs", operation="Look", line=f"aws ecs {n} {'x' * 900}") for n in range(70))
    much = replace(step, evidence=calls)
    each = replace(play(), steps=(steps()[0], much, *steps()[3:]))
    scenarios = tuple(
        scenario(f"Scenario {n}", replace(each, anchor=f"play-{n}"), anchor=f"scenario-{n}")
        for n in range(60)
    )
    rule = replace(chapter().rules[0], scenarios=scenarios)
    text = chapter_page(runbook(), replace(chapter(), rules=(rule,)))
    assert len(text.encode()) < 2_000_000
    assert "more, which the run" in text

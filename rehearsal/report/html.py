"""The runbook as pages of HTML that need nothing else: no network, no server, and no script to be read.

Everything that comes from a feature or from a rehearsal is escaped by Jinja2. Besides, each page forbids every script
but its own, and every request but that for its stylesheet.
"""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from rehearsal.report.evidence_text import Room
from rehearsal.report.filters import FILTERS
from rehearsal.report.pictures.rollout import rollout_picture
from rehearsal.report.pictures.times import time_bar, times_picture
from rehearsal.report.pictures.trend import trend_picture
from rehearsal.report.pictures.versions import versions_picture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rehearsal.report.chapter_views import ChapterPage
    from rehearsal.report.views import Runbook

GENERATOR: Final = "rehearsal.report"
"""What each page says that it was made by; pages without it are somebody else's."""

STYLE: Final = "style.css"
"""What the stylesheet is called, in this package and beside the pages."""

MARKDOWN: Final = "runbook.md"
MACHINE: Final = "runbook.json"
"""What the same is called for a wiki and for a machine, beside the pages, which lead there."""

_FEW: Final = 6
"""How many reasons for a closed way, or overdue chapters, are told without being asked for."""

_EVIDENCE: Final = 1_000_000
"""How many characters the evidence of one page may have."""

_EVIDENCE_OF_A_PLAY: Final = 24_000


def pages(runbook: Runbook) -> Iterator[tuple[str, str]]:
    """Each file of the page: where it belongs within its folder, and what stands in it."""
    yield STYLE, _resource(STYLE)
    yield "index.html", _page("index.html.j2", runbook, here="index")
    yield "symptoms.html", _page("symptoms.html.j2", runbook, here="symptoms")
    for chapter in runbook.chapters:
        yield f"{chapter.slug}.html", chapter_page(runbook, chapter)


def chapter_page(runbook: Runbook, chapter: ChapterPage) -> str:
    """The page of one chapter."""
    plays = sum(len(scenario.plays) for rule in chapter.rules for scenario in rule.scenarios)
    characters = min(_EVIDENCE_OF_A_PLAY, _EVIDENCE // max(1, plays))
    return _page(
        "chapter.html.j2",
        runbook,
        here=chapter.slug,
        chapter=chapter,
        evidence_room=lambda: Room(characters),
    )


def _page(template: str, runbook: Runbook, **values: object) -> str:
    titles = {chapter.slug: chapter.title for chapter in runbook.chapters}
    return _templates().get_template(template).render(runbook=runbook, titles=titles, **values)


@cache
def _templates() -> Environment:
    script = _resource("script.js")
    templates = Environment(
        loader=PackageLoader("rehearsal.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(FILTERS)
    templates.globals.update(
        script=Markup(script),  # noqa: S704 - ours, from this package
        policy=_policy(script),
        generator=GENERATOR,
        style=STYLE,
        markdown=MARKDOWN,
        machine=MACHINE,
        few=_FEW,
        rollout_picture=rollout_picture,
        times_picture=times_picture,
        time_bar=time_bar,
        trend_picture=trend_picture,
        versions_picture=versions_picture,
    )
    return templates


def _policy(script: str) -> str:
    """What a page may do: run its own script. Styles are left free, since 'self' means nothing in a file."""
    digest = b64encode(sha256(script.encode()).digest()).decode()
    nothing = ("connect-src", "img-src", "font-src", "object-src", "frame-src", "form-action", "base-uri")
    return "; ".join([f"script-src 'sha256-{digest}'", *(f"{each} 'none'" for each in nothing)])


def _resource(name: str) -> str:
    return files("rehearsal.report").joinpath("templates", name).read_text(encoding="utf-8")

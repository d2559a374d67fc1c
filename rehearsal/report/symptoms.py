"""The index of symptoms: from what somebody sees to the chapter that helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rehearsal.report.views import Symptom

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rehearsal.report.chapter_views import ChapterPage


def index(chapters: Iterable[ChapterPage]) -> tuple[Symptom, ...]:
    """Each symptom of each chapter, in the order of the words."""
    found = [
        Symptom(text=symptom, chapter=chapter.title, slug=chapter.slug, anchor="symptoms")
        for chapter in chapters
        for symptom in chapter.symptoms
    ]
    return tuple(sorted(found, key=lambda each: (each.text.casefold(), each.chapter)))

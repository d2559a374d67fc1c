"""Makes everything that is shown, of the kept runs and the runbook's text."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from rehearsal.report import chapter, history, symptoms
from rehearsal.report.features import read_features, relative
from rehearsal.report.front import Chapter, verdict
from rehearsal.report.limits import Limits
from rehearsal.report.plays import Plays
from rehearsal.report.standing import know, row_of
from rehearsal.report.views import FrontPage, Part, Runbook
from rehearsal.tags import TAGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from rehearsal.report.model import Played
    from rehearsal.report.wording import Feature
    from rollback.environment import Environments

_PARTS: Final = (
    "ecs",
    "application",
    "infrastructure",
    "database",
    "certificate",
    "readiness",
    "checklist",
    "record",
    "principle",
)
"""The tags that make a part of the runbook, in the order in which somebody needs them."""


def make_runbook(
    folder: Path, *, root: Path, features: Path, environments: Environments, now: datetime | None = None
) -> Runbook:
    """The runbook, with all that the kept runs say of it.

    Args:
        folder: where the ``.ndjson`` files of the runs are.
        root: the project, which the features' names are relative to.
        features: where they are.
        environments: those that the runbook is for.
        now: when it is made; by default, now.

    Raises:
        rollback.errors.ConfigurationError: a `report` table of the environments is wrong.
    """
    made = now or datetime.now(UTC)
    found, unreadable = read_features(root, features)
    texts = tuple(sorted(found, key=_place))
    kept = history.read(folder, known=texts, now=made)
    plays = Plays(kept.runs, _called(environments))
    slugs = _slugs(texts, relative(features, root))
    names = [environments.default.name]
    names += [each for each in environments.names if each not in names]
    by_environment = {name: _stand(texts, plays, slugs, (environments, name), made) for name in names}
    chapters = {
        text.uri: [each for some in by_environment.values() for each in some if each.known.feature is text]
        for text in texts
    }
    full = _full(texts, (each for some in chapters.values() for each in some))
    pages = tuple(
        chapter.page(
            text,
            slugs[text.uri],
            [(each.known, each.row) for each in chapters[text.uri]],
            full=lambda play: full.get((play.run.path, play.played.attempt), play.played),
            tag=_tag(text),
            now=made,
        )
        for text in texts
    )
    return Runbook(
        environments=tuple(names),
        front=FrontPage(
            generated=made,
            runs=len(kept.runs),
            verdicts=tuple(
                verdict(name, some, kept.runs, now=made, troubles=unreadable)
                for name, some in by_environment.items()
            ),
            parts=tuple(_parts(texts, slugs)),
            rows=tuple(each.row for some in chapters.values() for each in some),
            troubles=(*unreadable, *map(str, kept.troubles)),
            gone=tuple(sorted({title for uri, title in plays.uris.items() if uri not in slugs})),
        ),
        chapters=pages,
        symptoms=symptoms.index(pages),
    )


def _stand(
    texts: Sequence[Feature],
    plays: Plays,
    slugs: Mapping[str, str],
    place: tuple[Environments, str],
    made: datetime,
) -> list[Chapter]:
    """How each chapter stands for the environment of that name, if there is anything to play of it there."""
    environments, name = place
    limits = Limits.of(environments, environments.get(name))
    known = ((text, know(plays, text, name, limits, made)) for text in texts)
    return [Chapter(each, row_of(each, slugs[text.uri])) for text, each in known if each is not None]


def _called(environments: Environments) -> Mapping[str, str]:
    """What each environment may be called, and its full name."""
    return {called: each.name for each in environments for called in (each.name, each.short)}


def _tag(text: Feature) -> str:
    return next((tag for tag in text.tags if tag in _PARTS), "")


def _place(text: Feature) -> tuple[int, bool, str]:
    """By its part; then those that say when they are used."""
    tag = _tag(text)
    part = _PARTS.index(tag) if tag else len(_PARTS)
    return part, not text.when_to_use, text.uri


def _slugs(texts: Sequence[Feature], features: str) -> Mapping[str, str]:
    """What each chapter's page is called: its path below the features."""
    names = chapter.Names("index", "symptoms")
    prefix = f"{features}/"
    return {
        text.uri: names.of(PurePath(text.uri.removeprefix(prefix)).with_suffix("").as_posix())
        for text in sorted(texts, key=lambda each: each.uri)
    }


def _parts(texts: Sequence[Feature], slugs: Mapping[str, str]) -> Iterable[Part]:
    chapters: defaultdict[str, list[str]] = defaultdict(list)
    for text in texts:
        chapters[_tag(text)].append(slugs[text.uri])
    for tag, some in chapters.items():
        yield Part(tag=tag, title=TAGS[tag] if tag else "other chapters", slugs=tuple(some))


def _full(texts: Sequence[Feature], chapters: Iterable[Chapter]) -> Mapping[tuple[Path, str], Played]:
    """The plays that are shown, with their steps and evidence: each file is read once more, and only for these."""
    wanted: defaultdict[Path, set[str]] = defaultdict(set)
    for each in chapters:
        for newest in each.known.scenarios:
            if (play := newest.shown) is not None:
                wanted[play.run.path].add(play.played.attempt)
    return {
        (path, attempt): played
        for path, attempts in wanted.items()
        for attempt, played in history.in_full(path, attempts, known=texts).items()
    }

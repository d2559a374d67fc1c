"""A rollout: the tasks of each revision over time, what HTTP answered beneath, and the moments of decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rehearsal.report.phrases import listed, many
from rehearsal.report.pictures.canvas import Canvas, Key, Picture, number, ticks
from rollback.clock import spoken

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rehearsal.report.facts import Rollout, Sample

_WIDTH: Final = 640
_LEFT: Final = 54
_RIGHT: Final = 626
_MARKS: Final = 16
_TOP: Final = 36
_TASKS: Final = 120
_HTTP_TOP: Final = 184
_HTTP: Final = 44
_BOTTOM: Final = _HTTP_TOP + _HTTP
_HEIGHT: Final = _BOTTOM + 34
_MARK_WIDTH: Final = 24
_STYLES: Final = 4
_ROOM: Final = 0.03


@dataclass(frozen=True, slots=True)
class _Span:
    """What was seen at one moment and held until the next, both in seconds since the beginning."""

    since: float
    until: float
    tasks: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where a moment and a number of tasks are drawn."""

    first: float
    last: float
    most: int

    def x(self, seconds: float) -> float:
        share = (seconds - self.first) / (self.last - self.first)
        return _LEFT + (_RIGHT - _LEFT) * min(max(share, 0), 1)

    def y(self, tasks: float) -> float:
        return _TOP + _TASKS * (1 - tasks / self.most)


def rollout_picture(rollout: Rollout, name: str) -> Picture | None:
    """The course of a rollout, or None where too little was seen of it to draw.

    Args:
        rollout: what was seen, in order.
        name: unique on the page; ids within the picture begin with it.
    """
    spans = _spans(rollout.samples)
    revisions = _revisions(spans)
    if not spans or not revisions:
        return None
    scale = _Scale(spans[0].since, spans[-1].until, max(sum(span.tasks.values()) for span in spans))
    text = _text(spans, revisions, rollout.samples)
    canvas = Canvas(name, _WIDTH, _HEIGHT, title="The rollout", text=text, kind="picture")
    styles = [f"series-{place % _STYLES}" for place in range(len(revisions))]
    fills = [canvas.hatch(style) if place % 2 else "" for place, style in enumerate(styles)]
    failing = canvas.hatch("failed")
    _axes(canvas, scale)
    below = [0] * len(spans)
    for revision, style, fill in zip(revisions, styles, fills, strict=True):
        above = [base + span.tasks.get(revision, 0) for base, span in zip(below, spans, strict=True)]
        canvas.path(style, _outline(spans, below, above, scale), fill=fill)
        below = above
    asked = _requests(canvas, rollout.samples, scale, failing)
    _marks(canvas, rollout, scale)
    keys = [Key(style, f"tasks of revision {each}") for style, each in zip(styles, revisions, strict=True)]
    if asked:
        keys += [Key("ok", "requests answered"), Key("failed", "requests failed")]
    notes = tuple(f"{_when(mark.t)}: {mark.text}" for mark in rollout.marks)
    return Picture(canvas.markup(), text, tuple(keys), notes)


def _spans(samples: Sequence[Sample]) -> list[_Span]:
    """The tasks that were seen, from each look to the next."""
    if not samples:
        return []
    # The last look has no successor: it is given a little room, so that the end is seen.
    end = samples[-1].t + max(1.0, _ROOM * (samples[-1].t - samples[0].t))
    until = [*(sample.t for sample in samples[1:]), end]
    looks = zip(samples, until, strict=True)
    return [_Span(sample.t, then, dict(sample.tasks)) for sample, then in looks if then > sample.t]


def _revisions(spans: Sequence[_Span]) -> list[str]:
    """Each revision that had a task, the oldest first."""
    seen = {revision for span in spans for revision, tasks in span.tasks.items() if tasks}
    return sorted(seen, key=lambda revision: (len(revision), revision))


def _outline(spans: Sequence[_Span], below: Sequence[int], above: Sequence[int], scale: _Scale) -> str:
    """The area between two stepped lines, there along the upper and back along the lower one."""
    upper = list(_stepped(spans, above, scale))
    lower = list(_stepped(spans, below, scale))
    return "M" + "L".join([*upper, *reversed(lower)]) + "Z"


def _stepped(spans: Sequence[_Span], levels: Sequence[int], scale: _Scale) -> Iterator[str]:
    """The corners of a stepped line, without those between two equal levels."""
    for place, (span, level) in enumerate(zip(spans, levels, strict=True)):
        y = number(scale.y(level))
        if not place or levels[place - 1] != level:
            yield f"{number(scale.x(span.since))} {y}"
        if place + 1 == len(spans) or levels[place + 1] != level:
            yield f"{number(scale.x(span.until))} {y}"


def _axes(canvas: Canvas, scale: _Scale) -> None:
    for level in dict.fromkeys((0, scale.most // 2, scale.most)):
        canvas.path("grid", f"M{_LEFT} {number(scale.y(level))}H{_RIGHT}")
        canvas.words("axis", _LEFT - 8, scale.y(level) + 5, str(level), anchor="end")
    for at, label in ticks(scale.last):
        canvas.path("grid", f"M{number(scale.x(at))} {_TOP}V{_BOTTOM}")
        canvas.words("axis", scale.x(at), _BOTTOM + 24, label, anchor="middle")
    canvas.words("axis", _LEFT - 8, _HTTP_TOP + _HTTP / 2 + 5, "HTTP", anchor="end")
    canvas.path("grid", f"M{_LEFT} {_BOTTOM}H{_RIGHT}")


def _requests(canvas: Canvas, samples: Sequence[Sample], scale: _Scale, failing: str) -> bool:
    """Draw which share of the requests between two looks was answered; False if there were none at all."""
    joined: list[tuple[float, float, float | None]] = []
    since = scale.first
    for sample in samples:
        asked = sample.ok + sample.failed
        share = sample.ok / asked if asked else None
        if joined and joined[-1][2] == share:
            joined[-1] = (joined[-1][0], sample.t, share)
        elif sample.t > since:
            joined.append((since, sample.t, share))
        since = sample.t
    for begin, until, share in joined:
        if share is not None:
            x, width = scale.x(begin), scale.x(until) - scale.x(begin)
            canvas.box("failed", x, _HTTP_TOP, width, _HTTP * (1 - share), fill=failing)
            canvas.box("ok", x, _HTTP_TOP + _HTTP * (1 - share), width, _HTTP * share)
    return any(share is not None for _, _, share in joined)


def _marks(canvas: Canvas, rollout: Rollout, scale: _Scale) -> None:
    """Draw a numbered mark for each decision, beside each other where they would cover one another."""
    after = 0.0
    for place, mark in enumerate(rollout.marks, start=1):
        x = scale.x(mark.t)
        canvas.path("mark", f"M{number(x)} {_MARKS}V{_BOTTOM}")
        after = max(x, after + _MARK_WIDTH if place > 1 else x)
        after = min(after, _WIDTH - _MARK_WIDTH / 2)
        canvas.circle("mark", after, _MARKS, 11)
        canvas.words("mark", after, _MARKS + 5, str(place), anchor="middle")


def _when(seconds: float) -> str:
    return f"After {spoken(seconds)}" if seconds >= 1 else "At the beginning"


def _text(spans: Sequence[_Span], revisions: Sequence[str], samples: Sequence[Sample]) -> str:
    began, ended = (_tasks(revisions, span) for span in (spans[0], spans[-1]))
    took = spoken(spans[-1].since - spans[0].since)
    return f"It began with {began}; after {took} there were {ended}. {_answered(samples)}"


def _tasks(revisions: Sequence[str], span: _Span) -> str:
    """Who had tasks then, in words."""
    told = [
        f"{many(span.tasks[each], 'task')} of revision {each}" for each in revisions if span.tasks.get(each)
    ]
    return listed(told) if told else "no tasks"


def _answered(samples: Sequence[Sample]) -> str:
    ok, failed = sum(sample.ok for sample in samples), sum(sample.failed for sample in samples)
    if not ok + failed:
        return "No request was made meanwhile."
    if not failed:
        return f"{'All' if ok > 1 else 'The'} {many(ok, 'request')} made meanwhile succeeded."
    last = max(sample.t for sample in samples if sample.failed)
    return f"{failed} of {many(ok + failed, 'request')} failed meanwhile, the last of them by {spoken(max(0, last))}."

"""The versions of Terraform's state as a chain, the newest on top."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rehearsal.report.phrases import many
from rehearsal.report.pictures.canvas import Canvas, Picture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rehearsal.report.facts import StateVersion

_WIDTH: Final = 640
_ROW: Final = 56
_X: Final = 26
_TEXT: Final = 60
_RADIUS: Final = 13
_MOST: Final = 12
_MARKS: Final = {"current": "●", "restored": "↺", "damaged": "✗", "deleted": "∅"}


def versions_picture(versions: Sequence[StateVersion], name: str) -> Picture | None:
    """The chain of a state's versions, or None where there are none.

    Args:
        versions: the oldest first, as they were written.
        name: unique on the page; ids within the picture begin with it.
    """
    if not versions:
        return None
    shown = list(reversed(versions))[:_MOST]
    left_out = len(versions) - len(shown)
    text = _text(versions, left_out)
    height = _ROW * (len(shown) + bool(left_out))
    canvas = Canvas(name, _WIDTH, height, title="The versions of the state", text=text, kind="picture chain")
    for place, version in enumerate(shown):
        y = _ROW * place + _ROW / 2
        if place + 1 < len(shown) or left_out:
            canvas.path("link", f"M{_X} {y + _RADIUS}V{y + _ROW - _RADIUS}")
        kind = version.mark if version.mark in _MARKS else "plain"
        canvas.circle(f"version {kind}", _X, y, _RADIUS)
        canvas.words(f"version {kind}", _X, y + 6, _MARKS.get(version.mark, ""), anchor="middle")
        canvas.words("label", _TEXT, y - 3, _headline(version))
        canvas.words(
            "axis", _TEXT, y + 18, _detail(version, shown[place + 1] if place + 1 < len(shown) else None)
        )
    if left_out:
        canvas.words("axis", _TEXT, height - _ROW / 2 + 5, f"and {many(left_out, 'older version')}")
    return Picture(canvas.markup(), text)


def _headline(version: StateVersion) -> str:
    serial = "no serial" if version.serial is None else f"serial {version.serial}"
    return f"{serial}, {version.mark}" if version.mark else serial


def _detail(version: StateVersion, before: StateVersion | None) -> str:
    other = before is not None and version.lineage and before.lineage and version.lineage != before.lineage
    at = f"{version.at:%d %b %Y, %H:%M:%S} UTC · " if version.at else ""
    return f"{at}{version.id[:16]}{' · another lineage' if other else ''}"


def _text(versions: Sequence[StateVersion], left_out: int) -> str:
    told = "; ".join(_headline(version) for version in reversed(versions[left_out:]))
    older = f"; and {many(left_out, 'older version')}" if left_out else ""
    return f"{many(len(versions), 'version')}, the newest first: {told}{older}."

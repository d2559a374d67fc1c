"""What every picture is drawn on: an SVG element that names and describes itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET  # only written, never read: nothing from outside is parsed

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Iterator

_STEPS: Final = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400)
_MOST_TICKS: Final = 5
_MINUTE: Final = 60
_HOUR: Final = 3600


@dataclass(frozen=True, slots=True)
class Key:
    """What a colour and pattern of a picture stands for.

    Attributes:
        kind: the style class of its swatch.
        label: what it is, in words.
    """

    kind: str
    label: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, and the same in words.

    Attributes:
        svg: the element, ready for a page.
        text: what it shows, in one or two sentences.
        keys: what its colours stand for.
        notes: what its numbered marks stand for, the first being number 1.
    """

    svg: Markup
    text: str
    keys: tuple[Key, ...] = ()
    notes: tuple[str, ...] = ()


class Canvas:
    """An SVG element under construction; what it is given is escaped as it is written.

    Attributes:
        root: the element.
        name: what ids within the picture begin with.
    """

    def __init__(
        self, name: str, width: float, height: float, *, kind: str, title: str = "", text: str = ""
    ) -> None:
        """`name` is unique on its page; `width` and `height` are the picture's own units.

        A picture without a title is hidden from who listens: the words stand beside it.
        """
        self.name = name
        size = {"class": kind, "viewBox": f"0 0 {number(width)} {number(height)}"}
        if not title:
            self.root = ET.Element("svg", {**size, "aria-hidden": "true"})
            return
        named = {"role": "img", "aria-labelledby": f"{name}-title {name}-desc"}
        self.root = ET.Element("svg", {**size, **named})
        ET.SubElement(self.root, "title", {"id": f"{name}-title"}).text = title
        ET.SubElement(self.root, "desc", {"id": f"{name}-desc"}).text = text

    def hatch(self, kind: str) -> str:
        """Define a pattern of slanted lines of the style class `kind`, and say how a fill refers to it."""
        pattern = ET.SubElement(
            ET.SubElement(self.root, "defs"),
            "pattern",
            {
                "id": f"{self.name}-{kind}",
                "width": "6",
                "height": "6",
                "patternUnits": "userSpaceOnUse",
                "patternTransform": "rotate(45)",
            },
        )
        ET.SubElement(pattern, "rect", {"class": f"{kind} ground", "width": "6", "height": "6"})
        ET.SubElement(pattern, "path", {"class": f"{kind} lines", "d": "M0 0V6"})
        return f"url(#{self.name}-{kind})"

    def box(self, kind: str, x: float, y: float, width: float, height: float, *, fill: str = "") -> None:
        """A rectangle, and nothing where it would have no extent."""
        if width > 0 and height > 0:
            at = {"x": number(x), "y": number(y), "width": number(width), "height": number(height)}
            ET.SubElement(self.root, "rect", {"class": kind, **at, **({"fill": fill} if fill else {})})

    def path(self, kind: str, line: str, *, fill: str = "") -> None:
        """A path by SVG's own commands."""
        ET.SubElement(self.root, "path", {"class": kind, "d": line, **({"fill": fill} if fill else {})})

    def circle(self, kind: str, x: float, y: float, radius: float) -> None:
        """A circle around a point."""
        ET.SubElement(
            self.root, "circle", {"class": kind, "cx": number(x), "cy": number(y), "r": number(radius)}
        )

    def words(self, kind: str, x: float, y: float, text: str, *, anchor: str = "start") -> None:
        """A line of text; `anchor` is what of it stands at `x`."""
        at = {"class": kind, "x": number(x), "y": number(y)}
        ET.SubElement(self.root, "text", {**at, "text-anchor": anchor}).text = text

    def markup(self) -> Markup:
        """The element as it stands in a page."""
        return Markup(ET.tostring(self.root, encoding="unicode"))  # noqa: S704 - ElementTree has escaped it


def number(value: float) -> str:
    """`value` as short as a picture needs it."""
    return f"{value:.1f}".removesuffix(".0")


def ticks(longest: float) -> Iterator[tuple[float, str]]:
    """Round moments from 0 to `longest` seconds, a handful, each with its short label."""
    step = next((each for each in _STEPS if longest / each <= _MOST_TICKS), longest / _MOST_TICKS)
    at = 0.0
    while at <= longest:
        yield at, short(at)
        at += step


def short(seconds: float) -> str:
    """A duration for an axis: ``0``, ``45 s``, ``2 min``, ``2:30``, ``1 h``, ``1 h 30``."""
    total = round(seconds)
    if total < _MINUTE:
        return f"{total} s" if total else "0"
    if total < _HOUR:
        return f"{total // _MINUTE}:{total % _MINUTE:02}" if total % _MINUTE else f"{total // _MINUTE} min"
    hours, minutes = divmod(total // _MINUTE, _MINUTE)
    return f"{hours} h {minutes:02}" if minutes else f"{hours} h"

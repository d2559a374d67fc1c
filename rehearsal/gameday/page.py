"""The debrief as a page that works from a file, alone."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from rehearsal.gameday.hints import by_hand
from rollback.clock import spoken

if TYPE_CHECKING:
    from jinja2 import Template

    from rehearsal.gameday.debrief import Debrief


def page(debrief: Debrief) -> str:
    """The page."""
    # Our own SVG, whose texts are escaped where it is drawn.
    drawn = Markup(debrief.picture)  # noqa: S704
    return _template().render(debrief=debrief, subject=debrief.subject, picture=drawn) + "\n"


@functools.cache
def _template() -> Template:
    made = Environment(
        loader=PackageLoader("rehearsal.gameday", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"spoken": spoken, "by_hand": by_hand}
    return made.get_template("debrief.html.j2")

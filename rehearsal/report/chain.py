"""The versions of Terraform's state on a stage, for their picture: ids, serials and times, and nothing of what they hold."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from rehearsal.story import Attachment

if TYPE_CHECKING:
    from collections.abc import Collection

    from rehearsal.world.state_house import StateHouse

VERSIONS: Final = "application/vnd.rollback.versions+json"
_MOST: Final = 30


def attached(house: StateHouse, written: Collection[str]) -> Attachment | None:
    """The newest versions, oldest first; None where there is no bucket.

    Args:
        house: where the state is kept.
        written: the ids of the versions that a restore has written.
    """
    if not house.exists:
        return None
    return Attachment(VERSIONS, json.dumps({"versions": _chain(house, written)}), "the versions of the state")


def _chain(house: StateHouse, written: Collection[str]) -> list[dict[str, Any]]:
    from rollback.state.document import HEAD_BYTES, read_head, read_state  # noqa: PLC0415 - pydantic, which --help need not pay
    from rollback.state.model import Unparsable  # noqa: PLC0415 - as above

    told: list[dict[str, Any]] = []
    for position, each in enumerate(house.versions[:_MOST]):
        head, mark = None, "deleted"
        if not each.marker:
            content = house.content(each.id)
            head, mark = read_head(content[:HEAD_BYTES]), "restored" if each.id in written else ""
            try:
                read_state(content)
            except Unparsable:
                mark = "damaged"
        told.append(
            {
                "id": each.id,
                "at": each.at.isoformat(timespec="seconds"),
                "serial": head.serial if head else None,
                "lineage": head.lineage if head else "",
                "mark": mark or ("current" if position == 0 else ""),
            }
        )
    return told[::-1]

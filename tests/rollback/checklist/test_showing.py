"""The lists as a person reads them, and as machines do."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

from rich.console import Console

from rollback.checklist import Evidence, Item, Phase, Shown, look, override
from rollback.show import as_json, print_checklist
from tests.rollback.builders import ENVIRONMENT

if TYPE_CHECKING:
    from rollback.access import Access


def test_each_item_is_shown_with_its_evidence_and_what_it_takes(access: Access) -> None:
    override(ENVIRONMENT, access, by="Kim Okafor", reason="Orders are being lost.")
    checks = {
        Item.ACCESS: lambda: Evidence(Shown.PROVEN, "We are who we should be."),
        Item.CHANGE: lambda: Evidence(Shown.OPEN, "Nobody has named it.", "Name it.", ("git log",)),
    }
    listed = look(ENVIRONMENT, access, Phase.BEFORE, checks)
    shown = io.StringIO()
    print_checklist(listed, Console(file=shown, width=120, force_terminal=False))
    told = shown.getvalue()
    assert told.startswith("Before the rollback of testing: 1 of 4 done")
    for text in (
        "We are who we should be. (2026-01-05 03:00:00 UTC)",
        "missing  The commit or the pull request is known",
        "Name it.",
        "git log",
        "Kim Okafor has decided to begin: Orders are being lost.",
    ):
        assert text in told
    assert json.loads(as_json(listed))["lines"][3]["evidence"]["shown"] == "proven"

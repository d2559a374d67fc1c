"""The lists before and after a rollback: `before` and `after` look, `attest` and `override` take down what people say.

A rollback starts only when `must_be_complete` lets it: with the list before complete, or overridden with a reason.
"""

from __future__ import annotations

from rollback.checklist.attesting import attest, attestations, item_named, overridden, override
from rollback.checklist.checks import After, Before, after, before
from rollback.checklist.gate import must_be_complete
from rollback.checklist.looking import look
from rollback.checklist.model import (
    Attestation,
    Check,
    Checklist,
    Evidence,
    Item,
    Line,
    Override,
    Phase,
    Shown,
    items,
)

__all__ = [
    "After",
    "Attestation",
    "Before",
    "Check",
    "Checklist",
    "Evidence",
    "Item",
    "Line",
    "Override",
    "Phase",
    "Shown",
    "after",
    "attest",
    "attestations",
    "before",
    "item_named",
    "items",
    "look",
    "must_be_complete",
    "overridden",
    "override",
]

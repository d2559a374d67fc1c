"""Least-privilege IAM policies for readiness, drill and incident, made of the calls that rehearsals have recorded."""

from __future__ import annotations

from rehearsal.policies.documents import LARGEST, documents
from rehearsal.policies.recorded import KINDS, allowed
from rehearsal.policies.resources import PLACEHOLDERS, Further, values
from rehearsal.policies.uses import NotCovered, Use, uses

__all__ = [
    "KINDS",
    "LARGEST",
    "PLACEHOLDERS",
    "Further",
    "NotCovered",
    "Use",
    "allowed",
    "documents",
    "uses",
    "values",
]

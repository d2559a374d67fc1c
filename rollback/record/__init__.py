"""The record that a rollback leaves: its incident report, whether a post-mortem is due, and going on from its journal."""

from __future__ import annotations

from rollback.record.ahead import Ahead, ahead_of_resume, ahead_of_undo
from rollback.record.database_ways import DATABASE_WAYS
from rollback.record.impact import Impact, Share
from rollback.record.measuring import Measured, measure, watching
from rollback.record.model import Attempt, Begun, Stands
from rollback.record.opening import opened
from rollback.record.post_mortem import Due, due
from rollback.record.proving import proofs, write
from rollback.record.reading import attempts, begun
from rollback.record.report import Report, report
from rollback.record.resuming import resume, undo
from rollback.record.telling import told
from rollback.record.timeline import Moment
from rollback.record.way import WAYS, Way, register
from rollback.record.ways import is_taken_back

for _way in DATABASE_WAYS:
    register(_way)

__all__ = [
    "WAYS",
    "Ahead",
    "Attempt",
    "Begun",
    "Due",
    "Impact",
    "Measured",
    "Moment",
    "Report",
    "Share",
    "Stands",
    "Way",
    "ahead_of_resume",
    "ahead_of_undo",
    "attempts",
    "begun",
    "due",
    "is_taken_back",
    "measure",
    "opened",
    "proofs",
    "register",
    "report",
    "resume",
    "told",
    "undo",
    "watching",
    "write",
]

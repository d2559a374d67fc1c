"""The record that a rollback leaves: its incident report, whether a post-mortem is due, and going on from its journal."""

from __future__ import annotations

from rollback.record.model import Attempt, Begun, Stands
from rollback.record.reading import attempts, begun
from rollback.record.resuming import resume, undo
from rollback.record.ways import WAYS, Way, register

__all__ = ["WAYS", "Attempt", "Begun", "Stands", "Way", "attempts", "begun", "register", "resume", "undo"]

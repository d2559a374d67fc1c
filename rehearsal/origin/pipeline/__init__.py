"""GitHub Actions on the stage: what a push starts, and how it lives by the clock."""

from __future__ import annotations

from rehearsal.origin.pipeline.pipeline import Pipeline

__all__ = ["Pipeline"]

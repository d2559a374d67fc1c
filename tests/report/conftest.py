"""Inner runs here are those of the plug-in's own tests."""

from __future__ import annotations

from tests.plugin.conftest import _imported, project

__all__ = ["_imported", "project"]

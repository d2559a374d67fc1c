"""What holds for all of the suite's own tests."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("rehearsal", deadline=None)  # a slow machine is no failure
settings.load_profile("rehearsal")

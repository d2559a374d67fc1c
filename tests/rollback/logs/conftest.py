from __future__ import annotations

from typing import TYPE_CHECKING

import moto.logs.models
import pytest

from tests.rollback.logs.writing import Application

if TYPE_CHECKING:
    from rehearsal.clock import VirtualClock
    from rollback.access import Access


@pytest.fixture
def application(access: Access, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> Application:
    """An application with a log group, in which there is nothing yet."""
    # moto, as CloudWatch, takes no events that are too old by its clock.
    monkeypatch.setattr(moto.logs.models, "utcnow", lambda: clock.now().replace(tzinfo=None))
    return Application(access)

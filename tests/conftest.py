"""What holds for all of the suite's own tests."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

import botocore.session
import pytest
from botocore.loaders import create_loader

if TYPE_CHECKING:
    from collections.abc import Iterator

# pytest reads this file for `--env staging`, too, before it knows that option and what follows it: perhaps of somebody
# who has installed what a rehearsal needs, and nothing else.
if find_spec("hypothesis"):
    from hypothesis import settings

    settings.register_profile("rehearsal", deadline=None)  # a slow machine is no failure
    settings.load_profile("rehearsal")


@pytest.fixture(scope="session", autouse=True)
def _models_read_once() -> Iterator[None]:
    """AWS's models are read once in a process: that is most of what a session costs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", cache(create_loader))
        yield

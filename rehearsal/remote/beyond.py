"""What a scenario asks for and this stage doesn't have."""

from __future__ import annotations

from typing import NoReturn

import pytest


def beyond(what: str) -> NoReturn:
    """Leave out the scenario that asks for `what`.

    A name that nobody has on any stage is a mistake, and not for here: mypy finds it.
    """
    if what.rpartition(".")[2].startswith("__"):
        raise AttributeError(what)
    pytest.skip(f"This stage doesn't have {what}: rehearse it with --stage embedded.")

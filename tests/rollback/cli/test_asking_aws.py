"""Credentials that don't do: the sentence and the exit code, from a process that plays AWS; and nothing is changed there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from rollback.cli.codes import Exit
from tests.rollback.cli.desk import typed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.rollback.live.aws import FakeAws

pytest_plugins: tuple[str, ...] = ()

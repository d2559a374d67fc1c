"""An application that logs what it is told to."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from rollback.logs.reading import milliseconds
from tests.rollback.builders import ENVIRONMENT

if TYPE_CHECKING:
    from datetime import datetime

    from rollback.access import Access

GROUP: Final = ENVIRONMENT.logs.group
STREAM: Final = "app/app/0123"


class Application:
    """Logs to the environment's log group.

    Attributes:
        began: when the test began, which is when a bad version is deployed.
    """

    def __init__(self, access: Access) -> None:
        self.began = access.clock.now()
        self._clock = access.clock
        self._logs = access.aws.logs
        self._logs.create_log_group(logGroupName=GROUP)
        self._logs.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)

    def log(self, message: str, *, times: int = 1, at: datetime | None = None, every: float = 1.0) -> None:
        """Log `message` so many times from `at` on, by default now."""
        first = at or self._clock.now()
        self._logs.put_log_events(
            logGroupName=GROUP,
            logStreamName=STREAM,
            logEvents=[
                {
                    "timestamp": milliseconds(first + timedelta(seconds=every * n)),
                    "message": message.replace("{n}", str(n)),
                }
                for n in range(times)
            ],
        )

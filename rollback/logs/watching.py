"""Watching the logs: the errors of a window beside those of a time in which all was well."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from rollback.clock import spoken
from rollback.errors import AwsError, Throttled, Unavailable
from rollback.journal import Kind
from rollback.logs import reading
from rollback.logs.grouping import Tally
from rollback.logs.model import Group, Verdict, Watched, per_minute

if TYPE_CHECKING:
    from datetime import datetime

    from rollback.access import Access
    from rollback.environment import Environment, LogSettings

POLL_SECONDS: Final = 60.0
SETTLE_SECONDS: Final = 15.0
"""How long an event may take until it can be found."""
MOST_TOLD: Final = 20
"""How many messages are told of."""


def look(environment: Environment, access: Access, *, before: datetime, since: datetime) -> Watched:
    """What was logged from `since` until now, beside the time right before `before`; it waits for nothing.

    Args:
        environment: the place; its `logs` say what an error is, and how many are too many.
        access: the hands.
        before: when the deployment began with which things may have changed, UTC.
        since: where the window begins, UTC.
    """
    now = access.clock.now()
    return _told(access, _Watch(environment, access, before, since, now).until(now))


def watch(
    environment: Environment, access: Access, *, before: datetime, since: datetime | None = None
) -> Watched:
    """Follow the logs for the environment's `window_seconds` on the clock, and stop as soon as they are worse.

    What can't be read because AWS is busy or down is read with what follows; only what AWS refuses ends it early.

    Args:
        environment: the place.
        access: the hands.
        before: when the deployment began that things were well before, UTC.
        since: where the window begins, UTC; by default now.
    """
    clock = access.clock
    begin = since or clock.now()
    end = begin + timedelta(seconds=environment.logs.window_seconds)
    watching = _Watch(environment, access, before, begin, end)
    while True:
        seen = watching.until(min(end, clock.now() - timedelta(seconds=SETTLE_SECONDS)))
        left = (end - clock.now()).total_seconds() + SETTLE_SECONDS
        if seen.verdict is Verdict.WORSE or watching.refused or left <= 0:
            return _told(access, seen)
        clock.sleep(min(POLL_SECONDS, left))


def _told(access: Access, seen: Watched) -> Watched:
    access.journal.record(
        Kind.OBSERVATION,
        seen.sentence,
        verdict=seen.verdict.value,
        log_group=seen.log_group,
        errors=seen.errors,
        before=seen.before,
        groups={group.message: group.count for group in seen.groups},
    )
    return seen


@dataclass(frozen=True, slots=True)
class _Window:
    since: datetime
    until: datetime

    @property
    def seconds(self) -> float:
        return max(0.0, (self.until - self.since).total_seconds())

    def shifted(self, seconds: float) -> _Window:
        by = timedelta(seconds=seconds)
        return _Window(self.since + by, self.until + by)


@dataclass(frozen=True, slots=True)
class _Rated:
    """What was counted in so many seconds."""

    tally: Tally
    seconds: float

    def rate(self, message: str = "") -> float:
        """How often a message came in a minute, or all of them together."""
        return per_minute(self.tally.count(message) if message else self.tally.total, self.seconds)


class _Watch:
    """A window that is read in slices, each of them once."""

    def __init__(
        self, environment: Environment, access: Access, before: datetime, since: datetime, end: datetime
    ) -> None:
        self.refused = False
        self._environment = environment
        self._access = access
        self._since = self._read = since
        self._end = end
        length = timedelta(seconds=environment.logs.before_seconds)
        self._before = _Window(before - length, before)
        self._errors = Tally(environment.logs.errors)
        self._errors_before: Tally | None = None
        self._skew = 0.0
        self._logged = False

    def until(self, moment: datetime) -> Watched:
        """What there was until `moment`."""
        until = max(moment, self._read)
        try:
            self._take(_Window(self._read, until))
        except AwsError as error:
            self.refused = not isinstance(error, Throttled | Unavailable)
            why = f"The logs could not be read: {error.sentence}"
            return self._made(until, Verdict.UNKNOWN, why, error.remedy, ())
        self._read = until
        return self._judged(until)

    def _take(self, slice_: _Window) -> None:
        environment, access = self._environment, self._access
        if self._errors_before is None:
            self._skew = reading.skew(environment, access)
            tally = Tally(environment.logs.errors)
            theirs = self._before.shifted(self._skew)
            reading.count(environment, access, tally, theirs.since, theirs.until)
            self._errors_before = tally
        theirs = slice_.shifted(self._skew)
        # What was read of a slice counts only when all of it was: a slice that failed is read again.
        found = Tally(environment.logs.errors)
        reading.count(environment, access, found, theirs.since, theirs.until)
        logged = (
            self._logged
            or found.total > 0
            or reading.anything(environment, access, theirs.since, theirs.until)
        )
        self._logged = logged
        self._errors.include(found)

    def _judged(self, until: datetime) -> Watched:
        seconds = (until - self._since).total_seconds()
        name = self._environment.logs.group
        if not self._logged:
            return self._made(
                until,
                Verdict.UNKNOWN,
                f"Nothing at all was logged to {name} in {spoken(seconds)}, which proves nothing.",
                "See whether the application runs and logs there.",
                (),
            )
        now = _Rated(self._errors, seconds)
        usual = _Rated(self._errors_before or Tally(()), self._before.seconds)
        settings = self._environment.logs
        groups = _groups(settings, now, usual, self._skew)
        told = (
            f"{name}: {now.tally.total} error{'' if now.tally.total == 1 else 's'} in {spoken(seconds)} "
            f"({now.rate():.1f} a minute, {usual.rate():.1f} before)"
        )
        worst = [group for group in groups if group.worse]
        if not worst and not _too_many(settings, now, usual):
            return self._made(until, Verdict.CALM, f"{told}.", "", groups)
        first = (worst or groups)[0]
        return self._made(
            until,
            Verdict.WORSE,
            f"{told}; the most: {first.count} x {first.message} ({first.before} before).",
            f"Read them in the log stream {first.stream}.",
            groups,
        )

    def _made(
        self, until: datetime, verdict: Verdict, sentence: str, remedy: str, groups: tuple[Group, ...]
    ) -> Watched:
        if self._skew:
            ahead = "ahead of" if self._skew > 0 else "behind"
            sentence = f"{sentence} The clock of CloudWatch is {spoken(abs(self._skew))} {ahead} ours, which is taken into account."
        theirs = _Window(self._since, until).shifted(self._skew)
        return Watched(
            log_group=self._environment.logs.group,
            since=self._since,
            until=until,
            before_since=self._before.since,
            before_until=self._before.until,
            errors=self._errors.total,
            before=self._errors_before.total if self._errors_before else 0,
            groups=groups[:MOST_TOLD],
            verdict=verdict,
            sentence=sentence,
            remedy=remedy,
            skew_seconds=self._skew,
            command=_by_hand(self._environment, theirs),
        )


def _groups(settings: LogSettings, now: _Rated, usual: _Rated, skew: float) -> tuple[Group, ...]:
    ours = timedelta(seconds=skew)
    made = [
        Group(
            message=name,
            count=found.count,
            before=usual.tally.count(name),
            first_at=reading.moment(found.first) - ours,
            last_at=reading.moment(found.last) - ours,
            stream=found.stream,
            worse=_too_many(settings, now, usual, name),
        )
        for name, found in now.tally
    ]
    return tuple(sorted(made, key=lambda group: (not group.worse, -group.count, group.message)))


def _too_many(settings: LogSettings, now: _Rated, usual: _Rated, message: str = "") -> bool:
    """Whether one message, or all of them together, came too often."""
    many = now.tally.count(message) if message else now.tally.total
    return many >= settings.fewest and now.rate(message) > settings.factor * usual.rate(message)


def _by_hand(environment: Environment, theirs: _Window) -> str:
    return shlex.join(
        (
            "aws", "logs", "filter-log-events",
            "--log-group-name", environment.logs.group,
            "--start-time", str(reading.milliseconds(theirs.since)),
            "--end-time", str(reading.milliseconds(theirs.until)),
            "--filter-pattern", reading.pattern(environment),
            "--region", environment.region,
        )
    )  # fmt: skip

"""The pytest plug-in that holds every scenario against the policy of its kind, and writes down what was used.

A scenario fails as it ends, if somebody who has just the policy couldn't have played it. With ``--record-calls`` it doesn't:
what was seen becomes `calls.json`, from which the policies are made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from rehearsal.policies.recorded import KINDS, allowed, written
from rehearsal.policies.uses import Use
from rehearsal.policies.watching import Watch
from rollback.aws import is_read

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from rehearsal.embedded import EmbeddedStage
    from rollback.environment import Environment

_PROPERTY: Final = "policy_use"
_READINESS: Final = "readiness"
_DRILL: Final = "ecs"


def kinds_of(item: pytest.Item) -> tuple[str, ...]:
    """The kinds whose policy a scenario has to do with: an incident takes every way, and a drill the emergency rollback."""
    if item.get_closest_marker(_READINESS):
        return ("readiness",)
    return ("drill", "incident") if item.get_closest_marker(_DRILL) else ("incident",)


def must_be_allowed(kind: str, seen: Iterable[Use], strange: Iterable[str]) -> None:
    """See that a policy allows what was used.

    Raises:
        AssertionError: it doesn't, with a sentence that says what is to be done.
    """
    missing = sorted(set(seen) - allowed(kind))
    problems = [*dict.fromkeys(strange), *(f"{use} isn't in the policy of {kind}" for use in missing)]
    if problems:
        raise AssertionError(
            f"With docs/iam this couldn't be done: {'; '.join(problems)}. "
            "If it must be, `make policies` writes them anew."
        )


class Policies:
    """Watches the scenarios of this process.

    Args:
        path: where what was used is written, if that was asked for.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._seen: dict[str, set[Use]] = {kind: set() for kind in KINDS}

    @pytest.fixture
    def watched(self, request: pytest.FixtureRequest) -> Watched:
        """Watches stages in the name of this test."""
        return Watched(request.node, recording=self._path is not None)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take down what a test has used, wherever it was played."""
        for name, value in report.user_properties if report.when == "teardown" else ():
            if name == _PROPERTY:
                kind, action, resource = str(value).split(" ")
                self._seen[kind].add(Use(action, resource))
                if is_read(action.partition(":")[2]):
                    # Whoever only looks may make every way's plan.
                    self._seen["readiness"].add(Use(action, resource))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write it."""
        if self._path is not None and not hasattr(session.config, "workerinput"):
            self._path.write_text(written(self._seen), encoding="utf-8")


class Watched:
    """The stages of one test.

    Args:
        item: the test.
        recording: whether what it uses is taken down instead of being held against the policy.
    """

    def __init__(self, item: Any, *, recording: bool) -> None:
        self._item = item
        self._recording = recording
        self._watches: list[tuple[Watch, tuple[str, ...]]] = []

    def watch(self, stage: EmbeddedStage, environment: Environment, *kinds: str) -> Watch:
        """Watch a stage, by default for the kinds of the scenario."""
        # What the team's own infrastructure needs in AWS is its own business, and its pipeline's role has it.
        terraform = self._item.get_closest_marker("provider") is None
        watch = Watch(stage, environment, terraform=terraform)
        self._watches.append((watch, kinds or kinds_of(self._item)))
        return watch

    def end(self) -> None:
        """Hold it against the policies, or take it down.

        Raises:
            AssertionError: a policy doesn't allow it.
        """
        for watch, kinds in self._watches:
            for kind in kinds:
                if self._recording:
                    said = [(_PROPERTY, f"{kind} {use.action} {use.resource}") for use in sorted(watch.seen)]
                    self._item.user_properties.extend(said)
                else:
                    must_be_allowed(kind, watch.seen, watch.strange)

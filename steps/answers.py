"""The sentences about what the engineer on call is told, whatever way back they take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_bdd import parsers, then

from rehearsal.notes import Notes
from rehearsal.phrases import says

if TYPE_CHECKING:
    from rehearsal.story import Recorder
    from rollback.environment import Environment

POLL_SECONDS = 15


@pytest.fixture
def notes(story: Recorder) -> Notes:
    """What the engineer on call was told last."""
    return Notes(story.refused)


@then(parsers.parse("we are warned that {what}"))
def warned(notes: Notes, environment: Environment, what: str) -> None:
    assert any(says(finding.seen, what, environment) for finding in notes.plan.warnings)


@then(parsers.parse("it is refused, since {why}"))
def refused(notes: Notes, environment: Environment, why: str) -> None:
    assert says(notes.refused.sentence, why.strip('"'), environment), notes.refused.sentence


@then(parsers.parse("we are advised to {advice}"))
def advised(notes: Notes, environment: Environment, advice: str) -> None:
    assert says(notes.remedy, advice, environment), notes.remedy


@then(parsers.parse('we are told "{what}"'))
def told(notes: Notes, environment: Environment, what: str) -> None:
    assert says(notes.result.sentence, what, environment), notes.result.sentence


@then(parsers.parse("we have waited for {minutes:d} minutes"))
def waited(notes: Notes, minutes: int) -> None:
    assert notes.result.seconds == pytest.approx(minutes * 60, abs=POLL_SECONDS)

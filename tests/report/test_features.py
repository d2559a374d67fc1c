"""How the runbook's text is read."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from rehearsal.report.features import parse, read_features
from tests.report.kept import EXTRA, ROLLING, ROLLING_TEXT, write_features

ROOT: Final = Path(__file__).parents[2]


def test_a_description_falls_into_prose_when_to_use_it_and_symptoms() -> None:
    feature = parse(ROLLING_TEXT, ROLLING)
    assert feature.when_to_use == "Use it when it hurts."
    assert feature.prose == ("It takes two minutes.",)
    assert feature.symptoms == ("errors since the deployment", "tasks keep <restarting>")


def test_a_row_of_examples_is_played_with_its_values_and_its_backgrounds() -> None:
    feature = parse(ROLLING_TEXT, ROLLING)
    first, second, gone = feature.playables
    assert (first.environment, second.environment, gone.environment) == ("production", "staging", "")
    assert [f"{step.keyword} {step.text}" for step in first.steps] == [
        "Given the service runs",
        "When we roll back to 41",
        "Then it has landed",
    ]
    assert gone.steps[-1].details == ("| why      |", "| no image |")
    assert [scenario.rule for scenario in feature.scenarios] == ["", "What can't work is known before"]


def test_another_description_is_no_other_wording_and_another_step_is() -> None:
    texts = [
        next(parse(text, ROLLING).playables).text
        for text in (
            ROLLING_TEXT,
            ROLLING_TEXT.replace("two minutes", "three"),
            ROLLING_TEXT.replace("landed", "ended"),
        )
    ]
    assert texts[0] == texts[1] != texts[2]


@pytest.mark.parametrize("text", ["", "# nothing", "Feature: x\n  Scenario: y\n    Given z\n  wrong", "\x00"])
def test_what_is_no_feature_is_named_and_the_others_are_read(tmp_path: Path, text: str) -> None:
    write_features(tmp_path)
    (tmp_path / ROLLING).write_text(text, encoding="utf-8")
    found, troubles = read_features(tmp_path, tmp_path / "features")
    assert [each.uri for each in found] == [EXTRA]
    assert len(troubles) == 1
    assert troubles[0].startswith(f"{ROLLING} can't be read")


class TestTheRunbookItself:
    """`features/`, as the page shows it."""

    FOUND, TROUBLES = read_features(ROOT, ROOT / "features")

    def test_is_read_whole(self) -> None:
        assert self.FOUND
        assert not self.TROUBLES

    def test_leads_from_what_people_see_to_each_kind_of_trouble(self) -> None:
        symptoms = {symptom: each.uri for each in self.FOUND for symptom in each.symptoms}
        assert symptoms["HTTPS fails"] == "features/certificate/repair.feature"
        assert (
            symptoms["state data in S3 does not have the expected content"]
            == "features/infrastructure/state.feature"
        )
        assert any("tasks keep restarting" in symptom for symptom in symptoms)

    def test_has_no_symptom_twice_in_a_chapter_and_none_that_is_a_text_of_its_own(self) -> None:
        for each in self.FOUND:
            assert len(set(each.symptoms)) == len(each.symptoms), each.uri
            assert all(len(symptom) < 120 for symptom in each.symptoms), each.uri
            assert not any("Symptoms:" in paragraph for paragraph in each.prose), each.uri

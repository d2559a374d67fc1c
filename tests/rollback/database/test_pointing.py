"""What of the application's secret is changed, and what stays."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollback.database.backup.pointing import NoPointing, Pointing, _must_lead_somewhere, _reference
from tests.rollback.builders import ENVIRONMENT

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import TaskDefinitionTypeDef

ARN = "arn:aws:secretsmanager:us-east-1:111122223333:secret:app/url-AbCdEf"


def pointing(value: str, key: str = "") -> Pointing:
    return Pointing(ARN, key, "one", "", frozenset({"one"}), None, value)


WORD = st.text(min_size=1, max_size=12).map(lambda text: quote(text, safe=""))


@settings(max_examples=60, deadline=None)
@given(
    user=WORD,
    password=st.one_of(st.none(), WORD),
    port=st.one_of(st.none(), st.integers(1, 65535)),
    path=WORD,
    query=st.sampled_from(["", "?sslmode=require", "?sslmode=require&application_name=a%20b"]),
)
def test_all_but_the_host_and_the_port_stays(
    user: str, password: str | None, port: int | None, path: str, query: str
) -> None:
    who = f"{user}:{password}" if password is not None else user
    place = f"old.example:{port}" if port else "old.example"
    value = f"postgresql://{who}@{place}/{path}{query}"
    _must_lead_somewhere(ENVIRONMENT, value, "")
    said = ":5433" if port else ""
    assert pointing(value).value_at("new.example", 5433) == value.replace(
        f"@{place}/", f"@new.example{said}/"
    )
    kept = json.dumps({"url": value, "other": user})
    made = json.loads(pointing(kept, "url").value_at("new.example", 5433))
    assert made["other"] == user
    assert urlsplit(made["url"]).hostname == "new.example"


def test_its_repr_holds_nothing_of_the_value() -> None:
    assert "hunter2" not in repr(pointing("postgresql://app:hunter2@old.example/app"))


def definition(value_from: str = "", **container: Any) -> TaskDefinitionTypeDef:
    secrets = [{"name": "DATABASE_URL", "valueFrom": value_from}] if value_from else []
    made: Any = {"family": "app", "revision": 7, "containerDefinitions": [{"secrets": secrets, **container}]}
    return made  # type: ignore[no-any-return]


@pytest.mark.parametrize("suffix", ["", ":url::", "::AWSCURRENT:"])
def test_a_secret_may_be_named_with_a_key_and_its_current_stage(suffix: str) -> None:
    found = _reference(ENVIRONMENT, definition(ARN + suffix))
    assert found["arn"] == ARN


@pytest.mark.parametrize(
    ("definition", "seen"),
    [
        (definition(), "gives it to no container"),
        (definition(environment=[{"name": "DATABASE_URL", "value": "x"}]), "holds it as plain text"),
        (definition(f"{ARN}:url:AWSPREVIOUS:"), "names one version"),
        (definition(f"{ARN}:::some-version"), "names one version"),
        (definition("/app/url"), "from a parameter of Systems Manager"),
        (definition("arn:aws:ssm:us-east-1:111122223333:parameter/app/url"), "from a parameter of Systems"),
    ],
)
def test_what_a_new_version_of_a_secret_would_not_reach_is_refused(
    definition: TaskDefinitionTypeDef, seen: str
) -> None:
    with pytest.raises(NoPointing, match=seen) as caught:
        _reference(ENVIRONMENT, definition)
    assert caught.value.remedy


def test_several_secrets_are_refused() -> None:
    made: Any = definition(ARN)
    made["containerDefinitions"] += definition(ARN.replace("AbCdEf", "GhIjKl"))["containerDefinitions"]
    with pytest.raises(NoPointing, match="from several secrets"):
        _reference(ENVIRONMENT, made)

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rollback.aws import HIDDEN, redacted
from rollback.journal import read

if TYPE_CHECKING:
    from pathlib import Path

    from rollback.aws import Aws

SECRET = "hunter2-correct-horse"  # noqa: S105 - planted

names = st.text(
    st.characters(codec="ascii", exclude_characters='"\\', categories=["L", "N"]), min_size=1, max_size=12
)
secret_leaves = st.sampled_from([SECRET, f"x{SECRET}", f"postgres://app:{SECRET}@db", SECRET.encode()])
secrets = st.recursive(
    secret_leaves,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3) | st.dictionaries(names, inner, min_size=1, max_size=3)
    ),
    max_leaves=5,
)
secret_names = st.sampled_from(
    [
        "password",
        "dbPassword",
        "MASTER_PASSWORD",
        "secretString",
        "SecretBinary",
        "apiKey",
        "api_key",
        "authToken",
        "splunk-token",
        "repositoryCredentials",
        "Authorization",
        "privateKey",
        "passphrase",
    ]
)


def container(**more: Any) -> dict[str, Any]:
    return {"name": "front", "image": "app:v41", "memory": 128, **more}


hiding_places = st.one_of(
    st.builds(lambda key, value: {key: value}, secret_names, secrets),
    st.builds(
        lambda name, value: {
            "containerDefinitions": [container(environment=[{"name": name, "value": value}])]
        },
        names,
        secrets,
    ),
    st.builds(lambda name, value: {"environment": {"Variables": {name: value}}}, names, secrets),
    st.builds(lambda value: container(command=["run", value], entryPoint=[value]), secrets),
    st.builds(lambda value: container(healthCheck={"command": ["CMD", value]}), secrets),
    st.builds(lambda name, value: container(dockerLabels={name: value}), names, secrets),
    st.builds(lambda name, value: {"logConfiguration": {"options": {name: value}}}, names, secrets),
    st.builds(lambda name, value: {"tags": [{"key": name, "value": value}]}, names, secrets),
    st.builds(lambda value: {"blob": value}, st.just(SECRET.encode())),
)
places = st.recursive(
    hiding_places,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3) | st.dictionaries(names, inner, min_size=1, max_size=3)
    ),
    max_leaves=4,
)


@given(parameters=places)
def test_a_secret_never_survives_wherever_it_was_planted(parameters: Any) -> None:
    assert SECRET not in json.dumps(redacted(parameters))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(variable=names, value=st.text(min_size=8), option=names)
def test_a_registered_task_definition_is_recorded_without_its_secrets(
    aws: Aws, path: Path, variable: str, value: str, option: str
) -> None:
    """The names of containers and variables, the image, ports and references stay readable."""
    planted = f"{SECRET}{value}"
    ecs: Any = aws.ecs  # the values are the point, not their types
    ecs.register_task_definition(
        family="app",
        executionRoleArn="arn:aws:iam::111122223333:role/execution",
        containerDefinitions=[
            {
                **container(),
                "environment": [{"name": variable, "value": planted}],
                "secrets": [{"name": "DB", "valueFrom": "arn:aws:ssm:us-east-1:111122223333:parameter/db"}],
                "logConfiguration": {"logDriver": "splunk", "options": {option: planted}},
                "command": ["serve", f"--password={planted}"],
                "portMappings": [{"containerPort": 8080}],
            }
        ],
    )
    assert SECRET not in path.read_text()
    assert read(path)[-2].detail["parameters"] == {
        "family": "app",
        "executionRoleArn": "arn:aws:iam::111122223333:role/execution",
        "containerDefinitions": [
            {
                "name": "front",
                "image": "app:v41",
                "memory": 128,
                "environment": [{"name": variable, "value": HIDDEN}],
                "secrets": [{"name": "DB", "valueFrom": "arn:aws:ssm:us-east-1:111122223333:parameter/db"}],
                "logConfiguration": {"logDriver": "splunk", "options": {option: HIDDEN}},
                "command": [HIDDEN, HIDDEN],
                "portMappings": [{"containerPort": 8080}],
            }
        ],
    }


def test_a_secrets_own_value_is_not_recorded(aws: Aws, path: Path) -> None:
    aws.secretsmanager.create_secret(Name="database", SecretString=SECRET)
    aws.secretsmanager.create_secret(Name="key", SecretBinary=SECRET.encode())
    aws.ssm.put_parameter(Name="/app/key", Value=SECRET, Type="SecureString")
    aws.secretsmanager.get_secret_value(SecretId="database")
    assert SECRET not in path.read_text()
    assert '"database"' in path.read_text()


@pytest.mark.parametrize("value", [True, 7, 1.5, "text", None])
def test_what_is_no_secret_stays_as_it_is(value: object) -> None:
    assert redacted({"service": value, "list": [value]}) == {"service": value, "list": [value]}

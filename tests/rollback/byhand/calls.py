"""The operations that the rollback uses, and calls of them as hypothesis draws them from AWS's models."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import ServiceModel
from hypothesis import strategies as st

from rollback.aws import HIDDEN, redacted

if TYPE_CHECKING:
    from botocore.model import OperationModel, Shape

ROOT = Path(__file__).parents[3]
SERVICES = (
    "acm", "cloudwatch", "dynamodb", "ecr", "ecs", "elbv2", "iam", "logs", "rds", "route53", "s3", "secretsmanager",
    "ssm", "sts",
)  # fmt: skip
_NAMED = "|".join(SERVICES)
_CALLED = re.compile(rf"\b({_NAMED})\s*\.(?:get_paginator\(\s*\"(\w+)\"|(\w+)\()")
PERMISSIONS = {
    "iam:PassRole",
    "rds:AddTagsToResource",
    "s3:GetObjectVersion",
    "s3:ListBucket",
    "s3:ListBucketVersions",
}
"""Actions that IAM allows and nobody calls by that name."""
NASTY = st.sampled_from(
    ["", " ", "-", "--region", "-1", "[", '["a"]', "{", "file://etc/passwd", "https://example.com", "a=b,c=d", "it's", '"', "a\nb",
     "$(id)", "`id`", "ü∞", "*", "true", "null", "=", "-x y"]
)  # fmt: skip
TEXT = NASTY | st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0\r"), max_size=6)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(microsecond=0))  # noqa: DTZ001 - naive is UTC
DEEP = 3


def models() -> dict[str, ServiceModel]:
    loader = Loader(include_default_search_paths=True)
    return {name: ServiceModel(loader.load_service_model(name, "service-2"), name) for name in SERVICES}


def used(known: dict[str, ServiceModel]) -> list[OperationModel]:
    """The operations that the source of the rollback and of the drill names, by service and then by name."""
    named = {
        (service, paged or called)
        for place in ("rollback", "rehearsal/drill")
        for path in (ROOT / place).rglob("*.py")
        for service, paged, called in _CALLED.findall(path.read_text("utf-8"))
    }
    return [
        model.operation_model(operation)
        for service, model in sorted(known.items())
        for operation in model.operation_names
        if (service, xform_name(operation)) in named
    ]


def rehearsed() -> set[str]:
    """The actions that rehearsals have needed."""
    recorded = json.loads((ROOT / "rehearsal/policies/calls.json").read_text("utf-8"))
    return {action for kind in recorded.values() for action in kind} - PERMISSIONS


def params(shape: Shape | None, depth: int = 0) -> st.SearchStrategy[Any]:
    """Anything that an operation may be given, as far as its model says."""
    if shape is None:
        return st.just({})
    return getattr(_Drawn, shape.type_name)(shape, depth)  # type: ignore[no-any-return]


def _hidden(name: str, shape: Shape) -> bool:
    """Whether the journal hides a number or a switch, for its name alone: no option can stand for these."""
    number = shape.type_name in {"boolean", "double", "float", "integer", "long"}
    return number and redacted({name: 1}) == {name: HIDDEN}


class _Drawn:
    """A strategy for each type of shape."""

    @staticmethod
    def structure(shape: Any, depth: int) -> st.SearchStrategy[Any]:
        needed = {name: params(shape.members[name], depth + 1) for name in shape.required_members}
        others = [
            name for name, each in shape.members.items() if name not in needed and not _hidden(name, each)
        ]
        if depth >= DEEP or not others:
            return st.fixed_dictionaries(needed)
        some = st.lists(st.sampled_from(others), max_size=4, unique=True)
        return some.flatmap(
            lambda names: st.fixed_dictionaries(
                {
                    **needed,
                    **{name: params(shape.members[name], depth + 1) for name in names},
                }
            )
        )

    @staticmethod
    def list(shape: Any, depth: int) -> st.SearchStrategy[Any]:
        return st.lists(params(shape.member, depth + 1), max_size=2 if depth < DEEP else 0)

    @staticmethod
    def map(shape: Any, depth: int) -> st.SearchStrategy[Any]:
        return st.dictionaries(TEXT, params(shape.value, depth + 1), max_size=2 if depth < DEEP else 0)

    @staticmethod
    def string(shape: Any, depth: int) -> st.SearchStrategy[Any]:
        del depth
        return st.sampled_from(shape.enum) if shape.enum else TEXT

    @staticmethod
    def blob(shape: Any, depth: int) -> st.SearchStrategy[Any]:
        del shape, depth
        return st.binary(max_size=3)

    @staticmethod
    def timestamp(shape: Any, depth: int) -> st.SearchStrategy[Any]:
        del shape, depth
        return MOMENTS

    @staticmethod
    def boolean(shape: Any, depth: int) -> st.SearchStrategy[Any]:
        del shape, depth
        return st.booleans()

    @staticmethod
    def integer(shape: Any, depth: int) -> st.SearchStrategy[Any]:
        del shape, depth
        return st.integers(-3, 2**31 - 1)

    long = integer

    @staticmethod
    def double(shape: Any, depth: int) -> st.SearchStrategy[Any]:
        del shape, depth
        return st.floats(-1e6, 1e6)

    float = double

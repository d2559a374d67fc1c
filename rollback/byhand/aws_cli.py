"""An API call as the line of the AWS CLI that makes just that call.

The names follow botocore's models and the CLI's own rules (``awscli/clidriver.py``, ``argprocess.py`` and
``customizations/``, 1.46; version 2 has the same). What no option can say, as a text that the CLI would take for the
address of a file, goes into ``--cli-input-json``.
"""

from __future__ import annotations

import functools
import json
import shlex
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from botocore import xform_name
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader
from botocore.model import OperationNotFoundError, ServiceModel
from botocore.utils import parse_timestamp

from rollback.aws import HIDDEN, redacted
from rollback.errors import RollbackError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from botocore.model import OperationModel, Shape, StructureShape

_SERVICES: Final = {"codedeploy": "deploy", "config": "configservice", "s3": "s3api"}
"""Services that the CLI calls otherwise than botocore does."""
_RENAMED: Final = {("ecs", "--no-enable-execute-command"): "--disable-execute-command"}
"""Options that the CLI calls otherwise than its rule says (``customizations/argrename.py``)."""
_GLOBAL: Final = (
    "ca-bundle", "cli-connect-timeout", "cli-read-timeout", "color", "debug", "endpoint-url", "no-paginate",
    "no-sign-request", "no-verify-ssl", "output", "profile", "query", "region", "v2-debug", "version",
)  # fmt: skip
"""Options of every command. One of the call's own of that name, or of the beginning of it, would be taken for them."""
_OF_PAGES: Final = frozenset({"--max-items", "--page-size", "--starting-token"})
"""What the CLI means by these is its own affair, until it is told to ask for one page alone."""
_ADDRESSES: Final = ("file://", "fileb://", "http://", "https://")
"""A text that begins so is replaced by what is there (``awscli/paramfile.py``)."""


class UnknownCall(RollbackError):
    """There is no such service or operation, as far as botocore on this machine knows."""


def aws_line(
    service: str, operation: str, params: Mapping[str, Any], region: str, *, profile: str = ""
) -> str:
    """The line that makes an API call by hand, to be pasted into a shell; the arguments are those of `aws_argv`."""
    return shlex.join(aws_argv(service, operation, params, region, profile=profile))


def aws_command(service: str, operation: str) -> tuple[str, str, str]:
    """The words with which the AWS CLI is told an operation, without its options: ``aws s3api get-object``."""
    return "aws", _SERVICES.get(service, service), _kebab(operation)


def aws_argv(
    service: str, operation: str, params: Mapping[str, Any], region: str, *, profile: str = ""
) -> tuple[str, ...]:
    """The words that make an API call by hand.

    What the journal hides is a placeholder, as ``<SECRET_STRING>``. A token that is hidden is left out where AWS
    doesn't insist on it, since the CLI makes its own, and asks for all pages; so is a switch. A blob is the name of a file,
    ``fileb://the-public-key``, and a streamed body is ``the-body``; what is streamed back goes to ``received-body``.

    Args:
        service: as botocore calls it: ``elbv2``.
        operation: as AWS calls it: ``UpdateService``.
        params: of the call, as they were given to boto3 or as the journal has them; what AWS has no name for is left out.
        region: where it is made; left out if empty.
        profile: the profile of the credentials, if it isn't the shell's own.

    Raises:
        UnknownCall: botocore has no model of it.
    """
    model = _model(service, operation)
    hidden = redacted({name: _plain(value) for name, value in params.items()})
    options, unspeakable, last = _Options(model).of(hidden if isinstance(hidden, dict) else {})
    return (
        *aws_command(service, model.name),
        *(("--region", region) if region else ()),
        *(("--profile", profile) if profile else ()),
        *options,
        *(("--cli-input-json", _json(unspeakable)) if unspeakable else ()),
        *last,
    )


class _Options:
    """The options of one operation."""

    def __init__(self, model: OperationModel) -> None:
        self._service = model.service_model.service_name
        self._input = model.input_shape
        self._answers_in_a_file = model.has_streaming_output
        self._file = f"received-{_kebab(_payload(model.output_shape))}" if self._answers_in_a_file else ""

    def of(self, params: Mapping[str, Any]) -> tuple[list[str], dict[str, Any], tuple[str, ...]]:
        """The words, what only JSON can say, and what comes last."""
        words: list[str] = []
        unspeakable: dict[str, Any] = {}
        for name, shape in self._given(params):
            value = _named(params[name], name, shape)
            option = f"--{_kebab(name)}"
            if self._unspeakable(option, value):
                unspeakable[name] = value
            elif isinstance(value, bool):
                said = option if value else f"--no-{option[2:]}"
                words.append(_RENAMED.get((self._service, said), said))
            else:
                words += _option(option, value)
        if _OF_PAGES.intersection(words):
            words.append("--no-paginate")
        last = (self._file,) if self._file else ()
        if last and any(shape.type_name == "list" for _, shape in self._given(params)):
            return [*last, *words], unspeakable, ()  # a list would take it for one more of its own
        return words, unspeakable, last

    def _given(self, params: Mapping[str, Any]) -> Iterator[tuple[str, Shape]]:
        """What is said of the call, in the order in which it was."""
        members: Mapping[str, Shape] = self._input.members if self._input is not None else {}
        needed = self._input.required_members if self._input is not None else []
        for name, value in params.items():
            if value is None or name not in members:
                continue
            if name == "EncodingType" and value == "url":  # botocore's own addition, also in the CLI
                continue
            if value == HIDDEN and name not in needed and _left_out(name, members[name]):
                continue
            yield name, members[name]

    def _unspeakable(self, option: str, value: Any) -> bool:
        if self._answers_in_a_file:
            return False  # there is no --cli-input-json
        if any(each.startswith(option[2:]) for each in _GLOBAL):
            return True
        return isinstance(value, str) and value.startswith(_ADDRESSES) and value != _file_of(option)


def _left_out(name: str, shape: Shape) -> bool:
    """Whether there is nothing to be said of what is hidden: a token of a page or of a try, or a switch."""
    return name.lower().endswith("token") or shape.type_name == "boolean"


def _option(option: str, value: Any) -> Iterator[str]:
    """An option and its value."""
    if isinstance(value, list) and value and all(_is_word(each) for each in value):
        yield option
        yield from (_text(each) for each in value)
        return
    text = _text(value)
    if text.startswith("-"):
        yield f"{option}={text}"
    else:
        yield from (option, text)


def _is_word(value: Any) -> bool:
    """Whether one of a list can stand for itself, and not be taken for an option, JSON or a file."""
    if isinstance(value, str):
        return bool(value.strip()) and not value.lstrip().startswith(("[", "{", "-", *_ADDRESSES))
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _text(value: Any) -> str:
    return value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    """A value of boto3 as the journal would have it, but for a time, which stays one."""
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def _named(value: Any, name: str, shape: Shape) -> Any:
    """A value with a placeholder for what is hidden, and times and blobs as the CLI takes them."""
    if shape.type_name == "blob":
        streamed = shape.serialization.get("streaming")
        return f"the-{_kebab(name)}" if streamed else _file_of(f"--{_kebab(name)}")
    if shape.type_name == "timestamp" and value != HIDDEN:
        return _moment(parse_timestamp(value))
    return _filled(value, name, shape)


def _filled(value: Any, name: str, shape: Shape | None) -> Any:
    if value == HIDDEN:
        return f"<{xform_name(name).upper()}>"
    if isinstance(value, dict):
        members: Mapping[str, Shape] = getattr(shape, "members", {})
        inner: Shape | None = getattr(shape, "value", None)
        return {key: _filled(each, key, members.get(key, inner)) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, name, getattr(shape, "member", None)) for each in value]
    if shape is not None and shape.type_name == "timestamp":
        return _moment(parse_timestamp(value))
    return value


def _file_of(option: str) -> str:
    return f"fileb://the-{option[2:]}"


def _moment(at: datetime) -> str:
    at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    return at.isoformat().replace("+00:00", "Z")


def _kebab(name: str) -> str:
    return xform_name(name, "-")


def _payload(output: StructureShape | None) -> str:
    return str(output.serialization["payload"]) if output is not None else ""


def _model(service: str, operation: str) -> OperationModel:
    try:
        return _service(service).operation_model(operation)
    except (UnknownServiceError, OperationNotFoundError) as error:
        raise UnknownCall(
            f"botocore knows no {service}:{operation}.",
            remedy="Name the service as boto3 does and the operation as AWS does, as ecs and UpdateService.",
        ) from error


@functools.cache
def _service(service: str) -> ServiceModel:
    return ServiceModel(
        Loader(include_default_search_paths=True).load_service_model(service, "service-2"), service
    )

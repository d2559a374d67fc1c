"""What a journal tells of a step, as the attachments of its message: cleaned, folded, and no longer than it may be."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from rehearsal.hiding import without_secrets
from rehearsal.story import Attachment
from rollback.aws import is_read
from rollback.byhand import UnknownCall, aws_line
from rollback.commands import what_writes
from rollback.journal import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from rollback.journal import Entry

CALL: Final = "application/vnd.rollback.call+json"
COMMAND: Final = "application/vnd.rollback.command+json"
REQUEST: Final = "application/vnd.rollback.request+json"
NOTE: Final = "application/vnd.rollback.note+json"

_NAMED: Final = {
    CALL: ("service", "operation"),
    COMMAND: ("line",),
    REQUEST: ("method", "url"),
    NOTE: ("kind", "text"),
}
"""By which of its values a piece of evidence is called."""
_LONGEST_NAME: Final = 80
"""Characters of that."""
_OPERATION: Final = re.compile(r"[a-z0-9-]+:[A-Z]\w+")
_AT_ADDRESS: Final = re.compile(r"<[\w.]+ object at 0x[0-9a-f]+>")
_KEPT: Final = re.compile(r"/[^\s'\"]*?/kept(?=/)")
_OURS: Final = "~/.local/state/rollback/kept"
"""Where a person finds what is kept between runs, wherever it was in this one (`rollback.live.hands`)."""
_LIBRARY: Final = "terraform/library.py"
_LOOKS: Final = ("GET", "HEAD")
_NOTES: Final = {
    Kind.DECISION: "decision",
    Kind.SAVED: "observation",
    Kind.OBSERVATION: "observation",
    Kind.OUTCOME: "outcome",
    Kind.INTERRUPTED: "outcome",
}
_LONGEST: Final = 400
"""Characters of a text within parameters."""
_LONGEST_TEXT: Final = 2_000
"""Characters of a sentence or of a command line."""
_MOST: Final = 20
"""Members of a list within parameters."""


@dataclass(slots=True)
class Item:
    """One piece of evidence.

    Attributes:
        media_type: what it is.
        body: what it says.
        key: what else it is the same as, and so folded with; None where it stands for itself.
        weighs: whether it must not be left out before others are.
        count: how often it was.
    """

    media_type: str
    body: dict[str, Any]
    key: str | None = None
    weighs: bool = False
    count: int = 1

    def attachment(self) -> Attachment:
        """It, as a message has it."""
        body = self.body if self.count == 1 else {**self.body, "count": self.count}
        named = " ".join(str(body[each]) for each in _NAMED[self.media_type])
        content = json.dumps(body, ensure_ascii=False, default=str)
        return Attachment(self.media_type, content, named[:_LONGEST_NAME].strip())


@dataclass(slots=True)
class Items:
    """The evidence of one step, in order, while it comes in.

    Attributes:
        region: where calls are made if nothing else is known.
        found: what there is.
    """

    region: str = ""
    found: list[Item] = field(default_factory=list)
    _open: list[tuple[Kind, str, Item]] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        """Take an entry of a journal down."""
        match entry.kind:
            case Kind.CALL | Kind.ANSWER:
                self._take(entry, Kind.CALL, self._call)
            case Kind.COMMAND | Kind.EXIT:
                self._take(entry, Kind.COMMAND, _command)
            case Kind.REQUEST | Kind.RESPONSE:
                self._take(entry, Kind.REQUEST, _request)
            case Kind.PLAN:
                self._planned(entry)
            case _:
                detail = entry.detail
                self.note(
                    _NOTES[entry.kind], entry.what, entry.at, detail.get("remedy"), detail.get("commands")
                )

    def note(self, kind: str, text: str, at: datetime, remedy: object = "", commands: object = ()) -> None:
        """Take down what was said.

        Args:
            kind: ``decision``, ``plan``, ``observation``, ``outcome`` or ``refusal``.
            text: a sentence.
            at: when, UTC.
            remedy: what to do next.
            commands: what to type to do it.
        """
        typed = commands if isinstance(commands, list | tuple) else ()
        body = {
            "at": _moment(at),
            "kind": kind,
            "text": _text(text),
            "remedy": _text(str(remedy or "")),
            "commands": [_text(str(each)) for each in typed],
        }
        refused = [item.body["text"] for item in self.found if item.body.get("kind") == "refusal"]
        if kind != "refusal" or body["text"] not in refused:
            self.found.append(Item(NOTE, body, weighs=kind != "observation"))

    def folded(self) -> list[Item]:
        """All of it, where what is equal and changes nothing is told once, with how often and the last answer."""
        kept: list[Item] = []
        first: dict[str, Item] = {}
        for item in self.found:
            same = first.get(item.key) if item.key else None
            if same is None:
                kept.append(item)
                if item.key:
                    first[item.key] = item
            else:
                same.count += 1
                same.body = {**item.body, "at": same.body["at"]}
        return kept

    def _take(self, entry: Entry, asks: Kind, made: Callable[[Entry], Item]) -> None:
        """A question begins something; its answer completes that, or stands for both where only answers are recorded."""
        name = entry.what if asks is not Kind.COMMAND else str(entry.what.partition(" ")[0]).strip("'")
        if entry.kind is asks:
            item = made(entry)
            self.found.append(item)
            self._open.append((asks, name, item))
            return
        for position, (kind, asked, item) in enumerate(reversed(self._open), start=1):
            if kind is asks and asked == name:
                item.body.update(_answer(entry))
                del self._open[-position]
                break
        else:
            item = made(entry)
            item.body.update(_answer(entry))
            self.found.append(item)
        if item.key is not None:
            item.key += f" {item.body.get('error')} {item.body.get('status')} {item.body.get('exit')}"

    def _call(self, entry: Entry) -> Item:
        service, _, operation = (
            entry.what.partition(":") if _OPERATION.fullmatch(entry.what) else ("", "", entry.what)
        )
        given = entry.detail.get("parameters")
        params: Mapping[str, Any] = given if isinstance(given, dict) else {}
        reads = is_read(operation)
        body = {
            "at": _moment(entry.at),
            "service": service,
            "operation": _text(operation),
            "region": self.region,
            "params": trimmed(params),
            "status": None,
            "error": "",
            "seconds": 0.0,
            "reads": reads,
            "line": _text(_line(entry.what, service, operation, params, self.region)),
        }
        key = json.dumps([entry.what, body["params"]], default=str) if reads else None
        return Item(CALL, body, key, weighs=not reads)

    def _planned(self, entry: Entry) -> None:
        self.note("plan", entry.what, entry.at, "", entry.detail.get("commands"))
        findings = entry.detail.get("findings")
        told = [each for each in findings if isinstance(each, dict)] if isinstance(findings, list) else []
        self.found[-1].body["findings"] = [
            {name: _text(str(value)) for name, value in each.items()}
            for each in told
            if each.get("severity") != "ok"
        ]
        for each in told:
            if each.get("severity") == "refusal":
                self.note("refusal", str(each.get("seen")), entry.at, each.get("remedy"))


def within(items: Sequence[Item], room: int, *, at: str) -> list[Attachment]:
    """As many of `items` as fit into `room` characters, in their order, and a sentence about the rest.

    What changes something, and what was decided, goes first.
    """
    made = [item.attachment() for item in items]
    chosen: set[int] = set()
    for number in sorted(range(len(items)), key=lambda number: not items[number].weighs):
        if len(made[number].body) <= room:
            chosen.add(number)
            room -= len(made[number].body)
    kept = [made[number] for number in sorted(chosen)]
    if left := sum(items[number].count for number in range(len(items)) if number not in chosen):
        text = f"… and {left} more {'entry' if left == 1 else 'entries'} of the journal, left out here."
        said = {"at": at, "kind": "observation", "text": text, "remedy": "", "commands": []}
        kept.append(Attachment(NOTE, json.dumps(said, ensure_ascii=False), text))
    return kept


def trimmed(value: Any) -> Any:
    """Parameters of a call that may be long, without what nobody reads there; secrets are hidden by the journal already."""
    if isinstance(value, dict):
        return {key: trimmed(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        more = [f"… and {len(value) - _MOST} more"] if len(value) > _MOST else []
        return [*map(trimmed, value[:_MOST]), *more]
    if isinstance(value, str):
        text = _AT_ADDRESS.sub("(a file)", without_secrets(value[:_LONGEST]))
        return text if len(value) <= _LONGEST else f"{text}…"
    return value


def _line(what: str, service: str, operation: str, params: Mapping[str, Any], region: str) -> str:
    """The call as a person would type it; by its name where the AWS CLI has no such command."""
    try:
        return aws_line(service, operation, params, region)
    except UnknownCall:
        return what


def _command(entry: Entry) -> Item:
    given = entry.detail.get("args")
    args = tuple(str(each) for each in given) if isinstance(given, list | tuple) else ()
    line = _as_typed(args, entry.what)
    writes = bool(what_writes(args))
    body = {"at": _moment(entry.at), "line": _text(line), "exit": None, "seconds": 0.0}
    return Item(COMMAND, body, None if writes else line, weighs=writes)


def _as_typed(args: tuple[str, ...], what: str) -> str:
    """The command line without where its program is on this machine."""
    library = next((at for at, arg in enumerate(args) if arg.endswith(_LIBRARY)), None)
    if library is not None:
        what = what[what.index(_LIBRARY) + len(_LIBRARY) :].lstrip("' ")
        return f"terraform {what}"
    if args and what.startswith(args[0]):
        return PurePath(args[0]).name + what[len(args[0]) :]
    return what


def _request(entry: Entry) -> Item:
    method, _, url = entry.what.partition(" ")
    body = {"at": _moment(entry.at), "method": method, "url": _text(url), "status": None, "seconds": 0.0}
    writes = method not in _LOOKS
    return Item(REQUEST, body, None if writes else entry.what, weighs=writes)


def _answer(entry: Entry) -> dict[str, Any]:
    detail = entry.detail
    told: dict[str, Any] = {"seconds": detail.get("seconds", 0.0)}
    if entry.kind is Kind.EXIT:
        return told | {"exit": detail.get("code")}
    error = detail.get("error") or detail.get("failed") or ""
    return told | {"status": detail.get("status")} | ({"error": _text(str(error))} if error else {})


def _text(text: str) -> str:
    clean = _KEPT.sub(_OURS, _AT_ADDRESS.sub("(a file)", without_secrets(text[:_LONGEST_TEXT])))
    return clean if len(text) <= _LONGEST_TEXT else f"{clean}…"


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")


def size(attachments: Iterable[Attachment]) -> int:
    """How many characters they have."""
    return sum(len(each.body) for each in attachments)

"""Notes which planted secrets a run has really had in its hands: that one nobody has read is found nowhere proves nothing."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

import requests
from botocore.signers import RequestSigner

from rehearsal.aws.ecs import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    import pytest
    from botocore.awsrequest import AWSResponse

    from rehearsal.doors import Call
    from rehearsal.embedded import EmbeddedStage
    from rehearsal.served import Asked


class Sightings:
    """What this process has seen of them, at each door.

    Args:
        path: the file for what was planted, to which each name is added as it is first seen.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._wanted: dict[str, str] = {}

    def plant(self, secrets: Mapping[str, str]) -> None:
        """Look for these from now on, each with its name."""
        new = {secret: name for secret, name in secrets.items() if secret not in self._wanted}
        if new:
            self._wanted |= new
            self._write({"planted": new})

    def watch(self, stage: EmbeddedStage) -> None:
        """Look at each answer that AWS gives to the operator of `stage` and to the operator's programs."""
        stage.operator.interceptors.append(self._answered)
        stage.requests.append(self._asked)

    def everywhere(self, patch: pytest.MonkeyPatch) -> None:
        """Look at what is signed with, at each request by HTTP, and at what a container is told when it starts."""
        patch.setattr(RequestSigner, "sign", _then(RequestSigner.sign, self._signed))
        patch.setattr(requests.Session, "send", _then(requests.Session.send, self._sent))
        patch.setattr(settings, "read", _then(settings.read, self._started))

    def look(self, text: str) -> None:
        """Note each of them that `text` holds."""
        found = {secret: name for secret, name in self._wanted.items() if name and secret in text}
        if found:
            self._wanted |= dict.fromkeys(found, "")
            self._write({"read": sorted(found.values())})

    def _answered(self, _: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        answer = proceed()
        # A stream can be read only once, so what is behind it is looked at.
        raw: Any = answer.raw
        content = raw.getvalue() if hasattr(raw, "getvalue") else answer.content
        self.look(content.decode(errors="replace"))
        return answer

    def _asked(self, _: Asked, proceed: Callable[[], Iterable[bytes]]) -> Iterable[bytes]:
        content = b"".join(proceed())
        self.look(content.decode(errors="replace"))
        return (content,)

    def _signed(self, given: Sequence[Any], _: object) -> None:
        keys = given[0]._credentials  # noqa: SLF001 - nothing else says what was signed with
        if keys is not None:
            self.look(f"{keys.secret_key} {keys.token}")

    def _sent(self, given: Sequence[Any], _: object) -> None:
        self.look(f"{given[1].url} {dict(given[1].headers)}")

    def _started(self, _: Sequence[Any], told: Mapping[str, str]) -> None:
        self.look(" ".join(told.values()))

    def _write(self, said: Mapping[str, object]) -> None:
        with self._path.open("a", encoding="utf-8") as notes:
            notes.write(json.dumps(said) + "\n")


def _then(real: Callable[..., Any], see: Callable[[Sequence[Any], Any], None]) -> Callable[..., Any]:
    """The function, after which `see` is told what it was given and what it has returned."""

    @functools.wraps(real)
    def seen(*given: Any, **named: Any) -> Any:
        returned = real(*given, **named)
        see(given, returned)
        return returned

    return seen

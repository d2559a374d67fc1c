"""Finding a secret in a file, in whichever of the usual forms it is written, also inside archives."""

from __future__ import annotations

import base64
import io
import json
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, quote_plus

from rehearsal.secrets_scan.places import PLACES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from rehearsal.secrets_scan.places import Place

_ZLIB: Final = (b"\x78\x01", b"\x78\x9c", b"\x78\xda", b"\x1f\x8b")
_BOTH: Final = 32 + zlib.MAX_WBITS
"""zlib's or gzip's header, whichever it is."""


@dataclass(frozen=True, slots=True, order=True)
class Leak:
    """A secret where it may not be. It is named, and not shown.

    Attributes:
        path: the file, below the run's directory.
        secret: what it is.
        form: how it is written there.
    """

    path: str
    secret: str
    form: str

    def __str__(self) -> str:
        return f"{self.path} holds {self.secret} ({self.form})"


def forms(secret: str) -> dict[bytes, str]:
    """How a secret may be written, and what that is called."""
    raw = secret.encode()
    found = {raw.hex().encode(): "hexadecimal", json.dumps(secret)[1:-1].encode(): "escaped in JSON"}
    for quoted in (quote(secret, safe=""), quote(secret), quote_plus(secret)):
        found[quoted.encode()] = "quoted for a URL"
    for shift in range(3):
        # In the middle of something, the first and the last characters depend on what is beside it.
        lead = -(-shift * 8 // 6)
        text = base64.b64encode(bytes(shift) + raw).rstrip(b"=")
        inner = text[lead + (1 if shift else 0) : -1]
        found[inner] = found[inner.replace(b"+", b"-").replace(b"/", b"_")] = "base64"
    return found | {raw: "plain"}


def leaks(directory: Path, secrets: Mapping[str, str], *, places: Sequence[Place] = PLACES) -> list[Leak]:
    """Every secret that a file below `directory` holds, and isn't allowed to.

    Args:
        directory: what a run has left behind.
        secrets: what was planted: each with its name.
        places: where some may be.
    """
    wanted = [(name, form, how) for secret, name in secrets.items() for form, how in forms(secret).items()]
    found: set[Leak] = set()
    for path in sorted(directory.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        for content in _contents(path.read_bytes()):
            for name, form, how in wanted:
                if form in content and not any(place.holds(path, directory, name) for place in places):
                    found.add(Leak(path.relative_to(directory).as_posix(), name, how))
    return sorted(found)


def _contents(raw: bytes) -> Iterator[bytes]:
    """What is in a file: itself, and what is packed in it."""
    yield raw
    if raw.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            for name in packed.namelist():
                yield packed.read(name)
    elif raw.startswith(_ZLIB):
        try:
            yield zlib.decompress(raw, _BOTH)
        except zlib.error:
            return

"""Which addresses are the API's, and which are only named by it."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

_PORTS = {"https": 443, "http": 80}


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port; empty ones for what can't be read the same way by everybody."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return ("", "", None)
    if "\\" in url or "@" in parts.netloc or not (url.isascii() and url.isprintable()):
        return ("", "", None)
    return (parts.scheme, (parts.hostname or "").lower(), port)


def within(api: str, url: str) -> bool:
    """Whether `url` is of the API whose base URL is `api`: same scheme, host and port, and below its path."""
    return origin(url) == origin(api) and urlsplit(url).path.startswith(f"{urlsplit(api).path}/")


def as_safe(api: str, url: str) -> bool:
    """Whether `url` can be asked, and is encrypted where the API is."""
    scheme, host, _ = origin(url)
    return bool(host) and scheme in {"https", urlsplit(api).scheme}


def joined(base: str, url: str) -> str:
    """`url`, which may be relative to `base`; empty where it can't be read."""
    try:
        return urljoin(base, url) if url else ""
    except ValueError:
        return ""

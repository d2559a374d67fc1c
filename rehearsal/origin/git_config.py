"""What git is told on the stage, so that it reaches the stage's remote and nothing else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from rehearsal.origin.server import LOOPBACK

if TYPE_CHECKING:
    from pathlib import Path

    from rehearsal.origin.drafts import Person

_FOREIGN: Final = (
    *("GIT_CONFIG", "GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS", "GIT_CONFIG_SYSTEM"),
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_NAMESPACE", "GIT_SHALLOW_FILE"),
    *("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_QUARANTINE_PATH", "GIT_DEFAULT_HASH"),
    *("GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT", "GIT_PROXY_COMMAND", "GIT_PROTOCOL", "GIT_EXEC_PATH"),
    *("GIT_PROTOCOL_FROM_USER", "GIT_HTTP_USER_AGENT", "GIT_HTTP_PROXY_AUTHMETHOD", "GIT_CURL_FTP_NO_EPSV"),
    *("GIT_SSL_NO_VERIFY", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_PROXY_SSL_CAINFO"),
    *("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_AUTHOR_DATE", "EMAIL"),
    *("GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "GIT_COMMITTER_DATE"),
    *(
        "GIT_TRACE",
        "GIT_TRACE2",
        "GIT_TRACE_CURL",
        "GIT_TRACE_PACKET",
        "GIT_CURL_VERBOSE",
        "GIT_TEMPLATE_DIR",
    ),
    *("GIT_REPLACE_REF_BASE", "GIT_NO_REPLACE_OBJECTS", "GIT_EXTERNAL_DIFF", "GIT_ATTR_SOURCE"),
    *("GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS"),
    *("SSH_ASKPASS", "XDG_CONFIG_HOME"),
    *(
        name
        for lower in ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
        for name in (lower, lower.upper())
    ),
)
"""What git and curl look at, and the stage must not: other repositories, people, programs and ways."""


def git_config(
    path: Path, *, remote: str, port: int, repository: str, identity: Person | None
) -> dict[str, str | None]:
    """Write a git configuration to `path`, and say which environment variables make git use it and nothing else.

    `remote` is led to the stage's server. Every other address goes through that server too, as its proxy, and
    is refused there. This holds whatever the git settings, proxies and variables of this machine are: they
    are replaced or removed. HOME becomes the directory of `path`, since curl would look for passwords there.

    Args:
        path: the file; what is there is overwritten.
        remote: the URL of the remote, as people have it.
        port: where the stage's server listens.
        repository: ``owner/name``.
        identity: who commits; None where git has never been told.

    Returns:
        The variables to set, and with None those to remove.
    """
    ours = f"http://{LOOPBACK}:{port}"
    sections: list[tuple[str, str, dict[str, str]]] = [
        ("http", "", {"proxy": ours}),
        ("http", f"{ours}/", {"proxy": ""}),
        ("user", "", {"useConfigOnly": "true"}),
        ("core", "", {"attributesFile": os.devnull, "excludesFile": os.devnull}),
        ("gc", "", {"auto": "0"}),
        ("maintenance", "", {"auto": "false"}),
        ("init", "", {"defaultBranch": "main"}),
        ("url", f"{ours}/{repository}.git", {"insteadOf": remote}),
    ]
    if identity:
        sections.append(("user", "", {"name": identity.name, "email": identity.email}))
    path.write_text("".join(_section(*section) for section in sections), encoding="utf-8")
    removed = [*_FOREIGN, *(name for name in os.environ if name.startswith("GIT_"))]
    return dict.fromkeys(removed) | {
        "GIT_CONFIG_GLOBAL": str(path),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "GIT_ALLOW_PROTOCOL": "http",
        "HOME": str(path.parent),
    }


def _section(name: str, subsection: str, values: dict[str, str]) -> str:
    """A section of a configuration file, as git-config(1) describes it."""
    head = f'[{name} "{_escaped(subsection)}"]' if subsection else f"[{name}]"
    lines = (
        f'\t{key} = "{_escaped(value).replace(chr(10), chr(92) + "n")}"\n' for key, value in values.items()
    )
    return f"{head}\n{''.join(lines)}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')

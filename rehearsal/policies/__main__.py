"""``python -m rehearsal.policies``: the policies of an environment, or with placeholders into docs/iam."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rehearsal.policies import KINDS, Further, allowed, documents, values
from rollback.environment import load
from rollback.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FURTHER: Final = {
    "image_repository": "the ECR repository of the images",
    "secret": "the name of the secret with the database's address, as app/database-url-??????",
    "task_roles": "the names of the execution role and the task role, as app-*",
    "load_balancer": "the name of the load balancer",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the policy of a kind for an environment, or write the templates; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal.policies", description=__doc__)
    parser.add_argument("--env", metavar="NAME", help="fill in the names of this environment")
    parser.add_argument("--environments", type=Path, default=Path("environments.toml"), metavar="PATH")
    parser.add_argument("--kind", choices=KINDS, default="incident")
    parser.add_argument("--write", type=Path, metavar="DIRECTORY", help="write all kinds there, as files")
    for name, meaning in _FURTHER.items():
        parser.add_argument(
            f"--{name.replace('_', '-')}", default="*", help=f"{meaning} (default: all of them)"
        )
    asked = parser.parse_args(arguments)
    try:
        names = _names(asked) if asked.env else None
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if names and (wide := [name.replace("_", "-") for name in _FURTHER if names[name] == "*"]):
        sys.stderr.write(
            f"Allowed for all of the account and region, unless you name it: --{', --'.join(wide)}.\n"
        )
    kinds = KINDS if asked.write else (asked.kind,)
    for kind in kinds:
        for name, text in files(kind, names).items():
            if asked.write:
                asked.write.mkdir(parents=True, exist_ok=True)
                (asked.write / name).write_text(text, encoding="utf-8")
            else:
                sys.stdout.write(text)
    return 0


def files(kind: str, names: Mapping[str, str] | None = None) -> dict[str, str]:
    """The policies of a kind, by the names of their files: more than one where IAM's size asks for it."""
    texts = [json.dumps(each, indent=2) + "\n" for each in documents(allowed(kind), names)]
    return {f"{kind}{f'-{at}' if at > 1 else ''}.json": text for at, text in enumerate(texts, 1)}


def _names(asked: argparse.Namespace) -> dict[str, str]:
    environment = load(asked.environments).get(asked.env)
    return values(environment, Further(**{name: getattr(asked, name) for name in _FURTHER}))


if __name__ == "__main__":
    sys.exit(main())

"""The `aws` and `terraform` lines that a person would type to do the same.

Two of the usual ones can't work: a `state push` of an old file is refused for its serial, and with a damaged current
state `state pull` and `state push` both fail, with `-force` too.
"""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Final

from rollback.state.places import digest_path, lock_key, lock_path, object_key
from rollback.state.result import Was, Way

if TYPE_CHECKING:
    from rollback.environment import Environment
    from rollback.state.result import Before, Writing

CHOSEN: Final = "chosen.tfstate"
BEFORE: Final = "before.tfstate"
READY: Final = "restored.tfstate"
_LOCK: Final = "lock.json"
_LOCK_ID: Final = "by-hand"
_NO_STATE: Final = "# `terraform state push` would begin another lineage where there is no state."
_WHY: Final = {
    Was.WHOLE: "# `terraform state push` refuses another lineage, and with -force it looks at nothing.",
    Was.DAMAGED: "# `terraform state pull` and `terraform state push`, also with -force, fail on a damaged state.",
    Was.DELETED: _NO_STATE,
}


def restore(environment: Environment, before: Before, writing: Writing) -> tuple[str, ...]:
    """Put a version back, with another serial."""
    fetch = ("umask 077", get_version(environment, writing.chosen, CHOSEN))
    renumber = f"jq '.serial = {writing.serial}' {CHOSEN} > {READY}"
    if writing.way is Way.PUSH:
        return (
            *fetch,
            _terraform(environment, "init", "-input=false"),
            f"{_terraform(environment, 'state', 'pull')} > {BEFORE}",
            f"# `terraform state push {CHOSEN}` is refused: its serial is older. So it gets a newer one, never -force.",
            renumber,
            f'{_terraform(environment, "state", "push")} "$PWD/{READY}"',
        )
    save = (get_version(environment, before.version, BEFORE),) if before.etag else ()
    why = _WHY[before.was]
    return (
        *fetch,
        *save,
        why + " So it is written to S3, under the lock.",
        renumber,
        *_locked(environment),
        _write(environment, before),
        *_mended(environment),
        *_unlocked(environment),
    )


def put_back(environment: Environment, before: Before, writing: Writing) -> tuple[str, ...]:
    """Undo a restore over what was no state: the version of before byte for byte, or none again."""
    if writing.way is Way.DELETE:
        remove = line(*_object(environment, "delete-object", object_key(environment)))
        return (*_locked(environment), remove, *_without_digest(environment), *_unlocked(environment))
    return (
        "umask 077",
        get_version(environment, writing.chosen, READY),
        *_locked(environment),
        _write(environment, before),
        *_mended(environment),
        *_unlocked(environment),
    )


def list_versions(environment: Environment) -> str:
    """List the versions of exactly the state's key."""
    key = object_key(environment)
    rows = f"reverse(sort_by(Versions[?Key=='{key}'],&LastModified))[].[VersionId,LastModified,Size]"
    return line(
        *("aws", "s3api", "list-object-versions", "--region", environment.region),
        *("--bucket", environment.state_bucket),
        *("--prefix", key, "--query", rows, "--output", "table"),
    )


def get_version(environment: Environment, version: str, file: str) -> str:
    """Fetch one version."""
    return line(*_object(environment, "get-object", object_key(environment)), "--version-id", version, file)


def turn_versioning_on(environment: Environment) -> str:
    """Have the bucket keep what is overwritten."""
    return line(
        *("aws", "s3api", "put-bucket-versioning", "--region", environment.region),
        *("--bucket", environment.state_bucket),
        *("--versioning-configuration", "Status=Enabled"),
    )


def unlock(environment: Environment, lock: str) -> tuple[str, ...]:
    """Take a lock away by its id, knowingly."""
    return (_terraform(environment, "force-unlock", lock),) if lock else ()


def import_resource(environment: Environment, address: str) -> str:
    """Bring what exists into the state."""
    return f"{_terraform(environment, 'import', address)} '<ID IN AWS>'"


def plan(environment: Environment) -> tuple[str, ...]:
    """Look what Terraform would do now."""
    return _terraform(environment, "init", "-input=false"), _terraform(environment, "plan")


def line(*words: str) -> str:
    """A command line whose words can be pasted into a shell."""
    return shlex.join(words)


def _terraform(environment: Environment, *words: str) -> str:
    program = "tofu" if environment.terraform.programs[0] == "tofu" else "terraform"
    return line(program, f"-chdir={environment.terraform_directory}", *words)


def _object(environment: Environment, operation: str, key: str) -> tuple[str, ...]:
    where = ("--region", environment.region, "--bucket", environment.state_bucket)
    return ("aws", "s3api", operation, *where, "--key", key)


def _write(environment: Environment, before: Before) -> str:
    condition = ("--if-match", before.etag) if before.etag else ("--if-none-match", "*")
    put = _object(environment, "put-object", object_key(environment))
    return line(*put, "--body", READY, "--content-type", "application/json", *condition)


def _locked(environment: Environment) -> tuple[str, ...]:
    info = json.dumps({"ID": _LOCK_ID, "Operation": "restore", "Path": lock_path(environment)})
    put = line(
        *_object(environment, "put-object", lock_key(environment)), "--body", _LOCK, "--if-none-match", "*"
    )
    made = f"printf '%s' {shlex.quote(info)} > {_LOCK}"
    if not environment.terraform.lock_table:
        return made, put
    item = json.dumps({"LockID": {"S": lock_path(environment)}, "Info": {"S": info}})
    unless = ("--condition-expression", "attribute_not_exists(LockID)")
    return made, put, line(*_table(environment, "put-item"), "--item", item, *unless)


def _mended(environment: Environment) -> tuple[str, ...]:
    if not environment.terraform.lock_table:
        return ()
    item = json.dumps({"LockID": {"S": digest_path(environment)}, "Digest": {"S": "@"}})
    begin, end = item.split("@")
    digest = f'"$(md5sum < {READY} | cut -c-32)"'
    return (
        f"{line(*_table(environment, 'put-item'))} --item {shlex.quote(begin)}{digest}{shlex.quote(end)}",
    )


def _without_digest(environment: Environment) -> tuple[str, ...]:
    if not environment.terraform.lock_table:
        return ()
    key = json.dumps({"LockID": {"S": digest_path(environment)}})
    return (line(*_table(environment, "delete-item"), "--key", key),)


def _unlocked(environment: Environment) -> tuple[str, ...]:
    remove = line(*_object(environment, "delete-object", lock_key(environment)))
    if not environment.terraform.lock_table:
        return (remove,)
    key = json.dumps({"LockID": {"S": lock_path(environment)}})
    return line(*_table(environment, "delete-item"), "--key", key), remove


def _table(environment: Environment, operation: str) -> tuple[str, ...]:
    where = ("--region", environment.region, "--table-name", environment.terraform.lock_table)
    return ("aws", "dynamodb", operation, *where)

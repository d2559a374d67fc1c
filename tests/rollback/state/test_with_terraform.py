"""Locks, digest and documents as a real Terraform takes and leaves them."""

from __future__ import annotations

import json
import os
import select
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from rollback.state import digest, locks
from rollback.state.document import equal_but_serial, read_state, with_serial
from rollback.state.versions import list_versions, listed
from rollback.terraform.program import Program, find

if TYPE_CHECKING:
    from pathlib import Path

    from rehearsal.embedded import EmbeddedStage
    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.process import Completed
    from tests.rollback.state.shelf import Shelf

MAIN = """\
terraform {
  backend "s3" {
    bucket       = "%(bucket)s"
    key          = "%(key)s"
    region       = "%(region)s"
    use_lockfile = true
    %(table)s
  }
}
resource "terraform_data" "one" {
  for_each = toset(["a b", "q\\"uo\\\\te", "dollar$${", "percent%%%%{", "é<&>"])
  input    = { serial = 99, name = each.key }
}
resource "terraform_data" "many" {
  count = 2
}
data "terraform_remote_state" "other" {
  backend = "local"
  config  = { path = "${path.module}/other.json" }
}
module "inner" {
  source   = "./inner"
  for_each = toset(["k"])
}
"""
INNER = 'resource "terraform_data" "deep" {\n  provisioner "local-exec" {\n    command = "%s"\n  }\n}\n'


@dataclass(frozen=True)
class Tree:
    """A directory with a configuration, initialised."""

    directory: Path
    program: Program
    access: Access

    def run(self, *args: str) -> Completed:
        return self.program.run(self.access.processes, *args, cwd=self.directory, timeout_seconds=120)

    def ran(self, *args: str) -> str:
        done = self.run(*args)
        assert done.code == 0, done.error_text
        return done.text


@pytest.fixture
def tree(stage: EmbeddedStage, tabled: Environment, access: Access, tmp_path: Path) -> Tree:
    """On a bucket and a lock table, both empty."""
    stage.let_terraform_in()
    directory = tmp_path / "tree"
    (directory / "inner").mkdir(parents=True)
    (directory / "inner" / "main.tf").write_text(INNER % "true")
    names = {"bucket": tabled.state_bucket, "key": tabled.state_key, "region": tabled.region}
    table = f'dynamodb_table = "{tabled.terraform.lock_table}"'
    (directory / "main.tf").write_text(MAIN % {**names, "table": table})
    (directory / "other.json").write_text(
        '{"version": 4, "terraform_version": "1.0.0", "serial": 1, "lineage": "x", "outputs": {}, "resources": []}'
    )
    tree = Tree(directory, find(tabled, access), access)
    tree.ran("init", "-no-color")
    return tree


def test_what_terraform_stores_is_read_as_terraform_reads_it(
    tree: Tree, shelf: Shelf, tabled: Environment, access: Access
) -> None:
    """The addresses are those that `terraform state list` prints, and of the versions only the state's are listed."""
    tree.ran("apply", "-auto-approve", "-no-color")
    state = read_state(shelf.content())
    names = tree.ran("state", "list").splitlines()
    assert sorted(name for name in names if not name.startswith("data.")) == list(state.addresses)
    assert len(state.addresses) == 8
    assert state.data_sources == len(names) - 8 == 1
    assert state.terraform_version == str(tree.program.version)
    tree.ran("apply", "-auto-approve", "-no-color", "-destroy", "-target=terraform_data.many[1]")
    rows = listed(tabled, access).rows
    assert len(rows) == len(list_versions(tabled, access)) == len({row.version.id for row in rows})
    assert rows[0].removed == ("terraform_data.many[1]",)
    assert digest.read(tabled, access).allows(shelf.content())


def test_a_state_pushed_back_by_terraform_says_the_same(tree: Tree, shelf: Shelf) -> None:
    tree.ran("apply", "-auto-approve", "-no-color")
    before = shelf.content()
    tree.ran("apply", "-auto-approve", "-no-color", "-destroy", "-target=terraform_data.many[1]")
    pushed = with_serial(before, read_state(shelf.content()).serial + 1)
    (tree.directory / "pushed.tfstate").write_bytes(pushed)
    tree.ran("state", "push", "pushed.tfstate")
    assert read_state(shelf.content()).addresses == read_state(before).addresses
    assert equal_but_serial(shelf.content(), before)


def test_terraform_is_refused_while_we_hold_the_lock_and_its_force_unlock_takes_our_id(
    tree: Tree, tabled: Environment, access: Access
) -> None:
    lock = locks.LockInfo.new(tabled, access, operation="Restore", info="of serial 7", version="1.11.4")
    locks.take(tabled, access, lock)
    refused = tree.run("apply", "-auto-approve", "-no-color")
    assert refused.code == 1
    assert "Error acquiring the state lock" in refused.error_text
    for each in (lock.id, lock.who, "Restore", "of serial 7", lock.path):
        assert each in refused.error_text
    tree.ran("force-unlock", "-force", lock.id)
    assert locks.held(tabled, access) == ()
    tree.ran("apply", "-auto-approve", "-no-color")


def test_terraform_goes_on_once_we_have_released_the_lock(
    tree: Tree, tabled: Environment, access: Access
) -> None:
    lock = locks.LockInfo.new(tabled, access, operation="Restore")
    locks.take(tabled, access, lock)
    locks.release(tabled, access, lock.id)
    tree.ran("apply", "-auto-approve", "-no-color")
    assert locks.held(tabled, access) == ()


def test_the_lock_of_a_terraform_at_work_is_seen_and_keeps_us_out(
    tree: Tree, tabled: Environment, access: Access, tmp_path: Path
) -> None:
    """It waits in a provisioner until it is let go; meanwhile both of its locks are there."""
    begun, go = tmp_path / "begun", tmp_path / "go"
    for pipe in (begun, go):
        os.mkfifo(pipe)
    (tree.directory / "inner" / "main.tf").write_text(INNER % f"echo > '{begun}'; read x < '{go}'")
    outcome: list[Completed] = []
    worker = threading.Thread(target=lambda: outcome.append(tree.run("apply", "-auto-approve", "-no-color")))
    reading, writing = os.open(begun, os.O_RDONLY | os.O_NONBLOCK), os.open(go, os.O_RDWR)
    worker.start()
    try:
        assert select.select([reading], [], [], 60)[0], "terraform has not begun"
        seen = locks.held(tabled, access)
        with pytest.raises(locks.LockHeld):
            locks.take(tabled, access, locks.LockInfo.new(tabled, access, operation="Restore"))
        after = locks.held(tabled, access)
    finally:
        os.write(writing, b"\n")
        worker.join()
        os.close(reading)
        os.close(writing)
    assert outcome[0].code == 0, outcome[0].error_text
    assert [lock.kind for lock in seen] == list(locks.LockKind)
    assert len({lock.id for lock in seen}) == 1
    for lock in seen:
        assert (lock.operation, lock.version) == ("OperationTypeApply", str(tree.program.version))
        assert "@" in lock.who
        assert lock.since is not None
    assert after == seen
    assert locks.held(tabled, access) == ()


def test_a_wrong_digest_keeps_terraform_out_until_it_is_mended(
    tree: Tree, shelf: Shelf, tabled: Environment, access: Access
) -> None:
    tree.ran("apply", "-auto-approve", "-no-color")
    name = f"{shelf.bucket}/{shelf.key}-md5"
    shelf.put_item(name, Digest="0" * 32)
    seen = digest.read(tabled, access)
    assert not seen.allows(shelf.content())
    digest.mend(tabled, access, shelf.content(), seen=seen)
    pulled = json.loads(tree.ran("state", "pull"))
    assert pulled["serial"] == read_state(shelf.content()).serial

"""A commit's infrastructure in a private directory of its own, ready for Terraform.

The operator's checkout isn't touched, and neither are its files used: `git checkout <commit> -- <directory>` in it, as
runbooks have it, would leave there what was added since, and Terraform would go on to want it.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rollback._text import printable
from rollback.terraform import files, hcl
from rollback.terraform.complaints import NotInitialised
from rollback.terraform.explaining import explain
from rollback.terraform.program import TerraformError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.git import Commit, Copy, File
    from rollback.process import Completed
    from rollback.terraform.hcl import Configuration
    from rollback.terraform.program import Program

INIT_SECONDS: Final = 900.0
"""What getting providers and modules may take."""
PLAN_SECONDS: Final = 1800.0
"""What asking AWS for every resource may take."""
_MOST_INITIALISED: Final = 8
"""So many of Terraform's own directories are kept to be used again; each may hold copies of its providers."""
LOCK_FILE: Final = ".terraform.lock.hcl"
_DEFAULT: Final = "default"
_NOTED: Final = "terraform.tfstate"
"""In its own directory: where Terraform notes the backend, once it is initialised. It holds no resource."""


class NoSuchDirectory(TerraformError):
    """The commit has no infrastructure where the environment's should be."""


@dataclass(frozen=True, slots=True)
class Backend:
    """Where a configuration keeps its state, as `init` has understood it.

    Attributes:
        type: as ``s3``.
        bucket: the S3 bucket.
        key: the key in it, in the default workspace.
        lock_table: the DynamoDB table of its locks, or nothing.
        prefix: under which it keeps the states of other workspaces.
    """

    type: str
    bucket: str = ""
    key: str = ""
    lock_table: str = ""
    prefix: str = "env:"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A commit's files, and where Terraform keeps what it needs beside them.

    Attributes:
        commit: whose files they are.
        place: the private directory with all of it.
        directory: the root module.
        data: Terraform's own directory, which may be shared with other workspaces that are initialised alike.
        configuration: what the root module is made of.
        program: which Terraform.
        name: the Terraform workspace.
    """

    commit: Commit
    place: Path
    directory: Path
    data: Path
    configuration: Configuration
    program: Program
    name: str

    @classmethod
    @contextmanager
    def of(
        cls, environment: Environment, access: Access, program: Program, copy: Copy, commit: Commit
    ) -> Iterator[Workspace]:
        """A workspace for as long as the block lasts, initialised.

        Raises:
            NoSuchDirectory: the commit has no such root module.
            TerraformError: it can't be initialised.
        """
        made = cls.made(environment, access, program, copy, commit)
        try:
            made.initialise(access)
            yield made
        finally:
            made.remove()

    @classmethod
    def made(
        cls, environment: Environment, access: Access, program: Program, copy: Copy, commit: Commit
    ) -> Workspace:
        """The commit's files, not yet initialised; `remove` takes them away.

        Raises:
            NoSuchDirectory: the commit has no such root module.
        """
        root = environment.terraform_directory
        found = copy.files_below(commit, top(environment))
        if not any(_in(file, root) for file in found):
            raise NoSuchDirectory(
                f"{commit.short} has no Terraform configuration in {root}.",
                remedy="Choose a commit that has; before it the infrastructure was kept elsewhere.",
            )
        configuration = hcl.read(found, root)
        place = files.new_place(access)
        with files.on_disk():
            files.unpack(found, files.private(place / "tree"))
        data = place / "data"
        if configuration.local:
            data = files.room(access, "data") / _alike(environment, program, found)
        return cls(
            commit,
            place,
            place / "tree" / root,
            data,
            configuration,
            program,
            environment.terraform.workspace,
        )

    @property
    def locked(self) -> bool:
        """Whether the commit says which providers it was applied with."""
        return (self.directory / LOCK_FILE).exists()

    def initialise(self, access: Access) -> None:
        """Have providers and modules there, and the backend known; once for all workspaces that are alike.

        Raises:
            TerraformError: that can't be done.
        """
        if (self.data / _NOTED).exists():
            files.touch(self.data)
            return
        fresh = self.place / "init"
        # Never -upgrade, and never a lock file changed: the providers are those that this commit was applied with.
        frozen = ("-lockfile=readonly",) if self.locked else ()
        done = self._run(
            access, "init", "-input=false", "-no-color", *frozen, data=fresh, seconds=INIT_SECONDS
        )
        if done.code:
            raise explain(done, self.program, doing="init")
        with files.on_disk():
            files.private(fresh)
            try:
                fresh.rename(self.data)
            except OSError:
                if (self.data / _NOTED).exists():
                    return  # somebody else was quicker
                files.remove(self.data)
                fresh.rename(self.data)
            if self.data.parent != self.place:
                files.keep_newest(self.data.parent, _MOST_INITIALISED)

    def run(self, access: Access, *args: str, seconds: float, ok: tuple[int, ...] = (0,)) -> Completed:
        """Run a command in the root module, and once more from the start where the shared directory was spoilt.

        Raises:
            TerraformError: it ended with an exit code that isn't in `ok`.
        """
        done = self._run(access, *args, data=self.data, seconds=seconds)
        if done.code not in ok:
            error = explain(done, self.program, doing=args[0])
            if not isinstance(error, NotInitialised):
                raise error
            files.remove(self.data)
            self.initialise(access)
            done = self._run(access, *args, data=self.data, seconds=seconds)
            if done.code not in ok:
                raise explain(done, self.program, doing=args[0])
        return done

    def attempt(self, access: Access, *args: str, seconds: float) -> Completed:
        """Run a command in the root module, once, however it ends."""
        return self._run(access, *args, data=self.data, seconds=seconds)

    def _run(self, access: Access, *args: str, data: Path, seconds: float) -> Completed:
        workspace = None if self.name == _DEFAULT else self.name
        return self.program.run(
            access.processes,
            *args,
            cwd=self.directory,
            timeout_seconds=seconds,
            env={"TF_DATA_DIR": str(data), "TF_WORKSPACE": workspace},
        )

    def backend(self) -> Backend:
        """Where its state is kept.

        Raises:
            TerraformError: it can't be read.
        """
        try:
            told: Any = json.loads((self.data / _NOTED).read_bytes())
            backend = told["backend"]
            config = backend["config"]
            return Backend(
                type=str(backend["type"]),
                bucket=str(config.get("bucket") or ""),
                key=str(config.get("key") or ""),
                lock_table=str(config.get("dynamodb_table") or ""),
                prefix=str(config.get("workspace_key_prefix") or "env:"),
            )
        except FileNotFoundError:
            return Backend("local")
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            raise TerraformError(
                f"What Terraform has noted of the backend of {self.commit.short} can't be read.",
                remedy="Plan again.",
            ) from None

    def remove(self) -> None:
        """Take it away, unless Terraform has left a state in it."""
        if not any(self.place.rglob(files.ERRORED)):
            files.remove(self.place)


def top(environment: Environment) -> str:
    """The topmost directory of the infrastructure: what the root module needs is in it."""
    return environment.terraform_directory.partition("/")[0]


def _in(file: File, root: str) -> bool:
    return posixpath.split(file.path)[0] == root and file.path.endswith(hcl.ENDINGS)


def _alike(environment: Environment, program: Program, found: tuple[File, ...]) -> str:
    """A name that two commits share if `init` would come out the same for both.

    It does where all that says anything of backend, providers and modules is the same, and no module comes from
    elsewhere.
    """
    told = hashlib.sha256()
    words = (program.name, str(program.version), *program.argv, environment.name, environment.account)
    for word in (*words, environment.terraform_directory, environment.terraform.workspace):
        told.update(f"{len(word)}:{printable(word)}".encode())
    for file in sorted(found, key=lambda each: each.path):
        if file.path.endswith((*hcl.ENDINGS, LOCK_FILE)):
            told.update(f"{len(file.path)}:{printable(file.path)}{len(file.content)}:".encode())
            told.update(file.content)
    return told.hexdigest()[:32]

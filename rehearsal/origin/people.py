"""What the developers of a scenario do to their repository, in a scenario's words."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rehearsal.origin.github.store import Pull
from rehearsal.origin.push import Push
from rehearsal.origin.repository import DEVELOPER
from rehearsal.origin.source_files import QUERY, migration_path, migration_text
from rehearsal.origin.upgrades import UNREADABLE, UPGRADES, WRITTEN
from rehearsal.world.version import Behaviour

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from rehearsal.origin.origin import Origin
    from rollback.environment import Environment

OTHER_HOST: Final = "db-new.internal"
OTHER_HEALTH_PATH: Final = "/status"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A change that the developers made.

    Attributes:
        title: what people call it.
        commit: the commit on the branch: the merge, the squashed commit, or the commit itself.
        before: the branch's tip before it.
        files: what it touched.
        pull: its pull request, if it had one.
        branch: the branch that it was made on.
    """

    title: str
    commit: str
    before: str
    files: tuple[str, ...]
    pull: Pull | None = None
    branch: str = ""


class Developers:
    """The people who change the repository; everything they push or merge starts its workflows.

    Attributes:
        made: their changes by title.
    """

    def __init__(self, origin: Origin, environment: Environment) -> None:
        self.made: dict[str, Made] = {}
        self._origin = origin
        self._environment = environment

    # What a change is made of.

    def code(self, title: str, behaviour: Behaviour = Behaviour.HEALTHY) -> dict[str, str | None]:
        """A change of the application alone: a new module, and its use at the top of one that is there."""
        path, slug = self._module(), _slug(title)
        first, _, rest = self._text(path).partition("\n")
        new = [f'"""{title}."""', "", "", f"def {slug}(order):", "    return order", ""]
        if behaviour is not Behaviour.HEALTHY:
            new.insert(2, f'BEHAVIOUR = "{behaviour.value}"')
        return {
            path: f"{first}\n\nfrom app.{slug} import {slug}  # {title}\n{rest}",
            f"app/{slug}.py": "\n".join(new),
        }

    def settings(self, **changed: object) -> dict[str, str | None]:
        """A change of the infrastructure's settings in the stage's environment."""
        path = f"{self._environment.terraform_directory}/settings.auto.tfvars.json"
        now = json.loads(self._text(path))
        return {path: json.dumps({**now, **changed}, indent=2) + "\n"}

    def infrastructure(self, title: str) -> dict[str, str | None]:
        """A change of the infrastructure, by its title."""
        made = {
            "A database for the orders": self.another_database,
            "Another name for the database": self.renamed_database,
            "Close the service's port": self.closed_port,
            "Explain the network": self.comment,
            "Keep the logs for longer": self.other_log_retention,
            "Move the database": self.other_database,
            "Move the health check": self.other_health_check,
            "Move the state": self.moved_state,
            "Protect the record": self.protected_record,
        }
        return made[title]()

    def closed_port(self) -> dict[str, str | None]:
        """The service's security group no longer admits the load balancer."""
        return self.settings(service_ingress=["10.99.0.0/16"])

    def another_database(self) -> dict[str, str | None]:
        """A resource that holds data is added."""
        new = 'resource "terraform_data" "orders_database" {\n  input = { engine = "postgres" }\n}\n'
        return self._infrastructure("main.tf", lambda text: f"{text}\n{new}")

    def renamed_database(self) -> dict[str, str | None]:
        """The database would have to be replaced, which its protection forbids."""
        return self._infrastructure(
            "main.tf",
            lambda text: text.replace("identifier = local.family", 'identifier = "${local.family}-2"'),
        )

    def protected_record(self) -> dict[str, str | None]:
        """A resource is protected from being destroyed."""
        head = 'resource "terraform_data" "record" {\n'
        protection = "  lifecycle {\n    prevent_destroy = true\n  }\n"
        return self._infrastructure("main.tf", lambda text: text.replace(head, head + protection))

    def comment(self) -> dict[str, str | None]:
        """Only a comment changes."""
        return self._infrastructure("main.tf", lambda text: f"# Two zones are enough.\n{text}")

    def moved_state(self) -> dict[str, str | None]:
        """The state is kept under another key."""
        key = json.dumps(self._environment.state_key)
        return self._infrastructure(
            "versions.tf", lambda text: text.replace(key, json.dumps("moved.tfstate"))
        )

    def pinned(self, task_definition: str) -> dict[str, str | None]:
        """The infrastructure names the revision that the service runs."""
        return self.settings(task_definition=task_definition)

    def _infrastructure(self, name: str, change: Callable[[str], str]) -> dict[str, str | None]:
        path = f"{self._environment.terraform_directory}/{name}"
        before = self._text(path)
        after = change(before)
        if after == before:
            raise LookupError(f"There is nothing in {path} that this change could be made of.")
        return {path: after}

    def other_database(self) -> dict[str, str | None]:
        """The application is told of a database host that doesn't serve it."""
        return self.settings(database_host=OTHER_HOST)

    def other_health_check(self) -> dict[str, str | None]:
        """The load balancer is told to ask for health where the application doesn't answer."""
        return self.settings(health_check_path=OTHER_HEALTH_PATH)

    def other_log_retention(self) -> dict[str, str | None]:
        """Something of the infrastructure that the application doesn't notice."""
        return self.settings(log_retention_days="90")

    def of(self, what: str) -> dict[str, str | None]:
        """A change as a sentence names it: the application, the infrastructure, their documentation, a migration."""
        files: dict[str, str | None] = {}
        if "application" in what:
            files |= self.code("A change")
        if "infrastructure" in what:
            files |= self.other_log_retention()
        if "documentation" in what:
            files |= {"docs/notes.md": "# Notes\n"}
        if "migration" in what:
            files |= self.migration("A change")
        return files

    def migration(
        self, title: str, does: str = "drops a column", *, on: str | None = None
    ) -> dict[str, str | None]:
        """A database migration on top of the newest, or of the revision `on`, by one of the keys of `UPGRADES`."""
        repository = self._environment.repository
        newest, number = self._numbers()
        upgrade = UPGRADES[does]
        text = migration_text(title, upgrade.body, revision=number, before=on or newest)
        if does == UNREADABLE:
            text = text.replace(f"\nrevision = {number!r}", f"\nrevision = str({number!r})")
        return {migration_path(repository, f"{number}_{_slug(title)}"): text, QUERY: f"{upgrade.query}\n"}

    def written(self, directory: Path, does: str, *, on: str | None = None) -> Path:
        """A migration in a file of somebody's own, by one of the keys of `WRITTEN`; it is on no branch."""
        newest, number = self._numbers()
        path = directory / f"{number}_by_hand.py"
        path.write_text(migration_text(does, WRITTEN[does], revision=number, before=on or newest))
        return path

    def _numbers(self) -> tuple[str, str]:
        """The newest migration of the branch, and what the next is called."""
        below = migration_path(self._environment.repository, "").rpartition("/")[0]
        newest = max(self._origin.bare.blobs(self._origin.tip, below)).removeprefix(f"{below}/")[:4]
        return newest, f"{int(newest) + 1:04}"

    def needing(self, title: str) -> dict[str, str | None]:
        """A test of what an earlier change has brought, which fails without it."""
        path = self.made[title].files[-1]
        return {f"tests/test_{_slug(title)}.py": f'"""{title} is there."""\n\n# needs: {path}\n'}

    def following(self, title: str, *, same_lines: bool) -> dict[str, str | None]:
        """A change to the same module as an earlier one, at the same lines or far from them."""
        (path, *_) = self.made[title].files
        text = self._text(path)
        if same_lines:
            return {path: text.replace(f"  # {title}", f"  # {title}, and more")}
        return {path: text + "\n\ndef more(order):\n    return order\n"}

    # How it gets to the branch.

    def commit(self, title: str, files: Mapping[str, str | None], *, branch: str = "") -> Made:
        """Push one commit to the branch that is deployed, or to another."""
        branch = branch or self._origin.branch
        bare = self._origin.bare
        before = bare.tip(branch)
        sha = bare.commit(branch, title, files)
        self._origin.pushed(Push(branch=branch, before=before, after=sha, actor=DEVELOPER.login))
        return self._remember(Made(title=title, commit=sha, before=before, files=tuple(files)))

    def pull_request(self, title: str, files: Mapping[str, str | None], *, base: str = "") -> Pull:
        """Open a pull request of one commit on top of the branch that is deployed, or of another."""
        bare, store = self._origin.bare, self._origin.store
        base = base or self._origin.branch
        head, tip = f"{_slug(title).replace('_', '-')}", bare.tip(base)
        sha = bare.commit(head, title, files, parent=tip)
        pull = Pull(
            number=store.next_number(),
            title=title,
            body="",
            head=head,
            head_sha=sha,
            base=base,
            base_sha=tip,
            user=DEVELOPER.login,
            created_at=self._origin.world.clock.now(),
        )
        store.pulls[pull.number] = pull
        self._remember(Made(title=title, commit="", before=tip, files=tuple(files), pull=pull, branch=head))
        return pull

    def merged(
        self, title: str, files: Mapping[str, str | None], *, how: str = "merge", base: str = ""
    ) -> Made:
        """Open a pull request and merge it."""
        pull = self.pull_request(title, files, base=base)
        before = self._origin.bare.tip(pull.base)
        sha = self._origin.merge(pull, DEVELOPER.login, how=how)
        return self._remember(
            Made(title=title, commit=sha, before=before, files=tuple(files), pull=pull, branch=pull.head)
        )

    def merges_again(self, title: str) -> Made:
        """Merge the branch of an earlier pull request once more, with a commit on top, as one does after a mend."""
        earlier = self.made[title]
        note = {"docs/notes.md": f"# Notes\n\n{title} again.\n"}
        self._origin.bare.commit(earlier.branch, f"Mend {title}", note)
        again = Pull(
            number=self._origin.store.next_number(),
            title=f"{title}, again",
            body="",
            head=earlier.branch,
            head_sha=self._origin.bare.tip(earlier.branch),
            base=self._origin.branch,
            base_sha=self._origin.tip,
            user=DEVELOPER.login,
            created_at=self._origin.world.clock.now(),
        )
        self._origin.store.pulls[again.number] = again
        before = self._origin.tip
        sha = self._origin.merge(again, DEVELOPER.login)
        return self._remember(
            Made(title=again.title, commit=sha, before=before, files=tuple(note), pull=again)
        )

    def reverts(self, title: str) -> str:
        """Revert a change as git would, and push that; returns the commit."""
        made = self.made[title]
        return self._put_back(made.commit, made.before, f'Revert "{title}"')

    def reverts_the_newest(self) -> str:
        """Revert the newest commit of the branch, and push that; returns the commit."""
        newest = self._origin.bare.show(self._origin.branch)
        return self._put_back(newest.sha, newest.parents[0], f'Reapply "{newest.subject}"')

    def _put_back(self, commit: str, before: str, subject: str) -> str:
        bare = self._origin.bare
        files = {path: bare.read(before, path) for path in bare.changed(before, commit)}
        tip = self._origin.tip
        sha = bare.commit(self._origin.branch, subject, files, body=f"This reverts commit {commit}.")
        self._origin.pushed(Push(branch=self._origin.branch, before=tip, after=sha, actor=DEVELOPER.login))
        return sha

    def named(self, title: str) -> str:
        """A change as the operator names it: by its pull request where it had one, else by its commit."""
        made = self.made[title]
        return f"#{made.pull.number}" if made.pull else made.commit

    def _remember(self, made: Made) -> Made:
        self.made[made.title] = made
        return made

    def _module(self) -> str:
        """The module that a change is made in: another one for each, so that they don't meet."""
        modules = sorted(
            path for path in self._origin.bare.files(self._origin.tip) if path.startswith("app/")
        )
        taken = {path for made in self.made.values() for path in made.files}
        free = [path for path in modules if path not in taken and not path.endswith("__init__.py")]
        if not free:
            raise LookupError("There is no module left in which a change could be made.")
        return free[0]

    def _text(self, path: str) -> str:
        return self._origin.bare.read(self._origin.tip, path) or ""


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")

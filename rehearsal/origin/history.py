"""What has happened in the rehearsed repository before a rehearsal begins: two weeks of a team's work."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from rehearsal.origin.drafts import DEVELOPER, Person
from rehearsal.origin.github.store import Pull
from rehearsal.origin.past import Kind, Merged, Past, Proposal
from rehearsal.origin.source_files import (
    QUERY,
    application_files,
    infrastructure_files,
    migration_path,
    migration_text,
    migrations_directory,
    module_text,
    test_text,
)
from rehearsal.origin.workflow_files import workflow_files
from rehearsal.world.database_house import ENVIRONMENT
from rollback.environment import Environments

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rehearsal.blueprint import Blueprint
    from rehearsal.origin.github.store import Store
    from rehearsal.origin.repository import Bare
    from rehearsal.origin.storyline import Point
    from rollback.environment import Environment

__all__ = ["History", "Kind", "Merged", "build"]

KIM: Final = Person("Kim Ito", "kim@example.com", "kim-ito")
SASHA: Final = Person("Sasha Berg", "sasha@example.com", "sasha-berg")
_DAYS: Final = 14
_TAG: Final = "v1.4.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The commits that matter, by their object names. All versions of the application in it are healthy.

    Attributes:
        branch: the default branch, which has all of it; every other one has all but the last promotions.
        pulls: the pull requests, in the order of their numbers.
        first: the root commit.
        application: a commit of the application, made on the branch itself.
        infrastructure: one of the infrastructure, likewise.
        documentation: one that touches neither, likewise.
        migration: one with a migration of the database.
        reverted: one that was reverted later.
        revert: the revert of it.
        tag: an annotated tag.
        tagged: its commit.
    """

    branch: str
    pulls: tuple[Merged, ...]
    first: str
    application: str
    infrastructure: str
    documentation: str
    migration: str
    reverted: str
    revert: str
    tag: str
    tagged: str

    def pull(self, title: str) -> Merged:
        """The pull request of that title."""
        return next(pull for pull in self.pulls if pull.title == title)

    def remember(self, store: Store) -> None:
        """Have GitHub know the pull requests."""
        for pull in self.pulls:
            store.pulls[pull.number] = Pull(
                number=pull.number,
                title=pull.title,
                body="",
                head=pull.head,
                head_sha=pull.head_sha,
                base=pull.base,
                base_sha=pull.base_sha,
                user=pull.author.login,
                created_at=pull.created_at,
                commits=pull.commits,
                state="closed",
                closed_at=pull.merged_at,
                merged_at=pull.merged_at,
                merged_by=pull.author.login,
                merge_commit=pull.merge_commit,
                approvals=1,
            )


def build(bare: Bare, environments: Iterable[Environment], blueprint: Blueprint) -> History:
    """Fill the empty repository `bare` with two weeks of work that end before its clock's time.

    All environments' branches have the same line of commits. Then the first of them gets one more, which is
    promoted by pull requests from branch to branch, the default one last.

    Args:
        bare: the repository.
        environments: those that are deployed from it; the default one is that of the file, or else the last.
        blueprint: how the service of each of them is built.
    """
    listed = list(environments)
    default = environments.default if isinstance(environments, Environments) else listed[-1]
    others = [environment.branch for environment in listed if environment.branch != default.branch]
    team = _Team(bare, listed, default, blueprint)
    team.begin()
    team.first_week()
    team.second_week()
    team.promote([*dict.fromkeys(others), default.branch])
    bare.check_out(default.branch)
    return team.history()


@dataclass(slots=True)
class _Team:
    """The team at work; `named` are the commits that `History` names."""

    bare: Bare
    environments: Sequence[Environment]
    default: Environment
    blueprint: Blueprint
    past: Past = field(init=False)
    named: dict[str, Point] = field(default_factory=dict)

    def __post_init__(self) -> None:
        owner = self.default.repository.name.partition("/")[0]
        self.past = Past(self.bare, self.default.branch, owner=owner)

    def begin(self) -> None:
        """The first day: the application, its infrastructure and its database."""
        repository = self.default.repository
        infrastructure = workflow_files(repository, self.environments)
        deploy = infrastructure.pop(repository.application_workflow)
        for environment in self.environments:
            infrastructure |= infrastructure_files(environment, self.blueprint)
        first = {**application_files(repository), repository.application_workflow: deploy}
        commit, at = self.past.commit, self._at
        self.named["first"] = commit("Take orders", first, at(0, 8), author=KIM)
        commit("Describe the infrastructure in Terraform", infrastructure, at(0, 10), author=SASHA)
        orders = self._migration(1, "orders", "CREATE TABLE orders (id bigint PRIMARY KEY, note text)")
        orders |= {
            f"{migrations_directory(repository)}/env.py": ENVIRONMENT,
            QUERY: "SELECT id, note FROM orders\n",
        }
        commit("Keep orders in the database", orders, at(0, 13))
        note = {"docs/tests.md": "# Tests\n\nThey run with unittest, and need no database.\n"}
        self.named["documentation"] = commit("Explain how to run the tests", note, at(0, 15), author=KIM)

    def first_week(self) -> None:
        """The first pull requests, and what was pushed between them."""
        commit, at = self.past.commit, self._at
        ready = self._extended("health", "ready", "pool", "pool.connected")
        self._pull("Be ready only with a database", "ready", at(1, 12), [ready, _tested("health")])
        cancelled = self._extended("orders", "cancelled", "order", "{**order, 'state': 'cancelled'}")
        self.named["application"] = commit("Let orders be cancelled", cancelled, at(1, 15))
        cents = self._extended("prices", "shown", "cents", "f'{cents // 100}.{cents % 100:02}'")
        self._squash("Show prices with two digits", "digits", at(2, 12), [cents, _tested("prices")], KIM)
        logs = self._terraformed("log_retention_days = 14", "log_retention_days = 30")
        self._pull("Keep logs for thirty days", "keep-logs", at(2, 15), [logs], SASHA)
        commit("Tell how orders are cancelled", self._noted("A placed order can be cancelled."), at(3, 9))
        placed = self._migration(2, "placed_at", "ALTER TABLE orders ADD COLUMN placed_at timestamptz")
        placed[QUERY] = "SELECT id, note, placed_at FROM orders\n"
        self.named["migration"] = self._squash(
            "Remember when an order was placed", "placed-at", at(3, 14), [placed]
        )
        search = {
            "app/search.py": module_text("Finding orders.", "found", "orders", "list(filter(None, orders))")
        }
        self._pull("Search orders", "search", at(4, 12), [search, _tested("search")], KIM)
        commit(
            "Note which order was asked for", self._extended("requests", "asked", "o", "o['id']"), at(4, 14)
        )

    def second_week(self) -> None:
        """A change that was taken back, and what came after it."""
        commit, at = self.past.commit, self._at
        before = self._text("app/products.py")
        cached = self._extended("products", "cached", "products", "tuple(products)")
        reverted = self._squash("Cache what is on sale", "cache-products", at(7, 12), [cached])
        self.past.line.happen()
        self.named["reverted"] = reverted
        self.named["revert"] = commit(
            f'Revert "Cache what is on sale (#{self.past.numbered})"',
            {"app/products.py": before},
            at(7, 15),
            author=KIM,
            body=f"This reverts commit {self.past.line.sha(reverted)}.",
        )
        version = self._terraformed(
            'required_version = ">= 1.10"', 'required_version = ">= 1.11"', file="versions.tf"
        )
        self.named["infrastructure"] = commit("Ask for Terraform 1.11", version, at(8, 9), author=SASHA)
        receipts = {"app/receipts.py": module_text("What a customer gets.", "receipt", "order", "str(order)")}
        self._pull("Send receipts", "receipts", at(8, 13), [receipts, _tested("receipts")])
        thanks = self._extended("receipts", "thanks", "name", "f'Thank you, {name}.'")
        self.named["tagged"] = commit("Thank the customer in a receipt", thanks, at(9, 9))
        slow = self._terraformed(
            'target_type       = "ip"', 'target_type       = "ip"\n    slow_start        = 30'
        )
        self._pull("Start new targets slowly", "slow-start", at(9, 14), [slow], SASHA)
        commit("Tell where orders end", self._noted("In the end it is archived."), at(10, 9), author=KIM)
        greeting = self._extended("customers", "greeting", "customer", "customer.get('name', 'you')")
        commit("Greet customers by name", greeting, at(10, 13))

    def promote(self, branches: Sequence[str]) -> None:
        """Merge one more change to the first of `branches`, and from each of them to the next."""
        before, *others = branches
        shared = self.past.tip
        archived = self._extended("orders", "archived", "order", "{**order, 'state': 'archived'}")
        tip = self._squash("Archive old orders", "archive", self._at(11, 12), [archived], KIM, base=before)
        for hour, branch in enumerate(others, start=14):
            proposal = Proposal(
                title=f"Promote {before}", head=before, at=self._at(11, hour), author=SASHA, base=branch
            )
            tip = self.past.merge(proposal, tip, on=shared, commits=hour - 13)
            before = branch

    def history(self) -> History:
        """Have all of it happen."""
        line = self.past.line
        line.happen()
        named = {name: line.sha(point) for name, point in self.named.items()}
        self.bare.tag(_TAG, named["tagged"], "Receipts")
        return History(branch=self.default.branch, pulls=self.past.pulls(), tag=_TAG, **named)

    def _at(self, day: int, hour: int) -> datetime:
        """A time in these two weeks, at a minute that nobody has chosen."""
        midnight = self.bare.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
        minutes = (17 * hour + 5 * day) % 60
        return midnight + timedelta(days=day - _DAYS, hours=hour, minutes=minutes)

    def _pull(
        self,
        title: str,
        head: str,
        at: datetime,
        steps: Sequence[Mapping[str, str | None]],
        author: Person = DEVELOPER,
    ) -> Point:
        return self.past.pull(Proposal(title=title, head=head, at=at, author=author), steps)

    def _squash(
        self,
        title: str,
        head: str,
        at: datetime,
        steps: Sequence[Mapping[str, str | None]],
        author: Person = DEVELOPER,
        *,
        base: str = "",
    ) -> Point:
        proposal = Proposal(title=title, head=head, at=at, author=author, kind=Kind.SQUASH, base=base)
        return self.past.pull(proposal, steps)

    def _text(self, path: str) -> str:
        return self.past.tip.files[path]

    def _extended(self, module: str, function: str, argument: str, result: str) -> dict[str, str | None]:
        """A module of the application with one more function at its end."""
        path = f"app/{module}.py"
        return {path: f"{self._text(path)}\n\ndef {function}({argument}):\n    return {result}\n"}

    def _noted(self, sentence: str) -> dict[str, str | None]:
        return {"docs/orders.md": f"{self._text('docs/orders.md')}\n{sentence}\n"}

    def _terraformed(self, old: str, new: str, *, file: str = "main.tf") -> dict[str, str | None]:
        """The root modules of all environments, with a change."""
        paths = [f"{environment.terraform_directory}/{file}" for environment in self.environments]
        return {path: self._text(path).replace(old, new) for path in paths}

    def _migration(self, number: int, name: str, statement: str) -> dict[str, str | None]:
        path = migration_path(self.default.repository, f"{number:04}_{name}")
        before = f"{number - 1:04}" if number > 1 else None
        return {
            path: migration_text(name, f'op.execute("{statement}")', revision=f"{number:04}", before=before)
        }


def _tested(module: str) -> dict[str, str | None]:
    return {f"tests/test_{module}_again.py": test_text(f"app/{module}.py")}

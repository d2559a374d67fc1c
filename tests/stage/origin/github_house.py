"""A small repository at GitHub, with something of each kind in it."""

from __future__ import annotations

import atexit
import functools
import json
import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rehearsal.clock import VirtualClock
from rehearsal.origin.github.api import Api
from rehearsal.origin.github.store import BranchRules, Job, Permission, Pull, Run, Step, Store, Workflow
from rehearsal.origin.repository import Bare
from rehearsal.origin.wire import Request

if TYPE_CHECKING:
    from rehearsal.origin.wire import Response

NAME = "acme/shop"
API = "https://api.github.test"
WEB = "https://github.test"
OCTAVIA, ROOT, NOBODY, STRANGER = "octavia", "root", "", "stranger"
FINE_GRAINED = "octavia by a fine-grained token"


def key(who: str) -> str:
    """The token of somebody; a stranger's is wrong."""
    return f"github_pat_{OCTAVIA}" if who == FINE_GRAINED else f"ghp_{who}" if who else ""


@dataclass(frozen=True, slots=True)
class Known:
    """The repository itself, which no test changes."""

    bare: Bare
    first: str
    merge: str
    fix: str
    clash: str


@functools.cache
def repository() -> Known:
    """A merged pull request, an open one, and a branch that conflicts with main."""
    directory = tempfile.TemporaryDirectory(prefix="github-")
    atexit.register(directory.cleanup)
    bare = Bare(Path(directory.name) / "shop.git", VirtualClock())
    first = bare.commit("main", "Begin", {"app/basket.py": "one\n", "docs/old.md": "a\nb\nc\nd\n"})
    bare.commit("basket", "Fill the basket", {"app/basket.py": "one\ntwo\n"}, parent=first)
    merge = bare.merge("main", "basket", "Merge pull request #1 from acme/basket", body="Fill the basket")
    fix = bare.commit("fix/total", "Correct the total", {"app/total.py": "1\n2\n"}, parent=merge)
    clash = bare.commit("clash", "Empty the basket", {"app/basket.py": "zero\n"}, parent=first)
    return Known(bare, first, merge, fix, clash)


@dataclass(slots=True)
class House:
    """GitHub with that repository.

    Attributes:
        run: a run whose first attempt failed and whose second one waits for an approval.
        merged: what was merged by the API, and how.
    """

    clock: VirtualClock
    store: Store
    api: Api
    known: Known
    run: Run
    opened: list[Pull] = field(default_factory=list)
    merged: list[tuple[int, str, str]] = field(default_factory=list)

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        who: str = OCTAVIA,
        body: object = None,
        after: str = f"/repos/{NAME}",
        **headers: str,
    ) -> Response:
        """What the API answers to a request for a path after the repository."""
        path, _, query = f"{after}{path}".partition("?")
        sent = {"user-agent": "tests", **{name.replace("_", "-"): value for name, value in headers.items()}}
        if who and "authorization" not in sent:
            sent["authorization"] = f"Bearer {key(who)}"
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        host = API.partition("://")[2]
        return self.api.respond(
            Request(method=method, host=host, path=path, query=query, headers=sent, body=raw)
        )

    def told(self, path: str, status: int = 200, **options: Any) -> Any:
        """The JSON that it answers."""
        response = self.ask(path, **options)
        assert response.status == status, response.body
        return json.loads(response.body)


def build(*, api: str = API, private: bool = True) -> House:
    """GitHub with that repository, at the clock's opening."""
    known, clock = repository(), VirtualClock()
    store = Store(NAME, private=private)
    store.permissions["root"] = Permission.ADMIN
    store.logins["developer@example.com"] = "octavia"
    store.reviewers["production"] = ("root", "octavia")
    store.rules["main"] = BranchRules(approvals=1, checks=("test",), signatures=True)
    store.rules["clash"] = BranchRules(
        approvals=2, checks=("test",), signatures=True, lock=True, classic=False
    )
    run = _run(store, clock, known)
    _pulls(store, clock, known)
    house = House(clock, store, api=None, known=known, run=run)  # type: ignore[arg-type]

    def merged(pull: Pull, by: str, *, how: str) -> str:
        house.merged.append((pull.number, by, how))
        return known.clash

    house.api = Api(
        store,
        clock,
        api=api,
        web=WEB,
        tokens={key(OCTAVIA): OCTAVIA, key(FINE_GRAINED): OCTAVIA, key(ROOT): ROOT},
        bare=known.bare,
        opened=house.opened.append,
        merged=merged,
    )
    return house


def _run(store: Store, clock: VirtualClock, known: Known) -> Run:
    now = clock.now()
    deploy = Workflow(
        id=next(store.ids), name="Deploy it", path=".github/workflows/deploy.yml", created_at=now
    )
    other = Workflow(
        id=next(store.ids),
        name="Terraform",
        path=".github/workflows/terraform.yml",
        created_at=now,
        state="disabled_manually",
    )
    store.workflows |= {deploy.path: deploy, other.path: other}
    failed = Job(
        id=next(store.ids),
        name="test",
        created_at=now,
        status="completed",
        conclusion="failure",
        started_at=now,
        completed_at=now + timedelta(seconds=20),
        steps=[
            Step(number=1, name="Checkout", status="completed", conclusion="success", started_at=now),
            Step(number=2, name="Test", status="completed", conclusion="failure", completed_at=now),
        ],
        log=[
            (now, "Run pytest"),
            (now + timedelta(seconds=1.5), "##[error]Process completed with exit code 1."),
        ],
    )
    going = Job(
        id=next(store.ids),
        name="test",
        created_at=now,
        attempt=2,
        status="in_progress",
        started_at=now,
        steps=[
            Step(number=1, name="Checkout", status="in_progress", started_at=now),
            Step(number=2, name="Test"),
        ],
    )
    held = Job(
        id=next(store.ids),
        name="deploy",
        created_at=now,
        attempt=2,
        status="waiting",
        steps=[Step(number=1, name="Build")],
    )
    run = Run(
        id=next(store.ids),
        number=7,
        workflow=deploy,
        branch="fix/total",
        sha=known.fix,
        title="Correct the total",
        actor="octavia",
        created_at=now,
        status="waiting",
        environment="production",
        jobs=[failed, going, held],
        attempt=2,
        started_at=now,
    )
    done = Run(
        id=next(store.ids),
        number=3,
        workflow=other,
        branch="main",
        sha=known.merge,
        title="Fill the basket",
        actor="dependabot[bot]",
        created_at=now - timedelta(days=2),
        updated_at=now - timedelta(days=2),
        status="completed",
        conclusion="success",
    )
    store.runs += [done, run]
    return run


def _pulls(store: Store, clock: VirtualClock, known: Known) -> None:
    now = clock.now()
    store.pulls[1] = Pull(
        number=1,
        title="Fill the basket",
        body="",
        head="basket",
        head_sha=known.bare.tip("basket"),
        base="main",
        base_sha=known.first,
        user="octavia",
        created_at=now - timedelta(days=2),
        state="closed",
        closed_at=now - timedelta(days=1),
        merged_at=now - timedelta(days=1),
        merged_by="root",
        merge_commit=known.merge,
    )
    store.pulls[2] = Pull(
        number=2,
        title="Correct the total",
        body="It is wrong.",
        head="fix/total",
        head_sha=known.first,
        base="main",
        base_sha=known.merge,
        user="acme",
        created_at=now,
    )

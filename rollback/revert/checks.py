"""The checks of a revert's plan, each with what was seen and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rollback._text import printable, quoted
from rollback.plan import Finding, ok, refusal, warning
from rollback.revert import by_hand
from rollback.revert.result import Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rollback.access import Access
    from rollback.ecs.model import Service
    from rollback.environment import Environment
    from rollback.git import Commit, Copy, Kinds, Trial
    from rollback.github.model import Protection

SHOWN: Final = 5
"""How many files or commits a sentence names."""


def revert_of_a_revert(copy: Copy, commits: Sequence[Commit]) -> Iterator[Finding]:
    """Whether a commit is itself a revert, so that its revert brings a change back."""
    for commit in commits:
        if original := copy.reverts(commit):
            yield warning(
                "revert-of-a-revert",
                f"{commit.short} is itself the revert of {original[:10]}: reverting it brings that change back.",
                "That is the right way to bring it back, since merging its branch again would silently leave its "
                "files out. Make sure that you want it back.",
            )


def one_side(kinds: Kinds, *, allowed: bool) -> Iterator[Finding]:
    """Whether the change keeps to the runbook's key principle."""
    if not kinds.mixed:
        side = "infrastructure" if kinds.infrastructure else "the application" if kinds.application else ""
        yield ok(
            "one-side", f"It changes {side} only." if side else "It changes only what is neither side's."
        )
        return
    seen = (
        f"It changes infrastructure ({named(kinds.infrastructure)}) and application ({named(kinds.application)}) "
        "together, so one revert takes back both or neither"
    )
    if allowed:
        yield warning("one-side", f"{seen}, as was asked for by name.", "Watch both workflows.")
    else:
        yield refusal(
            "one-side",
            f"{seen}.",
            "Fix forward the side that is broken, or ask by name for both sides to be reverted together. "
            "Next time, change them in separate pull requests.",
        )


def nothing_but_migrations(tip: Commit, tree: str, kept: Sequence[str]) -> Iterator[Finding]:
    """Whether anything is left to revert beside the files that have to stay."""
    if tree == tip.tree:
        yield refusal(
            "empty",
            f"The revert would change nothing: all it takes back is {named(kept)}, which has to stay, since the database "
            "has been migrated by it.",
            "Take back what the migration did by a new migration on top of it.",
        )


def trial(
    environment: Environment,
    copy: Copy,
    tip: Commit,
    commits: Sequence[Commit],
    tried: Trial,
    *,
    kept: bool = False,
) -> Iterator[Finding]:
    """What came of trying it, apart from everybody's checkout; `kept` says whether some files will stay."""
    if tried.conflicts:
        yield refusal(
            "conflicts",
            f"The revert of {tried.stopped_at[:10]} conflicts in {named(tried.conflicts)}: later commits have changed "
            "the same lines.",
            "Revert the later commits too (name a range), or solve the conflict by hand and push that.",
            *by_hand.revert(environment, commits),
        )
    elif tried.empty:
        yield refusal(
            "empty",
            "The revert would change nothing: what it takes back is no longer there.",
            "Look for what is wrong elsewhere; the branch's history shows what took it away.",
            by_hand.history(environment),
        )
    elif tip.sha == commits[0].sha:
        yield _exact(copy, commits, tried, kept=kept)
    else:
        yield ok("revert-applies", "It reverts without a conflict.")


def _exact(copy: Copy, commits: Sequence[Commit], tried: Trial, *, kept: bool) -> Finding:
    """With nothing on top of what is reverted, the tree must be the one from before it."""
    before = commits[-1].parents[0]
    if tried.tree == copy.tree_of(before):
        but = ", but for those of migrations" if kept else ""
        return ok(
            "revert-applies", f"It brings back exactly the files of {before[:10]}, the commit before{but}."
        )
    return refusal(
        "revert-applies",
        f"The revert should bring back exactly the files of {before[:10]}, and doesn't.",
        "Don't trust it: revert by hand, and compare.",
    )


def later(copy: Copy, tip: Commit, commits: Sequence[Commit], files: tuple[str, ...]) -> Iterator[Finding]:
    """Which later commits build on what is reverted."""
    ours = {commit.sha for commit in commits}
    on_top = [commit for commit in copy.later(commits[-1], tip, files) if commit.sha not in ours]
    if on_top:
        told = listed(f"{commit.short} ({quoted(commit.subject)})" for commit in on_top)
        count = "A later commit touches" if len(on_top) == 1 else f"{len(on_top)} later commits touch"
        yield warning(
            "later-commits",
            f"{count} the same files: {told}.",
            "Make sure that they work without what is reverted.",
        )
    else:
        yield ok("later-commits", "No later commit touches its files.")


def identity(copy: Copy, *, what: str = "revert") -> Iterator[Finding]:
    """Whether git knows who commits."""
    who = copy.identity()
    if who is None:
        yield refusal(
            "identity",
            "Git doesn't know who you are, so it can make no commit.",
            "Set your name and address for all repositories.",
            *by_hand.set_identity(),
        )
    else:
        yield ok("identity", f"The {what} is committed by {printable(who.name)} <{printable(who.email)}>.")


def way_to_the_branch(
    environment: Environment, access: Access, protection: Protection, *, proposes: bool, what: str = "revert"
) -> Iterator[Finding]:
    """Whether the branch takes a push, and if not, whether a pull request can be opened."""
    branch = environment.branch
    signed_in = access.github.signed_in
    variable = environment.repository.token_variable
    if proposes and not signed_in:
        yield refusal(
            "branch-protection",
            f"{branch} takes changes by pull request only ({listed(protection.reasons) or 'as you wish it'}), "
            f"and without a token in {variable} none can be opened.",
            f"Put a token that may write contents and pull requests into {variable}.",
        )
    elif protection.pull_request_needed:
        yield warning(
            "branch-protection",
            f"{branch} takes no direct push: {listed(protection.reasons)}.",
            f"The {what} is pushed to a branch of its own and proposed as a pull request. Have a reviewer at hand.",
        )
    elif protection.unknown:
        yield warning(
            "branch-protection",
            f"Whether {branch} takes a direct push can't be told: {protection.unknown}",
            "If the push is refused, nothing has changed; plan it as a pull request then.",
        )
    else:
        yield ok("branch-protection", f"{branch} takes a direct push.")
    if not signed_in:
        yield warning(
            "token",
            f"There is no token in {variable}: of a private repository nothing can be seen, and of a public one "
            "only a little at a time.",
            f"Put a token that may read actions and pull requests into {variable}.",
        )


def workflow(environment: Environment, access: Access, side: Side) -> Iterator[Finding]:
    """Whether the workflow that should bring it about is there and on."""
    repository = environment.repository
    file = (
        repository.infrastructure_workflow if side is Side.INFRASTRUCTURE else repository.application_workflow
    )
    state = access.github.workflow_state(file)
    if state == "active":
        yield ok("workflow", f"The workflow {file} is active.")
    elif state:
        yield refusal(
            "workflow",
            f"The workflow {file} is {state.replace('_', ' ')}, so a push would bring nothing about.",
            "Enable it first.",
            by_hand.enable_workflow(environment, file),
        )
    else:
        yield refusal(
            "workflow",
            f"GitHub knows no workflow {file} in {repository.name}, so a push would bring nothing about.",
            "Compare the name in environments.toml with the files of the repository.",
        )


def service(
    environment: Environment, seen: Service, sides: Sequence[Side], *, what: str = "revert"
) -> Iterator[Finding]:
    """Whether the service is such that a deployment can land on it."""
    if seen.status != "ACTIVE" or seen.desired == 0:
        yield refusal(
            "service",
            f"{seen.name} is {seen.status} with a desired count of {seen.desired}: nothing would run that proves the {what}.",
            "Have it run at least one task first.",
        )
        return
    yield ok("service", f"{seen.name} of {environment.name} runs {seen.runs}.")
    if Side.APPLICATION in sides and (primary := seen.in_progress) is not None:
        yield warning(
            "deployment-in-progress",
            f"A deployment of {primary.revision} is still in progress.",
            f"The {what}'s own deployment will take its place. Where users suffer now, roll back to an earlier "
            "revision first; it is faster.",
        )


def named(files: Sequence[str]) -> str:
    """Some files, as a sentence names them."""
    return listed(printable(file) for file in files)


def listed(words: Iterable[str]) -> str:
    """The first of `words`, and how many more there are."""
    every = tuple(words)
    more = len(every) - SHOWN
    return ", ".join(every[:SHOWN]) + (f" and {more} more" if more > 0 else "")

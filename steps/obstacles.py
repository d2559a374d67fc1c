"""The sentences about what stands in the way of a revert: rules, GitHub, the remote, and Ctrl-C."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_bdd import given, parsers

from rehearsal.phrases import number

if TYPE_CHECKING:
    from rehearsal.origin.troubles import Troubles
    from rollback.access import Access


@given("the branch takes changes by pull request only")
def protected(troubles: Troubles) -> None:
    troubles.protected()


@given("the branch takes changes by pull request only, which only administrators may see")
def protected_unseen(troubles: Troubles) -> None:
    troubles.protected_unseen()


@given(parsers.parse('the organisation refuses every push, with "{sentence}"'))
def pushes_refused(troubles: Troubles, sentence: str) -> None:
    troubles.pushes_refused(sentence)


@given("our pushes are made with a workflow's own token")
def workflow_token(troubles: Troubles) -> None:
    troubles.pushing_as_a_workflow()


@given("the deployment workflow was disabled")
def workflow_disabled(troubles: Troubles) -> None:
    troubles.workflow_disabled()


@given("deployments must be approved")
def approvals_needed(troubles: Troubles) -> None:
    troubles.approvals_needed()


@given(parsers.parse("a reviewer approves ours {minutes} minutes after it asks"))
def approved(troubles: Troubles, minutes: str) -> None:
    troubles.approved_in(number(minutes) * 60)


@given("git doesn't know who we are")
def nobody(access: Access, troubles: Troubles) -> None:
    del access  # signing in is what tells git of them, so it comes first
    troubles.nobody_committing()


@given(parsers.parse("every now and then GitHub {trouble}"))
def hub_now_and_then(troubles: Troubles, trouble: str) -> None:
    from rehearsal.origin.troubles import NOW_AND_THEN  # noqa: PLC0415 - it imports moto

    troubles.hub_now_and_then(NOW_AND_THEN[trouble])


@given(parsers.parse("GitHub {trouble}"))
def hub_for_good(troubles: Troubles, trouble: str) -> None:
    from rehearsal.origin.troubles import FOR_GOOD  # noqa: PLC0415 - it imports moto

    troubles.hub(FOR_GOOD[trouble])


@given(parsers.parse("the remote {trouble}"))
def remote_trouble(troubles: Troubles, trouble: str) -> None:
    troubles.remote(trouble)


@given(parsers.parse("our token is revoked {minutes} minutes into the revert"))
def token_revoked(troubles: Troubles, minutes: str) -> None:
    troubles.token_revoked_in(number(minutes) * 60)


@given(parsers.parse("we press Ctrl-C {minutes} minutes into the revert"))
def interrupted(troubles: Troubles, minutes: str) -> None:
    troubles.interrupted_in(number(minutes) * 60)

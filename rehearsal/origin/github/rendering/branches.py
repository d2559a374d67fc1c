"""Branches, and what they ask of a change: by branch protection and by rulesets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rehearsal.origin.github.rendering.place import number_of

if TYPE_CHECKING:
    from rehearsal.origin.github.asking import JsonObject
    from rehearsal.origin.github.rendering.place import Place
    from rehearsal.origin.github.store import BranchRules

_SWITCHES: Final = (
    "required_linear_history",
    "allow_force_pushes",
    "allow_deletions",
    "block_creations",
    "required_conversation_resolution",
    "allow_fork_syncing",
)
"""What a protected branch may ask or allow besides, and ours don't."""


def branch(place: Place, name: str, commit: JsonObject, rules: BranchRules | None) -> JsonObject:
    """A branch.

    One that only a ruleset protects is ``protected`` as well, with a ``protection`` that isn't enabled (as seen
    in hub4j/github-api#2062).
    """
    url = place.branch(name)
    classic = rules if rules and rules.classic else None
    checks = list(classic.checks) if classic else []
    return {
        "name": name,
        "commit": commit,
        "_links": {"self": url, "html": f"{place.html}/tree/{name}"},
        "protected": rules is not None,
        "protection": {
            "enabled": classic is not None,
            "required_status_checks": {
                "enforcement_level": "everyone" if checks else "off",
                "contexts": checks,
                "checks": [{"context": check, "app_id": None} for check in checks],
            },
        },
        "protection_url": f"{url}/protection",
    }


def protection(place: Place, name: str, rules: BranchRules) -> JsonObject:
    """A branch's protection, in which what isn't asked for isn't told."""
    url = f"{place.branch(name)}/protection"
    told: JsonObject = {"url": url}
    if rules.checks:
        told["required_status_checks"] = {
            "url": f"{url}/required_status_checks",
            "strict": False,
            "contexts": list(rules.checks),
            "contexts_url": f"{url}/required_status_checks/contexts",
            "checks": [{"context": check, "app_id": None} for check in rules.checks],
        }
    if rules.approvals is not None:
        told["required_pull_request_reviews"] = {
            "url": f"{url}/required_pull_request_reviews",
            "dismiss_stale_reviews": False,
            "require_code_owner_reviews": False,
            "require_last_push_approval": False,
            "required_approving_review_count": rules.approvals,
        }
    return {
        **told,
        "required_signatures": {"url": f"{url}/required_signatures", "enabled": rules.signatures},
        "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": True},
        **{switch: {"enabled": False} for switch in _SWITCHES},
        "lock_branch": {"enabled": rules.lock},
    }


def active_rules(place: Place, name: str, rules: BranchRules | None) -> list[JsonObject]:
    """The rules of all rulesets for a branch; a branch protection rule is none of them."""
    if rules is None or rules.classic:
        return []
    kinds: list[tuple[str, JsonObject | None]] = [("deletion", None), ("non_fast_forward", None)]
    if rules.approvals is not None:
        kinds.append(("pull_request", _pull_request(rules.approvals)))
    if rules.checks:
        kinds.append(("required_status_checks", _checks(rules.checks)))
    if rules.signatures:
        kinds.append(("required_signatures", None))
    if rules.lock:
        kinds.append(("update", None))
    source: JsonObject = {
        "ruleset_source_type": "Repository",
        "ruleset_source": place.name,
        "ruleset_id": number_of(f"{place.name} {name}"),
    }
    return [
        {"type": kind, **({"parameters": parameters} if parameters else {}), **source}
        for kind, parameters in kinds
    ]


def _pull_request(approvals: int) -> JsonObject:
    return {
        "required_approving_review_count": approvals,
        "dismiss_stale_reviews_on_push": False,
        "require_code_owner_review": False,
        "require_last_push_approval": False,
        "required_review_thread_resolution": False,
        "allowed_merge_methods": ["merge", "squash"],
    }


def _checks(checks: tuple[str, ...]) -> JsonObject:
    return {
        "strict_required_status_checks_policy": False,
        "do_not_enforce_on_create": False,
        "required_status_checks": [{"context": check} for check in checks],
    }

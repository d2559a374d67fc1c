"""What people say of the lists: written into the journal, and found there again by whoever goes on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from rollback._text import quoted, suggestion
from rollback.checklist.model import Attestation, Item, Override
from rollback.errors import RollbackError
from rollback.journal import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.journal import Entry

LONGEST_NAME: Final = 100
LONGEST_SENTENCE: Final = 1000
SKEW_SECONDS: Final = 60.0
"""By how much the clocks of two colleagues' machines may differ."""

_ATTESTED: Final = "Attested"
_OVERRIDDEN: Final = "Begun without a complete checklist"


def item_named(word: str) -> Item:
    """The item that a person means.

    Raises:
        RollbackError: there is none of that name.
    """
    try:
        return Item(word.strip().lower())
    except ValueError as error:
        known = [item.value for item in Item]
        raise RollbackError(
            f"No checklist has an item {quoted(word)}.",
            remedy=f"{suggestion(word, known)} The items are {', '.join(known)}.".strip(),
        ) from error


def attest(environment: Environment, access: Access, item: Item, *, by: str, seen: str) -> Attestation:
    """Take down that a person vouches for an item; it counts for the environment's `valid_seconds`.

    Args:
        environment: the place.
        access: the hands, in whose journal it lands.
        item: the item.
        by: who vouches, by name.
        seen: what they have seen or done.

    Raises:
        RollbackError: nobody is named, or nothing is said.
    """
    name = _name(by)
    sentence = _sentence(seen, f"What has {name} seen that shows it? An item without evidence is not done.")
    at = access.clock.now()
    made = Attestation(item, name, sentence, at, _expiry(environment, at))
    access.journal.record(
        Kind.DECISION,
        f"{_ATTESTED}: {item.says}.",
        checklist=environment.name,
        item=item.value,
        by=name,
        seen=sentence,
        expires_at=made.expires_at.isoformat(),
    )
    return made


def override(environment: Environment, access: Access, *, by: str, reason: str) -> Override:
    """Take down the decision to begin although the list before isn't complete.

    Raises:
        RollbackError: nobody is named, or no reason given.
    """
    name = _name(by)
    sentence = _sentence(reason, "Say why it can't wait; the reason lands in the record.")
    at = access.clock.now()
    made = Override(name, sentence, at, _expiry(environment, at))
    access.journal.record(
        Kind.DECISION,
        f"{_OVERRIDDEN}: {sentence}",
        checklist=environment.name,
        override=True,
        by=name,
        reason=sentence,
        expires_at=made.expires_at.isoformat(),
    )
    return made


def attestations(environment: Environment, entries: Iterable[Entry]) -> dict[Item, Attestation]:
    """The newest word of a person on each item of this environment, whether it still counts or not."""
    found: dict[Item, Attestation] = {}
    for entry in _of(environment, entries):
        item, detail = entry.detail.get("item"), entry.detail
        if isinstance(item, str) and item in set(Item):
            found[Item(item)] = Attestation(
                Item(item), str(detail.get("by")), str(detail.get("seen")), entry.at, _expires(entry)
            )
    return found


def overridden(environment: Environment, entries: Iterable[Entry]) -> Override | None:
    """The newest decision to begin nevertheless, whether it still counts or not."""
    found = None
    for entry in _of(environment, entries):
        if entry.detail.get("override") is True:
            found = Override(
                str(entry.detail.get("by")), str(entry.detail.get("reason")), entry.at, _expires(entry)
            )
    return found


def counts(word: Attestation | Override, now: datetime) -> bool:
    """Whether it still counts; what was said in the future was said by a wrong clock."""
    return word.at - timedelta(seconds=SKEW_SECONDS) <= now < word.expires_at


def _of(environment: Environment, entries: Iterable[Entry]) -> Iterable[Entry]:
    return (
        entry
        for entry in entries
        if entry.kind is Kind.DECISION and entry.detail.get("checklist") == environment.name
    )


def _expires(entry: Entry) -> datetime:
    """When it expires; where that can't be read it has never counted."""
    try:
        found = datetime.fromisoformat(str(entry.detail.get("expires_at")))
    except ValueError:
        return entry.at
    return found if found.tzinfo else entry.at


def _expiry(environment: Environment, at: datetime) -> datetime:
    return at + timedelta(seconds=environment.checklist.valid_seconds)


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or not any(c.isalpha() for c in name) or len(name) > LONGEST_NAME or not name.isprintable():
        raise RollbackError(
            f"{quoted(text)} is nobody's name.", remedy="Name the person who answers for it, in full."
        )
    return name


def _sentence(text: str, remedy: str) -> str:
    sentence = " ".join(text.split())
    if not any(c.isalnum() for c in sentence):
        raise RollbackError("Nothing was said.", remedy=remedy)
    if len(sentence) > LONGEST_SENTENCE:
        raise RollbackError(
            f"That is longer than {LONGEST_SENTENCE} characters.", remedy="Say it in a sentence or two."
        )
    return sentence

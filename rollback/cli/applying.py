"""`apply`: from the first look to the last word, with the list before and somebody's yes between them."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from rollback._text import quoted
from rollback.cli import asking, printing
from rollback.cli.codes import Mistyped
from rollback.errors import Refused, RollbackError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rollback.access import Access
    from rollback.checklist.model import Check, Checklist, Evidence, Item
    from rollback.cli.codes import Exit
    from rollback.cli.doing import Doing
    from rollback.cli.parameters import Asked
    from rollback.cli.ways import Way
    from rollback.notify import Notifier, Webhook
    from rollback.plan import Ended, Plan


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody vouches for on the command line."""

    item: Item
    seen: str


def said(asked: Asked) -> tuple[Said, ...]:
    """What is vouched for, read before anything else is done.

    Raises:
        Mistyped: it isn't ITEM=SENTENCE, or nobody is named.
        RollbackError: no list has such an item.
    """
    from rollback.checklist.attesting import item_named  # noqa: PLC0415 - pydantic, which --help need not import

    if (asked.attest or asked.override) and not asked.by:
        raise Mistyped(
            "Nobody is named who vouches for it or decides it.", remedy="Name them: --by 'Kim Okafor'."
        )
    found = []
    for word in asked.attest:
        item, equals, sentence = word.partition("=")
        if not equals:
            raise Mistyped(
                f"--attest {quoted(word)} is not ITEM=SENTENCE.",
                remedy="As --attest 'confirmed=Prices have been wrong since the deployment.'",
            )
        try:
            found.append(Said(item_named(item), sentence))
        except RollbackError as error:
            raise Mistyped(error.sentence, remedy=error.remedy) from None
    return tuple(found)


def planned(way: Way, doing: Doing) -> Plan:
    """Make the plan and show it.

    Raises:
        RollbackError: it can't be made.
    """
    with doing.screen.busy("Looking at everything that the plan needs"):
        made = way.plan(doing.place, doing.access, doing.asked.own)
    printing.plan(doing.screen, made)
    doing.told["plan"] = printing.plan_of(made, way.name)
    return made


def apply(way: Way, doing: Doing, words: tuple[Said, ...]) -> Exit:
    """Roll back, or say why not; returns the exit code.

    Raises:
        RollbackError: before anything was changed.
    """
    place, asked = doing.place, doing.asked
    doing.must_be_ready(way.seconds(place))
    plan = planned(way, doing)
    plan.must_be_applicable()
    gate = None if asked.drill else Gate.of(doing, words)
    if gate is not None:
        gate.look()
    where = f"{place.name} ({place.account}, {place.region})"
    asking.must_say_yes(place, asked, doing.screen, f"Apply this to {where}")

    from rollback import record  # noqa: PLC0415 - the ways back, which --help need not import

    def do() -> Ended:
        with doing.at_work(way.seconds(place)) as hands:
            if gate is None:
                return way.apply(place, hands, plan)
            gate.open(hands, plan)
            try:
                ended = way.apply(place, hands, plan)
                with suppress(RollbackError):
                    record.measure(place, hands)  # what users get now, for the report
                return ended
            finally:
                gate.notifier.settled(_PATIENCE)

    return doing.finish(do)


@dataclass
class Gate:
    """The list before, kept for whoever is at the keyboard.

    Attributes:
        doing: what is about to be done.
        webhook: where the team is told; None where it isn't.
        notifier: who tells it.
        listed: the list as it was looked at.
    """

    doing: Doing
    webhook: Webhook | None
    notifier: Notifier
    listed: Checklist | None = None

    @classmethod
    def of(cls, doing: Doing, words: tuple[Said, ...]) -> Gate:
        """The gate, with all that was vouched for on the command line.

        Raises:
            ConfigurationError: the webhook's variable holds no address.
            RollbackError: what was said can't be taken down.
        """
        from rollback import checklist, notify  # noqa: PLC0415 - the ways back, which --help need not import

        place, access, asked = doing.place, doing.access, doing.asked
        webhook = notify.webhook(place, os.environ)
        for word in words:
            checklist.attest(place, access, word.item, by=asked.by, seen=word.seen)
        if asked.override:
            checklist.override(place, access, by=asked.by, reason=asked.override)
        return cls(doing, webhook, notify.Notifier(place, access, webhook))

    def look(self) -> None:
        """Show how the list stands, and refuse what would be refused after the yes.

        Raises:
            Refused: items are missing, and nobody has overridden that.
        """
        from rollback import checklist, show  # noqa: PLC0415 - likewise
        from rollback.checklist.model import Evidence, Item, Shown  # noqa: PLC0415 - likewise

        more: dict[Item, Check] = {}
        if self.webhook is not None:
            # Until the yes it is a promise, which `open` keeps.
            told = f"The team is told by the webhook at {self.webhook.host} as soon as you say yes."
            more[Item.NOTIFIED] = lambda: Evidence(Shown.PROVEN, told)
        screen = self.doing.screen
        with screen.busy("Looking at the list before a rollback"):
            self.listed = self._before(more)
        show.print_checklist(self.listed, screen.out)
        screen.blank()
        self.doing.told["checklist"] = printing.checklist_of(self.listed)
        if self.listed.missing and self.listed.override is None:
            try:
                checklist.must_be_complete(self.doing.place, self.doing.access, self.listed)
            except Refused as error:
                raise Refused(
                    f"The list before is not complete: {_named(self.listed)}.", remedy=_HOW
                ) from error

    def open(self, hands: Access, plan: Plan) -> None:
        """Tell the team, and let it begin if they heard it, or somebody has vouched for that.

        Raises:
            Refused: the team could not be told.
            Outdated: too much time has passed since the list was looked at.
        """
        from rollback import checklist, record  # noqa: PLC0415 - likewise
        from rollback.checklist.model import Item  # noqa: PLC0415 - likewise
        from rollback.notify import Event  # noqa: PLC0415 - likewise

        if self.listed is None:
            raise AssertionError  # nobody opens what was not looked at
        listed = self.listed
        if self.webhook is not None:
            self.notifier.post(Event.BEGINS, f"A rollback begins. {plan.title}")
            known = {line.item: line.evidence for line in listed.lines if line.item is not Item.NOTIFIED}
            again = self._before({item: partial(_same, evidence) for item, evidence in known.items()})
            fresh = again.line(Item.NOTIFIED)
            lines = tuple(fresh if line.item is Item.NOTIFIED else line for line in listed.lines)
            listed = replace(listed, lines=lines)
        checklist.must_be_complete(self.doing.place, hands, listed)
        record.told(self.notifier, hands)

    def _before(self, more: Mapping[Item, Check]) -> Checklist:
        from rollback import checklist  # noqa: PLC0415 - likewise

        doing = self.doing
        blamed = doing.asked.change or str(doing.asked.own.get("what") or "")
        about = checklist.Before(change=blamed, notifier=self.notifier)
        return checklist.before(doing.place, doing.access, about, more=more)


_PATIENCE: Final = 5.0
"""How long the end of a command waits, in real seconds, for the team's webhook."""
_HOW: Final = (
    "Vouch for it with --attest ITEM=SENTENCE --by NAME, or begin nevertheless with --override REASON --by NAME. "
    "Nothing has been changed."
)


def _named(listed: Checklist) -> str:
    return ", ".join(
        f"{line.item.value} ({line.item.says[:1].lower()}{line.item.says[1:]})" for line in listed.missing
    )


def _same(evidence: Evidence) -> Evidence:
    return evidence

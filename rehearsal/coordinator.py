"""The one who keeps the lists before and after a rollback, and tells the team."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rehearsal.notes import asked_for
from rehearsal.world.channel import ADDRESS
from rollback import checklist, record
from rollback.checklist import Item
from rollback.journal import read
from rollback.notify import Event, Notifier, Webhook

if TYPE_CHECKING:
    from rehearsal.notes import Notes
    from rehearsal.operator import Operator
    from rehearsal.world.channel import Channel
    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.journal import Entry

KIM: Final = "Kim Okafor"
REASON: Final = "Orders are being lost every minute."
SEEN: Final = {
    Item.CONFIRMED: "Prices have been wrong since the deployment, and were right before.",
    Item.NOTIFIED: "I have called everybody on the list.",
    Item.CHANGE: "It is the commit that was deployed last.",
    Item.ACCESS: "I can see the service in the console.",
    Item.WORKS: "I have clicked through it.",
    Item.LOGS: "I have read them in the console.",
    Item.REPORT: "The report is in the wiki.",
    Item.POST_MORTEM: "We meet on Thursday.",
}
"""What they say of each item."""


class Coordinator:
    """Keeps the lists as a person would, lets others begin, and remembers what was found.

    Attributes:
        notifier: tells the team.
    """

    def __init__(self, environment: Environment, access: Access, notes: Notes, channel: Channel) -> None:
        self._environment = environment
        self._access = access
        self._notes = notes
        self._list: checklist.Checklist | None = None
        self._change = ""
        self.notifier = Notifier(
            environment,
            access,
            Webhook(ADDRESS),
            session=channel.session(),
            pause=lambda _: None,
        )

    @property
    def list(self) -> checklist.Checklist:
        """The list that was looked at last."""
        return asked_for(self._list, "looked at")

    @property
    def missing(self) -> tuple[str, ...]:
        """The items that it lacks, by their words."""
        return tuple(line.item.value for line in self.list.missing)

    def tell(self) -> None:
        """Tell the team that the rollback begins."""
        self.notifier.post(Event.BEGINS, "An emergency rollback begins.")

    def attest(self, word: str) -> None:
        """Vouch for an item."""
        item = checklist.item_named(word)
        checklist.attest(self._environment, self._access, item, by=KIM, seen=SEEN[item])

    def name_change(self, change: str) -> None:
        """Say which commit or pull request is to blame."""
        self._change = change

    def override(self) -> None:
        """Decide to begin nevertheless."""
        checklist.override(self._environment, self._access, by=KIM, reason=REASON)

    def look_before(self) -> None:
        """Look at the list before the rollback."""
        about = checklist.Before(change=self._change, notifier=self.notifier)
        self._list = checklist.before(self._environment, self._access, about)

    def keep_the_gate(self) -> None:
        """From now on, whoever is on call begins only when the list has just been found complete, or is overridden."""

        def gate() -> None:
            self.look_before()
            checklist.must_be_complete(self._environment, self._access, self.list)

        self._notes.gate = gate

    def begin(self, operator: Operator) -> None:
        """Have the service rolled back through the gate, and tell the team how it ended."""
        self.keep_the_gate()
        operator.roll_back()
        self.notifier.post(Event.ENDED, operator.result.sentence)

    def try_to_begin(self, operator: Operator) -> None:
        """Begin, or take the refusal down."""
        with self._notes.trying():
            self.begin(operator)

    def look_after(self, operator: Operator) -> None:
        """Look at the list after the rollback, which takes as long as the logs are watched."""
        plan, access = operator.plan, self._access
        service = asked_for(plan.service, "seen of the service")
        about = checklist.After(
            went_bad_at=asked_for(service.primary, "deployed").created_at,
            landed_at=access.clock.now(),
            version=plan.expected_version,
        )
        proofs = record.proofs(self._environment, access)
        self._list = checklist.after(self._environment, access, about, more=proofs)

    def decision(self) -> Entry:
        """What the journal says of the decision to begin."""
        entries = read(self._access.journal.path)
        return next(entry for entry in reversed(entries) if entry.detail.get("may_begin"))

    def settle(self) -> None:
        """Let every message arrive or be given up."""
        self.notifier.settled(30.0)

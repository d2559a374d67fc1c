"""When a rollback may begin, and who has said so."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import pytest

from rollback.checklist import (
    Evidence,
    Item,
    Phase,
    Shown,
    attest,
    attestations,
    item_named,
    items,
    look,
    must_be_complete,
    override,
)
from rollback.errors import AwsError, Outdated, Refused, RollbackError
from rollback.journal import Journal, Kind, read
from tests.rollback.builders import ENVIRONMENT

if TYPE_CHECKING:
    from pathlib import Path

    from rehearsal.clock import VirtualClock
    from rollback.access import Access
    from rollback.checklist import Check, Checklist

BEFORE = items(Phase.BEFORE)
VALID = ENVIRONMENT.checklist.valid_seconds


def shows(shown: Shown, seen: str = "So it is.") -> Check:
    return lambda: Evidence(shown, seen, "" if shown is Shown.PROVEN else "Do something about it.")


def listed(access: Access, *proven: Item, wrong: tuple[Item, ...] = ()) -> Checklist:
    """The list before, of which these items are proven, these proven wrong, and the others open."""
    checks = {item: shows(Shown.PROVEN if item in proven else Shown.OPEN) for item in BEFORE}
    checks |= {item: shows(Shown.CONTRADICTED) for item in wrong}
    return look(ENVIRONMENT, access, Phase.BEFORE, checks)


def vouch(access: Access, item: Item, by: str = "Kim Okafor") -> None:
    attest(ENVIRONMENT, access, item, by=by, seen="I have seen it on the dashboard.")


def begins(access: Access, checklist: Checklist) -> bool:
    """Whether the gate opens; that it did must be in the journal, and nowhere else."""
    try:
        must_be_complete(ENVIRONMENT, access, checklist)
    except (Refused, Outdated):
        assert not [e for e in read(access.journal.path) if e.detail.get("may_begin")]
        return False
    return bool([e for e in read(access.journal.path) if e.detail.get("may_begin")])


class TestTheGate:
    @pytest.mark.parametrize("there", list(product([True, False], repeat=len(BEFORE))))
    def test_opens_only_when_nothing_is_missing(self, access: Access, there: tuple[bool, ...]) -> None:
        proven = [item for item, is_there in zip(BEFORE, there, strict=True) if is_there]
        checklist = listed(access, *proven)
        assert begins(access, checklist) is all(there)
        assert [line.item for line in checklist.missing] == [i for i in BEFORE if i not in proven]

    @pytest.mark.parametrize("missing", BEFORE)
    def test_names_what_is_missing_and_what_to_do(self, access: Access, missing: Item) -> None:
        checklist = listed(access, *(item for item in BEFORE if item is not missing))
        with pytest.raises(Refused) as caught:
            must_be_complete(ENVIRONMENT, access, checklist)
        assert caught.value.sentence.startswith(
            f"1 of the 4 items of the checklist is missing. {missing.says}"
        )
        assert "Do something about it. Or override the list" in caught.value.remedy

    @pytest.mark.parametrize("item", BEFORE)
    def test_opens_when_a_person_vouches_for_what_cannot_be_proven(self, access: Access, item: Item) -> None:
        vouch(access, item)
        checklist = listed(access, *(other for other in BEFORE if other is not item))
        assert begins(access, checklist)
        assert checklist.line(item).by == "Kim Okafor"
        assert "(Kim Okafor, 2026-01-05 03:00:00 UTC)" in checklist.line(item).told

    def test_stays_shut_against_proof_of_the_contrary(self, access: Access) -> None:
        vouch(access, Item.ACCESS)
        checklist = listed(access, *BEFORE, wrong=(Item.ACCESS,))
        assert not begins(access, checklist)
        assert "doesn't count against that" in checklist.line(Item.ACCESS).told

    def test_a_check_that_cannot_look_leaves_its_item_to_people(self, access: Access) -> None:
        def fails() -> Evidence:
            raise AwsError("AWS is down.", operation="sts:GetCallerIdentity", code="503")

        checks = {item: shows(Shown.PROVEN) for item in BEFORE} | {Item.ACCESS: fails}
        assert "It could not be checked: AWS is down." in (
            look(ENVIRONMENT, access, Phase.BEFORE, checks).missing[0].told
        )
        vouch(access, Item.ACCESS)
        assert look(ENVIRONMENT, access, Phase.BEFORE, checks).complete

    def test_takes_no_list_of_another_environment_or_of_after(self, access: Access) -> None:
        complete = listed(access, *BEFORE)
        for other in (replace(complete, environment="other"), replace(complete, phase=Phase.AFTER)):
            with pytest.raises(RollbackError, match="Look at the list before a rollback of testing"):
                must_be_complete(ENVIRONMENT, access, other)


class TestTime:
    def test_a_word_expires(self, access: Access, clock: VirtualClock) -> None:
        vouch(access, Item.CHANGE)
        proven = [item for item in BEFORE if item is not Item.CHANGE]
        clock.sleep(VALID - 1)
        assert listed(access, *proven).complete
        clock.sleep(1)
        stale = listed(access, *proven)
        assert [line.item for line in stale.missing] == [Item.CHANGE]
        assert "What Kim Okafor attested at 2026-01-05 03:00:00 UTC has expired." in stale.missing[0].told

    def test_a_list_that_was_looked_at_too_long_ago_is_looked_at_again(
        self, access: Access, clock: VirtualClock
    ) -> None:
        checklist = listed(access, *BEFORE)
        clock.sleep(VALID)
        with pytest.raises(Outdated, match="Look at it again"):
            must_be_complete(ENVIRONMENT, access, checklist)

    def test_a_word_may_expire_between_the_look_and_the_gate(
        self, access: Access, clock: VirtualClock
    ) -> None:
        vouch(access, Item.CHANGE)
        clock.sleep(VALID - 10)
        checklist = listed(access, *(item for item in BEFORE if item is not Item.CHANGE))
        assert checklist.complete
        clock.sleep(11)
        assert not begins(access, checklist)

    def test_the_newest_word_counts(self, access: Access, clock: VirtualClock) -> None:
        vouch(access, Item.CHANGE)
        clock.sleep(VALID)
        vouch(access, Item.CHANGE, by="Sam Lee")
        checklist = listed(access, *(item for item in BEFORE if item is not Item.CHANGE))
        assert checklist.line(Item.CHANGE).by == "Sam Lee"

    def test_a_word_from_the_future_does_not_count(self, access: Access, clock: VirtualClock) -> None:
        access.journal.record(Kind.DECISION, "Attested: it.", checklist="testing", item="change", by="Kim Okafor",
                              seen="So it is.", expires_at="2026-01-05T04:00:00+00:00")  # fmt: skip
        access.journal.close()
        clock._start = clock._start.replace(hour=1)
        again = Journal.open(access.journal.path, clock)
        with again:
            assert (
                not look(ENVIRONMENT, replace(access, journal=again), Phase.BEFORE, {}).line(Item.CHANGE).done
            )

    def test_a_word_whose_end_cannot_be_read_does_not_count(self, access: Access) -> None:
        for until in ("soon", "2026-01-05T04:00:00"):
            access.journal.record(Kind.DECISION, "Attested: it.", checklist="testing", item="change", by="Kim",
                                  seen="So it is.", expires_at=until)  # fmt: skip
            assert not look(ENVIRONMENT, access, Phase.BEFORE, {}).line(Item.CHANGE).done


class TestOverriding:
    def test_opens_the_gate_and_leaves_name_reason_and_what_was_missing(
        self, access: Access, path: Path
    ) -> None:
        override(ENVIRONMENT, access, by="Kim Okafor", reason="Orders are being lost.")
        assert begins(access, listed(access, Item.ACCESS))
        entry = read(path)[-1]
        assert entry.what.endswith("as Kim Okafor has decided: Orders are being lost.")
        assert entry.detail["missing"] == ["confirmed", "notified", "change"]

    def test_is_not_needed_when_all_is_done(self, access: Access, path: Path) -> None:
        override(ENVIRONMENT, access, by="Kim Okafor", reason="Orders are being lost.")
        assert begins(access, listed(access, *BEFORE))
        assert "override" not in read(path)[-1].detail

    def test_expires(self, access: Access, clock: VirtualClock) -> None:
        override(ENVIRONMENT, access, by="Kim Okafor", reason="Orders are being lost.")
        clock.sleep(VALID)
        assert listed(access).override is None
        assert not begins(access, listed(access))

    def test_is_of_one_environment(self, access: Access) -> None:
        override(replace(ENVIRONMENT, name="other"), access, by="Kim Okafor", reason="Orders are being lost.")
        attest(replace(ENVIRONMENT, name="other"), access, Item.CHANGE, by="Kim", seen="It is #12.")
        assert not begins(access, listed(access))
        assert not attestations(ENVIRONMENT, read(access.journal.path))


class TestBadInput:
    @pytest.mark.parametrize("name", ["", "  ", "123", "x" * 101, "Kim\x1b[31m"])
    def test_only_a_name_vouches(self, access: Access, name: str) -> None:
        with pytest.raises(RollbackError, match="Name the person who answers for it"):
            attest(ENVIRONMENT, access, Item.CHANGE, by=name, seen="It is #12.")

    @pytest.mark.parametrize("reason", ["", " ", "...", "\n"])
    def test_only_a_reason_overrides(self, access: Access, path: Path, reason: str) -> None:
        with pytest.raises(RollbackError, match="the reason lands in the record"):
            override(ENVIRONMENT, access, by="Kim Okafor", reason=reason)
        assert read(path) == []

    def test_an_item_is_known_by_its_word(self) -> None:
        assert item_named(" Post-Mortem ") is Item.POST_MORTEM
        with pytest.raises(RollbackError, match='Did you mean "notified"'):
            item_named("notify")

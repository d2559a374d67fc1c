"""Which hosts a certificate covers, and certificates of more than one name."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from rollback.certificates import Certificate, Outcome, RecordState, apply, plan

if TYPE_CHECKING:
    from rehearsal.world.certificates import CertificateHouse
    from rollback.access import Access
    from rollback.environment import Environment

labels = st.from_regex(r"[a-z][a-z0-9]{0,5}", fullmatch=True)
domains = st.lists(labels, min_size=2, max_size=4).map(".".join)


def certificate(*names: str) -> Certificate:
    now = datetime(2026, 1, 5, tzinfo=UTC)
    return Certificate("arn", "ISSUED", names, (), now, now, "", (), imported=False)


@given(domain=domains, label=labels, other=labels)
def test_a_wildcard_stands_for_just_one_label(domain: str, label: str, other: str) -> None:
    wild = certificate(f"*.{domain}")
    assert wild.covers(f"{label}.{domain}")
    assert wild.covers(f"{label}.{domain}".upper())
    assert not wild.covers(domain)
    assert not wild.covers(f"{other}.{label}.{domain}")


@given(domain=domains, other=domains)
def test_a_name_stands_for_itself(domain: str, other: str) -> None:
    assert certificate("first.example", domain).covers(domain)
    assert certificate(domain).covers(other) is (domain == other)


def test_each_of_several_names_has_a_record_of_its_own(
    environment: Environment, access: Access, house: CertificateHouse
) -> None:
    host = environment.url.partition("://")[2]
    new = house.request(host, f"www.{host}")
    made = plan(environment, access, certificate=new)
    assert [each.state for each in made.records] == [RecordState.RIGHT, RecordState.MISSING]
    assert apply(environment, access, made).outcome is Outcome.SERVING
    assert house.served == new
    assert len(house.records()) == 2


def test_a_wildcard_and_its_domain_share_one_record(
    environment: Environment, access: Access, house: CertificateHouse
) -> None:
    host = environment.url.partition("://")[2]
    house.take_record()
    made = plan(environment, access, certificate=house.request(host, f"*.{host}"))
    assert len(made.to_write) == 1
    assert apply(environment, access, made).outcome is Outcome.SERVING

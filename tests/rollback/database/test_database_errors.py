"""What a database says that can't be worked with, by the very words of libpq, psycopg and SQLite."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollback.database.address import Place, parse, place_of
from rollback.database.errors import DatabaseError, refused, said_by

PLACE = Place("shop.c1a2b3.eu-central-1.rds.amazonaws.com", 5432, "shop", "clerk")
AT = 'connection to server at "10.0.0.7", port 5432 failed: '
SAID = {
    f'{AT}FATAL:  password authentication failed for user "clerk"': "the password is not the right one",
    f"{AT}fe_sendauth: no password supplied": "the password is not the right one",
    f'{AT}FATAL:  no pg_hba.conf entry for host "10.1.1.1", user "clerk", database "shop", no encryption': "or not without TLS",
    f'{AT}FATAL:  role "clerk" is not permitted to log in': "nobody of this name may log in",
    f'{AT}FATAL:  database "shop" does not exist': 'has no database "shop"',
    f"{AT}FATAL:  sorry, too many clients already": "no connection left",
    f"{AT}FATAL:  remaining connection slots are reserved for rds_superuser": "no connection left",
    f"{AT}FATAL:  the database system is starting up": "only just starting",
    "failed to resolve host 'shop': [Errno -2] Name or service not known": "leads nowhere",
    f"{AT}Connection refused\n\tIs the server running on that host?": "it refuses connections",
    "connection timeout expired": "it doesn't answer",
    f"{AT}Connection timed out": "it doesn't answer",
    f"{AT}SSL error: certificate verify failed": "don't agree on TLS",
    f"{AT}server does not support SSL, but SSL was required": "don't agree on TLS",
    'invalid connection option "schema"': "that PostgreSQL doesn't know",
    "unable to open database file": "isn't there",
    "server closed the connection unexpectedly": "the connection has failed (OperationalError)",
}


class OperationalError(Exception):
    """As a driver's, without a code, since nothing was answered."""


@pytest.mark.parametrize("words", SAID)
def test_each_has_a_sentence_and_a_remedy(words: str) -> None:
    found = refused(PLACE, OperationalError(words))
    assert SAID[words] in found.sentence
    assert found.sentence.startswith(("The database at shop.c1", "The address of", "The name of"))
    assert found.sentence.endswith(".")
    assert found.remedy.endswith(".")


def test_pg_dump_is_understood_as_well() -> None:
    found = said_by(PLACE, "pg_dump", f'pg_dump: error: {AT}FATAL:  database "shop" does not exist\n')
    assert 'has no database "shop"' in found.sentence
    found = said_by(PLACE, "pg_dump", "pg_dump: error: query failed: ERROR:  permission denied for table x\n")
    assert "permission denied for table x" in found.sentence


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "can't be read"),
        ("clerk at the shop", "can't be read"),
        ("postgresql://clerk:x@shop:port/shop", "can't be read"),
        ("mysql://clerk:x@shop/shop", "of a kind that can't be opened"),
        ("postgresql://clerk:x@shop:5432", "names no database"),
    ],
)
def test_what_is_no_address_is_refused(address: str, said: str) -> None:
    with pytest.raises(DatabaseError, match=said) as caught:
        parse(address)
    assert caught.value.remedy


@pytest.mark.parametrize(
    "scheme", ["postgresql", "postgres", "postgresql+psycopg2", "postgresql+asyncpg", "postgresql+psycopg"]
)
def test_whatever_driver_the_application_has_ours_is_taken(scheme: str) -> None:
    assert parse(f"{scheme}://clerk:x@shop/shop").drivername == "postgresql+psycopg"


def test_an_address_without_a_host_is_one_of_this_machine_and_no_file() -> None:
    assert str(place_of(parse("postgresql:///shop"))) == "the database at localhost"
    assert str(place_of(parse("sqlite:///shop.db"))) == "the database in the file shop.db"


@settings(max_examples=30)
@given(st.text(min_size=8))
def test_an_address_that_is_refused_is_not_repeated(secret: str) -> None:
    """Whatever stands in it: a password that was not encoded may have ended up anywhere."""
    shown = ""
    try:
        parse(f"postgresql://clerk:{secret}@shop/shop")
    except DatabaseError as error:
        shown = str(error) + repr(error.__context__)
    assert secret not in shown

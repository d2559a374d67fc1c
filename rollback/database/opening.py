"""The hands on the application's database itself: what opens it, and what makes a place beside it for a trial."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from sqlalchemy import Engine


class Databases(Protocol):
    """Opens databases by the address that the application was given.

    An address holds a password: it is repeated in no error, repr or journal.
    """

    def opened(self, url: str) -> AbstractContextManager[Engine]:
        """The database at `url`, for reading only.

        Raises:
            DatabaseError: it can't be reached, or doesn't let us in.
        """
        ...

    def empty(self, url: str) -> AbstractContextManager[Engine]:
        """A new, empty database of the same kind, beside the one at `url`; it is gone afterwards.

        Raises:
            DatabaseError: none can be made.
        """
        ...

    def copied(self, url: str) -> AbstractContextManager[Engine]:
        """A copy of the database at `url`, its rows with it, in which anything may be tried; it is gone afterwards.

        Raises:
            DatabaseError: none can be made.
        """
        ...

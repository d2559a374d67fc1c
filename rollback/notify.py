"""Telling the team by a webhook, in Slack's format; whatever becomes of it, the rollback goes on.

Messages go out from a thread of their own, which has nothing to do with the clock, the journal or the doors of the
rollback. What became of them is written into the journal when somebody asks, by whoever asks.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from rollback._text import printable
from rollback.errors import ConfigurationError, RollbackError
from rollback.journal import Kind, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.journal import Entry

TIMEOUT_SECONDS: Final = 5.0
PAUSES: Final = (1.0, 4.0, 10.0)
"""The seconds between one try and the next; so there are four."""
LONGEST_PAUSE: Final = 30.0
_UNKNOWN: Final = (
    "Whether the team was told is not known, and a second message would read like a second rollback:"
)
_LONGEST_TEXT: Final = 3000
"""Slack shows no more than this in one block."""


class Event(StrEnum):
    """What the team is told of, once each."""

    BEGINS = "begins"
    ENDED = "ended"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a message.

    Attributes:
        event: what it tells of.
        delivered: whether the receiver has taken it.
        told: how it went; a sentence without the webhook's address.
    """

    event: Event
    delivered: bool
    told: str


class Webhook:
    """The address of a webhook, which is itself the secret: it is seen in no repr, no error and no journal."""

    __slots__ = ("_url", "host")

    def __init__(self, url: str) -> None:
        """Take an address.

        Raises:
            ConfigurationError: it is none of a webhook; the sentence doesn't repeat it.
        """
        try:
            parts = urlsplit(url.strip())
            host = parts.hostname or ""
            sound = parts.port != 0
        except ValueError:
            host, sound, parts = "", False, urlsplit("")
        if parts.scheme not in {"http", "https"} or not host or not sound or not url.isprintable():
            raise ConfigurationError(
                "The address of the webhook can't be used; it isn't shown, since it is a secret.",
                remedy="Set it to the whole https address that Slack shows for the incoming webhook.",
            )
        self._url = url.strip()
        self.host = host

    def __repr__(self) -> str:
        return f"Webhook({self.host}, ***)"

    def send(self, session: requests.Session, text: str) -> requests.Response:
        """Send `text` once."""
        # A redirect would carry the message to somebody else.
        return session.post(self._url, json={"text": text}, timeout=TIMEOUT_SECONDS, allow_redirects=False)


def webhook(environment: Environment, variables: Mapping[str, str]) -> Webhook | None:
    """The environment's webhook, where its variable is set.

    Raises:
        ConfigurationError: what the variable holds is no address.
    """
    name = environment.checklist.webhook_variable
    url = variables.get(name, "").strip() if name else ""
    return Webhook(url) if url else None


class Notifier:
    """Tells the team of each event once. None of its methods raises, and none but `settled` waits.

    Args:
        environment: the place.
        access: the hands, of which only the journal is used; nothing is sent by those that only look.
        webhook: where to; None where there is none.
        session: what sends; it belongs to the notifier.
        pause: lets the sender wait, in real seconds.
    """

    def __init__(
        self,
        environment: Environment,
        access: Access,
        webhook: Webhook | None,
        *,
        session: requests.Session | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._environment = environment
        self._journal = access.journal
        self._only_looks = access.only_looks
        self._webhook = webhook
        self._session = session or _quiet()
        self._pause = pause
        self._news: deque[Delivery] = deque()
        self._open = 0
        self._changed = threading.Condition()
        self._known: set[Event] = set()
        with suppress(RollbackError):
            self._known = {Event(name) for name in _told(environment, read(access.journal.path))}

    def post(self, event: Event, sentence: str) -> None:
        """Have the team told of `event`, unless it was; returns at once."""
        if event in self._known:
            return
        self._known.add(event)
        if self._only_looks:
            self._note(Delivery(event, delivered=False, told="The team was not told: these hands only look."))
            return
        if self._webhook is None:
            name = self._environment.checklist.webhook_variable
            why = f"{name} is not set" if name else f"{self._environment.name} has no webhook"
            self._note(Delivery(event, delivered=False, told=f"The team was not told: {why}."))
            return
        with suppress(RollbackError):
            self._journal.record(
                Kind.REQUEST, f"POST to the webhook at {self._webhook.host}", notified=event.value
            )
        text = f"[{self._environment.name}] {self._environment.service}: {sentence}"
        with self._changed:
            self._open += 1
        try:
            threading.Thread(
                target=self._deliver, args=(self._webhook, event, escaped(text)), name="notify", daemon=True
            ).start()
        except RuntimeError:
            self._over(
                Delivery(event, delivered=False, told="The team was not told: no thread could be started.")
            )
        self.collect()

    def collect(self) -> None:
        """Write into the journal what has become of messages since."""
        with self._changed:
            news, self._news = self._news, deque()
        for delivery in news:
            self._note(delivery)

    def settled(self, seconds: float) -> bool:
        """Wait until every message has been delivered or given up, at most so many real seconds.

        Not for the time of a rollback: for before it, and for the end of the program.
        """
        with self._changed:
            done = self._changed.wait_for(lambda: not self._open, timeout=seconds)
        self.collect()
        return done

    def _note(self, delivery: Delivery) -> None:
        with suppress(RollbackError):
            self._journal.record(
                Kind.OBSERVATION,
                delivery.told,
                environment=self._environment.name,
                notified=delivery.event.value,
                delivered=delivery.delivered,
            )

    def _deliver(self, to: Webhook, event: Event, text: str) -> None:
        """Runs in the thread, and touches nothing of the rollback's."""
        told = "The team was not told: the sender failed."
        delivered = False
        try:
            delivered, told = _sent(self._session, to, text, self._pause)
        except Exception as error:  # noqa: BLE001 - whatever it is, it ends here
            told = f"The team was not told: {type(error).__name__}."
        finally:
            self._over(Delivery(event, delivered, told))

    def _over(self, delivery: Delivery) -> None:
        with self._changed:
            self._news.append(delivery)
            self._open -= 1
            self._changed.notify_all()


def delivered(environment: Environment, entries: Iterable[Entry], event: Event) -> Entry | None:
    """The entry that says that the team was told of `event`, by the journal."""
    found = None
    for entry in entries:
        mine = entry.detail.get("environment") == environment.name
        if mine and entry.detail.get("notified") == event.value and entry.detail.get("delivered") is True:
            found = entry
    return found


def escaped(text: str) -> str:
    """`text` as Slack shows it to the letter ("Formatting text for app surfaces": only these three are escaped)."""
    plain = printable(text)[:_LONGEST_TEXT]
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _told(environment: Environment, entries: Iterable[Entry]) -> set[str]:
    """The events of which the team was surely told; of what isn't known it is told again by who goes on."""
    return {
        str(entry.detail["notified"])
        for entry in entries
        if "notified" in entry.detail
        and entry.kind is Kind.OBSERVATION
        and entry.detail.get("environment") == environment.name
        and entry.detail.get("delivered") is True
    }


def _sent(
    session: requests.Session, to: Webhook, text: str, pause: Callable[[float], None]
) -> tuple[bool, str]:
    """Send it, again where the receiver has surely not taken it; returns whether it has, and how it went."""
    why, wait = "", 0.0
    for pauses in (*PAUSES, None):
        try:
            answer = to.send(session, text)
        except requests.ConnectionError as error:
            if not _never_sent(error):
                return False, f"{_UNKNOWN} {to.host} let the line go without an answer."
            why, wait = f"{to.host} can't be reached ({type(error).__name__})", 0.0
        except requests.Timeout:
            return False, f"{_UNKNOWN} {to.host} took the message and did not answer."
        except requests.RequestException as error:
            return False, f"The team was not told: {type(error).__name__}."
        else:
            if answer.ok and not answer.is_redirect:
                return True, f"The team was told by the webhook at {to.host}."
            why, wait = f"{to.host} answers {answer.status_code}", _asked_to_wait(answer)
            if answer.status_code < 500 and answer.status_code != requests.codes.too_many:  # noqa: PLR2004
                break
        if pauses is not None:
            pause(max(pauses, wait))
    return False, f"The team was not told: {why}. Tell them by telephone."


def _never_sent(error: requests.ConnectionError) -> bool:
    """Whether it failed before there was a line: it couldn't be made, or wasn't trusted."""
    if isinstance(
        error, requests.ConnectTimeout | requests.exceptions.SSLError | requests.exceptions.ProxyError
    ):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)


def _asked_to_wait(answer: requests.Response) -> float:
    """The seconds of a Retry-After header (Slack's rate limits), within reason."""
    text = answer.headers.get("Retry-After", "")
    return min(float(text), LONGEST_PAUSE) if text.isdecimal() else 0.0


def _quiet() -> requests.Session:
    """A session that looks for no password of this machine; proxies it keeps."""
    session = requests.Session()
    session.auth = _no_auth
    return session


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request

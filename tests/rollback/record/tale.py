"""Journals of one's own choice, entry by entry."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from rollback.journal import Entry, Kind
from tests.rollback.builders import ENVIRONMENT, NOON

if TYPE_CHECKING:
    from rollback.journal import Json

URL = f"GET {ENVIRONMENT.url}/version"
UPDATE = "ecs:UpdateService"


class Tale:
    """Entries that follow one another, from noon on."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.now = NOON

    def add(self, kind: Kind, what: str, /, **detail: Json) -> Tale:
        self.entries.append(Entry(len(self.entries) + 1, self.now, kind, what, detail))
        return self

    def wait(self, minutes: float) -> Tale:
        self.now += timedelta(minutes=minutes)
        return self

    def answers(self, *statuses: int | None) -> Tale:
        """Answers of the application; None where none came."""
        for status in statuses:
            detail: dict[str, Any] = {"failed": "ConnectTimeout"} if status is None else {"status": status}
            self.add(Kind.RESPONSE, URL, **detail)
        return self

    def planned(self, way: str = "ecs", *, deployed: datetime | None = None, **more: Any) -> Tale:
        detail: dict[str, Any] = {
            "environment": ENVIRONMENT.name,
            "way": way,
            "asked": {"to": "", "register_copy": False},
            "findings": [{"check": "account", "severity": "ok", "seen": "arn:aws:iam::1:user/kim in x."}],
            "commands": ["aws ecs update-service"],
            "deployed_at": deployed.isoformat() if deployed else "",
        }
        return self.add(Kind.PLAN, "Roll service-test back from app:42 to app:41.", **{**detail, **more})

    def saved(self, way: str = "ecs", **more: Any) -> Tale:
        detail: dict[str, Any] = {
            "environment": ENVIRONMENT.name,
            "service": ENVIRONMENT.service,
            "way": way,
            "revision": "app:42",
            "target": "app:41",
        }
        return self.add(Kind.SAVED, "service-test runs app:42 (2 tasks)", **{**detail, **more})

    def asked(self, what: str = UPDATE) -> Tale:
        return self.add(Kind.CALL, what, parameters={"taskDefinition": "app:41"})

    def answered(self, what: str = UPDATE) -> Tale:
        return self.add(Kind.ANSWER, what, status=200, seconds=0.1)

    def ended(
        self, *, landed: bool = True, way: str = "ecs", told: str = "Rolled back.", **more: Any
    ) -> Tale:
        return self.add(Kind.OUTCOME, told, landed=landed, way=way, outcome="rolled back", **more)

    def rolled_back(self, minutes: float = 3) -> Tale:
        """A whole rollback that lands."""
        return self.planned().saved().asked().answered().wait(minutes).ended()

"""What the world is told when it asks for a name: the stage's DNS, made of the Route 53 of an account.

Source: Amazon Route 53 Developer Guide, "How internet traffic is routed": only a zone that the level above delegates
to is asked, and of several the most specific one. A private hosted zone answers nobody outside its VPCs.
"""

from __future__ import annotations

from typing import Any

from rehearsal.aws.moto_parts import get_backend


class Names:
    """The zones of one account that the internet is led to.

    Attributes:
        delegated: the ids of the zones whose name servers the level above names.
    """

    def __init__(self, account: str) -> None:
        self._account = account
        self.delegated: set[str] = set()

    def delegate(self, name: str, zone_id: str) -> None:
        """Have the level above lead to the newest public zone called `name`, and give that zone the id `zone_id`.

        Route 53 chooses ids itself; a stage's must be the one that the environment names.
        """
        zones = self._zones()
        zone = next(each for each in reversed(zones.values()) if each.name == _dotted(name))
        del zones[zone.resource_id]
        zone.resource_id = zone_id
        zones[zone_id] = zone
        self.delegated.add(zone_id)

    def cname(self, name: str) -> str | None:
        """Where a CNAME record leads from `name`, as anybody on the internet is told; None where there is none."""
        wanted = _dotted(name)
        zones = [
            zone
            for zone in self._zones().values()
            if zone.resource_id in self.delegated
            and not _private(zone)
            and (wanted == zone.name or wanted.endswith(f".{zone.name}"))
        ]
        if not zones:
            return None
        for record in max(zones, key=lambda zone: len(zone.name)).rrsets:
            if record.type == "CNAME" and _dotted(record.name) == wanted and record.records:
                return _dotted(_value(record.records[0]))
        return None

    def _zones(self) -> dict[str, Any]:
        zones: dict[str, Any] = get_backend("route53")[self._account]["aws"].zones
        return zones


def _private(zone: Any) -> bool:
    return zone.private_zone in {True, "true"}


def _value(record: Any) -> str:
    return str(record["Value"] if isinstance(record, dict) else record)


def _dotted(name: str) -> str:
    """A name in lower case and with its last dot, as names are compared."""
    return f"{name.lower().removesuffix('.')}."

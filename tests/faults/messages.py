"""One message as a partner's own client sends it."""

from dataclasses import dataclass

PARTNERS = ("stadt-gelsenkirchen", "universitaet-wuppertal", "lernwerkstatt-rotthausen")
PUBLISHED = "de.lernende-stadt.event.published.v1"
CANCELLED = "de.lernende-stadt.event.cancelled.v1"
WITHDRAWN = "de.lernende-stadt.event.withdrawn.v1"


@dataclass(frozen=True, slots=True)
class Sending:
    """One message of one partner. ``rule``: by which rule the door must refuse it, empty where it must not.

    Its number is in a header that the hub does not know, so that it can be recognised whatever else is wrong with it.
    """

    number: int
    partner: str
    key: bytes
    value: bytes
    kind: str = PUBLISHED
    rule: str = ""
    spoilt: tuple[tuple[str, bytes], ...] = ()  # headers in the place of the right ones

    def headers(self) -> dict[str, bytes]:
        """Return its headers."""
        return {
            "ce_specversion": b"1.0",
            "ce_type": self.kind.encode(),
            "ce_id": f"{self.partner}-{self.number}".encode(),
            "ce_time": b"2026-10-01T08:00:00Z",
            "number": str(self.number).encode(),
            **dict(self.spoilt),
        }

"""A partner's system that tells who wants to take part in what, each entry one request."""

from dataclasses import dataclass, field
from datetime import datetime

from contracts.enrolment import EnrolmentRequested
from contracts.event import EventPublished
from flows.connector import Draft, Item, Mapped, Reading, Refused
from tests.flows.partner import NO_DATE, PARTNER

NAME = "Erika Kanarien"


def requested(number: object, phone: str = "1", partner: str = PARTNER) -> EnrolmentRequested:
    """A request for a place, with its human."""
    body = {"enrolment_id": f"{partner}:a-{number}", "offering_id": f"{partner}:kurs", "revision": 1}
    person = {"person_id": f"p-{number}", "name": NAME, "phone": phone}
    return EnrolmentRequested.model_validate({**body, "person": person})


@dataclass
class Requests:
    """Entries by name: a fact, or a place that is refused. As `Source`."""

    entries: dict[str, EnrolmentRequested | EventPublished | str] = field(default_factory=dict)
    ranks: dict[str, int] = field(default_factory=dict)
    broken: tuple[str, ...] = ()  # entries of which a part is refused, too

    async def read(self, _: str | None) -> Reading:
        """All of them, of which a dead letter may keep the fingerprint alone."""
        items = tuple(Item(name, NAME.encode(), kept=b"fingerprint") for name in self.entries)
        return Reading(items, complete=True)

    def map(self, item: Item, _: datetime) -> Mapped:
        """Translate one."""
        entry = self.entries[item.source_id]
        if isinstance(entry, str):
            return Mapped(refused=(Refused(item.source_id, entry, NO_DATE),))
        print_ = f"keyed {hash(entry.payload())}" if isinstance(entry, EnrolmentRequested) else ""
        rank = (self.ranks.get(item.source_id, 0),)
        refused = (Refused(item.source_id, "line 9", NO_DATE),) if item.source_id in self.broken else ()
        return Mapped((Draft(entry, item.source_id, rank=rank, fingerprint=print_),), refused)

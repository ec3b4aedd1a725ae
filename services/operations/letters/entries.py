"""Entries of partners' systems that are refused now, and what their own names are."""

from dataclasses import dataclass
from datetime import datetime

from contracts.dead_letter import DeadLetter, entry_of
from services.operations import database
from services.operations.terminal import shown
from services.runtime.settings import Settings

_REFUSED = """
select partner, source_id, place, reason, since from sync.refusal
where $1::text is null or partner = $1 order by since desc, partner, source_id, place"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One place of an entry that is refused. ``name``: a file's name or a resource's path, maybe a person's."""

    partner: str
    name: str
    place: str
    reason: str
    since: datetime

    def row(self, *, named: bool) -> dict[str, object]:
        """The cells of a listing; its own name only where somebody asked for it."""
        return {
            "since": self.since,
            "partner": self.partner,
            "entry": entry_of(self.name),
            "place": self.place,
            "expected": self.reason,
            **({"source": shown(self.name)} if named else {}),
        }


async def refused(settings: Settings, partner: str | None = None) -> list[Entry]:
    """Return what is refused now, the latest first.

    Raises:
        AwayError: PostgreSQL does not answer.
    """
    return [Entry(*row.values()) for row in await database.ask(settings, _REFUSED, partner)]


async def source_of(settings: Settings, letter: DeadLetter) -> str | None:
    """Return the name of the entry that a dead letter is about; None where it is refused no longer.

    Raises:
        AwayError: PostgreSQL does not answer.
    """
    wanted = letter.topic.partition("@")[0]
    found = (entry.name for entry in await refused(settings, letter.partner) if entry_of(entry.name) == wanted)
    name = next(found, None)
    return None if name is None else shown(name)

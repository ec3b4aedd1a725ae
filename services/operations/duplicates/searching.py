"""Looking for events that two partners tell: bounded, so that no partner's flood keeps operators waiting."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

from services.operations import database
from services.operations.duplicates import linking
from services.operations.duplicates.linking import Link
from services.operations.duplicates.told import Told, read_told, teller
from services.runtime.settings import Settings

# As the events service marks its events; the sign behind the colon ends a kind.
_SAME = ("same:", "same;")
_NEAR = ("near:{:%Y-%m-%d}", "near;")
_BACK = timedelta(days=90)
"""How long ago a candidate may have begun: a series of a term is still worth a question, the past is not."""

_MARKS = 1_000  # of each kind: nobody reads more rows, and all of it stays within a second
_COMPARISONS = 10_000


@dataclass(frozen=True, slots=True)
class Found:
    """The links, the certain ones first; not ``complete`` where a bound was reached."""

    links: list[Link]
    complete: bool


async def duplicates(settings: Settings, partner: str | None, now: datetime | None = None) -> Found:
    """Find what two partners tell, or this partner and another one.

    Raises:
        AwayError: PostgreSQL does not answer.
    """
    since = (now or datetime.now(UTC)) - _BACK
    same = await database.sharing(settings, _SAME, partner, _MARKS)
    near = await database.sharing(settings, (_NEAR[0].format(since), _NEAR[1]), partner, _MARKS)
    named = {pair: names for pair, names in linking.identified(same).items() if _about(partner, pair)}
    pairs = (pair for pair in linking.near(near) if pair not in named and _about(partner, pair))
    close = list(islice(pairs, _COMPARISONS))
    told = await _told(settings, {event for pair in (*named, *close) for event in pair})
    complete = max(len(same), len(near)) < _MARKS and len(close) < _COMPARISONS
    return Found(linking.certain(named, told) + linking.likely(close, told), complete)


def _about(partner: str | None, pair: tuple[str, str]) -> bool:
    return partner is None or partner in map(teller, pair)


async def _told(settings: Settings, events: Collection[str]) -> dict[str, Told]:
    read = (read_told(event, body) for event, body in (await database.bodies(settings, events)).items())
    return {told.event: told for told in read if told}

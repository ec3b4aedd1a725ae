"""Reading a calendar: by sync token where the server has one, by ETags where it has not."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Self

from contracts.agreement import Agreement
from flows.connector import Item, Mapped, Reading, SourceUnusableError
from flows.connectors.caldav.access import Access
from flows.connectors.caldav.client import CalendarClient
from flows.connectors.caldav.cursor import Cursor
from flows.connectors.caldav.mapping import mapped
from flows.connectors.caldav.sync_report import TokenRefusedError
from flows.icalendar.context import Context
from services.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class _Look:
    """What to fetch, what the server calls gone, and the ETags of all that is there."""

    wanted: frozenset[str]
    gone: frozenset[str]
    etags: Mapping[str, str | None]
    token: str | None
    complete: bool


class CalDavSource:
    """The calendar of one partner, as a source."""

    def __init__(self, access: Access, context: Context) -> None:
        """Name the calendar; nothing is asked."""
        self._access, self._context = access, context

    @classmethod
    def of(cls, agreement: Agreement, settings: Settings) -> Self:
        """Make it for one partner; errors as of `Access.of`."""
        return cls(Access.of(agreement, settings), Context.of(agreement))

    async def read(self, cursor: str | None) -> Reading:
        """Look once; see :class:`flows.connector.Source`.

        Only what changed since ``cursor``; everything where there is none or the server has forgotten it. What the
        server calls gone, or a list no longer names, is asked for once more, by its own GET, before it counts as gone.
        """
        known, day = Cursor.parse(cursor), f"{datetime.now(UTC):%Y-%m-%d}"
        async with self._access.opened() as client:
            look = await _look(client, known, day)
            fetched = await client.fetch(look.wanted)
            alive = [item for path in sorted(look.gone) if (item := await client.get(path)) is not None]
        items, unreadable = [*fetched.items, *alive], set(fetched.unreadable)
        vanished = (look.wanted | look.gone) - {item.source_id for item in items} - unreadable
        etags = {path: etag for path, etag in look.etags.items() if path not in vanished | unreadable}
        etags |= {item.source_id: item.etag for item in items}
        # Without its token the server is asked for ETags next time, and what could not be read is then tried again.
        token = None if unreadable else look.token
        return Reading(
            items=tuple(items),
            complete=look.complete,
            gone=() if look.complete else tuple(sorted(path for path in vanished if known and path in known.etags)),
            cursor=str(Cursor(token, etags, day if look.complete or known is None else known.day)),
            unreadable=tuple(sorted(unreadable)),
        )

    def afresh(self, cursor: str | None) -> str | None:
        """Keep what is known, so that what a list lacks is asked for by itself."""
        known = Cursor.parse(cursor)
        return None if known is None else str(replace(known, day=""))

    def map(self, item: Item, now: datetime) -> Mapped:
        """Translate one resource; see :class:`flows.connector.Source`."""
        return mapped(item, self._context, now)


async def _look(client: CalendarClient, known: Cursor | None, day: str) -> _Look:
    if known is None or known.day != day:
        return await _everything(client, known)
    if known.token is None:
        return await _compared(client, known)
    try:
        return await _since(client, known.token, known)
    except TokenRefusedError:
        return await _everything(client, known)


async def _since(client: CalendarClient, token: str, known: Cursor) -> _Look:
    changes = await client.changes(token)
    wanted = {path for path, etag in changes.changed.items() if etag is None or known.etags.get(path) != etag}
    gone = changes.gone & known.etags.keys()
    return _Look(frozenset(wanted), frozenset(gone), {**known.etags, **changes.changed}, changes.token, complete=False)


async def _compared(client: CalendarClient, known: Cursor) -> _Look:
    etags = await client.etags()
    _doubt_empty(etags, known)
    wanted = {path for path, etag in etags.items() if etag is None or known.etags.get(path) != etag}
    return _Look(frozenset(wanted), frozenset(known.etags.keys() - etags.keys()), etags, None, complete=False)


async def _everything(client: CalendarClient, known: Cursor | None) -> _Look:
    try:
        changes = await client.changes("")
    except TokenRefusedError:
        etags, token = await client.etags(), None
    else:
        etags, token = dict(changes.changed), changes.token
    _doubt_empty(etags, known)
    # Even a whole list may lack what is there: what was known is asked for by itself before it counts as absent.
    missing = frozenset(known.etags.keys() - etags.keys()) if known else frozenset()
    return _Look(frozenset(etags), missing, etags, token, complete=True)


def _doubt_empty(etags: Mapping[str, str | None], known: Cursor | None) -> None:
    if known is not None and known.etags and not etags:
        raise SourceUnusableError(
            f"expected some of the {len(known.etags)} entries known, came an empty calendar; if it was emptied on "
            "purpose, run 'hub pull' with --accept-shrinkage: once to see what is then held, once more to accept it"
        )

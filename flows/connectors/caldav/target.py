"""Writing a calendar: one resource an event, guarded by ETags; what others added there is kept."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Self

from contracts.agreement import Agreement
from contracts.event import EventCancelled, EventPublished
from flows.connector import EventFact, Item, Receipt, TargetRefusedError
from flows.connectors.caldav.access import Access
from flows.connectors.caldav.client import CalendarClient
from flows.connectors.caldav.exchange import Answer
from flows.connectors.caldav.mapping import mapped
from flows.connectors.caldav.refusals import CHANGED, check
from flows.icalendar.content import rendered
from flows.icalendar.context import Context
from flows.icalendar.errors import CalendarUnreadableError
from flows.icalendar.identity import resource_name
from flows.icalendar.merging import merge, parsed
from flows.icalendar.writing import cancel, write
from flows.ledger.known import content_hash
from flows.wording import expected
from services.runtime.settings import Settings

_TRIES = 2
_MISSING = {404, 410}


class CalDavTarget:
    """The calendar of one partner, as a target."""

    def __init__(self, access: Access, context: Context) -> None:
        """Name the calendar; nothing is asked before the first fact."""
        self._access, self._context = access, context
        self._open = AsyncExitStack()
        self._client: CalendarClient | None = None

    @classmethod
    def of(cls, agreement: Agreement, settings: Settings) -> Self:
        """Make it for one partner; errors as of `Access.of`."""
        return cls(Access.of(agreement, settings), Context.of(agreement))

    async def write(self, fact: EventFact, receipt: Receipt | None, fact_id: str) -> Receipt | None:
        """Bring one fact into the calendar; see :class:`flows.connector.Target`.

        A resource that changed between our reading and our writing is read and merged once more; then the next run has
        to try. An entry that somebody deleted there is written again: the owner's calendar decides, not the reader's.
        """
        if receipt is not None and receipt.revision >= fact.revision:
            return receipt
        client = await self._connected()
        known = receipt is not None and receipt.target_id.startswith(client.path)
        path = receipt.target_id if receipt and known else client.path + resource_name(fact.subject)
        for _ in range(_TRIES):
            existing = await client.get(path)
            if existing is not None and not known:
                self._check_ours(existing, fact.subject)
            raw = _document(fact, existing)
            answer = await _sent(client, path, raw, existing)
            if answer is None:
                return None
            check(answer)
            if answer.status != CHANGED:
                return await self._receipt(client, answer, Item(path, raw), fact, fact_id) if raw else None
        raise ConnectionError(
            "expected to write over the version just read, came a newer one twice; trying again later"
        )

    async def close(self) -> None:
        """Close the connection; the next fact opens another."""
        self._client = None
        await self._open.aclose()

    async def _connected(self) -> CalendarClient:
        if self._client is None:
            self._client = await self._open.enter_async_context(self._access.opened())
        return self._client

    def _check_ours(self, existing: Item, event_id: str) -> None:
        """Without a receipt only what carries the event's own id is ours: written just before we were interrupted."""
        drafts = mapped(existing, self._context, datetime.now(UTC)).drafts
        if not any(draft.origin == event_id for draft in drafts):
            raise TargetRefusedError(expected("name-free"))

    async def _receipt(
        self, client: CalendarClient, answer: Answer, sent: Item, fact: EventFact, fact_id: str
    ) -> Receipt | None:
        """Read back what the server stored: it may differ from what was sent, and a pull will see it so."""
        stored = await client.get(sent.source_id)
        if stored is None:
            return None
        if answer.etag and stored.etag and answer.etag != stored.etag:  # changed there since: a pull must notice it
            stored = Item(sent.source_id, sent.raw, answer.etag)
        drafts = mapped(stored, self._context, datetime.now(UTC)).drafts
        return Receipt(
            object_id=fact.subject,
            fact_id=fact_id,
            revision=fact.revision,
            target_id=sent.source_id,
            etag=stored.etag,
            content_hash=content_hash(drafts[0].fact) if drafts else "",
        )


async def _sent(client: CalendarClient, path: str, raw: bytes | None, existing: Item | None) -> Answer | None:
    """Put or delete, guarded by the version just read; None where there is nothing to delete."""
    if raw is not None:
        return await client.put(path, raw, (existing.etag or "*") if existing else None)
    answer = await client.delete(path, existing.etag) if existing else None
    return None if answer is None or answer.status in _MISSING else answer


def _document(fact: EventFact, existing: Item | None) -> bytes | None:
    """Return what the resource is to be; None where it is not to be.

    Raises:
        TargetRefusedError: the event has no date yet, and a calendar has no place for it.
    """
    now = datetime.now(UTC)
    if isinstance(fact, EventPublished) and fact.sessions:
        return rendered(merge(fact, existing.raw, now)) if existing else write(fact, now)
    if isinstance(fact, EventCancelled) and existing is not None:
        try:
            return rendered(cancel(parsed(existing.raw), fact, now))
        except CalendarUnreadableError:
            return None
    if isinstance(fact, EventPublished) and existing is None:
        raise TargetRefusedError(expected("event-with-date"))
    return None

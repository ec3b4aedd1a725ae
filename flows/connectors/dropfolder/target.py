"""Writing the folder: one .ics an event, and the catalogue of all as .ics and CSV."""

import asyncio
from datetime import UTC, datetime
from hashlib import sha256
from typing import Self

from contracts.agreement import Agreement
from contracts.event import EventCancelled, EventPublished, EventWithdrawn
from flows.connector import EventFact, Item, Receipt
from flows.connectors.dropfolder import catalogue
from flows.connectors.dropfolder.client import Folder
from flows.connectors.dropfolder.mapping import mapped
from flows.icalendar.content import rendered
from flows.icalendar.context import Context
from flows.icalendar.errors import CalendarUnreadableError
from flows.icalendar.identity import resource_name
from flows.icalendar.merging import parsed
from flows.icalendar.writing import cancel, write
from flows.ledger.known import content_hash
from services.runtime.settings import Settings


class DropFolderTarget:
    """The folder of one partner, as a target."""

    def __init__(self, folder: Folder, context: Context) -> None:
        """Name the folder; nothing is written before the first fact."""
        self._folder, self._context = folder, context

    @classmethod
    def of(cls, agreement: Agreement, settings: Settings) -> Self:
        """Make it for one partner; errors as of `Folder.of`."""
        return cls(Folder.of(agreement, settings), Context.of(agreement))

    async def write(self, fact: EventFact, receipt: Receipt | None, fact_id: str) -> Receipt | None:
        """Bring one fact into the folder; see :class:`flows.connector.Target`."""
        if receipt is not None and receipt.revision >= fact.revision:
            return receipt
        return await asyncio.to_thread(self._write, fact, fact_id)

    async def close(self) -> None:
        """Write the catalogue, from the files that lie there: so a run that was interrupted leaves nothing out."""
        await asyncio.to_thread(catalogue.publish, self._folder, self._context)

    def _write(self, fact: EventFact, fact_id: str) -> Receipt | None:
        name, now = resource_name(fact.subject), datetime.now(UTC)
        if isinstance(fact, EventWithdrawn):
            self._folder.remove(name)
            return None
        raw = write(fact, now) if isinstance(fact, EventPublished) else self._cancelled(fact, name, now)
        if raw is None:
            return None
        self._folder.write(name, raw)
        drafts = mapped(Item(name, raw), self._context, now).drafts
        return Receipt(
            object_id=fact.subject,
            fact_id=fact_id,
            revision=fact.revision,
            target_id=name,
            etag=sha256(raw).hexdigest(),
            content_hash=content_hash(drafts[0].fact) if drafts else "",
        )

    def _cancelled(self, fact: EventCancelled, name: str, now: datetime) -> bytes | None:
        """Mark the file that is there. Without one there is no date to cancel, and nobody here to be told."""
        existing = self._folder.read(name)
        try:
            return rendered(cancel(parsed(existing), fact, now)) if existing else None
        except CalendarUnreadableError:
            return None

"""What the hub tells a partner with tables of enrolments: noted for the answers, and listed for what it organises."""

import asyncio
from typing import Self

from contracts.agreement import Agreement
from contracts.enrolment import Enrolment
from contracts.fact import Fact
from contracts.rejection import FactRejected
from flows.connector import Receipt
from flows.connectors.spreadsheet.lists import Lists
from flows.connectors.spreadsheet.terms import Terms
from flows.ledger.rejections import Rejections
from flows.ledger.standings import Standings
from services.runtime import postgres
from services.runtime.settings import Settings


class SpreadsheetTarget:
    """The lists of one partner, as a target."""

    def __init__(self, lists: Lists, settings: Settings) -> None:
        """Connect to nothing yet."""
        self._lists, self._settings = lists, settings
        self._standings: Standings | None = None
        self._opening = asyncio.Lock()

    @classmethod
    def of(cls, agreement: Agreement, settings: Settings) -> Self:
        """Make it for one partner; errors as of `Terms.of`."""
        return cls(Lists.of(Terms.of(agreement), settings), settings)

    async def write(self, fact: Fact, _: Receipt | None, fact_id: str) -> Receipt | None:
        """Note how an enrolment stands; see :class:`flows.connector.Target`."""
        assert isinstance(fact, Enrolment)  # noqa: S101 - the kind's row names no other object
        await (await self._open()).note(fact)
        return Receipt(fact.subject, fact_id, fact.revision, f"enrolment/{fact.subject}", None, "")

    async def hear(self, told: FactRejected, object_id: str, revision: int) -> None:
        """Note it for the answer beside the table; see :class:`flows.connectors.manifest.Hearing`."""
        noted = await self._open()
        await Rejections(noted.pool, noted.partner).note(told, object_id, revision)

    async def close(self) -> None:
        """Write the lists of which something changed, before the cursor moves: what was not written stays due."""
        standings = await self._open()
        try:
            await self._lists.refresh(standings, self._settings)
        finally:
            standings.pool.terminate()
            self._standings = None

    async def _open(self) -> Standings:
        async with self._opening:
            if self._standings is None:
                pool = await postgres.connect(self._settings, size=3)
                self._standings = Standings(pool, self._lists.agreement.id)
        return self._standings

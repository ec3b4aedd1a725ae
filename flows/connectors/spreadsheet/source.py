"""Reading a folder of tables: always the whole of it; and telling its partner what became of each row."""

import asyncio
from datetime import datetime
from typing import Self

from contracts.agreement import Agreement
from flows.connectors.connector import Item, Mapped, Outcome, Reading
from flows.connectors.spreadsheet.answer import answer
from flows.connectors.spreadsheet.client import Tables
from flows.connectors.spreadsheet.lines import Found
from flows.connectors.spreadsheet.mapping import read
from flows.connectors.spreadsheet.terms import Terms
from services.runtime.settings import Settings


class SpreadsheetSource:
    """The tables of one partner, as a source that answers."""

    def __init__(self, tables: Tables, terms: Terms) -> None:
        """Name the folder; nothing is read."""
        self._tables, self._terms = tables, terms
        self._found: dict[str, Found] = {}  # what was read, for the answer: a large workbook takes seconds

    @classmethod
    def of(cls, agreement: Agreement, settings: Settings) -> Self:
        """Make it for one partner.

        Raises:
            SettingsWrongError: the agreement names no folder; one that was read from a file does.
        """
        terms = Terms.of(agreement)
        return cls(Tables(settings.agreements / terms.settings.folder / "in", terms.settings.rest), terms)

    async def read(self, cursor: str | None) -> Reading:
        """Read every file that is at rest; see :class:`flows.connectors.connector.Source`."""
        return await self._tables.read(cursor)

    def map(self, item: Item, now: datetime) -> Mapped:
        """Translate one file; see :class:`flows.connectors.connector.Source`."""
        found = self._found[item.source_id] = read(item, self._terms, now)
        return Mapped(tuple(found.drafts), tuple(found.refused))

    async def answer(self, outcome: Outcome) -> None:
        """Put an answer beside each file that was read; see :class:`flows.connectors.manifest.Answering`."""
        await asyncio.to_thread(self._answer, outcome)

    def _answer(self, outcome: Outcome) -> None:
        language = "de" if self._terms.settings.language.startswith("de") else "en"
        for item in outcome.items:
            found = self._found.get(item.source_id, Found())
            self._tables.answer(item.source_id, answer(item.source_id, found, outcome, language))

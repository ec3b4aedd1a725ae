"""Reading folders of tables: always the whole of them; and telling their partner what became of each row."""

import asyncio
import json
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import Self

from contracts.agreement import Agreement
from flows.connector import Item, Mapped, Outcome, Reading
from flows.connectors.spreadsheet.answer import answer
from flows.connectors.spreadsheet.client import Tables, marks
from flows.connectors.spreadsheet.columns import KINDS
from flows.connectors.spreadsheet.enrolling import enrolments
from flows.connectors.spreadsheet.fates import Heard
from flows.connectors.spreadsheet.lines import Found
from flows.connectors.spreadsheet.lists import RIGHTS, Lists
from flows.connectors.spreadsheet.mapping import read
from flows.connectors.spreadsheet.terms import Terms
from flows.fingerprints import Fingerprints
from flows.ledger.rejections import Rejections
from flows.ledger.standings import Standings, standings
from services.runtime.settings import Settings

_FIRST = "in"
"""The folder that was the only one once: its files are known by their names alone."""


class SpreadsheetSource:
    """The tables of one partner, as a source that answers."""

    def __init__(self, terms: Terms, settings: Settings) -> None:
        """Name the folders; nothing is read."""
        self._terms, self._settings = terms, settings
        self._personal = any(KINDS[kind].personal for kind in terms.settings.holds.values())
        self._tables: dict[str, Tables] = {}  # in which of them an item lies, by its source id
        self._found: dict[str, Found] = {}  # what was read, for the answer: a large workbook takes seconds

    @classmethod
    def of(cls, agreement: Agreement, settings: Settings) -> Self:
        """Make it for one partner.

        Raises:
            SettingsWrongError: the agreement names no folder; one that was read from a file does.
        """
        return cls(Terms.of(agreement), settings)

    async def read(self, cursor: str | None) -> Reading:
        """Read every file that is at rest; see :class:`flows.connector.Source`."""
        items: list[Item] = []
        unreadable: list[str] = []
        looked: dict[str, str] = {}
        for tables in self._folders():
            found = await tables.read(cursor)
            items += found.items
            unreadable += found.unreadable
            looked |= marks(found.cursor)
            self._tables |= dict.fromkeys((item.source_id for item in found.items), tables)
        return Reading(tuple(items), complete=True, cursor=json.dumps(looked), unreadable=tuple(unreadable))

    def map(self, item: Item, now: datetime) -> Mapped:
        """Translate one file; see :class:`flows.connector.Source`."""
        tables = self._tables.get(item.source_id)
        personal = tables is not None and tables.kind.personal
        found = enrolments(item, self._terms, now, self._fingerprints) if personal else read(item, self._terms, now)
        self._found[item.source_id] = found
        return Mapped(tuple(found.drafts), tuple(found.refused))

    async def answer(self, outcome: Outcome) -> None:
        """Put an answer beside each file that was read; see :class:`flows.connectors.manifest.Answering`.

        And write anew the participants' lists that no longer say how things stand: somebody may have been erased.
        """
        known: Mapping[str, Heard] = {}
        if self._personal or self._lists:
            asked = {line.told for found in self._found.values() for line in found.lines if line.told}
            async with standings(self._settings, self._terms.agreement.id) as kept:
                known = await _heard(kept, asked)
                if self._lists:
                    await Lists.of(self._terms, self._settings).refresh(kept, self._settings)
        await asyncio.to_thread(self._answer, outcome, known)

    def _answer(self, outcome: Outcome, known: Mapping[str, Heard]) -> None:
        for item in outcome.items:
            tables, found = self._tables[item.source_id], self._found.get(item.source_id, Found())
            told = answer(item.source_id, found, outcome, self._terms.language, known)
            tables.answer(item.source_id, told)

    @cached_property
    def _fingerprints(self) -> Fingerprints:
        return Fingerprints.of_hub(self._settings, self._terms.agreement.id)

    @property
    def _lists(self) -> bool:
        connector = self._terms.agreement.connector
        return connector is not None and "push" in connector.directions

    def _folders(self) -> Iterator[Tables]:
        root, rest = self._settings.agreements / self._terms.settings.folder, self._terms.settings.rest
        for name, held in self._terms.settings.holds.items():
            kind = KINDS[held]
            if kind.personal:
                yield Tables(root / name, rest, kind, self._fingerprints, RIGHTS, f"{name}/")
            else:
                yield Tables(root / name, rest, kind, prefix="" if name == _FIRST else f"{name}/")


async def _heard(kept: Standings, enrolments: Collection[str]) -> dict[str, Heard]:
    stands = await kept.of(enrolments)
    refused = await Rejections(kept.pool, kept.partner).of(enrolments)
    return {name: Heard(stands.get(name), refused.get(name)) for name in stands.keys() | refused.keys()}

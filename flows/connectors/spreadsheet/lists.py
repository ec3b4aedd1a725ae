"""Participants' lists in the folder of whoever organises: written anew when something of them changed.

Names and contact come from the vault, for the agreement's purpose; each reading is noted there.
"""

import asyncio
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Self

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from contracts.agreement import Agreement, Purpose
from contracts.refusal import RefusedError
from flows.connectors.cells import written
from flows.connectors.folder import put
from flows.connectors.spreadsheet.participants import STATES, listed, table
from flows.connectors.spreadsheet.settings import LISTS
from flows.connectors.spreadsheet.terms import Terms
from flows.ledger.journal import only_one
from flows.ledger.standings import Standing, Standings
from services.runtime import vault_rows
from services.runtime.cells import harmless
from services.runtime.settings import Settings
from services.runtime.vault import READER, Stored, Vault

PURPOSE: Purpose = "enrolment_processing"
DOOR: vault_rows.Door = "list"
RIGHTS = 0o660
"""Owner and group of the folder: a list is about people."""
_UNSAFE = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists of one partner."""

    folder: Path
    agreement: Agreement
    form: str
    language: str

    @classmethod
    def of(cls, terms: Terms, settings: Settings) -> Self:
        """Make them for one partner; nothing is read or written."""
        folder = settings.agreements / terms.settings.folder / LISTS
        return cls(folder, terms.agreement, terms.settings.lists, terms.language)

    async def refresh(self, standings: Standings, settings: Settings) -> int:
        """Write each list that no longer says how things stand, also where a human was erased or told anew.

        Returns:
            How many were written.

        Raises:
            OSError, asyncpg.PostgresError: the folder or PostgreSQL is away; what is not written stays due.
        """
        vault = Vault(settings, role=READER)
        try:
            async with only_one(standings.pool, standings.partner, "lists"):
                own = await standings.own()
                moments = await self._moments(vault, own)
                due = {name: rows for name, rows in own.items() if any(_stale(each, moments) for each in rows)}
                for offering, rows in due.items():
                    await self._write(standings, vault, offering, rows)
                return len(due)
        finally:
            await vault.close()

    async def _moments(self, vault: Vault, own: Mapping[str, Sequence[Standing]]) -> Mapping[str, datetime]:
        references = sorted({each.person_ref for rows in own.values() for each in rows if each.status in STATES})
        if not references or PURPOSE not in self.agreement.purposes:
            return {}
        async with vault.connection() as connection:
            return await vault_rows.moments(connection, references, self.agreement.id)

    async def _write(self, standings: Standings, vault: Vault, offering: str, rows: Sequence[Standing]) -> None:
        shown = listed(rows)
        people = {each.person_ref: found for each, _ in shown if (found := await self._person(vault, each))}
        headings, lines = table(shown, people, self.language)
        raw = workbook(headings, lines) if self.form == "xlsx" else written(headings, lines)
        await asyncio.to_thread(put, self.folder / list_name(offering, self.form), raw, RIGHTS)
        there = {each.enrolment_id for each, _ in shown}
        told = [people.get(each.person_ref) if each.enrolment_id in there else None for each in rows]
        await standings.listed(rows, [each.told_at if each else None for each in told])

    async def _person(self, vault: Vault, standing: Standing) -> Stored | None:
        """Return what a list shows of a human; None where nothing is held, or the purpose is not agreed."""
        fields = STATES[standing.status].fields
        try:
            return await vault.read(standing.person_ref, self.agreement, PURPOSE, DOOR, fields)
        except RefusedError:
            return None


def list_name(offering: str, form: str) -> str:
    """Return the file name of an offering's list, safe on every system: readable, and unique by its hash."""
    readable = _UNSAFE.sub("-", offering.partition(":")[2]).strip("-")[:60].strip("-")
    return f"Teilnehmerliste-{readable}-{sha256(offering.encode()).hexdigest()[:12]}.{form}"


def workbook(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """Write a workbook of one sheet; every cell is text, and none is a formula (OWASP, CSV injection)."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None  # noqa: S101 - a new one has a sheet
    for number, row in enumerate((headings, *rows), 1):
        for place, text in enumerate(row, 1):
            cell = page.cell(number, place)
            cell.value = harmless(ILLEGAL_CHARACTERS_RE.sub("", text))
            cell.data_type, cell.number_format = "s", "@"
            cell.font = Font(bold=number == 1)
    page.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _stale(standing: Standing, moments: Mapping[str, datetime]) -> bool:
    shown = moments.get(standing.person_ref) if standing.status in STATES else None
    return (standing.revision, shown) != (standing.listed, standing.shown)

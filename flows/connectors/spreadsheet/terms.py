"""What a table does not say itself and the agreement does: whose it is, and what counts where it is silent."""

from dataclasses import dataclass
from datetime import date
from typing import Self

from contracts.agreement import Agreement
from flows.connectors.manifest import settings_of
from flows.connectors.spreadsheet.columns import ENROLMENTS, EVENTS, Kind
from flows.connectors.spreadsheet.settings import SpreadsheetSettings
from flows.icalendar.context import Context

_FIRST_DAYS = {"1900": date(1899, 12, 30), "1904": date(1904, 1, 1)}
"""Day 0 of either epoch; the first is a day early, for the 29 February 1900 that Excel believes in."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How the tables of one partner are read."""

    agreement: Agreement
    settings: SpreadsheetSettings
    context: Context

    @classmethod
    def of(cls, agreement: Agreement) -> Self:
        """Take them from an agreement; errors as of `settings_of`."""
        return cls(agreement, settings_of(agreement, SpreadsheetSettings), Context.of(agreement))

    def own(self, kind: Kind) -> dict[str, str]:
        """Return how the agreement heads the columns of a kind of rows."""
        return {EVENTS.name: self.settings.columns, ENROLMENTS.name: self.settings.enrolment_columns}[kind.name]

    @property
    def language(self) -> str:
        """In which language the hub writes into the folder: ``de`` or ``en``."""
        return "de" if self.settings.language.startswith("de") else "en"

    @property
    def first_day(self) -> date:
        """Day 0 of dates that stand in a CSV file as numbers."""
        return _FIRST_DAYS[self.settings.dates]

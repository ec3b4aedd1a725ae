"""How an agreement says where its calendar is and who asks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from contracts.agreement import Agreement
from flows.connectors.caldav.client import CalendarClient
from flows.connectors.caldav.discovery import calendar_path
from flows.connectors.caldav.exchange import Exchange
from flows.connectors.caldav.settings import CalDavSettings
from flows.connectors.manifest import settings_of
from services.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Access:
    """Address and login of one partner's calendar."""

    url: str
    auth: tuple[str, str] | None = field(default=None, repr=False)
    calendar: str | None = None
    patience: float = 1.0  # factor on the waits between attempts

    @classmethod
    def of(cls, agreement: Agreement, settings: Settings) -> "Access":
        """Read it from the agreement; the password comes from a secret file.

        Raises:
            SettingsWrongError: the settings are none of a calendar's; an agreement read from a file has others.
            SecretMissingError: the password is not there.
        """
        told = settings_of(agreement, CalDavSettings)
        name = told.secret or f"caldav-{agreement.id}"
        return cls(told.url, (told.user, settings.secret(name)) if told.user else None, told.calendar)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[CalendarClient]:
        """Connect, find the calendar, and close the connection at the end."""
        async with Exchange(self.url, self.auth, patience=self.patience) as exchange:
            yield CalendarClient(exchange, await calendar_path(exchange, self.calendar))

"""How an agreement says where its calendar is and who asks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from contracts.agreement import Agreement
from flows.connectors.caldav.client import CalendarClient
from flows.connectors.caldav.discovery import calendar_path
from flows.connectors.caldav.exchange import Exchange
from flows.connectors.connector import SettingsWrongError
from services.runtime.settings import Settings

SETTINGS = {
    "url": "Address of the calendar, or of the server, which is then asked for the user's calendars",
    "user": "User name; without one the server is asked without login",
    "secret": "Name of the secret file with the user's password; caldav-<partner> where it is left out",
    "calendar": "Which of several calendars: its name, or the last part of its address",
    "language": "Language of texts that name none, as BCP 47 tag; de where it is left out",
}


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
            SettingsWrongError: the agreement has no connector, or names no address.
            SecretMissingError: the password is not there.
        """
        told = agreement.connector.settings if agreement.connector else {}
        if not told.get("url"):
            raise SettingsWrongError(
                f"agreement {agreement.id}: expected connector.settings.url, the address of a calendar"
            )
        user = str(told.get("user", ""))
        name = str(told.get("secret", f"caldav-{agreement.id}"))
        calendar = str(told["calendar"]) if "calendar" in told else None
        return cls(str(told["url"]), (user, settings.secret(name)) if user else None, calendar)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[CalendarClient]:
        """Connect, find the calendar, and close the connection at the end."""
        async with Exchange(self.url, self.auth, patience=self.patience) as exchange:
            yield CalendarClient(exchange, await calendar_path(exchange, self.calendar))

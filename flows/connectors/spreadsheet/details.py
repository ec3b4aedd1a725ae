"""What a row says beside its title and dates. What cannot be read is left out, and its partner is told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from contracts.role_address import is_role_address
from contracts.wording import Wording
from contracts.zoned_time import ZonedTime
from flows.connectors.spreadsheet.moments import when
from flows.connectors.spreadsheet.records import Record
from flows.connectors.spreadsheet.sheet import CellUnreadableError, Value
from flows.connectors.spreadsheet.spans import WrongCellError
from flows.connectors.spreadsheet.terms import Terms
from flows.connectors.spreadsheet.values import amount, audiences, count, digits, listed, web_address, yes_or_no
from flows.icalendar.texts import one_line, plain
from flows.wording import expected

READERS: Mapping[str, Callable[[Value], Any]] = {
    "capacity": count,
    "minimum": count,
    "remaining": count,
    "price": amount,
    "reduced": amount,
    "free": yes_or_no,
    "registration_required": yes_or_no,
    "registration_url": web_address,
    "source_url": web_address,
    "online_url": web_address,
    "keywords": listed,
    "audience": audiences,
    "postal_code": digits(5),
}
_PLACE = ("street", "locality", "quarter")


@dataclass(slots=True)
class Details:
    """One row's fields, read once; ``notes`` gather what was left out, by field."""

    record: Record
    terms: Terms
    notes: list[tuple[str, Wording]] = field(default_factory=list)

    def read(self, name: str) -> Any:  # noqa: ANN401 - each field has its own kind of value
        """Return a field's value; None where it is empty or cannot be read."""
        try:
            return READERS[name](self.record.cells[name]) if name in self.record.cells else None
        except CellUnreadableError as error:
            self.notes.append((name, error.reason))
            return None

    def text(self, name: str) -> str:
        """Return a field on one line, without markup."""
        return one_line(plain(self.record.text(name)))

    def place(self) -> dict[str, Any]:
        """Return the parts of a place; none where it is online, or nothing is told."""
        code, _, town = self.text("town").partition(" ")
        told = {name: self.text(name) for name in _PLACE} | {"postal_code": self.read("postal_code")}
        told["name"] = "" if self.text("place").casefold() == "online" else self.text("place")
        told["postal_code"] = told["postal_code"] or (code if town else "")
        told["locality"] = told["locality"] or (town if code.isdigit() else self.text("town"))
        return {name: value for name, value in told.items() if value}

    def costs(self) -> dict[str, Any]:
        """Return what it costs. A price that is missing is not a no.

        Raises:
            WrongCellError: it is free, and costs something.
        """
        price, reduced, free = self.read("price"), self.read("reduced"), self.read("free")
        if free == "yes" and (price or reduced):
            raise WrongCellError("free", CellUnreadableError(expected("free-or-price")))
        tariffs = (("Preis", price), ("ermäßigt", reduced))
        prices = [{"tariff": name, "amount": format(each, "f")} for name, each in tariffs if each]
        told: Decimal | None = price
        return {"prices": prices, "free_of_charge": free or ("unknown" if told is None else "no" if told else "yes")}

    def registration(self) -> dict[str, Any] | None:
        """Return how people register; a column ``Anmeldung`` may hold an address or yes and no."""
        required = self.read("registration_required")
        try:
            required, url = yes_or_no(self.record.cells.get("registration_url")), None
        except CellUnreadableError:
            url = self.read("registration_url")
        told = {"required": required or ("yes" if url else None), "url": url, "closes": self._closes()}
        return {name: value for name, value in told.items() if value} or None

    def _closes(self) -> datetime | None:
        """Return the moment after which nobody can register: the end of the day, where no clock time is told."""
        if "registration_closes" not in self.record.cells:
            return None
        try:
            told = when(self.record.cells["registration_closes"], self.record.sheet.first_day)
        except CellUnreadableError as error:
            self.notes.append(("registration_closes", error.reason))
            return None
        if told.day is None:
            self.notes.append(("registration_closes", expected("row-date")))
            return None
        until = datetime.combine(told.day, told.clock or time()) + timedelta(days=told.clock is None)
        return ZonedTime.at(until, self.terms.context.zone).utc.astimezone(UTC)

    def organiser(self) -> dict[str, Any]:
        """Return the organiser as the agreement has it; an address only where it reaches an office."""
        context = self.terms.context
        mail = self.record.text("contact").removeprefix("mailto:")
        usable = "@" in mail and is_role_address(mail, context.role_addresses)
        if mail and not usable:
            self.notes.append(("contact", expected("office-mail")))
        return {"name": context.organiser, "partner": context.partner, "contact": mail if usable else None}

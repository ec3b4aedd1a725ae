"""One component's properties, read one by one: a bad one is named by its line and spoils no other."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from icalendar.parser import Parameters
from icalendar.parser.content_line import Contentline
from icalendar.parser.property import split_on_unescaped_comma, unescape_backslash

from contracts.wording import Wording
from flows.icalendar.blocks import Block
from flows.icalendar.errors import CalendarUnreadableError

T = TypeVar("T")
BLANKS = " \t"
"""What may stand around an identifier by mistake; str.strip() would take parts of some identifiers too."""

# Outlook writes TZID=(UTC+01:00) Berlin without the quotes that its colon needs (RFC 5545, section 3.2).
_BARE_ZONE = re.compile(r";TZID=(\((?:UTC|GMT)[^)\"]*\)[^;:\"]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Property:
    """Name in upper case, parameters, the value as written (still escaped), line number."""

    name: str
    params: Parameters
    value: str
    line: int

    @property
    def place(self) -> str:
        """Where it stands, for a refusal."""
        return f"line {self.line}, {self.name}"

    def param(self, name: str) -> str | None:
        """Return a parameter; of several values the first."""
        value = self.params.get(name)
        first = value[0] if isinstance(value, list) and value else value
        return str(first) if first else None

    @property
    def text(self) -> str:
        """The value of a TEXT property, unescaped (RFC 5545, section 3.3.11), line ends as line feeds."""
        return str(unescape_backslash(self.value)).replace("\r\n", "\n").replace("\r", "\n")

    @property
    def texts(self) -> list[str]:
        """The values of a list of texts, such as CATEGORIES."""
        return [str(part) for part in split_on_unescaped_comma(self.value)]

    def parse(self, reader: Callable[[str], T], reason: Wording) -> T:
        """Read the value by a function of the icalendar package.

        Raises:
            CalendarUnreadableError: the value is none; it is not repeated.
        """
        try:
            return reader(self.value.strip())
        except (ValueError, TypeError, OverflowError, IndexError, KeyError, AttributeError):
            raise CalendarUnreadableError(self.place, reason) from None


class Component:
    """The properties of one block by name."""

    def __init__(self, block: Block) -> None:
        """Split the block's lines; one that follows no grammar at all is left out and counted."""
        self.block = block
        self.unread = 0
        self._properties: dict[str, list[Property]] = {}
        for line in block.lines:
            whole = Contentline(_BARE_ZONE.sub(r';TZID="\1"', line.text))  # type: ignore[no-untyped-call]
            try:
                name, params, value = whole.raw_parts()
            except ValueError:
                self.unread += 1
                continue
            self._properties.setdefault(name.upper(), []).append(Property(name.upper(), params, value, line.number))

    def all(self, name: str) -> list[Property]:
        """Return every property of that name, in order."""
        return self._properties.get(name, [])

    def one(self, *names: str) -> Property | None:
        """Return the first property that has a value, under the first of the names that occurs."""
        return next((prop for name in names for prop in self.all(name) if prop.value.strip(BLANKS)), None)

    def word(self, name: str) -> str:
        """Return a keyword value in upper case, or an empty string."""
        prop = self.one(name)
        return prop.value.strip().upper() if prop else ""

    @property
    def place(self) -> str:
        """Where the component begins, for a refusal."""
        return f"line {self.block.begin}, {self.block.name}"

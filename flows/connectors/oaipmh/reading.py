"""What both formats have in common: the fields of a work as they are collected, and what was left out on the way."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from contracts.wording import Wording
from flows.connectors.oaipmh.spelling import fitting
from flows.icalendar.texts import one_line, plain

_LONGEST_LINE, _LONGEST_PROSE = 300, 10_000


@dataclass(frozen=True, slots=True)
class Context:
    """What a record does not say itself and the agreement does.

    Attributes:
        partner: whose repository it is.
        publisher: whom a record comes from that names no publisher.
        language: of texts that name none.
    """

    partner: str
    publisher: str
    language: str = "de"


class RecordUnusableError(Exception):
    """A record cannot be told as a work; place and reason as in a refusal."""

    def __init__(self, place: str, reason: Wording) -> None:
        """Keep both apart."""
        super().__init__(f"{place}: {reason}")
        self.place, self.reason = place, reason


@dataclass(slots=True)
class Told:
    """The fields of a work by their names in the contract, and what was assumed or left out on the way."""

    fields: dict[str, Any] = field(default_factory=dict)
    flags: list[str] = field(default_factory=list)

    def flag(self, sentence: str) -> None:
        """Note once what was assumed or left out."""
        self.flags += [] if sentence in self.flags else [sentence]

    def line(self, text: str, what: str) -> str:
        """Return a text as one line; one that is too long is cut, and that noted."""
        whole = one_line(plain(text))
        if len(whole) <= _LONGEST_LINE:
            return whole
        self.flag(f"{what} cut")
        return whole[: _LONGEST_LINE - 1].rstrip() + "…"

    def prose(self, text: str, what: str) -> str:
        """Return a text without markup; one that is too long is cut, and that noted."""
        whole = plain(text).strip()
        if len(whole) <= _LONGEST_PROSE:
            return whole
        self.flag(f"{what} cut")
        return whole[: _LONGEST_PROSE - 1].rstrip() + "…"

    def some(self, found: Iterable[Any], most: int, what: str) -> tuple[Any, ...]:
        """Return the first of different values, and note that there were more."""
        values = list(dict.fromkeys(found))
        if len(values) > most:
            self.flag(f"further {what} left out")
        return tuple(values[:most])

    def usable(self, adapter: TypeAdapter[Any], value: str, what: str) -> str | None:
        """Return a value that the contract takes, or None; what is unusable is noted."""
        fits = value if fitting(adapter, value) else None
        if value and fits is None:
            self.flag(f"{what} not usable")
        return fits

"""What else cells hold: counts, amounts, yes and no, addresses, lists."""

import re
from collections.abc import Callable
from decimal import Decimal

from pydantic import TypeAdapter, ValidationError

from contracts.parts import Amount
from contracts.text import WebAddress, words
from contracts.vocabulary import load
from flows.connectors.spreadsheet.sheet import CellUnreadableError, Value
from flows.wording import expected

_YES = frozenset({"ja", "j", "yes", "y", "x", "wahr", "true", "1", "✓", "✔", "☑"})
_NO = frozenset({"nein", "n", "no", "falsch", "false", "0", "-", "–", "☐"})  # noqa: RUF001 - what people type
_FREE = frozenset(
    {"kostenlos", "kostenfrei", "frei", "gratis", "gebuhrenfrei", "eintritt frei", "free", "umsonst", "keine"}
)
_UNLIMITED = frozenset({"unbegrenzt", "offen", "beliebig", "unlimited", "keine begrenzung"})
_COUNT = re.compile(
    r"^(?:max|min|maximal|mindestens|ca|bis zu)?\.?\s*(\d{1,3}(?:\.\d{3})+|\d{1,7})(?:,0+)?\s*"
    r"(?:personen|plätze|tn|teilnehmer|teilnehmende|teilnehmer\*?innen)?$",
    re.IGNORECASE,
)
_MONEY = re.compile(
    r"^(?:€|eur|euro)?\s*(\d{1,3}(?:\.\d{3})+|\d{1,7})(?:,(\d{1,2}|-{1,2}|\u2013))?\s*(?:€|eur|euro)?$", re.IGNORECASE
)
_POINT = re.compile(r"^(?:€|eur|euro)?\s*(\d{1,7})\.(\d{2})\s*(?:€|eur|euro)?$", re.IGNORECASE)
"""``12.50``: a point before two digits alone is no thousand."""
_LIST = re.compile(r"[,;/|\n]+")
_AMOUNT: TypeAdapter[Decimal] = TypeAdapter(Amount)
_ADDRESS: TypeAdapter[object] = TypeAdapter(WebAddress)


def yes_or_no(value: Value) -> str:
    """Return ``yes`` or ``no``, however people tick.

    Raises:
        CellUnreadableError: neither.
    """
    told = _plain(value).casefold()
    if told in _YES | _NO:
        return "yes" if told in _YES else "no"
    raise CellUnreadableError(expected("yes-or-no"))


def count(value: Value) -> int | None:
    """Return a whole number; None where people say that there is no limit.

    Raises:
        CellUnreadableError: it is none.
    """
    told = _plain(value)
    found = _COUNT.match(told)
    if found:
        return int(found[1].replace(".", ""))
    if " ".join(words(told)) in _UNLIMITED:
        return None
    raise CellUnreadableError(expected("german-count"))


def amount(value: Value) -> Decimal:
    """Return an amount in euros; what costs nothing is 0.

    Raises:
        CellUnreadableError: it is none.
    """
    told = _plain(value)
    if " ".join(words(told)) in _FREE:
        return Decimal(0)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _bounded(f"{value:.2f}")
    found, point = _MONEY.match(told), _POINT.match(told)
    if found:
        cents = found[2] if found[2] and found[2].isdigit() else "0"
        return _bounded(f"{found[1].replace('.', '')}.{cents}")
    if point:
        return _bounded(f"{point[1]}.{point[2]}")
    raise CellUnreadableError(expected("german-amount"))


def _bounded(told: str) -> Decimal:
    try:
        return _AMOUNT.validate_python(told)
    except ValidationError:
        raise CellUnreadableError(expected("german-amount")) from None


def web_address(value: Value) -> str:
    """Return a web address; one that begins with ``www.`` is meant as https.

    Raises:
        CellUnreadableError: it is none.
    """
    told = _plain(value)
    try:
        return str(_ADDRESS.validate_python(f"https://{told}" if told.lower().startswith("www.") else told))
    except ValidationError:
        raise CellUnreadableError(expected("address-or-nothing")) from None


def listed(value: Value) -> tuple[str, ...]:
    """Return the entries of a list in one cell, each once."""
    parts = (" ".join(part.split()) for part in _LIST.split(_plain(value)))
    return tuple(dict.fromkeys(part for part in parts if part))


def audiences(value: Value) -> tuple[str, ...]:
    """Return the groups of the vocabulary that a cell names.

    Raises:
        CellUnreadableError: it names another.
    """
    known = {
        " ".join(words(term[language])): term["id"] for term in load("audiences")["term"] for language in ("de", "en")
    }
    found = [known.get(" ".join(words(each)), "") for each in listed(value)]
    if not all(found):
        options = ", ".join(term["de"] for term in load("audiences")["term"])
        raise CellUnreadableError(expected("row-status", options=options))
    return tuple(dict.fromkeys(found))


def digits(length: int) -> Callable[[Value], str]:
    """Return a reader of codes whose leading zeros a spreadsheet took for superfluous: 1067 is 01067."""
    return lambda value: told.zfill(length) if (told := _plain(value)).isdigit() else told


def _plain(value: Value) -> str:
    if isinstance(value, bool):
        return "ja" if value else "nein"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return " ".join(str(value).split())

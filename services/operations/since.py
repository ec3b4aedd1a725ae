"""Since when: a span or a time, as commands take it."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from services.operations.errors import UsageError

_UNITS = {"s": "seconds", "min": "minutes", "m": "minutes", "h": "hours", "d": "days"}

_SINCE = "A span (30min, 2h, 7d) or a time (2027-03-01, 2027-03-01T10:00Z). / Eine Zeitspanne oder ein Zeitpunkt."

Since = Annotated[str | None, typer.Option(help=_SINCE)]


def moment(text: str, now: datetime) -> datetime:
    """Read what ``--since`` takes; a time without zone is UTC.

    Raises:
        UsageError: it is neither a span nor a time.
    """
    if span := re.fullmatch(r"([0-9]{1,6})\s*(s|min|m|h|d)", text):
        return now - timedelta(**{_UNITS[span[2]]: int(span[1])})
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        wanted = "30min, 2h, 7d or 2027-03-01 (a span or a time; eine Zeitspanne oder ein Zeitpunkt)"
        raise UsageError(f"expected --since as {wanted}, came {text!r}") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)

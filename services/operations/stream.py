"""``hub stream``: the unified stream as analysts see it."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from services.operations.errors import UsageError
from services.operations.tables import As, Output, json_line, show

COLUMNS = ("time", "partner", "type", "subject", "revision", "title")

_UNITS = {"s": "seconds", "min": "minutes", "m": "minutes", "h": "hours", "d": "days"}

Since = Annotated[str | None, typer.Option(help="A span (30min, 2h, 7d) or a time (2027-03-01, 2027-03-01T10:00Z).")]
Partner = Annotated[str | None, typer.Option(help="Only what this partner told.")]
Type = Annotated[str | None, typer.Option("--type", help="Only this contract, or those whose name holds this text.")]


def stream(*, since: Since = None, partner: Partner = None, type_: Type = None, output: As = Output.TABLE) -> None:
    """Show what happened: the unified stream, oldest first. JSON is one object a line.

    Example: hub stream --since 2h --type cancelled -o json
    """
    from services.operations import sites, unified  # noqa: PLC0415 - 'hub --help' must be quick

    begin = moment(since, datetime.now(UTC)) if since else None
    rows = asyncio.run(unified.facts(sites.settings(), begin, partner, type_))
    if output is Output.JSON:
        for row in rows:
            typer.echo(json_line(row))
        return
    show(rows, COLUMNS, output, empty="The unified stream holds nothing like this.")


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
        raise UsageError(f"expected --since as 30min, 2h, 7d or 2027-03-01, came {text!r}") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)

"""``hub stream``: the unified stream as analysts see it; they read German as well, unlike the operators' commands."""

import asyncio
import difflib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Annotated

import typer

from contracts import counterparts
from services.operations.errors import UsageError
from services.operations.since import Since, moment
from services.operations.spreadsheets import csv_line, in_utf8
from services.operations.tables import As, Output, Row, json_line, show

COLUMNS = ("time", "partner", "type", "subject", "revision", "title")
SHEET = (*COLUMNS, "id", "data")

_PARTNER = "Only what this partner told. / Nur was dieser Partner gemeldet hat."
_TYPE = "Only this contract, or those whose name holds this text. / Nur Verträge mit diesem Text im Namen."
_ABOUT = (
    "Only what belongs to this term (sdg:4.7, learning-city:blocks.2, bne:school) or stands for the same in another "
    "scheme. / Nur was zu diesem Begriff gehört oder in einem anderen System dasselbe meint."
)
_EMPTY = "The unified stream holds nothing like this. / Im gemeinsamen Datenstrom gibt es nichts dergleichen."

Partner = Annotated[str | None, typer.Option(help=_PARTNER)]
Type = Annotated[str | None, typer.Option("--type", help=_TYPE)]
About = Annotated[str | None, typer.Option(help=_ABOUT)]


def stream(
    *, since: Since = None, partner: Partner = None, type_: Type = None, about: About = None, output: As = Output.TABLE
) -> None:
    """Show what happened: the unified stream, oldest first. JSON is one object a line; CSV has a header.

    Zeigt, was geschah: den gemeinsamen Datenstrom, das Älteste zuerst. JSON: ein Objekt je Zeile; CSV: mit Kopfzeile.

    Example: hub stream --since 2h --type cancelled -o csv > cancelled.csv
    """
    from services.operations import known_partners, sites  # noqa: PLC0415 - 'hub --help' must be quick
    from services.operations.analysis import unified  # noqa: PLC0415 - 'hub --help' must be quick

    begin = moment(since, datetime.now(UTC)) if since else None
    wanted = unified.Wanted(begin, partner, type_, known_term(about) if about else None)
    settings = sites.settings()
    rows: list[Row] = []
    say = {Output.TABLE: rows.append, Output.JSON: _json, Output.CSV: _Csv().say}[output]
    found = asyncio.run(_each(unified.facts(settings, wanted), say))
    known_partners.require(settings, partner, found=found, what="the id of a partner (die Kennung eines Partners)")
    if output is Output.TABLE or (output is Output.CSV and not found):
        show(rows, COLUMNS if rows else SHEET, output, empty=_EMPTY)


async def _each(rows: AsyncIterator[Row], say: Callable[[Row], None]) -> bool:
    """Say each row as it comes, so that none has to wait for the last; return whether there was any."""
    found = False
    async for row in rows:
        say(row)
        found = True
    return found


def _json(row: Row) -> None:
    typer.echo(json_line(row))


class _Csv:
    """Says rows as lines; the first brings the header."""

    def __init__(self) -> None:
        self._begun = False

    def say(self, row: Row) -> None:
        if not self._begun:
            in_utf8()
            typer.echo(csv_line(SHEET), nl=False)
        self._begun = True
        typer.echo(csv_line([row.get(name) for name in SHEET]), nl=False)


def known_term(text: str) -> str:
    """Read what ``--about`` takes.

    Raises:
        UsageError: it is no term of the three schemes; the nearest one is named.
    """
    terms = counterparts.terms()
    if text in terms:
        return text
    near = difflib.get_close_matches(text, terms, n=1) or ["sdg:4.7"]
    wanted = "a term of sdgs.toml or frameworks.toml (einen Begriff daraus)"
    raise UsageError(f"expected --about as {wanted}, came {text!r}: write {near[0]}, or another one of these")

"""``hub refusals``: what partners' systems hold now that cannot be taken, and where to find it there."""

import asyncio
from typing import Annotated

import typer

from services.operations.tables import As, Output, show

COLUMNS = ("since", "partner", "entry", "place", "expected")

Partner = Annotated[str | None, typer.Option(help="Only this partner's.")]
Source = Annotated[bool, typer.Option("--source", help="Show file names and paths, too: they may be names of people.")]


def refusals(*, partner: Partner = None, source: Source = False, output: As = Output.TABLE) -> None:
    """List the entries of partners' systems that are refused now, the latest first; gone once they are put right.

    entry: how run tables and dead letters call it. --source tells its file or resource, to find it in that system.

    Example: hub refusals --partner stadt-gelsenkirchen --source
    """
    from services.operations import known_partners, sites  # noqa: PLC0415 - 'hub --help' must be quick
    from services.operations.letters import entries  # noqa: PLC0415 - 'hub --help' must be quick

    settings = sites.settings()
    found = asyncio.run(entries.refused(settings, partner))
    known_partners.require(settings, partner, found=bool(found))
    columns = (*COLUMNS, "source") if source else COLUMNS
    show([entry.row(named=source) for entry in found], columns, output, empty="Nothing is refused now.")

"""``hub duplicates``: which events two partners tell, by identifiers for certain, by start, place and title perhaps."""

import asyncio
from typing import Annotated

import typer

from services.operations.tables import As, Output, show

COLUMNS = ("link", "start", "status", "title", "event", "other", "by")
EMPTY = "No event is told by two partners, as far as identifiers, starts, places and titles say."

Partner = Annotated[str | None, typer.Option(help="Only those of which this partner tells one.")]


def duplicates(*, partner: Partner = None, output: As = Output.TABLE) -> None:
    """Show events that two partners tell. Nothing is merged: each keeps its organiser, its capacity and its readers.

    certain: both name the same identifier (iCalendar UID, web address, DOI, same_as). First those that only one of them
    cancelled, then the latest. likely: same start, same place, titles alike; the most alike first, none that began more
    than 90 days ago. To make sure of one, ask a partner to name the other's identifier in same_as.

    Example: hub duplicates --partner stadt-gelsenkirchen
    """
    from services.operations import known_partners, sites  # noqa: PLC0415 - 'hub --help' must be quick
    from services.operations.duplicates import searching  # noqa: PLC0415 - 'hub --help' must be quick

    settings = sites.settings()
    found = asyncio.run(searching.duplicates(settings, partner))
    known_partners.require(settings, partner, found=bool(found.links))
    show([link.row() for link in found.links], COLUMNS, output, empty=EMPTY)
    if not found.complete:
        typer.echo("hub: there are more than can be shown: choose a partner with --partner", err=True)

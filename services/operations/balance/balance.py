"""``hub balance``: whether everything that a door accepted is accounted for."""

import asyncio

import typer

from services.operations.tables import As, Output, show

COLUMNS = (
    "partner", "accepted", "applied", "duplicate", "superseded", "waiting", "dead", "discarded", "difference",
)  # fmt: skip


def balance(output: As = Output.TABLE) -> None:
    """Show for each partner what became of the messages its inbox accepted.

    accepted = applied + duplicate + superseded + waiting + dead (open dead letters) + discarded. Exit code 1 if
    something is missing. An inbox whose oldest records have expired shows no difference.

    Example: hub balance
    """
    from contracts.agreements import load_agreements  # noqa: PLC0415 - 'hub --help' must be quick
    from services.operations import sites  # noqa: PLC0415
    from services.operations.balance import counting  # noqa: PLC0415

    settings = sites.settings()
    rows = asyncio.run(counting.settled(settings, load_agreements(settings.agreements)))
    show([row.row() for row in rows], COLUMNS, output, empty="No partner has an agreement.")
    raise typer.Exit(int(not all(row.balanced for row in rows)))

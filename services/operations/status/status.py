"""``hub status``: how every partner is doing, worst first."""

import asyncio

import typer

from services.operations.tables import As, Output, show

COLUMNS = ("partner", "direction", "state", "fresh", "waiting", "oldest", "dead", "todo")


def status(output: As = Output.TABLE) -> None:
    """Show every partner in both directions, worst first.

    fresh: age of the last good pull or push, or of the last record. waiting, oldest: what is not read yet. dead: dead
    letters. Exit code 1 if something needs a hand, 3 if a part is away.

    Example: hub status -o json
    """
    from contracts.agreements import load_agreements  # noqa: PLC0415 - 'hub --help' must be quick
    from contracts.registry import STREAMS  # noqa: PLC0415
    from contracts.topics import recorded, submitted  # noqa: PLC0415
    from services.operations import sites  # noqa: PLC0415
    from services.operations.status.judging import healths  # noqa: PLC0415
    from services.operations.status.measuring import measure  # noqa: PLC0415

    settings = sites.settings()
    agreements = load_agreements(settings.agreements)
    measured, away = asyncio.run(measure(settings, agreements))
    steps = [topic for stream in STREAMS for topic in (submitted(stream), recorded(stream))]
    rows = [*away, *(healths(agreements, steps, measured) if measured else ())]
    show([row.row() for row in rows], COLUMNS, output, empty="No partner has an agreement.")
    raise typer.Exit(3 if away else int(any(row.state != "ok" for row in rows)))

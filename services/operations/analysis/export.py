"""``hub export``: the unified stream as a data set for analysts; told in German, too, as ``hub stream`` is."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from services.operations.errors import OperationError
from services.operations.since import moment

_FOLDER = "Where to: a new folder, an empty one, or that of an earlier export. / Wohin: ein neuer oder leerer Ordner."
_SINCE = "Facts recorded since then (2027-03-01, 7d); else all. / Fakten seit diesem Zeitpunkt, sonst alle."

_DONE = "{facts} facts and {objects} objects in {folder}. / {facts} Fakten und {objects} Objekte in {folder}."
_UNREAD = (
    "{0} facts are of contracts that this version does not know: update the hub. / "
    "{0} Fakten gehören zu Verträgen, die diese Version nicht kennt: den Hub aktualisieren."
)

Folder = Annotated[Path, typer.Option("--parquet", metavar="FOLDER", help=_FOLDER)]
Since = Annotated[str | None, typer.Option(help=_SINCE)]


def export(*, parquet: Folder, since: Since = None) -> None:
    """Write what was told and what holds as Parquet, the same as CSV for spreadsheets, and datapackage.json about it.

    Schreibt, was gemeldet wurde und was gilt, als Parquet und als CSV für Tabellenprogramme, und datapackage.json dazu.

    Example: hub export --since 2027-01-01 --parquet learning-city
    """
    try:
        from services.operations import sites  # noqa: PLC0415 - 'hub --help' must be quick
        from services.operations.analysis import exporting  # noqa: PLC0415 - 'hub --help' must be quick
    except ModuleNotFoundError as error:
        raise OperationError(
            f"expected what writes Parquet, there is no {error.name}: install the hub with its extra 'analysis' / "
            f"{error.name} fehlt, das Parquet schreibt: den Hub mit dem Extra 'analysis' installieren"
        ) from None
    from services.operations.watching import counting_up  # noqa: PLC0415

    begin = moment(since, datetime.now(UTC)) if since else None
    with counting_up("facts read") as count:
        done = asyncio.run(exporting.export(sites.settings(), begin, parquet, count))
    typer.echo(_DONE.format(facts=done.facts, objects=done.objects, folder=parquet), err=True)
    if done.unread:
        typer.echo(_UNREAD.format(done.unread), err=True)

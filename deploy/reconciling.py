"""``hub reconcile``: a partner's system compared with what the hub holds. Importing this is cheap."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from services.operations.tables import As, Output, show

if TYPE_CHECKING:
    from flows.reconciling.reconciliation import Reconciliation

COLUMNS = ("what", "number", "where", "place", "reason")


def reconcile(
    partner: Annotated[str, typer.Argument(help="The partner's id, as in its agreement.")],
    *,
    repair: Annotated[
        bool, typer.Option("--repair", help="Tell again what differs, through inbox and outbox's connector.")
    ] = False,
    output: As = Output.TABLE,
) -> None:
    """Compare a partner's system with what the hub holds, both ways. Without --repair nothing is changed.

    Exit code 1 if they differ, or if a repair could not take up everything.

    Example: hub reconcile stadt-gelsenkirchen -o json
    """
    from services.operations.errors import OperationError  # noqa: PLC0415 - 'hub --help' must be quick

    report = _compared(partner, repair=repair)
    show(report.table(), COLUMNS, output, empty="")
    if report.failed:
        raise OperationError(report.failed)
    left = len(report.held) + len(report.refused) if repair else report.differences
    raise typer.Exit(int(left > 0))


def _compared(partner: str, *, repair: bool) -> "Reconciliation":
    import asyncpg  # noqa: PLC0415 - as above

    from flows.jobs import UnknownJobError  # noqa: PLC0415
    from flows.once import UnreachableError, reconcile_once  # noqa: PLC0415
    from services.operations import known_partners, sites  # noqa: PLC0415
    from services.operations.acting import operator  # noqa: PLC0415
    from services.operations.errors import AwayError, UsageError  # noqa: PLC0415
    from services.operations.watching import counting_up  # noqa: PLC0415
    from services.runtime import logging_setup  # noqa: PLC0415

    settings = sites.settings()
    quiet = settings.model_copy(update={"log_format": "console", "log_level": "warning"})  # the table tells the rest
    logging_setup.configure(quiet, "hub reconcile")
    try:
        with counting_up("recorded facts compared") as count:
            return asyncio.run(reconcile_once(settings, partner, operator() if repair else "", count))
    except UnknownJobError as error:
        known_partners.require(settings, partner, found=False)
        raise UsageError(str(error)) from None
    except UnreachableError as error:
        raise AwayError(str(error)) from None
    except (OSError, asyncpg.PostgresError) as error:
        raise AwayError(f"expected PostgreSQL to answer, came {type(error).__name__}: see 'hub status'") from None

"""``hub pull`` and ``hub push``: one run by hand, the same as the runner's. Importing this is cheap."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from flows.report import RunReport

Partner = Annotated[str, typer.Argument(help="The partner's id, as in its agreement.")]


def pull(
    partner: Partner,
    *,
    accept_shrinkage: Annotated[
        bool, typer.Option("--accept-shrinkage", help="Withdraw what is held because too much would vanish at once.")
    ] = False,
) -> None:
    """Read a partner's system now and publish what changed.

    Example: hub pull stadt-gelsenkirchen --accept-shrinkage
    """
    _run(partner, "pull", accept_shrinkage=accept_shrinkage)


def push(partner: Partner) -> None:
    """Write what waits in a partner's outbox into its system now.

    Example: hub push lernwerkstatt-rotthausen
    """
    _run(partner, "push")


def _run(partner: str, direction: str, *, accept_shrinkage: bool = False) -> None:
    import asyncpg  # noqa: PLC0415 - 'hub --help' must be quick

    from flows.jobs import UnknownJobError  # noqa: PLC0415
    from flows.once import UnreachableError, run_once  # noqa: PLC0415
    from services.operations import known_partners, sites  # noqa: PLC0415
    from services.operations.errors import AwayError, UsageError  # noqa: PLC0415
    from services.runtime import logging_setup  # noqa: PLC0415

    settings = sites.settings()
    quiet = settings.model_copy(update={"log_format": "console", "log_level": "warning"})  # the table tells the rest
    logging_setup.configure(quiet, f"hub {direction}")
    try:
        report = asyncio.run(run_once(settings, partner, direction, accept_shrinkage=accept_shrinkage))
    except UnknownJobError as error:
        known_partners.require(settings, partner, found=False)
        raise UsageError(str(error)) from None
    except UnreachableError as error:
        raise AwayError(str(error)) from None
    except (OSError, asyncpg.PostgresError) as error:
        raise AwayError(f"expected PostgreSQL to answer, came {type(error).__name__}: see 'hub status'") from None
    _tell(report)


def _tell(report: "RunReport") -> None:
    from services.operations.errors import OperationError  # noqa: PLC0415 - as above

    for row in (row for row in report.table() if row["what"] != "failed"):  # the error below tells that
        told = ": ".join(str(row[name]) for name in ("where", "place", "reason") if row[name])
        typer.echo(f"{row['what']:<10} {row['number']:>6}  {told}".rstrip())
    if report.failed:
        raise OperationError(report.failed)
    if report.held:
        raise OperationError(
            f"{len(report.held)} object(s) would vanish at once; nothing was withdrawn, see 'held' above"
        )

"""``hub backfill``: a partner is told once more what is recorded for it."""

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from services.operations.errors import OperationError, UsageError
from services.operations.since import Since, moment
from services.operations.tables import As, Output, show

if TYPE_CHECKING:
    from contracts.agreement import Agreement
    from contracts.backfill import Backfill
    from services.runtime.settings import Settings

COLUMNS = ("stream", "recorded", "told")
LOOK_EVERY_S = 1.0
INTERRUPTED = 130

Stream = Annotated[str | None, typer.Option(help="events, enrolments or research; all that are open where left out.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for those who look later; without names of people.")]
Request = Annotated[str | None, typer.Option("--request", help="Wait for a request of before; it is not made again.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only count what would be told.")]


def backfill(  # noqa: PLR0913 - each is an option
    partner: Annotated[str, typer.Argument(help="The partner's id, as in its agreement.")],
    *,
    stream: Stream = None,
    since: Since = None,
    reason: Reason = "",
    request: Request = None,
    dry_run: DryRun = False,
    output: As = Output.TABLE,
) -> None:
    """Tell a partner once more what its agreement opens to it: of each object what holds, into its outbox.

    It waits until all is told; Ctrl-C leaves that to the hub. What is new meanwhile comes after it.

    Example: hub backfill vhs --stream events --reason "their system was set up anew"
    """
    from services.operations import sites  # noqa: PLC0415 - 'hub --help' must be quick

    settings = sites.settings()
    if request is not None:
        _wait(settings, _known(settings, partner, request))
        return
    agreement = _agreement(settings, partner)
    asked = _asked(settings, agreement, stream, since)
    if dry_run or not asked.starts:
        _count(settings, agreement, asked, output)
    else:
        _wait(settings, _made(settings, replace(asked, reason=reason.strip())))


def _asked(settings: "Settings", agreement: "Agreement", stream: str | None, since: str | None) -> "Backfill":
    from datetime import UTC, datetime  # noqa: PLC0415 - as above

    from services.operations.partners import backfilling  # noqa: PLC0415

    begin = moment(since, datetime.now(UTC)) if since else None
    return asyncio.run(backfilling.asked(settings, agreement, begin, _streams(agreement, stream)))


def _count(settings: "Settings", agreement: "Agreement", asked: "Backfill", output: Output) -> None:
    from services.operations.partners import backfilling  # noqa: PLC0415 - as above
    from services.operations.watching import counting_up  # noqa: PLC0415

    with counting_up("records looked at") as count:
        rows = asyncio.run(backfilling.counted(settings, agreement, asked, count))
    show(rows, COLUMNS, output, empty="Nothing is recorded since then.")


def _agreement(settings: "Settings", partner: str) -> "Agreement":
    from contracts.agreements import load_agreements  # noqa: PLC0415 - as above
    from services.operations import known_partners  # noqa: PLC0415

    agreements = load_agreements(settings.agreements)
    if partner not in agreements:
        known_partners.require(settings, partner, found=False)
    return agreements[partner]


def _streams(agreement: "Agreement", wanted: str | None) -> list[str]:
    from contracts.registry import CONTRACTS, STREAMS  # noqa: PLC0415 - as above

    opened = {CONTRACTS[name].stream for name in agreement.outbox.contracts}
    streams = [each for each in STREAMS if each in opened and wanted in (None, each)]
    if not streams:
        listed = ", ".join(each for each in STREAMS if each in opened) or "none"
        raise UsageError(f"expected a stream that {agreement.id}'s outbox opens ({listed}), came {wanted or 'none'}")
    return streams


def _made(settings: "Settings", asked: "Backfill") -> "Backfill":
    from services.operations.partners import backfilling  # noqa: PLC0415 - as above

    if not asked.reason:
        raise UsageError('expected a reason for those who look later: --reason "their system was set up anew"')
    earlier = list(asyncio.run(backfilling.requests(settings, asked.partner)).values())
    if earlier and asyncio.run(backfilling.left(settings, before := earlier[-1])) is not None:
        raise OperationError(
            f"expected no backfill of {asked.partner} under way, {before.id} is: hub backfill {asked.partner} "
            f"--request {before.id}"
        )
    asyncio.run(backfilling.ask(settings, asked))
    return asked


def _known(settings: "Settings", partner: str, request: str) -> "Backfill":
    from services.operations.partners import backfilling  # noqa: PLC0415 - as above

    found = asyncio.run(backfilling.requests(settings, partner))
    if request not in list(found)[-1:]:
        last = list(found)[-1] if found else "none was made"
        raise UsageError(f"expected the last request for {partner} ({last}), came {request!r}")
    return found[request]


def _wait(settings: "Settings", asked: "Backfill") -> None:
    """Wait until all is told, unless somebody has something else to do."""
    from services.operations.partners import backfilling  # noqa: PLC0415 - as above
    from services.operations.watching import counting_up  # noqa: PLC0415

    again = f"hub backfill {asked.partner} --request {asked.id}"
    try:
        with counting_up("records looked at") as count:
            before = None
            while (left := asyncio.run(backfilling.left(settings, asked))) is not None:
                count(max(0, (before or left) - left))
                before = left
                time.sleep(LOOK_EVERY_S)
    except KeyboardInterrupt:
        typer.echo(f"it goes on without you, see 'hub status'; to wait for it: {again}", err=True)
        raise typer.Exit(INTERRUPTED) from None
    typer.echo(f"all is told to {asked.partner} (request {asked.id})")

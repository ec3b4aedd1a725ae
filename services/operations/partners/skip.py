"""``hub webhook skip``, ``audit``: a fact that a partner's endpoint never takes is left out, on record."""

import asyncio
from typing import Annotated

import typer

from services.operations.errors import OperationError, UsageError
from services.operations.tables import As, Output, show
from services.operations.terminal import confirm

COLUMNS = ("time", "by", "partner", "id", "place", "answer", "reason")

Partner = Annotated[str, typer.Argument(help="The partner's id.")]
Of = Annotated[str | None, typer.Option("--partner", help="Only facts that this partner was not told.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for those who look later; without names of people.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]


def skip(partner: Partner, *, reason: Reason = "", yes: Yes = False) -> None:
    """Leave out the one fact that a partner's endpoint does not take, and call it with the next one.

    The fact stays in its outbox, where the partner can read it. Who left it out, when and why is kept for a year.

    Example: hub webhook skip universitaet-wuppertal --reason "too large for their gateway, agreed by phone"
    """
    from services.operations import known_partners, sites  # noqa: PLC0415 - 'hub --help' must be quick
    from services.operations.partners import skipping  # noqa: PLC0415

    if not (why := reason.strip()):
        raise UsageError('expected a reason for those who look later: --reason "too large for them, agreed by phone"')
    settings = sites.settings()
    place = asyncio.run(skipping.place(settings, partner))
    known_partners.require(settings, partner, found=place is not None)
    fact = asyncio.run(skipping.refused(settings, partner, place))
    confirm(f"Leave out {fact.id} at {fact.place} ({fact.answer}) for {partner}?", yes=yes)
    if not asyncio.run(skipping.skip(settings, fact, why)):
        raise OperationError(f"expected {partner} to be where it was, it went on meanwhile: see 'hub webhook list'")
    typer.echo(f"{fact.id} at {fact.place} is left out; {partner} is called with the next one within seconds.")


def audit(*, partner: Of = None, output: As = Output.TABLE) -> None:
    """List the facts that were left out, who did it and why, the latest first; kept for a year.

    Example: hub webhook audit --partner universitaet-wuppertal
    """
    from services.operations import known_partners, sites  # noqa: PLC0415 - as above
    from services.operations.partners import skipping  # noqa: PLC0415

    settings = sites.settings()
    rows = asyncio.run(skipping.skipped(settings, partner))
    known_partners.require(settings, partner, found=bool(rows))
    show(rows, COLUMNS, output, empty="Nothing was left out.")

"""``hub deadletter redrive``, ``repair``, ``discard``: closing dead letters on record; the letters stay as they are."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from services.operations.errors import OperationError, UsageError
from services.operations.letters.choosing import chosen
from services.operations.letters.editing import edited
from services.operations.tables import As, Output, show
from services.operations.terminal import confirm

if TYPE_CHECKING:
    from contracts.dead_letter import DeadLetter
    from services.operations.letters.redriving import Judged
    from services.runtime.settings import Settings

COLUMNS = ("id", "partner", "was", "now")

Identifier = Annotated[str, typer.Argument(metavar="ID", help="As 'list' shows it: topic/partition/offset.")]
Identifiers = Annotated[list[str] | None, typer.Argument(metavar="[ID]…", help="As 'list' shows them.")]
Partner = Annotated[str | None, typer.Option(help="All open ones of this partner.")]
Rule = Annotated[str | None, typer.Option(help="All open ones refused by this rule, such as type-not-allowed.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would become of them.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for those who look later; without names of people.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]


def redrive(  # noqa: PLR0913 - each is an option
    identifiers: Identifiers = None,
    *,
    partner: Partner = None,
    rule: Rule = None,
    reason: Reason = "",
    dry_run: DryRun = False,
    yes: Yes = False,
    output: As = Output.TABLE,
) -> None:
    """Put copies of dead letters into their inboxes again: those that pass the door today; the others stay open.

    The copy names the letter (ce_redriveof), and the letter counts as what becomes of the copy.

    Example: hub deadletter redrive --partner vhs --rule type-not-allowed --dry-run
    """
    from services.operations import sites  # noqa: PLC0415 - 'hub --help' must be quick

    settings = sites.settings()
    letters = asyncio.run(chosen(settings, identifiers or [], partner, rule))
    found = _judged(settings, letters, named=bool(identifiers or rule))
    show([each.row() for each in found], COLUMNS, output, empty="There is nothing to redrive.")
    if dry_run:
        raise typer.Exit(int(any(each.why_not for each in found)))
    _send(settings, found, reason, yes=yes)


def repair(identifier: Identifier, *, reason: Reason = "", yes: Yes = False) -> None:
    """Repair a copy of one dead letter in your editor ($VISUAL or $EDITOR), and put it into its inbox.

    It shows what the message says, maybe about people: see who looks over your shoulder. That you looked is noted.

    Example: hub deadletter repair partner.vhs.inbox/0/7 --reason "date mistyped, told by phone"
    """
    from services.operations import sites  # noqa: PLC0415 - 'hub --help' must be quick
    from services.operations.letters import redriving, reveals  # noqa: PLC0415 - 'hub --help' must be quick

    settings = sites.settings()
    letters = asyncio.run(chosen(settings, [identifier], None, None))
    if why := redriving.never(letters[0]):
        raise OperationError(f"expected a message that an inbox took; {why}")
    asyncio.run(reveals.note(settings, letters[0], reason.strip() or "to repair it"))
    found = _judged(settings, letters, edited(letters[0].original.value), named=True)
    show([each.row() for each in found], COLUMNS, Output.TABLE, empty="")
    _send(settings, found, reason, yes=yes, repaired=True)


def discard(
    identifiers: Identifiers = None,
    *,
    partner: Partner = None,
    rule: Rule = None,
    reason: Reason = "",
    yes: Yes = False,
) -> None:
    """Close dead letters of which nothing more is to come. They stay readable until they expire.

    Example: hub deadletter discard partner.vhs.inbox/0/7 --reason "a test message"
    """
    from services.operations import sites  # noqa: PLC0415 - 'hub --help' must be quick
    from services.operations.letters import closings  # noqa: PLC0415 - 'hub --help' must be quick

    settings = sites.settings()
    if not reason.strip():
        raise UsageError('expected a reason for those who look later: --reason "a test message"')
    letters = asyncio.run(chosen(settings, identifiers or [], partner, rule))
    if not letters:
        raise OperationError("there are no such open dead letters: see 'hub deadletter list'")
    confirm(f"Discard {len(letters)} dead letter(s)?", yes=yes)
    rows = [closings.closed_now(letter, "discarded", reason) for letter in letters]
    asyncio.run(closings.close(settings, {letter.id: letter for letter in letters}, rows, {}))
    typer.echo(f"{len(letters)} discarded.")


def _judged(
    settings: "Settings", letters: "Sequence[DeadLetter]", repaired: bytes | None = None, *, named: bool
) -> "list[Judged]":
    from contracts.agreements import load_agreements  # noqa: PLC0415 - 'hub --help' must be quick
    from services.operations.letters.redriving import SAME_AGAIN, Judged, judged  # noqa: PLC0415

    agreements = load_agreements(settings.agreements)
    return [
        Judged(letter, letter.original, "it would be decided the same again: name its id or rule to try")
        if letter.refusal.rule in SAME_AGAIN and not named
        else judged(letter, agreements.get(letter.partner), repaired, datetime.now(UTC))
        for letter in letters
    ]


def _send(settings: "Settings", found: "Sequence[Judged]", reason: str, *, yes: bool, repaired: bool = False) -> None:
    from services.operations.letters import closings  # noqa: PLC0415 - 'hub --help' must be quick

    if not (ready := [each for each in found if not each.why_not]):
        raise OperationError("nothing was sent: nothing of it would pass the door")
    confirm(f"Send {len(ready)} of {len(found)} again?", yes=yes)
    letters = {each.letter.id: each.letter for each in ready}
    rows = [closings.closed_now(letter, "redriven", reason, repaired=repaired) for letter in letters.values()]
    asyncio.run(closings.close(settings, letters, rows, {each.letter.id: each.copy for each in ready}))
    typer.echo(f"{len(ready)} of {len(found)} sent again.", err=True)

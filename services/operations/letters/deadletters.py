"""``hub deadletter``: what could not be taken, why, and what its sender does about it.

Without a value of a message, unless an operator asks for it and says why: that is noted.
"""

import asyncio
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from services.operations.errors import OperationError
from services.operations.letters.redrive import discard, redrive, repair
from services.operations.tables import As, Output, show, tell

if TYPE_CHECKING:
    from contracts.dead_letter import DeadLetter
    from services.runtime.settings import Settings

COLUMNS = ("time", "partner", "direction", "rule", "place", "expected", "id")
CLOSED = ("closed", "by", "at", "reason")

deadletter = typer.Typer(no_args_is_help=True)
deadletter.command("redrive")(redrive)
deadletter.command("repair")(repair)
deadletter.command("discard")(discard)


@deadletter.callback()
def _about() -> None:
    """Messages that could not be taken.

    Example: hub deadletter list --partner stadt-gelsenkirchen
    """


class Language(StrEnum):
    """In which language reasons and remedies are told."""

    GERMAN = "de"
    ENGLISH = "en"


Closed = Annotated[bool, typer.Option("--closed", help="Those that an operator closed, and how.")]
Partner = Annotated[str | None, typer.Option(help="Only this partner's.")]
Identifier = Annotated[str, typer.Argument(metavar="ID", help="As 'list' shows it: topic/partition/offset.")]
Source = Annotated[bool, typer.Option("--source", help="Show the entry's own name, which may be a person's.")]
Reveal = Annotated[bool, typer.Option("--reveal", help="Show the values; needs --reason, and is noted.")]
Reason = Annotated[str, typer.Option("--reason", help="Why you must see them; without names of people.")]
Tongue = Annotated[Language, typer.Option("--lang", help="Language of the reason and the remedy.")]


@deadletter.command("list")
def list_(*, partner: Partner = None, closed: Closed = False, output: As = Output.TABLE) -> None:
    """List the open dead letters, newest first, without any value of their messages.

    Example: hub deadletter list --partner stadt-gelsenkirchen
    """
    from services.operations import known_partners, sites  # noqa: PLC0415 - see 'hub --help'
    from services.operations.letters import burials, closings, reveals  # noqa: PLC0415 - see 'hub --help'

    settings = sites.settings()
    letters = asyncio.run(burials.letters(settings))
    ended = asyncio.run(closings.closings(settings))
    looks = reveals.counted(asyncio.run(reveals.reveals(settings)))
    own = [letter for letter in letters if partner in (None, letter.partner)]
    known_partners.require(settings, partner, found=bool(own))
    newest = sorted(own, key=lambda letter: letter.time, reverse=True)
    told = [(letter, closings.closing_of(letter, ended)) for letter in newest]
    rows = [
        {**burials.row(letter), "revealed": looks[letter.partner, letter.id], **closings.row(closing)}
        for letter, closing in told
        if bool(closing) == closed
    ]
    columns = (*COLUMNS, *CLOSED) if closed else COLUMNS
    show(rows, columns, output, empty="There are no such dead letters." if letters else "There are no dead letters.")


@deadletter.command("show")
def show_(  # noqa: PLR0913 - each is an option
    identifier: Identifier,
    *,
    lang: Tongue = Language.ENGLISH,
    source: Source = False,
    reveal: Reveal = False,
    reason: Reason = "",
    output: As = Output.TABLE,
) -> None:
    """Show one dead letter: where it lay, which rule it breaks, the remedy, and its structure with values masked.

    --source tells which file or calendar resource a refused entry of a partner's system is, as long as it is refused.
    --reveal shows what the message says, which may be about people; who looked, when and why is noted before.

    Example: hub deadletter show partner.stadt-gelsenkirchen.inbox/0/7 --lang de
    """
    from services.operations import sites  # noqa: PLC0415 - 'hub --help' must be quick
    from services.operations.letters import burials, revealing, reveals  # noqa: PLC0415 - 'hub --help' must be quick

    settings = sites.settings()
    found = [letter for letter in asyncio.run(burials.letters(settings)) if letter.id == identifier]
    if not found:
        raise OperationError(f"expected the id of a dead letter, found none {identifier!r}: see 'hub deadletter list'")
    if reveal:
        asyncio.run(reveals.note(settings, found[-1], reason))
    about = asyncio.run(_about_one(settings, found[-1], lang.value, source=source))
    tell(about | revealing.revealed(found[-1]) if reveal else about, output)


@deadletter.command("audit")
def audit(*, partner: Partner = None, output: As = Output.TABLE) -> None:
    """List who looked at what dead letters say, the latest first; kept for a year, longer than the letters.

    Example: hub deadletter audit --partner stadt-gelsenkirchen
    """
    from services.operations import known_partners, sites  # noqa: PLC0415 - 'hub --help' must be quick
    from services.operations.letters import reveals  # noqa: PLC0415 - 'hub --help' must be quick

    settings = sites.settings()
    own = [each for each in asyncio.run(reveals.reveals(settings)) if partner in (None, each.partner)]
    known_partners.require(settings, partner, found=bool(own))
    show([reveals.row(each) for each in reversed(own)], reveals.COLUMNS, output, empty="Nobody looked.")


async def _about_one(settings: "Settings", letter: "DeadLetter", language: str, *, source: bool) -> dict[str, object]:
    from services.operations.letters import burials, closings, reveals  # noqa: PLC0415 - 'hub --help' must be quick

    about = burials.about(letter, language)
    about["revealed"] = reveals.counted(await reveals.reveals(settings))[letter.partner, letter.id]
    if closing := closings.closing_of(letter, await closings.closings(settings)):
        about |= closings.row(closing)
    if letter.direction == "pull":
        about["source"] = await burials.source(settings, letter) if source else burials.HIDDEN
    return about

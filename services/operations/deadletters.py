"""``hub deadletter``: what could not be taken, why, and what its sender does about it. Never a value of a message."""

import asyncio
import json
from enum import StrEnum
from typing import Annotated

import typer

from services.operations.errors import OperationError
from services.operations.redrive import discard, redrive, repair
from services.operations.tables import As, Output, show

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
Tongue = Annotated[Language, typer.Option("--lang", help="Language of the reason and the remedy.")]


@deadletter.command("list")
def list_(*, partner: Partner = None, closed: Closed = False, output: As = Output.TABLE) -> None:
    """List the open dead letters, newest first, without any value of their messages.

    Example: hub deadletter list --partner stadt-gelsenkirchen
    """
    from services.operations import burials, closings, partners, sites  # noqa: PLC0415 - 'hub --help' must be quick

    settings = sites.settings()
    letters = asyncio.run(burials.letters(settings))
    ended = asyncio.run(closings.closings(settings))
    own = [letter for letter in letters if partner in (None, letter.partner)]
    partners.require(settings, partner, found=bool(own))
    newest = sorted(own, key=lambda letter: letter.time, reverse=True)
    told = [(letter, closings.closing_of(letter, ended)) for letter in newest]
    rows = [
        {**burials.row(letter), **(closings.row(closing) if closing else {})}
        for letter, closing in told
        if bool(closing) == closed
    ]
    columns = (*COLUMNS, *CLOSED) if closed else COLUMNS
    show(rows, columns, output, empty="There are no such dead letters." if letters else "There are no dead letters.")


@deadletter.command("show")
def show_(
    identifier: Identifier,
    *,
    lang: Tongue = Language.ENGLISH,
    source: Source = False,
    output: As = Output.TABLE,
) -> None:
    """Show one dead letter: where it lay, which rule it breaks, the remedy, and its structure with values masked.

    --source tells which file or calendar resource a refused entry of a partner's system is, as long as it is refused.

    Example: hub deadletter show partner.stadt-gelsenkirchen.inbox/0/7 --lang de
    """
    from services.operations import burials, closings, sites  # noqa: PLC0415 - 'hub --help' must be quick

    settings = sites.settings()
    found = [letter for letter in asyncio.run(burials.letters(settings)) if letter.id == identifier]
    if not found:
        raise OperationError(f"expected the id of a dead letter, found none {identifier!r}: see 'hub deadletter list'")
    about = burials.about(found[-1], lang.value)
    if closing := closings.closing_of(found[-1], asyncio.run(closings.closings(settings))):
        about |= closings.row(closing)
    if found[-1].direction == "pull":
        about["source"] = asyncio.run(burials.source(settings, found[-1])) if source else burials.HIDDEN
    if output is Output.JSON:
        typer.echo(json.dumps(about, ensure_ascii=False, indent=2))
        return
    for name, value in about.items():
        told = value if isinstance(value, str) else "\n" + json.dumps(value, ensure_ascii=False, indent=2)
        typer.echo(f"{name:<12}{told}")

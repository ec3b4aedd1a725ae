"""``hub person``: whose data is held, and what, for the human who asks."""

import asyncio
from typing import Annotated

import typer

from services.operations.errors import UsageError
from services.operations.people.languages import Language, Tongue
from services.operations.people.referring import Reference, require_reference

person = typer.Typer(no_args_is_help=True)

_LONGEST = 300  # characters of a partner's id of a human, as the contract says


@person.callback()
def _about() -> None:
    """People in the vault.

    Example: hub person find --partner vhs
    """


Partner = Annotated[str, typer.Option(help="The partner who told them.")]


@person.command("find")
def find_(*, partner: Partner) -> None:
    """Print the reference of a human. The partner's own id of them is read from standard input, never from here.

    Command lines are seen by everybody on the machine and kept in histories.

    Example: hub person find --partner vhs
    """
    from services.operations import known_partners, sites  # noqa: PLC0415 - 'hub --help' must be quick
    from services.operations.people import persons  # noqa: PLC0415 - 'hub --help' must be quick

    settings = sites.settings()
    known_partners.require(settings, partner, found=False)
    stdin = typer.get_text_stream("stdin", encoding="utf-8")
    if stdin.isatty():
        typer.echo("The partner's own id of the human, then Enter:", err=True)
    person_id = stdin.readline().rstrip("\r\n")
    if not 0 < len(person_id) <= _LONGEST:
        raise UsageError(f"expected a line of 1 to {_LONGEST} characters on standard input, came {len(person_id)}")
    reference, known = asyncio.run(persons.found(settings, partner, person_id))
    typer.echo(reference)
    if not known:
        typer.echo("The vault knows nothing of it: is that the right partner, and is the id spelled so?", err=True)
        raise typer.Exit(1)


@person.command("report")
def report_(reference: Reference, *, language: Tongue = Language.ENGLISH) -> None:
    """Print what is held of a human, since when, from whom, for what, and where it went (Art. 15 GDPR).

    It shows the data itself, on standard output alone: see who looks over your shoulder. The access is noted.

    Example: hub person report abcdefghijklmnopqrstuvwx23 --language de
    """
    from contracts.agreements import load_agreements  # noqa: PLC0415 - 'hub --help' must be quick
    from services.operations import sites  # noqa: PLC0415
    from services.operations.people import access_report, footprints, persons  # noqa: PLC0415

    require_reference(reference)
    settings = sites.settings()
    agreements = load_agreements(settings.agreements)
    prints = asyncio.run(footprints.footprints(settings, agreements, reference))
    held = asyncio.run(persons.held(settings, reference, "hub person report"))
    if not held.anything and not prints.enrolments:
        raise persons.unknown(reference)
    names = {name: agreement.name.model_dump()[language] for name, agreement in agreements.items()}
    for line in access_report.lines(access_report.Told(reference, held, prints, names), language):
        typer.echo(line)

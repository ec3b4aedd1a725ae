"""``hub erase``: what the vault holds of a human, gone for good and on record."""

import asyncio
from datetime import UTC
from typing import TYPE_CHECKING, Annotated

import typer

from contracts.wording import Sentences
from services.operations.acting import AN_OPERATOR
from services.operations.people.languages import Language, Tongue
from services.operations.people.referring import Reference, require_reference
from services.operations.terminal import confirm

if TYPE_CHECKING:
    from services.operations.people.persons import Held
    from services.runtime.vault_rows import Receipt

WORDS = Sentences("services.operations.people", "erase")
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Erase without asking.")]


def erase(reference: Reference, *, yes: Yes = False, language: Tongue = Language.ENGLISH) -> None:
    """Erase what the vault holds of a human (Art. 17 GDPR), and print the receipt.

    Replayed facts of before do not bring it back; a request that is told later does. Given again, it prints the same
    receipt.

    Example: hub erase abcdefghijklmnopqrstuvwx23 --language de
    """
    from services.operations import sites  # noqa: PLC0415 - 'hub --help' must be quick
    from services.operations.people import persons  # noqa: PLC0415 - 'hub --help' must be quick

    require_reference(reference)
    settings = sites.settings()
    held = asyncio.run(persons.held(settings, reference))
    if not held.anything:
        raise persons.unknown(reference)
    if held.person or held.readers:
        confirm(_question(held), yes=yes)
    for line in lines(asyncio.run(persons.erase(settings, reference)), held, language):
        typer.echo(line)


def _question(held: "Held") -> str:
    if held.person is None:
        return "Erase who may read of this human? More is not held of them."
    return f"Erase what {held.person['partner']} told of this human, last on {held.person['told_at']:%Y-%m-%d}?"


def lines(receipt: "Receipt", held: "Held", language: str) -> list[str]:
    """Return the receipt as the human gets it (Art. 17 and 19 GDPR), line by line, in English or German."""
    readers = sorted({row["reader"] for row in held.accesses if not row["reader"].startswith(AN_OPERATOR)})
    told = ("erased", "at", "receipt", *(["tell"] if readers else []), "remains")
    gaps = {
        "reference": receipt.person_ref,
        "time": f"{receipt.erased_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "receipt": receipt.receipt,
        "readers": ", ".join(readers),
    }
    return [WORDS(each, **gaps).told(language) for each in told]

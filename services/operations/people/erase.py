"""``hub erase``: what the vault holds of a human, gone for good and on record."""

import asyncio
from datetime import UTC
from typing import TYPE_CHECKING, Annotated

import typer

from services.operations.errors import OperationError
from services.operations.people.referring import Reference, require_reference

if TYPE_CHECKING:
    from services.operations.people.persons import Held
    from services.runtime.vault_rows import Receipt

REMAINS = (
    "messages as they came in, up to 30 days in the inbox and 30 more among the dead letters; in the streams, and up "
    "to 90 days in outboxes, the reference, the age band and the ids that the partners gave the request and its "
    "messages, which name nobody without the partner's own list"
)
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Erase without asking.")]


def erase(reference: Reference, *, yes: Yes = False) -> None:
    """Erase what the vault holds of a human (Art. 17 GDPR), and print the receipt.

    Replayed facts of before do not bring it back; a request that is told later does. Given again, it prints the same
    receipt.

    Example: hub erase abcdefghijklmnopqrstuvwx23
    """
    from services.operations import sites  # noqa: PLC0415 - 'hub --help' must be quick
    from services.operations.people import persons  # noqa: PLC0415 - 'hub --help' must be quick

    require_reference(reference)
    settings = sites.settings()
    held = asyncio.run(persons.held(settings, reference))
    if not held.anything:
        raise persons.unknown(reference)
    if (held.person or held.readers) and not yes and not typer.confirm(_question(held)):
        raise OperationError("nothing was erased")
    for line in _told(asyncio.run(persons.erase(settings, reference)), held):
        typer.echo(line)


def _question(held: "Held") -> str:
    if held.person is None:
        return "Erase who may read of this human? More is not held of them."
    return f"Erase what {held.person['partner']} told of this human, last on {held.person['told_at']:%Y-%m-%d}?"


def _told(receipt: "Receipt", held: "Held") -> list[str]:
    readers = sorted({row["reader"] for row in held.accesses if not row["reader"].startswith("operator ")})
    notice = [f"tell       {', '.join(readers)}: they read it, and must hear of the erasure (Art. 19 GDPR)"]
    return [
        f"erased     {receipt.person_ref}",
        f"at         {receipt.erased_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        f"receipt    {receipt.receipt}",
        *(notice if readers else []),
        f"remains    {REMAINS}",
    ]

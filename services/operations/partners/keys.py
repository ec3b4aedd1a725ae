"""``hub key``: who comes in at the HTTP door. A key is shown once; what is kept of it lets nobody in."""

from typing import TYPE_CHECKING, Annotated

import typer

from services.operations.errors import OperationError, UsageError
from services.operations.tables import As, Output, show

if TYPE_CHECKING:
    from services.runtime.api_keys import KeyFile

COLUMNS = ("partner", "id", "made")

key = typer.Typer(no_args_is_help=True)


@key.callback()
def _about() -> None:
    """Keys of partners at the HTTP door.

    Example: hub key add universitaet-wuppertal
    """


Partner = Annotated[str, typer.Argument(help="The partner's id.")]
Identifier = Annotated[str, typer.Argument(metavar="ID", help="As 'list' shows it.")]


@key.command("add")
def add(partner: Partner) -> None:
    """Make a key and print it, this once. Two can be valid at a time, while the partner changes over.

    Example: hub key add universitaet-wuppertal
    """
    from services.runtime.api_keys import MOST, new_key  # noqa: PLC0415 - 'hub --help' must be quick

    file = _file(partner, opened=True)
    kept = file.read()
    if len(kept) >= MOST:
        raise OperationError(
            f"expected at most {MOST} keys of {partner} at a time, found {len(kept)}: "
            f"revoke the one that is no longer used, 'hub key revoke {partner} {kept[0].id}'"
        )
    secret, row = new_key(partner)
    file.write([*kept, row])
    typer.echo(secret)


@key.command("list")
def list_(output: As = Output.TABLE) -> None:
    """List the keys that are valid, without the keys themselves.

    Example: hub key list
    """
    from contracts.agreements import load_agreements  # noqa: PLC0415 - as above
    from services.operations import sites  # noqa: PLC0415
    from services.runtime.api_keys import KeyFile  # noqa: PLC0415

    settings = sites.settings()
    # Also of whom the door is shut to, and of former partners: should it open again, their keys would let in.
    partners = {*load_agreements(settings.agreements), *KeyFile.holders(settings.secrets)}
    rows = [
        {"partner": partner, "id": each.id, "made": each.made}
        for partner in sorted(partners)
        for each in KeyFile(settings.secrets, partner).read()
    ]
    show(rows, COLUMNS, output, empty="There are no keys.")


@key.command("revoke")
def revoke(partner: Partner, identifier: Identifier) -> None:
    """Make a key invalid; it counts from the next request on.

    Example: hub key revoke universitaet-wuppertal 3f9a1c07
    """
    file = _file(partner, opened=False)
    kept = file.read()
    left = [each for each in kept if each.id != identifier]
    if len(left) == len(kept):
        known = ", ".join(each.id for each in kept) or "none"
        raise OperationError(f"expected the id of a key of {partner}, came {identifier!r}; valid are: {known}")
    file.write(left)
    typer.echo(f"{identifier} of {partner} is no longer valid.")


def _file(partner: str, *, opened: bool) -> "KeyFile":
    """Return the partner's keys; a former partner's can still be revoked."""
    from contracts.agreements import load_agreements  # noqa: PLC0415 - as above
    from services.operations import known_partners, sites  # noqa: PLC0415
    from services.runtime.api_keys import KeyFile  # noqa: PLC0415

    settings = sites.settings()
    file = KeyFile(settings.secrets, partner)
    agreement = load_agreements(settings.agreements).get(partner)
    left = "/" not in partner and file.path.exists()
    known_partners.require(settings, partner, found=agreement is not None or left)
    if opened and not (agreement and agreement.http):
        raise UsageError(
            f"expected an agreement of {partner} that opens the HTTP door, found one that does not: "
            "write the table [http] into it, then 'hub apply', and restart the gateway"
        )
    return file

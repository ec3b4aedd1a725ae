"""``hub webhook``: partners who are called. A secret is shown once; it stays in a file, as the hub signs with it."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from services.operations.errors import OperationError, UsageError
from services.operations.partners.skip import audit, skip
from services.operations.tables import As, Output, show

if TYPE_CHECKING:
    from services.runtime.signing_secrets import SecretFile

COLUMNS = ("partner", "state", "failures", "next_try", "accepted", "secrets", "reason")

webhook = typer.Typer(no_args_is_help=True)
webhook.command("skip")(skip)
webhook.command("audit")(audit)


@webhook.callback()
def _about() -> None:
    """Partners who want to be called, with each fact of their outbox.

    Example: hub webhook list
    """


Partner = Annotated[str, typer.Argument(help="The partner's id.")]
Identifier = Annotated[str, typer.Argument(metavar="ID", help="As 'list' shows it.")]
FromFirst = Annotated[bool, typer.Option("--from-first", help="Tell everything that its outbox keeps once more.")]


@webhook.command("secret")
def secret(partner: Partner) -> None:
    """Make a secret that calls are signed with, and print it, this once.

    Two can be kept at a time: until the older one is retired, each call is signed with both.

    Example: hub webhook secret universitaet-wuppertal
    """
    from services.runtime.signing_secrets import MOST, id_of, new_secret  # noqa: PLC0415 - 'hub --help' must be quick

    file = _file(partner, opened=True)
    kept = file.read()
    if len(kept) >= MOST:
        raise OperationError(
            f"expected at most {MOST} secrets of {partner} at a time, found {len(kept)}: "
            f"retire the one that is no longer used, 'hub webhook retire {partner} {id_of(kept[0])}'"
        )
    made = new_secret()
    file.write([*kept, made])
    typer.echo(made)


@webhook.command("retire")
def retire(partner: Partner, identifier: Identifier) -> None:
    """Sign with a secret no more; it counts from the next call on.

    Example: hub webhook retire universitaet-wuppertal 3f9a1c07
    """
    from services.runtime.signing_secrets import id_of  # noqa: PLC0415 - as above

    file = _file(partner, opened=False)
    kept = file.read()
    left = [each for each in kept if id_of(each) != identifier]
    if len(left) == len(kept):
        known = ", ".join(map(id_of, kept)) or "none"
        raise OperationError(f"expected the id of a secret of {partner}, came {identifier!r}; kept are: {known}")
    file.write(left)
    typer.echo(f"calls of {partner} are signed with {identifier} no more.")


@webhook.command("list")
def list_(output: As = Output.TABLE) -> None:
    """List who is called, how that goes, and the ids of their secrets.

    Example: hub webhook list
    """
    from contracts.agreements import load_agreements  # noqa: PLC0415 - as above
    from services.operations import sites  # noqa: PLC0415
    from services.operations.partners.called import Call  # noqa: PLC0415
    from services.operations.partners.calls import calls  # noqa: PLC0415
    from services.runtime.signing_secrets import SecretFile, id_of  # noqa: PLC0415

    settings = sites.settings()
    agreements = load_agreements(settings.agreements).values()
    known = asyncio.run(calls(settings))
    rows = []
    for partner in (agreement.id for agreement in agreements if agreement.http and agreement.http.webhook):
        call = known.get(partner, Call("never"))
        told = {name: getattr(call, name) for name in COLUMNS if hasattr(call, name)}
        secrets = " ".join(map(id_of, SecretFile(settings.secrets, partner).read()))
        rows.append({"partner": partner, **told, "secrets": secrets})
    show(rows, COLUMNS, output, empty="No agreement names a webhook.")


@webhook.command("resume")
def resume_(partner: Partner, *, from_first: FromFirst = False) -> None:
    """Call a partner now that did not answer, or that wanted to be called no more (410).

    Example: hub webhook resume universitaet-wuppertal
    """
    from services.operations import sites  # noqa: PLC0415 - as above
    from services.operations.partners.calls import resume  # noqa: PLC0415

    _file(partner, opened=True)
    if not asyncio.run(resume(sites.settings(), partner, from_first=from_first)):
        raise OperationError(
            f"expected that {partner} was called before, it was not: restart the gateway if its webhook is new"
        )
    typer.echo(f"{partner} is called within seconds.")


def _file(partner: str, *, opened: bool) -> "SecretFile":
    """Return the partner's secrets; a former partner's can still be retired."""
    from contracts.agreements import load_agreements  # noqa: PLC0415 - as above
    from services.operations import known_partners, sites  # noqa: PLC0415
    from services.runtime.signing_secrets import SecretFile  # noqa: PLC0415

    settings = sites.settings()
    file = SecretFile(settings.secrets, partner)
    agreement = load_agreements(settings.agreements).get(partner)
    left = "/" not in partner and file.path.exists()
    known_partners.require(settings, partner, found=agreement is not None or left)
    if opened and not (agreement and agreement.http and agreement.http.webhook):
        raise UsageError(
            f"expected an agreement of {partner} that names a webhook, found one that does not: "
            'write webhook = "https://…" into its table [http], and restart the gateway'
        )
    return file

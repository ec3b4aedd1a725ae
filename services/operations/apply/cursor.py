"""``hub cursor``: deciding by hand where a reader goes on, when nothing else can tell."""

from typing import Annotated

import typer

from services.operations.errors import UsageError
from services.operations.terminal import confirm

cursor = typer.Typer(no_args_is_help=True)


@cursor.callback()
def _about() -> None:
    """Where the hub's readers are.

    Example: hub cursor set hub.events hub.events.submitted/1 first
    """


Group = Annotated[str, typer.Argument(help="The consumer group, such as hub.events.")]
Place = Annotated[str, typer.Argument(help="Topic and partition: hub.events.submitted/1.")]
Offset = Annotated[str, typer.Argument(help="first, end, or the next offset to read.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Set it without asking.")]


@cursor.command("set")
def set_(group: Group, place: Place, offset: Offset, *, yes: Yes = False) -> None:
    """Set the place where a group goes on reading. Stop its service first.

    'first' reads all again, which changes nothing that was applied; 'end' skips what lies there: it is lost.

    Example: hub cursor set hub.events hub.events.submitted/1 first
    """
    from services.operations import sites  # noqa: PLC0415 - 'hub --help' must be quick
    from services.operations.apply import placing  # noqa: PLC0415 - 'hub --help' must be quick

    topic, slash, partition = place.rpartition("/")
    if not slash or not partition.isdecimal() or not (offset in ("first", "end") or offset.isdecimal()):
        raise UsageError(
            "expected TOPIC/PARTITION and first, end or a number: hub cursor set hub.intake partner.vhs.inbox/0 first"
        )
    settings = sites.settings()
    at = placing.resolve(settings, topic, int(partition), offset)
    confirm(f"Let {group} go on in {place} at offset {at}?", yes=yes)
    placing.put(settings, group, topic, int(partition), at)
    typer.echo(f"{group} goes on in {place} at offset {at}.")

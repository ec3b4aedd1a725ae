"""``hub rebuild``: the state of a stream from what was recorded."""

import asyncio
from typing import Annotated

import typer

Stream = Annotated[str, typer.Argument(help="The stream: events, research or enrolments.")]
Check = Annotated[bool, typer.Option("--check", help="Compare only; exit code 1 if something differs.")]


def rebuild(stream: Stream, *, check: Check = False) -> None:
    """Fold all recorded facts of a stream once more, and put the result in place of what the database holds.

    Nothing is decided again and nothing is published. The service may run: at the end it waits for a few seconds. After
    the database was restored from a backup, this is how the service catches up with Kafka; what it had counted since
    the backup (hub balance) stays lost.

    Example: hub rebuild events --check
    """
    from services.operations import sites  # noqa: PLC0415 - 'hub --help' must be quick
    from services.operations.rebuild import rebuilding  # noqa: PLC0415 - 'hub --help' must be quick
    from services.operations.watching import counting_up  # noqa: PLC0415

    with counting_up("facts folded") as count:
        found = asyncio.run(rebuilding.rebuild(sites.settings(), stream, check=check, count=count))
    differ = f"{found.different} of {found.objects} objects differ from what the database held"
    typer.echo(f"{found.facts} recorded facts folded: {differ}{'.' if check or not found.different else ', replaced.'}")
    raise typer.Exit(int(check and found.different > 0))

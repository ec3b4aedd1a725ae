"""``hub up`` and ``hub down``. Importing this is cheap: every ``hub`` command does."""

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.interruption import interruptible
from services.operations.start import loading
from services.operations.terminal import watched

if TYPE_CHECKING:
    from deploy.stack import Stack

LOOK_EVERY_S = 1.0
Data = Annotated[Path, typer.Option(envvar="HUB_DATA", help="Folder of everything the hub keeps on this machine.")]
HERE = Path(".hub/data")  # the same as every hub command's


def up(
    data: Data = HERE,
    detach: Annotated[bool, typer.Option("--detach", help="Return when it runs; 'hub down' stops it.")] = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Run the whole hub on this machine until Ctrl-C: Kafka, PostgreSQL, the services, Prefect.

    The file hub.toml in the data folder may hold agreements = "FOLDER", the addresses of servers of your own instead
    of the bundled ones, kafka = "kafka.example:9092" with kafka_ca = "FILE" and
    postgres = "postgresql://hub@database.example/hub" (their passwords: files hub-admin, postgres and prefect in the
    folder secrets), production = true, and a table ports: ports.prefect = 4201

    Example: hub up --data /var/lib/hub --detach
    """
    with loading():
        from deploy.site import fixed  # noqa: PLC0415 - the work imports what it needs
        from deploy.stack import Stack  # noqa: PLC0415

    stack = Stack(fixed(data), tell=_passing)
    with interruptible(partial(_stop, stack)):
        stack.up(leashed=not detach)
        _welcome(stack, data, detach=detach)
        if not detach:
            _attend(stack)


def down(data: Data = HERE) -> None:
    """Stop the hub that 'hub up' started; its data stay.

    Example: hub down --data /var/lib/hub
    """
    with loading():
        from deploy.site import fixed  # noqa: PLC0415
        from deploy.stack import Stack  # noqa: PLC0415

    stack = Stack(fixed(data))
    if not stack.supervisor.answers():
        typer.echo(f"no hub runs in {data.resolve()}: 'hub down --data FOLDER' names another data folder, or HUB_DATA")
        return
    stack.down()
    typer.echo("stopped; the data stay")


def _passing(text: str) -> None:
    """Tell what only passes the time: to somebody who watches, beside the result."""
    if watched():
        typer.echo(text, err=True)


def _stop(stack: "Stack") -> None:
    if not stack.begun:  # the hub that may run here was started by somebody else
        return
    try:
        _passing("stopping")
    finally:  # a closed terminal takes no words
        stack.down()
    typer.echo("stopped; the data stay")


def _welcome(stack: "Stack", data: Path, *, detach: bool) -> None:
    from contracts.agreements import EXAMPLES  # noqa: PLC0415 - as above

    settings = stack.site.settings()
    if bundled := [name for name in ("kafka", "postgres") if name in stack.here]:
        typer.echo(
            f"Warning: the bundled {' and '.join(bundled)} are for one machine, without a second copy.", err=True
        )
    if stack.site.agreements == EXAMPLES:
        typer.echo('Warning: these are example agreements; write agreements = "FOLDER" into hub.toml.', err=True)
    typer.echo(f"Kafka       {settings.kafka}")
    typer.echo(f"PostgreSQL  {settings.postgres}")
    typer.echo(f"Prefect     {settings.prefect.removesuffix('/api')} (starts in the background)")
    if "gateway" in stack.here:
        typer.echo(f"By HTTP     http://127.0.0.1:{stack.site.ports['gateway']}/docs")
    typer.echo(f"Logs        {stack.site.data / 'logs'}")
    if data != HERE:
        typer.echo(f"Commands    export HUB_DATA={data}")
    typer.echo(f"Stop it     {f'hub down --data {data.resolve()}' if detach else 'Ctrl-C'}")


def _attend(stack: "Stack") -> None:
    """Tell which process was started again, until supervisord ends."""
    pids: dict[str, int] = {}
    while stack.supervisor.ended() is None:
        for name, state in stack.supervisor.states().items():
            if state.pid and pids.setdefault(name, state.pid) != state.pid:
                typer.echo(f"{name} died and was started again: {stack.supervisor.log(name)}", err=True)
                pids[name] = state.pid
        time.sleep(LOOK_EVERY_S)
    typer.echo("stopped")

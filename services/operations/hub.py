"""The ``hub`` command. Importing a command's module is cheap; its work imports what it needs."""

import logging
import os
import sys
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

import typer

from services.operations.errors import AwayError, OperationError, UsageError
from services.operations.start import UNREAD, loading
from services.operations.terminal import plain

OWN = {
    "apply": "services.operations.apply.apply:apply",
    "status": "services.operations.status.status:status",
    "balance": "services.operations.balance.balance:balance",
    "deadletter": "services.operations.letters.deadletters:deadletter",
    "refusals": "services.operations.letters.refusals:refusals",
    "duplicates": "services.operations.duplicates.duplicates:duplicates",
    "cursor": "services.operations.apply.cursor:cursor",
    "rebuild": "services.operations.rebuild.rebuild:rebuild",
    "backfill": "services.operations.partners.backfill:backfill",
    "stream": "services.operations.analysis.stream:stream",
    "person": "services.operations.people.person:person",
    "erase": "services.operations.people.erase:erase",
    "export": "services.operations.analysis.export:export",
    "key": "services.operations.partners.keys:key",
    "webhook": "services.operations.partners.webhooks:webhook",
}
_PLAIN: dict[str, Any] = {"add_completion": False, "pretty_exceptions_enable": False}  # those would show values
GROUP = "hub.commands"
"""Other packages add commands through entry points of this group: a function, or a `typer.Typer` with several."""


def main() -> None:
    """Run a command.

    Exit codes: 0 done, 1 a problem was found, 2 wrong usage or settings, 3 a part is away, 141 the reader went away.
    """
    logging.getLogger("aiokafka").addHandler(logging.NullHandler())  # its complaints become our errors
    try:
        with loading():
            app = assemble(next((word for word in sys.argv[1:] if not word.startswith("-")), None))
        app()
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # typer makes it 1: a problem was found
            os._exit(UNREAD)
        raise
    except OperationError as error:
        _end(error, error.exit_code)
    except Exception as error:
        code = _EXPECTED.get(type(error).__name__)
        if code is None:
            raise
        _end(_in_our_words(error), code)


# By name: importing the modules that define them would take longer than most commands.
_EXPECTED = {
    "AgreementError": OperationError.exit_code,
    "PartnerFileDamagedError": OperationError.exit_code,
    "SecretMissingError": UsageError.exit_code,
    "KafkaException": AwayError.exit_code,
}


def assemble(wanted: str | None = None) -> typer.Typer:
    """Put the commands together: our own, then those of other packages by their names.

    Args:
        wanted: the one that will run, where that is known: another package's command may take long to import.
    """
    style: dict[str, Any] = {"rich_markup_mode": None} if plain() else {}
    app = typer.Typer(name="hub", callback=_about, no_args_is_help=True, **style, **_PLAIN)
    for name, where in OWN.items():
        module, _, attribute = where.partition(":")
        _add(app, name, getattr(import_module(module), attribute))
    others = {entry.name: entry for entry in entry_points(group=GROUP) if wanted not in OWN}
    for entry in [others[wanted]] if wanted in others else sorted(others.values(), key=lambda entry: entry.name):
        try:
            _add(app, entry.name, entry.load())
        except ImportError as error:  # an optional part is not installed: the other commands work all the same
            typer.echo(f"hub {entry.name} is not there: {error}. Install the package with its extra 'local'", err=True)
    return app


def _about() -> None:
    """Operate the Learning City Hub.

    Example: hub status
    """


def _add(app: typer.Typer, name: str, command: object) -> None:
    if isinstance(command, typer.Typer):
        app.add_typer(command, name=name)
    elif callable(command):
        app.command(name)(command)


def _in_our_words(error: Exception) -> Exception:
    """Say what librdkafka means: its own words tell of brokers and files of its source."""
    if type(error).__name__ != "KafkaException":
        return error
    said: Any = error.args[0]
    return AwayError(
        f"expected an answer of Kafka, came {said.name()}: see that the hub runs ('hub status'; 'hub up' starts it)"
    )


def _end(error: Exception, code: int) -> None:
    typer.echo(f"hub: {error}", err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()

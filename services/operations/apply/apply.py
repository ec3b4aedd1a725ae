"""``hub apply``: make topics, users, rights and start cursors those of the agreements."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from services.operations.terminal import confirm

if TYPE_CHECKING:
    from services.operations.apply.difference import Plan

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Change without asking.")]
Check = Annotated[bool, typer.Option("--check", help="Change nothing; exit code 1 if something differs.")]
Passwords = Annotated[bool, typer.Option("--passwords", help="Set every user's password anew from the secret files.")]


def apply(*, yes: Yes = False, check: Check = False, passwords: Passwords = False) -> None:
    """Show how Kafka differs from the agreements, then make it as they say.

    Example: hub apply --check
    """
    from contracts.agreements import load_agreements  # noqa: PLC0415 - 'hub --help' must be quick
    from services.operations import sites  # noqa: PLC0415
    from services.operations.apply import planning  # noqa: PLC0415

    settings = sites.settings()
    agreements = load_agreements(settings.agreements)
    planning.refuse_trials(agreements, production=settings.production)
    planned = planning.plan(settings, agreements, passwords=passwords)
    lines = planned.plan.lines()
    typer.echo(f"Agreements: {settings.agreements.absolute()}")
    _say(planned.plan, lines)
    if not lines:
        typer.echo("Kafka is as the agreements say.")
    elif check:
        raise typer.Exit(1)
    else:
        confirm(f"Make {len(lines)} changes?", yes=yes)
        planning.carry_out(planned)
        typer.echo(f"{len(lines)} changes made.")
    if planned.plan.problems:
        raise typer.Exit(1)


def _say(plan: "Plan", lines: Sequence[str]) -> None:
    for line in lines:
        typer.echo(line)
    for hint in plan.hints:
        typer.echo(f"hint: {hint}")
    for problem in plan.problems:
        typer.echo(f"problem: {problem}", err=True)

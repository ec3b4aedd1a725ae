"""``hub apply``: make topics, users, rights and start cursors those of the agreements."""

from typing import Annotated

import typer

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Change without asking.")]
Check = Annotated[bool, typer.Option("--check", help="Change nothing; exit code 1 if something differs.")]
Passwords = Annotated[bool, typer.Option("--passwords", help="Set every user's password anew from the secret files.")]


def apply(*, yes: Yes = False, check: Check = False, passwords: Passwords = False) -> None:
    """Show how Kafka differs from the agreements, then make it as they say.

    Example: hub apply --check
    """
    from contracts.agreements import load_agreements  # noqa: PLC0415 - 'hub --help' must be quick
    from services.operations import planning, sites  # noqa: PLC0415

    settings = sites.settings()
    agreements = load_agreements(settings.agreements)
    planning.refuse_trials(agreements, production=settings.production)
    planned = planning.plan(settings, agreements, passwords=passwords)
    lines = planned.plan.lines()
    typer.echo(f"Agreements: {settings.agreements.absolute()}")
    for line in lines:
        typer.echo(line)
    for hint in planned.plan.hints:
        typer.echo(f"hint: {hint}")
    for problem in planned.plan.problems:
        typer.echo(f"problem: {problem}", err=True)
    if not lines:
        typer.echo("Kafka is as the agreements say.")
    elif not check and (yes or typer.confirm(f"Make {len(lines)} changes?")):
        planning.carry_out(planned)
        typer.echo(f"{len(lines)} changes made.")
    elif check or lines:
        raise typer.Exit(1)
    if planned.plan.problems:
        raise typer.Exit(1)

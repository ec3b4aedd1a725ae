"""Which open dead letters a command means: by their ids, or all of a partner or a rule."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from services.operations.errors import UsageError

if TYPE_CHECKING:
    from contracts.dead_letter import DeadLetter
    from services.runtime.settings import Settings


async def chosen(
    settings: "Settings", identifiers: Sequence[str], partner: str | None, rule: str | None
) -> "list[DeadLetter]":
    """Return the open letters that are meant.

    Raises:
        UsageError: none are named, or one that is not open.
    """
    from services.operations import known_partners  # noqa: PLC0415 - 'hub --help' must be quick
    from services.operations.letters import closings  # noqa: PLC0415

    if bool(identifiers) == bool(partner or rule):
        raise UsageError("expected ids of dead letters, or --partner and --rule: see 'hub deadletter list'")
    _require_rule(rule)
    found = {letter.id: letter for letter in await closings.open_letters(settings)}
    if unknown := [each for each in identifiers if each not in found]:
        raise UsageError(f"expected ids of open dead letters, found none {unknown[0]!r}: see 'hub deadletter list'")
    named = [found[each] for each in dict.fromkeys(identifiers)] or list(found.values())
    meant = [one for one in named if partner in (None, one.partner) and rule in (None, one.refusal.rule)]
    known_partners.require(settings, partner, found=bool(meant))
    return meant


def _require_rule(rule: str | None) -> None:
    from contracts.vocabulary import ids  # noqa: PLC0415 - 'hub --help' must be quick

    if rule is not None and rule not in (known := ids("rules")):
        near = get_close_matches(rule, known, 1) or [known[0]]
        raise UsageError(f"expected a rule that the hub knows, came {rule!r}: {near[0]}? See 'hub deadletter list'")

"""Telling a partner what became of what its system gave, where that system can be told."""

from collections.abc import Mapping, Sequence
from typing import Literal

from flows.connector import Outcome, Reading, Refused
from flows.connectors.manifest import Answering, Source
from flows.ledger.known import Diff, Known

Meaning = Literal["absent", "held", "withdrawn"]


async def answer(
    source: Source, reading: Reading, refused: Sequence[Refused], known: Mapping[str, Known], found: Diff
) -> None:
    """Tell it what is refused and what is missing; errors as of `Answering.answer`."""
    if isinstance(source, Answering):
        await source.answer(Outcome(reading.items, tuple(refused), _missing(known, found)))


def _missing(known: Mapping[str, Known], found: Diff) -> dict[str, tuple[str, Meaning]]:
    withdrawn = [change.fact.subject for change in found.changes if change.kind == "withdrawn"]
    groups: tuple[tuple[Sequence[str], Meaning], ...] = (
        (found.absent, "absent"),
        (found.held, "held"),
        (withdrawn, "withdrawn"),
    )
    return {each: (known[each].source_id, meaning) for ids, meaning in groups for each in ids if each in known}

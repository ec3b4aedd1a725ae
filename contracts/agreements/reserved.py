"""Ids that no partner may have, because the hub uses them where partners' ids stand."""

from contracts.agreements.mistakes import Mistake, Source

RESERVED = {
    "hub": "the source of what the hub itself tells",
    "unknown": "the sender of a dead letter that nobody is known to have sent",
}
"""What each of them is."""


def of_reserved(source: Source) -> list[Mistake]:
    """Tell an id that is the hub's own: under it a partner's facts would count as the hub's."""
    given = source.value(("id",))
    if not isinstance(given, str) or given not in RESERVED:
        return []
    expected = f"an id of the partner's own, found {given!r}, which is {RESERVED[given]}"
    return [source.mistake(("id",), expected, "write another one, and rename the file to it")]

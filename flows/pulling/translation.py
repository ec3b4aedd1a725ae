"""From what a source gave to what it says, item by item: a bad one is refused with its reason, the rest goes on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from contracts.fact import MAX_PAYLOAD_BYTES
from flows.connector import Draft, Item, Mapped, Reading, Refused
from flows.connectors.manifest import Source
from flows.wording import expected


@dataclass(frozen=True, slots=True)
class Translation:
    """All that a reading says, and which source ids to believe."""

    drafts: tuple[Draft, ...]
    refused: tuple[Refused, ...]
    read: frozenset[str]
    doubtful: frozenset[str]


def translate(source: Source, reading: Reading, now: datetime) -> Translation:
    """Translate every item of a reading. Pure but for the clock that ``now`` stands for."""
    drafts: list[Draft] = []
    refused = [_unreadable(source_id) for source_id in reading.unreadable]
    for item in reading.items:
        said = _map(source, item, now)
        drafts += [draft for draft in said.drafts if _fits(draft)]
        refused += [*said.refused, *(_oversized(draft) for draft in said.drafts if not _fits(draft))]
    doubtful = frozenset(each.source_id for each in refused if not each.not_public)
    read = frozenset(item.source_id for item in reading.items) - doubtful
    return Translation(tuple(drafts), tuple(refused), read, doubtful)


def only_own(drafts: Iterable[Draft], partner: str) -> tuple[list[Draft], list[Refused]]:
    """Part drafts into the partner's own objects and refusals of all others: nobody speaks for somebody else."""
    own: list[Draft] = []
    refused: list[Refused] = []
    for draft in drafts:
        if draft.fact.subject.startswith(f"{partner}:"):
            own.append(draft)
        else:
            reason = expected("own-object", partner=partner)
            refused.append(Refused(draft.source_id, draft.fact.subject_field, reason))
    return own, refused


def _map(source: Source, item: Item, now: datetime) -> Mapped:
    if not _storable(item.source_id):
        return Mapped(refused=(Refused(ascii(item.source_id), "name", expected("storable-name")),))
    try:
        return source.map(item, now)
    except Exception as error:  # noqa: BLE001 - an entry that breaks the mapping must not stop its neighbours
        reason = expected("mappable", error=type(error).__name__)
        return Mapped(refused=(Refused(item.source_id, "the whole entry", reason),))


def _storable(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:  # a file name whose bytes are no UTF-8
        return False
    return "\0" not in name


def _fits(draft: Draft) -> bool:
    return len(draft.fact.payload()) <= MAX_PAYLOAD_BYTES


def _oversized(draft: Draft) -> Refused:
    return Refused(draft.source_id, "the whole entry", expected("message-size", most=MAX_PAYLOAD_BYTES))


def _unreadable(source_id: str) -> Refused:
    return Refused(source_id, "the whole entry", expected("whole"))

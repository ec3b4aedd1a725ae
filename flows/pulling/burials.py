"""Entries of a partner's system that cannot be taken become dead letters, each content once.

They never reached a door, so the balance does not count them; operators find them where they look for everything that
was refused. An entry that stays broken is buried again when its first dead letter has expired. The letter of one that
was put right, or taken away, is closed: nobody has to do anything about it any more.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from contracts.admission import Message
from contracts.closing import Closing
from contracts.dead_letter import DeadLetter, entry_of
from contracts.envelope import now
from contracts.fact import MAX_PAYLOAD_BYTES
from contracts.refusal import Refusal
from contracts.topics import CLOSINGS, DEAD_LETTERS
from flows.connector import Item, Reading, Refused
from flows.pulling.inbox import KafkaInbox
from services.runtime.postgres import Pool

_BURIED = "select letter_id from sync.burial where partner = $1"
_NOTE = "insert into sync.burial (partner, letter_id) select $1, unnest($2::text[]) on conflict do nothing"
_UNNOTE = "delete from sync.burial where partner = $1 and letter_id = any($2::text[])"
_FORGET = "delete from sync.burial where partner = $1 and buried_at < now() - interval '30 days'"

_WHY = "put right, or taken away, in the partner's system"


class Burials(Protocol):
    """Where a pull leaves what it refuses."""

    async def bury(self, refused: Sequence[Refused], reading: Reading) -> None:
        """Bury each refusal once, and close the letter of what is refused no longer; return when Kafka has both."""
        ...


@dataclass(frozen=True, slots=True)
class KafkaBurials:
    """Implements `Burials`: to Kafka first, then the letters' ids into PostgreSQL or out of it.

    A death in between repeats a letter under the same id, which readers show once, or a closing that says the same.
    """

    pool: Pool
    partner: str
    inbox: KafkaInbox

    async def bury(self, refused: Sequence[Refused], reading: Reading) -> None:
        """As `Burials.bury`."""
        letters = {letter.id: letter for letter in dead_letters(self.partner, refused, reading.items, now())}
        buried = dict.fromkeys(row["letter_id"] for row in await self.pool.fetch(_BURIED, self.partner))
        if fresh := [letter for name, letter in letters.items() if name not in buried]:
            await self.inbox.write(DEAD_LETTERS, [letter.message() for letter in fresh])
            await self.pool.execute(_NOTE, self.partner, [letter.id for letter in fresh])
        if ended := mended(buried, letters, reading):
            closings = [Closing(each, self.partner, "mended", "pull", now(), _WHY) for each in ended]
            await self.inbox.write(CLOSINGS, [closing.message() for closing in closings])
            await self.pool.execute(_UNNOTE, self.partner, ended)
        await self.pool.execute(_FORGET, self.partner)


def mended(buried: Iterable[str], still: Collection[str], reading: Reading) -> list[str]:
    """Return the letters of entries that were read again and are refused no longer, or are there no longer.

    Args:
        buried: the ids of the letters so far.
        still: the ids of what this reading refuses.
        reading: only if it is complete, what it does not name is there no longer.
    """
    read = [item.source_id for item in reading.items]
    settled, there = map(_entries, ([*read, *reading.gone], [*read, *reading.unreadable, *reading.present]))
    ended = [(name, name.partition("@")[0]) for name in buried if name not in still]
    return [name for name, entry in ended if entry in settled or (reading.complete and entry not in there)]


def _entries(source_ids: Iterable[str]) -> frozenset[str]:
    return frozenset(map(entry_of, source_ids))


def dead_letters(partner: str, refused: Iterable[Refused], items: Iterable[Item], time: str) -> list[DeadLetter]:
    """Make the dead letters of what was refused in some items.

    What the source itself keeps private is no error, and what could not be read whole is read again: neither is buried.
    """
    raw = {item.source_id: item.raw if item.kept is None else item.kept for item in items}
    broken = [each for each in refused if each.source_id in raw and not each.not_public]
    return [_letter(partner, each, each.raw or raw[each.source_id], time) for each in broken]


def _letter(partner: str, refused: Refused, raw: bytes, time: str) -> DeadLetter:
    digest = hashlib.sha256(raw + refused.place.encode()).hexdigest()[:12]
    return DeadLetter(
        partner=partner,
        direction="pull",
        service="pull",
        topic=f"{entry_of(refused.source_id)}@{digest}",
        partition=0,
        offset=0,
        refusal=Refusal("source-item-refused", refused.place, refused.reason),
        time=time,
        original=Message(None, raw if len(raw) <= MAX_PAYLOAD_BYTES else None, []),
        correlation=f"{partner}/{digest}",
    )

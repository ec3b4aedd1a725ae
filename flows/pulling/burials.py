"""Entries of a partner's system that cannot be taken become dead letters, each content once.

They never reached a door, so the balance does not count them; operators find them where they look for everything that
was refused. An entry that stays broken is buried again when its first dead letter has expired.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from contracts.admission import Message
from contracts.dead_letter import DeadLetter, entry_of
from contracts.envelope import now
from contracts.fact import MAX_PAYLOAD_BYTES
from contracts.refusal import Refusal
from contracts.topics import DEAD_LETTERS
from flows.connector import Item, Refused
from flows.pulling.inbox import KafkaInbox
from services.runtime.postgres import Pool

_BURIED = "select letter_id from sync.burial where partner = $1 and letter_id = any($2::text[])"
_NOTE = "insert into sync.burial (partner, letter_id) select $1, unnest($2::text[]) on conflict do nothing"
_FORGET = "delete from sync.burial where partner = $1 and buried_at < now() - interval '30 days'"


class Burials(Protocol):
    """Where a pull leaves what it refuses."""

    async def bury(self, refused: Sequence[Refused], items: Sequence[Item]) -> None:
        """Bury each refusal of these items once; return when Kafka has acknowledged it."""
        ...


@dataclass(frozen=True, slots=True)
class KafkaBurials:
    """Implements `Burials`: dead letters to Kafka, their ids into PostgreSQL afterwards.

    A death in between repeats a letter under the same id, which readers show once.
    """

    pool: Pool
    partner: str
    inbox: KafkaInbox

    async def bury(self, refused: Sequence[Refused], items: Sequence[Item]) -> None:
        """Bury what is not buried yet."""
        letters = {letter.id: letter for letter in dead_letters(self.partner, refused, items, now())}
        rows = await self.pool.fetch(_BURIED, self.partner, list(letters))
        fresh = [letter for name, letter in letters.items() if name not in {row["letter_id"] for row in rows}]
        if fresh:
            await self.inbox.write(DEAD_LETTERS, [letter.message() for letter in fresh])
            await self.pool.execute(_NOTE, self.partner, [letter.id for letter in fresh])
        await self.pool.execute(_FORGET, self.partner)


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

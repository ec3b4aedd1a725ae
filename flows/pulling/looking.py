"""From a reading to what it tells of the partner's own objects, without what the hub wrote there itself."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from contracts.registry import ends_by_silence, kind_of
from flows.connector import Draft, Reading, Refused
from flows.connectors.manifest import Source
from flows.ledger.known import Look
from flows.ledger.receipts import Delivered
from flows.pulling.echoes import Sifted, sift
from flows.pulling.translation import only_own, translate


@dataclass(frozen=True, slots=True)
class Seen:
    """One reading, understood. ``refused``: what cannot be taken, or speaks of somebody else's objects."""

    own: tuple[Draft, ...]
    look: Look
    sifted: Sifted
    refused: tuple[Refused, ...]


@dataclass(frozen=True, slots=True)
class Ours:
    """What the hub wrote there, by object id, asked for after the reading; and when that began, by the database."""

    delivered: Mapping[str, Delivered]
    since: datetime


async def seen(source: Source, reading: Reading, partner: str, now: datetime, ours: Ours) -> Seen:
    """Understand a reading.

    Args:
        source: what was read.
        reading: what it told.
        partner: whose system it is.
        now: bounds the window of dates.
        ours: what is no news.
    """
    said = await asyncio.to_thread(translate, source, reading, now)
    sifted = sift(said.drafts, reading.gone, ours.delivered, ours.since)
    own, foreign = only_own(sifted.drafts, partner)
    look = Look(
        drafts=tuple(own),
        complete=reading.complete,
        read=said.read,
        doubtful=said.doubtful,
        gone=frozenset(reading.gone),
        present=frozenset(reading.present),
        empty=not any(ends_by_silence(kind_of(each.fact.type)) for each in said.drafts) and not reading.present,
    )
    return Seen(tuple(own), look, sifted, (*said.refused, *foreign))

"""What the hub holds: the latest recorded fact of each object, read from the recorded streams and written nowhere."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from aiokafka import ConsumerRecord, TopicPartition

from contracts.admission import Message, read
from contracts.agreement import Agreement
from contracts.envelope import Envelope, partner_of, read_envelope
from contracts.fact import Fact
from contracts.refusal import Refusal, RefusedError
from contracts.registry import CONTRACTS, kind_of
from contracts.topics import recorded
from services.runtime.kafka import Kafka
from services.runtime.reading import between

STREAMS = ("events", "research")
"""Those that are compared: what is recorded there is what a source told. Of a human only a reference is recorded."""

Place = tuple[str, str]
"""An object by its kind, as `kind_of` says, and its id: one id may stand for an event here and for a dataset there."""

Count = Callable[[int], None]
"""Hears how many records were read since its last call."""


@dataclass(frozen=True, slots=True)
class Latest:
    """What holds of one object.

    ``ends``: when it is over, as `flows.ledger.known.Known` says; ``at``: when its latest fact was recorded, by Kafka's
    clock.
    """

    fact: Fact
    fact_id: str
    source: str  # the partner that told it
    ends: datetime | None
    at: datetime


def is_compared(kind: str) -> bool:
    """Whether objects of a kind, as `kind_of` says, are compared."""
    return any(kind_of(name) == kind and contract.stream in STREAMS for name, contract in CONTRACTS.items())


class Recorded(Protocol):
    """Where to ask."""

    async def latest(self) -> Mapping[Place, Latest]:
        """Return what holds of the partner's own objects and of those open to it."""
        ...


class KafkaRecorded:
    """Implements `Recorded` for one partner; keeps one or two messages an object and reads the rest past."""

    def __init__(self, kafka: Kafka, agreement: Agreement, count: Count = lambda _: None) -> None:
        """Name the partner; nothing is read yet."""
        self._kafka, self._agreement, self._count = kafka, agreement, count

    async def latest(self) -> Mapping[Place, Latest]:
        """As `Recorded.latest`.

        Raises:
            KafkaError, OSError: Kafka is away, or does not let the flows read the streams: run ``hub apply``.
        """
        kept: dict[Place, _Kept] = {}
        async with self._kafka.consumer() as consumer:
            places = [place for stream in STREAMS for place in await _partitions(consumer, stream)]
            starts = _by_place(await consumer.beginning_offsets(places))
            ends = _by_place(await consumer.end_offsets(places))
            async for record in between(consumer, starts, ends):
                self._take(record, kept)
                self._count(1)
        return {place: latest for place, each in kept.items() if (latest := each.latest()) is not None}

    def _take(self, record: ConsumerRecord, kept: dict[Place, "_Kept"]) -> None:
        try:
            envelope = read_envelope(record.headers)
        except RefusedError:
            return
        source = partner_of(envelope.source)
        if source == self._agreement.id or self._agreement.receives(envelope.type, source):
            kept.setdefault((kind_of(envelope.type), envelope.subject), _Kept()).take(envelope, record)


class _Kept:
    """The messages of one object that say what holds."""

    def __init__(self) -> None:
        """Begin with none."""
        self.begun: ConsumerRecord | None = None
        self.last: ConsumerRecord | None = None
        self.envelope: Envelope | None = None

    def take(self, envelope: Envelope, record: ConsumerRecord) -> None:
        """Take the next one; order holds per object."""
        if envelope.type in CONTRACTS and CONTRACTS[envelope.type].begins:
            self.begun = record
        self.envelope, self.last = envelope, record

    def latest(self) -> Latest | None:
        """Read what holds; None where this hub cannot: the writer was newer."""
        fact, begun = _fact(self.last), _fact(self.begun)
        if fact is None or self.last is None or self.envelope is None:
            return None
        at = datetime.fromtimestamp(self.last.timestamp / 1000, UTC)
        return Latest(fact, self.envelope.id, partner_of(self.envelope.source), begun.over if begun else None, at)


def _fact(record: ConsumerRecord | None) -> Fact | None:
    if record is None:
        return None
    found = read(Message(record.key, record.value, record.headers))
    return None if isinstance(found, Refusal) else found.fact


async def _partitions(consumer: Any, stream: str) -> list[TopicPartition]:  # noqa: ANN401 - aiokafka ships no types
    topic = recorded(stream)
    await consumer.beginning_offsets([TopicPartition(topic, 0)])  # it knows a topic that it was asked about
    return [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]


def _by_place(offsets: Mapping[TopicPartition, int]) -> dict[tuple[str, int], int]:
    return {(place.topic, place.partition): offset for place, offset in offsets.items()}

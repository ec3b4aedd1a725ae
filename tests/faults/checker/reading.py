"""Reading the evidence: topics with librdkafka for committed transactions, tables with plain SQL."""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient
from confluent_kafka import Consumer, KafkaError, TopicPartition

from tests.faults.checker.evidence import Agreement, Evidence, Row

GROUPS = ("hub.intake", "hub.events", "hub.dispatch")


class Reader:
    """Reads what came since it last read; topics are only ever appended to."""

    def __init__(self, access: dict[str, Any], agreements: Path) -> None:
        """Take librdkafka's settings for who may read everything, and the folder of the agreements."""
        self._access, self._next = access, dict[tuple[str, int], int]()
        self.evidence = Evidence([_agreement(path) for path in sorted(agreements.glob("*.toml"))])

    def topics(self) -> None:
        """Read on in every topic."""
        told = self.evidence
        kinds = {"hub.events": told.recorded, "hub.events.submitted": told.submitted, "hub.unified": told.unified}
        kinds |= {"hub.deadletter": told.letters, "hub.rejections": told.rejections, "hub.routes": told.book}
        kinds |= {f"partner.{one.partner}.inbox": told.inboxes for one in told.agreements}
        kinds |= {f"partner.{one.partner}.outbox": told.outboxes for one in told.agreements}
        for row in self._new(kinds):
            kinds[row.topic].append(row)

    def _new(self, names: Iterable[str]) -> list[Row]:
        consumer = Consumer(
            {
                **self._access,
                "group.id": "hub.faults",
                "enable.auto.commit": False,
                "log_level": 0,
                "isolation.level": "read_committed",
                "enable.partition.eof": True,
                "auto.offset.reset": "error",
            }
        )
        try:
            known = consumer.list_topics(timeout=30).topics
            places = [(name, number) for name in names for number in known[name].partitions]
            consumer.assign([TopicPartition(*place, self._next.get(place, 0)) for place in places])
            return list(self._until_the_end(consumer, set(places)))
        finally:
            consumer.close()

    def _until_the_end(self, consumer: Consumer, left: set[tuple[str, int]]) -> Iterable[Row]:
        while left:
            message = consumer.poll(60)
            if message is None:
                raise TimeoutError(f"expected the end of {min(left)[0]} within a minute")
            place = str(message.topic()), int(message.partition() or 0)
            if error := message.error():
                if error.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001 - librdkafka's own name for it
                    raise RuntimeError(f"expected {place[0]} to be readable, came {error.name()}")
                left.discard(place)
                continue
            self._next[place] = int(message.offset() or 0) + 1
            headers = {name: value if isinstance(value, bytes) else b"" for name, value in message.headers() or ()}
            at = message.timestamp()[1] / 1_000
            yield Row(*place, int(message.offset() or 0), message.key(), message.value() or b"", headers, at)

    async def tables(self, connection: "asyncpg.Connection[asyncpg.Record]", kafka: dict[str, Any]) -> None:
        """Read PostgreSQL; Kafka's offsets are asked for before, so that they may only lie behind.

        Args:
            connection: to PostgreSQL.
            kafka: aiokafka's settings.
        """
        told = self.evidence
        told.committed = await committed(kafka)
        told.progress = await progress(connection)
        told.states = {r["key"]: r["body"] for r in await connection.fetch("select key, body from engine.state")}
        rows = await connection.fetch("select partner, outcome, number from engine.tally where service = 'events'")
        told.tally = {(row["partner"], row["outcome"]): row["number"] for row in rows}
        places = await connection.fetch("select topic, partition, input_offset from engine.outbox")
        told.unpublished = sum(
            row["input_offset"] >= told.committed.get(("hub.events", row["topic"], row["partition"]), 0)
            for row in places
        )


async def committed(kafka: dict[str, Any]) -> dict[tuple[str, str, int], int]:
    """Return what the services have committed: group, topic and partition to the next offset.

    Not with librdkafka: its client has crashed on this answer while a broker was away.
    """
    admin = AIOKafkaAdminClient(**kafka)
    try:
        await admin.start()
        found = {group: await admin.list_consumer_group_offsets(group) for group in GROUPS}
    finally:
        await admin.close()
    return {(g, tp.topic, tp.partition): told.offset for g, row in found.items() for tp, told in row.items()}


async def progress(connection: "asyncpg.Connection[asyncpg.Record]") -> dict[tuple[str, int], int]:
    """Return how far the effects in PostgreSQL go."""
    rows = await connection.fetch("select topic, partition, next_offset from engine.progress where service = 'events'")
    return {(row["topic"], row["partition"]): row["next_offset"] for row in rows}


def _agreement(path: Path) -> Agreement:
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    box = told.get("outbox", {})
    return Agreement(told["id"], tuple(box.get("contracts", ())), tuple(box.get("partners", ("*",))))

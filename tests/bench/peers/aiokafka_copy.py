"""Peer: a bare copy with aiokafka. No validation, no transaction: the limit of the client that the hub is built on.

Each record is sent by itself, as the library's own examples do, and awaited with its batch; offsets are committed after
every poll. A death repeats what was not committed: at least once.
"""

import sys

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from services.runtime.kafka import PRODUCING, Kafka
from services.runtime.settings import Settings

AT_ONCE = 5_000


async def copy(source: str, target: str, group: str) -> None:
    """Copy until cancelled."""
    access = Kafka(Settings(), "hub-admin").access()
    consumer = AIOKafkaConsumer(
        source, group_id=group, auto_offset_reset="earliest", enable_auto_commit=False, **access
    )
    async with consumer, AIOKafkaProducer(**access, **PRODUCING) as producer:
        while True:
            for records in (await consumer.getmany(timeout_ms=100, max_records=AT_ONCE)).values():
                for record in records:
                    await producer.send(target, key=record.key, value=record.value, headers=list(record.headers))
                await producer.flush()
                await consumer.commit()


if __name__ == "__main__":
    uvloop.run(copy(*sys.argv[1:]))

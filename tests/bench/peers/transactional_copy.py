"""The floor of latency: records moved on in a transaction as soon as they come, and nothing done with them.

What the hub's way is made of: a transaction with the input's offset in it for each station and, for the station in the
middle, a commit of one row in PostgreSQL before it.
"""

import sys

import asyncpg
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from services.runtime.kafka import CONSUMING, PRODUCING, TRANSACTION_TIMEOUT_MS, Kafka
from services.runtime.settings import Settings

ROW = "update engine.progress set next_offset = next_offset + 1 where service = 'bench'"


async def move(source: str, target: str, row: str, group: str) -> None:
    """Move until cancelled; ``row`` is not empty where a row is to be committed first."""
    settings = Settings()
    access = Kafka(settings, "hub-admin").access()
    database = await asyncpg.connect(settings.postgres, password=settings.secret("postgres")) if row else None
    if database:
        await database.execute("insert into engine.progress values ('bench', '', 0, 0) on conflict do nothing")
    reading = {**CONSUMING, "auto_offset_reset": "earliest"}
    consumer = AIOKafkaConsumer(source, group_id=group, **access, **reading)
    limit = {"transactional_id": group, "transaction_timeout_ms": TRANSACTION_TIMEOUT_MS}
    async with consumer, AIOKafkaProducer(**access, **PRODUCING, **limit) as producer:
        while True:
            for place, records in (await consumer.getmany(timeout_ms=1_000)).items():
                if database:
                    await database.execute(ROW)
                async with producer.transaction():
                    for record in records:
                        await producer.send(target, key=record.key, value=record.value, headers=list(record.headers))
                    await producer.send_offsets_to_transaction({place: records[-1].offset + 1}, group)


if __name__ == "__main__":
    uvloop.run(move(*sys.argv[1:]))

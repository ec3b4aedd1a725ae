"""What sets a push off: facts that arrive in an outbox."""

import asyncio
from collections.abc import Callable, Mapping

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from contracts.topics import outbox
from flows.jobs import Job
from services.runtime.engine.blame import told
from services.runtime.kafka import Kafka

GATHER = 0.25  # seconds: facts that arrive together are pushed together
LOOK_AGAIN = 2.0


class TopicsMissingError(Exception):
    """The agreements have outboxes that Kafka has not."""


async def watch_outboxes(kafka: Kafka, jobs: Mapping[str, Job], ask: Callable[[Job], None]) -> None:
    """Ask for a push whenever something arrives, for ever.

    Args:
        kafka: access as the flows' principal.
        jobs: push jobs by partner.
        ask: takes the job that is due.
    """
    places = {TopicPartition(outbox(partner), 0): job for partner, job in jobs.items()}
    log = structlog.get_logger("flows")
    while places:
        try:
            await _watch(kafka, places, ask)
        except (KafkaError, OSError, TopicsMissingError) as error:
            log.warning("outboxes_unwatched", reason=told(error))
        await asyncio.sleep(LOOK_AGAIN)


async def _watch(kafka: Kafka, places: Mapping[TopicPartition, Job], ask: Callable[[Job], None]) -> None:
    missing = {place.topic for place in places} - await kafka.topics()
    if missing:
        raise TopicsMissingError(f"expected the outboxes of the agreements, {len(missing)} missing: run 'hub apply'")
    async with kafka.consumer() as consumer:
        consumer.assign(list(places))
        await consumer.seek_to_end()
        for job in places.values():
            ask(job)  # for what came before we looked
        while True:
            arrived = set(await consumer.getmany(timeout_ms=1_000))
            if arrived:
                await asyncio.sleep(GATHER)
                arrived |= set(await consumer.getmany(timeout_ms=0))
            for place in arrived:
                ask(places[place])

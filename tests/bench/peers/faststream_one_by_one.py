"""Peer: FastStream as its tutorial has it, one message at a time, each publication confirmed before the next is read.

The contract is checked by the function that the hub's own door uses. Offsets are committed by the clock (FastStream's
default), which is the faster way and loses or repeats messages at a death; nothing is exactly once.
"""

import logging
import sys

import uvloop
from faststream import FastStream
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.security import SASLScram256

from contracts.admission import Admitted, Message, admit
from contracts.agreements import load_agreements
from contracts.topics import DEAD_LETTERS, partner_of
from services.runtime.kafka import PRODUCING
from services.runtime.settings import Settings


def application(source: str, target: str, group: str) -> FastStream:
    """Assemble it; nothing is connected yet."""
    settings = Settings()
    agreement = load_agreements(settings.agreements)[partner_of(source) or ""]
    security = SASLScram256(username="hub-admin", password=settings.secret("hub-admin"))
    broker = KafkaBroker(
        settings.kafka,
        security=security,
        acks=PRODUCING["acks"],
        enable_idempotence=True,
        compression_type=PRODUCING["compression_type"],
        log_level=logging.DEBUG,  # a line for each message is for those who look for a mistake
    )

    @broker.subscriber(source, group_id=group, auto_offset_reset="earliest")
    async def take(message: KafkaMessage) -> None:
        record = message.raw_message
        judged = admit(Message(record.key, record.value, record.headers), agreement)
        if isinstance(judged, Admitted):
            headers = {name: value.decode() for name, value in judged.envelope.headers()}
            await broker.publish(judged.payload, target, key=judged.fact.key.encode(), headers=headers)
        else:
            await broker.publish(record.value, DEAD_LETTERS)

    return FastStream(broker)


if __name__ == "__main__":
    uvloop.run(application(*sys.argv[1:]).run())

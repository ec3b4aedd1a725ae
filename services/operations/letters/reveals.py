"""Who looked at what dead letters say: noted before anything is shown, and read by who asks for it."""

import asyncio
from collections import Counter
from datetime import UTC, datetime

from aiokafka.errors import KafkaError

from contracts.dead_letter import DeadLetter
from contracts.reveal import Reveal, read_reveal
from contracts.topics import REVEALS
from services.operations.acting import OPERATOR, operator
from services.operations.errors import AwayError, UsageError
from services.operations.records import whole
from services.runtime.complaints import remedy
from services.runtime.kafka import Kafka
from services.runtime.settings import Settings

COLUMNS = ("time", "by", "partner", "id", "reason")
_PATIENCE = 20.0  # seconds


async def reveals(settings: Settings) -> list[Reveal]:
    """Return all looks that are kept, the oldest first.

    Raises:
        AwayError: Kafka does not answer.
    """
    return [read_reveal(record.value) async for record in whole(settings, REVEALS)]


def counted(found: list[Reveal]) -> Counter[tuple[str, str]]:
    """Count the looks by partner and letter."""
    return Counter((each.partner, each.letter) for each in found)


def row(reveal: Reveal) -> dict[str, object]:
    """The cells of a listing."""
    told = {"by": reveal.by, "partner": reveal.partner, "id": reveal.letter, "reason": reveal.reason}
    return {"time": datetime.fromisoformat(reveal.time), **told}


async def note(settings: Settings, letter: DeadLetter, reason: str) -> None:
    """Note that a letter is about to be shown; on return Kafka has it for good.

    Raises:
        UsageError: no reason is given.
        AwayError: Kafka does not take it, so nothing may be shown.
    """
    if not reason.strip():
        raise UsageError('expected a reason for those who look later: --reason "asked by the partner, by phone"')
    reveal = Reveal(letter.id, letter.partner, operator(), datetime.now(UTC).isoformat(), reason.strip())
    producer = Kafka(settings, OPERATOR).producer()
    try:
        async with asyncio.timeout(_PATIENCE):
            await producer.start()
            told = reveal.message()
            await producer.send_and_wait(REVEALS, value=told.value, key=told.key)
    except (KafkaError, TimeoutError, OSError) as error:
        what = remedy(error) if isinstance(error, KafkaError) else "see that it runs"
        raise AwayError(
            f"expected Kafka to note who looks, came {type(error).__name__}; nothing is shown: {what}"
        ) from None
    finally:
        await producer.stop()

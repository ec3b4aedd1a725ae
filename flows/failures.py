"""Why a run did not come to its end, as a sentence that says what to do. Pure."""

import asyncpg
from aiokafka.errors import KafkaError

from services.runtime.complaints import remedy
from services.runtime.engine.blame import told

_POSTGRES = (asyncpg.PostgresError, asyncpg.InterfaceError)


def reason(error: BaseException) -> str:
    """Return the sentence, without what other people's errors may quote.

    Connectors raise an OSError with a sentence of their own; Python's have a number.
    """
    kind = type(error).__name__
    if isinstance(error, KafkaError):
        return f"expected Kafka to do what the agreement says, came {kind}: {remedy(error)}"
    if isinstance(error, _POSTGRES):
        return f"expected PostgreSQL to keep what was read and written, came {kind}: see that it runs"
    if isinstance(error, OSError) and not (str(error) and error.errno is None):
        came = error.strerror or "no answer in time"
        return f"expected Kafka, PostgreSQL and the partner's system to answer, came: {came}: see that they run"
    sentence = str(error) if isinstance(error, OSError) else told(error)
    return f"expected no mistake of the hub's own, came {kind}: see the runner's log" if sentence == kind else sentence

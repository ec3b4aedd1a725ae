"""One fact into a partner's system: written, never taken, or not now."""

from typing import Any

import httpx
from aiokafka.errors import KafkaError

from contracts.refusal import Refusal
from flows.connector import Receipt, TargetRefusedError
from flows.connectors.manifest import Target
from flows.wording import expected
from services.runtime.postgres import AWAY

WORLD = (*AWAY, KafkaError, httpx.HTTPError)
"""Not the fact's fault: it waits until the world is back."""


async def bring(
    target: Target,
    fact: Any,  # noqa: ANN401 - of a stream that the target can write
    before: Receipt | None,
    fact_id: str,
) -> Receipt | Refusal | None:
    """Write one fact over what ``before`` names; a refusal says why it is never taken.

    Raises:
        OSError, TimeoutError, httpx.HTTPError: the system is away.
    """
    try:
        return await target.write(fact, before, fact_id)
    except TargetRefusedError as error:
        return Refusal("target-refused", fact.subject_field, error.reason)
    except WORLD:
        raise
    except Exception as error:  # noqa: BLE001 - a fact that breaks the connector must not stop its neighbours
        return Refusal("target-refused", fact.subject_field, expected("writable", error=type(error).__name__))

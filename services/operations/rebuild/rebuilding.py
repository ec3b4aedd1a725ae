"""Rebuilding a stateful service's rows beside the live ones, and putting them in place at one moment.

In this order: fold what is recorded while the service goes on; hold its cursor, which each of its batches must move
first; fold what came meanwhile, from Kafka and from an outbox that nobody published; compare; replace what differs.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any

import asyncpg

from services.operations import offsets
from services.operations.acting import OPERATOR
from services.operations.cluster import Cluster
from services.operations.errors import AwayError, OperationError, UsageError
from services.operations.rebuild import rebuilt_rows
from services.operations.rebuild.folded import Folded
from services.runtime import postgres
from services.runtime.engine.decider import Decider
from services.runtime.engine.folding import UnreadableFactError
from services.runtime.kafka import Kafka
from services.runtime.reading import Offsets
from services.runtime.settings import Settings

DECIDERS = "hub.deciders"
"""Services name their deciders as entry points of this group, by the name of their stream."""
_TAIL = 1_000  # facts that may be left for the time in which the service waits
_PUBLISHED_WITHIN = 5.0  # seconds in which a living service publishes what it decided


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many facts were folded into how many objects, and how many of these were otherwise before."""

    facts: int
    objects: int
    different: int


async def rebuild(settings: Settings, stream: str, *, check: bool, count: Callable[[int], None]) -> Rebuilt:
    """Rebuild a stream's state.

    Args:
        settings: where the hub is.
        stream: whose.
        check: compare, and replace nothing.
        count: hears of facts folded.

    Raises:
        UsageError: no service of that name keeps state.
        AwayError: Kafka or PostgreSQL does not answer.
        OperationError: a recorded fact cannot be read, or another rebuild is under way.
    """
    decider, kafka = _decider(stream), Kafka(settings, OPERATOR)
    try:
        async with (
            _pool(settings, postgres.ENGINE) as live,
            _pool(settings, rebuilt_rows.SCHEMA) as beside,
            live.acquire() as connection,
            rebuilt_rows.alone(connection),
        ):
            folded = Folded(kafka, Cluster(kafka), beside, stream, decider, count)
            while await folded.catch_up() > _TAIL:
                pass
            return await _put_in_place(connection, folded, replace=not check)
    except UnreadableFactError as error:
        raise OperationError(str(error)) from None
    except (asyncpg.InvalidSchemaNameError, asyncpg.UndefinedTableError):
        raise OperationError(
            f"expected the tables of the service {stream}, found none: it makes them when it starts, so start it once"
        ) from None
    except (OSError, TimeoutError, asyncpg.PostgresConnectionError) as error:
        raise AwayError(f"expected an answer of PostgreSQL, came {type(error).__name__}: see that it runs") from None


async def _put_in_place(connection: Any, folded: Folded, *, replace: bool) -> Rebuilt:  # noqa: ANN401 - asyncpg's connection in a pool
    async with connection.transaction():
        cursors = await rebuilt_rows.hold(connection, folded.stream)
        published = await _published(folded.cluster, folded.stream, cursors)
        await folded.catch_up()
        await folded.left_over(await rebuilt_rows.unpublished(connection, folded.stream, published))
        different = await rebuilt_rows.different(connection, folded.stream)
        if replace:
            await rebuilt_rows.replace(connection, folded.stream, published)
        return Rebuilt(folded.facts, await rebuilt_rows.objects(connection), different)


async def _published(cluster: Cluster, stream: str, cursors: Offsets) -> Offsets:
    """Return Kafka's committed offset of each input partition, once the service published or had time to."""
    loop = asyncio.get_running_loop()
    until = loop.time() + _PUBLISHED_WITHIN
    while True:
        found = await asyncio.to_thread(offsets.cursors, cluster, [f"hub.{stream}"])
        published = {(cursor.topic, cursor.partition): at for cursor, at in found.items()}
        if loop.time() > until or all(published.get(place, 0) >= at for place, at in cursors.items()):
            return published
        await asyncio.sleep(0.2)


def _decider(stream: str) -> Decider[Any]:
    found = {entry.name: entry for entry in entry_points(group=DECIDERS)}
    if stream not in found:
        known = ", ".join(sorted(found)) or "none is installed"
        raise UsageError(f"expected a stream whose service keeps state ({known}), came {stream!r}")
    decider: Decider[Any] = found[stream].load()()
    return decider


@asynccontextmanager
async def _pool(settings: Settings, schema: str) -> AsyncIterator[postgres.Pool]:
    pool = await postgres.connect(settings, size=2, schema=schema)
    try:
        yield pool
    finally:
        pool.terminate()

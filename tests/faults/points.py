"""The named places of the engine at which a process can be made to die or to freeze.

The engine knows nothing of them: `tests.faults.watch` puts them around its functions in a process that was started for
that. A place does something only while a trap for it lies in the folder of traps, and each trap works once.
"""

from dataclasses import dataclass
from typing import Literal

ALL = ("intake", "events", "dispatch")
_ENGINE = "services.runtime.engine"


@dataclass(frozen=True, slots=True)
class Point:
    """One place: a function and the moment before or after it, in which services it is passed."""

    name: str
    module: str
    function: str  # dotted below the module
    moment: Literal["before", "after"]
    services: tuple[str, ...] = ALL
    loaded: bool = False  # only in a transaction that has messages: stepping over markers makes empty ones

    @property
    def slug(self) -> str:
        """The name as a part of a file's name."""
        return self.name.replace(" ", "-")


_STATEFUL = f"{_ENGINE}.stateful"
_POSTGRES = f"{_ENGINE}.postgres_store"
TRANSACTION = f"{_ENGINE}.transaction"
_SHARD = f"{_ENGINE}.shard"
POINTS = (
    Point("after poll", f"{_ENGINE}.ownership", "process", "before"),
    Point("after validation", f"{_ENGINE}.stateless", "Stateless.outputs", "after", ("intake", "dispatch")),
    Point("after reading", _STATEFUL, "read_all", "after", ("events",)),
    Point("before compare-and-set", _STATEFUL, "Stateful._keep", "before", ("events",)),
    Point("after compare-and-set", _POSTGRES, "PostgresBatch.load", "before", ("events",)),
    Point("inside the database transaction", _POSTGRES, "PostgresBatch.save", "after", ("events",)),
    Point("between database and Kafka", _STATEFUL, "Stateful._keep", "after", ("events",)),
    Point("inside the Kafka transaction", TRANSACTION, "Transaction.send", "after", loaded=True),
    Point(
        "before the offsets are added",
        "aiokafka",
        "AIOKafkaProducer.send_offsets_to_transaction",
        "before",
        loaded=True,
    ),
    Point(
        "before the end of the transaction", "aiokafka", "AIOKafkaProducer.commit_transaction", "before", loaded=True
    ),
    Point("after the Kafka transaction", TRANSACTION, "Transaction._end", "after", loaded=True),
    Point("before InitProducerId", _SHARD, "Shard._start", "before"),
    Point("after InitProducerId", _SHARD, "Shard._start", "after"),
)
BY_NAME = {point.name: point for point in POINTS}

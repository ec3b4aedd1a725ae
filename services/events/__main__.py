"""``python -m services.events``."""

from contracts.event import EventPublished
from contracts.topics import submitted
from services.events.catalogue import catalogue
from services.runtime.by_revision import Entry
from services.runtime.engine.observation import observe
from services.runtime.engine.postgres_store import PostgresStore
from services.runtime.engine.stateful import Stateful
from services.runtime.kafka import Kafka
from services.runtime.service import Agreements, Service, run


def _mode(_: Agreements, __: Kafka, store: PostgresStore | None) -> Stateful[Entry]:
    assert store is not None  # noqa: S101 - stateful=True below
    return Stateful("events", catalogue(), store, observe)


SERVICE = Service(name="events", topics=lambda _: [submitted(EventPublished.stream)], mode=_mode, stateful=True)

if __name__ == "__main__":
    run(SERVICE)

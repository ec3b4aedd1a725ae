"""``python -m services.research``."""

from contracts.dataset import DatasetPublished
from contracts.topics import submitted
from services.research.works import works
from services.runtime.by_revision import Entry
from services.runtime.engine.observation import observe
from services.runtime.engine.postgres_store import PostgresStore
from services.runtime.engine.stateful import Stateful
from services.runtime.kafka import Kafka
from services.runtime.service import Agreements, Service, run


def _mode(_: Agreements, __: Kafka, store: PostgresStore | None) -> Stateful[Entry]:
    assert store is not None  # noqa: S101 - stateful=True below
    return Stateful("research", works(), store, observe)


SERVICE = Service(name="research", topics=lambda _: [submitted(DatasetPublished.stream)], mode=_mode, stateful=True)

if __name__ == "__main__":
    run(SERVICE)

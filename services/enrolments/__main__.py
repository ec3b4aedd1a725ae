"""``python -m services.enrolments``."""

from contracts.enrolment import EnrolmentRequested
from contracts.event import EventPublished
from contracts.study import StudyOpened
from contracts.topics import recorded, submitted
from services.enrolments.offering import Offering
from services.enrolments.places import DUE, missed, places
from services.runtime.engine.observation import observe
from services.runtime.engine.postgres_store import PostgresStore
from services.runtime.engine.reminders import Reminders
from services.runtime.engine.stateful import Stateful
from services.runtime.kafka import Kafka
from services.runtime.service import Agreements, Service, run

INPUT = submitted(EnrolmentRequested.stream)


def _mode(_: Agreements, __: Kafka, store: PostgresStore | None) -> Stateful[Offering]:
    assert store is not None  # noqa: S101 - stateful=True below
    return Stateful("enrolments", places(), store, observe, Reminders(INPUT, DUE, missed))


SERVICE = Service(
    name="enrolments",
    topics=lambda _: [INPUT, recorded(EventPublished.stream), recorded(StudyOpened.stream)],
    mode=_mode,
    stateful=True,
)

if __name__ == "__main__":
    run(SERVICE)

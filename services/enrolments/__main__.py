"""``python -m services.enrolments``."""

from datetime import timedelta

from contracts.event import EventPublished
from contracts.study import StudyOpened
from contracts.topics import recorded
from services.enrolments.hearing import INPUT, hear
from services.enrolments.offering import Offering
from services.enrolments.places import DUE, Places, remind
from services.runtime.engine.by_topic import ByTopic
from services.runtime.engine.observation import observe
from services.runtime.engine.postgres_store import PostgresStore
from services.runtime.engine.reminders import Reminders
from services.runtime.engine.stateful import Stateful
from services.runtime.engine.stateless import Stateless
from services.runtime.kafka import Kafka
from services.runtime.service import Agreements, Service, run

HEARD = (recorded(EventPublished.stream), recorded(StudyOpened.stream))
AT_ONCE = 200  # a record costs as much as its offering has enrolments


def _mode(_: Agreements, kafka: Kafka, store: PostgresStore | None) -> ByTopic:
    assert store is not None  # noqa: S101 - stateful=True below
    decider = Places(timedelta(hours=kafka.settings.wait_hours))
    deciding: Stateful[Offering] = Stateful(
        "enrolments", decider, store, observe, Reminders(INPUT, DUE, remind), AT_ONCE
    )
    hearing = Stateless("enrolments", hear, observe)
    return ByTopic({INPUT: deciding, **dict.fromkeys(HEARD, hearing)})


SERVICE = Service(
    name="enrolments",
    topics=lambda _: [INPUT, *HEARD],
    mode=_mode,
    stateful=True,
)

if __name__ == "__main__":
    run(SERVICE)

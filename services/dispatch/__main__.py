"""``python -m services.dispatch``."""

from contracts.registry import STREAMS
from contracts.topics import REJECTIONS, recorded
from services.dispatch.pseudonyms import SECRET, STATISTICS, Pseudonyms
from services.dispatch.rule import dispatch, routes
from services.dispatch.unified import unified
from services.runtime.engine.fanout import Fanout
from services.runtime.engine.kafka_routes import KafkaRoutes
from services.runtime.engine.observation import observe
from services.runtime.engine.stateless import Stateless
from services.runtime.kafka import Kafka
from services.runtime.service import Agreements, Service, run


def _mode(agreements: Agreements, kafka: Kafka, _: object) -> Fanout:
    pseudonyms = Pseudonyms(STATISTICS, kafka.settings.secret(SECRET))
    stateless = Stateless("dispatch", dispatch(agreements, unified(pseudonyms)), observe)
    return Fanout(stateless, routes(agreements, pseudonyms.fingerprint()), KafkaRoutes(kafka))


SERVICE = Service(
    name="dispatch",
    topics=lambda _: [*map(recorded, STREAMS), REJECTIONS],
    mode=_mode,
    secrets=lambda _: (SECRET,),
)

if __name__ == "__main__":
    run(SERVICE)

"""``python -m services.dispatch``."""

from contracts.registry import STREAMS
from contracts.topics import recorded
from services.dispatch.rule import dispatch
from services.runtime.engine.observation import observe
from services.runtime.engine.stateless import Stateless
from services.runtime.service import Service, run

SERVICE = Service(
    name="dispatch",
    topics=lambda _: [recorded(stream) for stream in STREAMS],
    mode=lambda agreements, _: Stateless("dispatch", dispatch(agreements), observe),
)

if __name__ == "__main__":
    run(SERVICE)

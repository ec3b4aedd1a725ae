"""``python -m services.intake``."""

from contracts.topics import inbox
from services.intake.rule import intake
from services.runtime.engine.observation import observe
from services.runtime.engine.stateless import Stateless
from services.runtime.service import Service, run

SERVICE = Service(
    name="intake",
    topics=lambda agreements: [inbox(partner) for partner in agreements],
    mode=lambda agreements, _, __: Stateless("intake", intake(agreements), observe),
)

if __name__ == "__main__":
    run(SERVICE)

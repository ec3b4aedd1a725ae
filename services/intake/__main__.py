"""``python -m services.intake``."""

from datetime import UTC, datetime

from contracts.topics import inbox
from services.intake.persons import inboxes_with_persons
from services.intake.rule import intake
from services.runtime.engine.observation import observe
from services.runtime.engine.stateless import Stateless
from services.runtime.kafka import Kafka
from services.runtime.references import KEY, References
from services.runtime.service import Agreements, Service, run
from services.runtime.vault import KEEPER, Vault


def _now() -> datetime:
    return datetime.now(UTC)


def _mode(agreements: Agreements, kafka: Kafka, _: object) -> Stateless:
    with_persons = inboxes_with_persons(agreements)
    if not with_persons:
        return Stateless("intake", intake(agreements, _now), observe)
    references = References.of_hub(kafka.settings)
    vault = Vault(kafka.settings, references)
    return Stateless("intake", intake(agreements, _now, references), observe, dict.fromkeys(with_persons, vault.keep))


SERVICE = Service(
    name="intake",
    topics=lambda agreements: [inbox(partner) for partner in agreements],
    mode=_mode,
    secrets=lambda agreements: [KEY, KEEPER.secret] if inboxes_with_persons(agreements) else [],
)

if __name__ == "__main__":
    run(SERVICE)

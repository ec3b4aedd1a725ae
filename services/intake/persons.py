"""A human in a fact: taken apart into what the vault keeps and the fact that goes on without them. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime

from contracts.admission import Admitted
from contracts.agreement import Agreement
from contracts.envelope import partner_of
from contracts.person import AgeBand, Person
from contracts.refusal import Refusal
from contracts.registry import CONTRACTS
from contracts.topics import inbox
from contracts.wording import expected
from services.runtime.references import References
from services.runtime.vault import Entrusted

CARRIERS = frozenset(contract for contract in CONTRACTS.values() if "person" in contract.model_fields)
"""The contracts in which a partner tells a human."""

BANDS: tuple[tuple[int, AgeBand], ...] = (
    (13, "0-13"),
    (17, "14-17"),
    (26, "18-26"),
    (45, "27-45"),
    (65, "46-65"),
)
"""Up to which age one is in which band; who is older is in the last."""
OLDEST: AgeBand = "66+"


def inboxes_with_persons(agreements: Mapping[str, Agreement]) -> list[str]:
    """Return the inboxes through which humans come."""
    carriers = {contract.type for contract in CARRIERS}
    return [inbox(partner) for partner, each in agreements.items() if carriers.intersection(each.inbox.contracts)]


def age_band(birth_year: int, year: int) -> AgeBand:
    """Return the band of the age that is reached in a year: of a birth nobody tells more than its year."""
    return next((band for oldest, band in BANDS if year - birth_year <= oldest), OLDEST)


def apart(admitted: Admitted, person: Person, references: References) -> tuple[Admitted, Entrusted] | Refusal:
    """Part a fact from the human in it: it goes on with their reference and age band alone.

    The year that counts for the age is that of ``ce_time`` as its sender's clock had it.
    """
    try:
        told_at = datetime.fromisoformat(admitted.envelope.time)
        moment = told_at.astimezone(UTC)
    except OverflowError:  # an offset leads out of the years that there are
        return Refusal("attribute-invalid", "header ce_time", expected("header-time"))
    if person.birth_year is not None and person.birth_year > told_at.year:
        return Refusal("contract-violated", "person.birth_year", expected("born-before"))
    partner = partner_of(admitted.envelope.source)
    reference = references.reference(partner, person.person_id)
    band = age_band(person.birth_year, told_at.year) if person.birth_year else None
    fact = admitted.fact.model_copy(update={"person": None, "person_ref": reference, "age_band": band})
    parties = (str(getattr(fact, field)).partition(":")[0] for field in fact.parties)
    readers = tuple(dict.fromkeys((partner, *parties)))
    return Admitted(admitted.envelope, fact, fact.payload()), Entrusted(reference, partner, readers, moment, person)

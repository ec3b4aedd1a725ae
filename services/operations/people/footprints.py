"""What the stream of enrolments tells of a reference, and whom it was told to."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from contracts.admission import Admitted, Message, read
from contracts.agreement import Agreement
from contracts.enrolment import Enrolment, EnrolmentRequested
from contracts.topics import recorded
from services.operations.records import whole
from services.operations.watching import counting_up
from services.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Footprint:
    """One enrolment: its ids, its latest fact by the past participle, and that fact's time (RFC 3339)."""

    enrolment: str
    offering: str
    status: str
    time: str


@dataclass(slots=True)
class Footprints:
    """The enrolments of one reference by id, and how many facts of them went into which partner's outbox.

    Attributes:
        enrolments: by id, with their latest fact.
        told: facts by partner that its agreement of today opens to it.
        before: facts by partner that are between it and others, too, but that no agreement of today opens to it. It got
            them if one did when they were recorded: what agreements said before is not kept.
    """

    enrolments: dict[str, Footprint] = field(default_factory=dict)
    told: Counter[str] = field(default_factory=Counter)
    before: Counter[str] = field(default_factory=Counter)


async def footprints(settings: Settings, agreements: Mapping[str, Agreement], reference: str) -> Footprints:
    """Read the whole stream.

    Raises:
        AwayError: Kafka does not answer.
    """
    wanted, found = reference.encode(), list[Admitted]()
    with counting_up("facts read") as count:
        async for record in whole(settings, recorded(EnrolmentRequested.stream)):
            count(1)
            if wanted in (record.value or b""):
                fact = read(Message(record.key, record.value, record.headers))
                found += [fact] if isinstance(fact, Admitted) else []
    return followed(found, agreements, reference)


def followed(facts: Iterable[Admitted], agreements: Mapping[str, Agreement], reference: str) -> Footprints:
    """Follow a reference through recorded facts, in their order.

    Who was told are the partners that a fact is between, and nobody else (`contracts.fact.Fact.parties`), with or
    without an agreement today: Art. 15 (1) (c) GDPR asks to whom data have been disclosed.
    """
    prints = Footprints()
    for told in facts:
        fact = told.fact
        if not isinstance(fact, Enrolment) or fact.person_ref != reference:
            continue
        status = told.envelope.type.split(".")[-2]
        name = fact.enrolment_id
        prints.enrolments[name] = Footprint(name, fact.offering_id, status, told.envelope.time)
        between = {str(getattr(fact, each)).partition(":")[0] for each in fact.parties}
        contract = told.envelope.type
        opened = {each for each in between & agreements.keys() if contract in agreements[each].outbox.contracts}
        prints.told.update(opened)
        prints.before.update(between - opened)
    return prints

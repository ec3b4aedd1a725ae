"""Facts of the stream ``enrolments``, and rejections, as hypothesis makes them up."""

from datetime import UTC
from typing import Any, get_args

from hypothesis import strategies as st

from contracts.enrolment import (
    EnrolmentAssociated,
    EnrolmentCancelled,
    EnrolmentDenied,
    EnrolmentFinished,
    EnrolmentQueued,
    EnrolmentRequested,
)
from contracts.fact import Fact
from contracts.offering import OfferingClosed, OfferingOpened, OfferingReminded, Reason
from contracts.person import AgeBand, Person
from contracts.rejection import FactRejected, Sentence
from contracts.vocabulary import ids
from tests.contracts.event_strategies import LANGUAGES, LINE, MAIL, OBJECTS, PARTNERS, REVISIONS, maybe, some

REFERENCES = st.from_regex(r"[a-z2-7]{26}", fullmatch=True)
BANDS = st.sampled_from(get_args(get_args(AgeBand)[0]))
MOMENTS = st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.replace(microsecond=0))
PERSONS = st.builds(
    Person,
    person_id=LINE,
    name=maybe(LINE),
    email=maybe(MAIL),
    phone=maybe(LINE),
    birth_year=maybe(st.integers(1890, 2100)),
    needs=some(LINE),
)
KINDS = st.sampled_from([None, "event", "study"])
OPENED = st.builds(
    OfferingOpened,
    revision=REVISIONS,
    offering_id=OBJECTS,
    kind=KINDS,
    capacity=maybe(st.integers(0, 1_000_000)),
    remaining=maybe(st.integers(0, 1_000_000)),
    registration_closes=maybe(MOMENTS),
    ends=maybe(MOMENTS),
)
CAUSES = ["offering-closed", "offering-cancelled", "offering-withdrawn"]
DENIED = st.sampled_from(["organiser", "offering-unknown", *CAUSES])
CANCELLED = st.sampled_from(["person", "organiser", *CAUSES[1:]])
REASONS = some(st.builds(Reason, language=LANGUAGES, text=LINE))


def _enrolled(contract: type[Fact], **more: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    known = {"enrolment_id": OBJECTS, "offering_id": OBJECTS, "person_ref": maybe(REFERENCES), "age_band": maybe(BANDS)}
    return st.builds(contract, revision=REVISIONS, **{**known, **more})


ENROLMENTS: dict[type[Fact], st.SearchStrategy[Any]] = {
    EnrolmentRequested: _enrolled(EnrolmentRequested, person=PERSONS, person_ref=st.none())
    | _enrolled(EnrolmentRequested, person_ref=REFERENCES, waits_until=maybe(MOMENTS), asked=maybe(REVISIONS)),
    EnrolmentQueued: _enrolled(EnrolmentQueued, place=st.integers(1, 1_000_000)),
    EnrolmentAssociated: _enrolled(EnrolmentAssociated),
    EnrolmentDenied: _enrolled(EnrolmentDenied, cause=DENIED, reason=maybe(REASONS)),
    EnrolmentCancelled: _enrolled(EnrolmentCancelled, cause=CANCELLED, reason=maybe(REASONS)),
    EnrolmentFinished: _enrolled(EnrolmentFinished, attendance=st.sampled_from(["attended", "absent", "unknown"])),
    OfferingOpened: OPENED,
    OfferingClosed: st.builds(
        OfferingClosed,
        revision=REVISIONS,
        offering_id=OBJECTS,
        kind=KINDS,
        cause=st.sampled_from(CAUSES),
        reason=maybe(REASONS),
    ),
    OfferingReminded: st.builds(OfferingReminded, revision=REVISIONS, offering_id=OBJECTS, until=MOMENTS),
}

SENTENCES = st.builds(Sentence, english=LINE, german=LINE)
REJECTIONS: dict[type[Fact], st.SearchStrategy[Any]] = {
    FactRejected: st.builds(
        FactRejected,
        revision=REVISIONS,
        letter=LINE,
        partner=PARTNERS,
        contract=maybe(LINE),
        rule=st.sampled_from(ids("rules")),
        place=LINE,
        expected=SENTENCES,
        remedy=SENTENCES,
    )
}

"""Facts of the stream ``research`` as hypothesis makes them up."""

from typing import Any

from hypothesis import strategies as st

from contracts.dataset import DatasetPublished, DatasetWithdrawn, Distribution
from contracts.fact import Fact
from contracts.identifiers import orcid_digit, ror_digits
from contracts.observation import CommonName, ObservationRecorded, ObservationWithdrawn
from contracts.parts import Capacity, Organiser
from contracts.period import Interval, Period
from contracts.place import Coordinates
from contracts.publication import PublicationPublished, PublicationWithdrawn
from contracts.study import StudyClosed, StudyOpened
from contracts.vocabulary import ids
from contracts.work import Creator, Institution, Related
from tests.contracts.event_strategies import (
    ANSWERS,
    AUDIENCES,
    COUNT,
    LANGUAGES,
    LINE,
    MAIL,
    OBJECTS,
    PARTNERS,
    PLACED,
    PLACES,
    REGISTRATIONS,
    REVISIONS,
    TEXTS,
    URLS,
    goals,
    maybe,
    some,
    terms,
)

DOIS = st.from_regex(r"10\.[0-9]{4,9}(\.[0-9]{1,3})?/[!-~]{1,20}", fullmatch=True)
RORS = st.from_regex(r"[a-hj-km-np-tv-z0-9]{6}", fullmatch=True).map(lambda number: f"0{number}{ror_digits(number)}")
ORCIDS = st.from_regex(r"[0-9]{15}", fullmatch=True).map(
    lambda digits: "-".join((digits[:4], digits[4:8], digits[8:12], digits[12:] + orcid_digit(digits)))
)
CAUSES = st.sampled_from(["deleted-at-source", "agreement-closed", "legal"])
IDENTIFIERS = st.builds("doi:{}".format, DOIS) | URLS
DAYS = st.dates().map(str)
MOMENTS = st.datetimes().map(lambda moment: moment.replace(microsecond=0).isoformat() + "Z")
INSTITUTIONS = st.builds(Institution, name=LINE, ror=maybe(RORS))
PERIODS = st.tuples(maybe(DAYS), maybe(DAYS)).map(
    lambda days: Period(start=min(days), end=max(days)) if all(days) else Period(start=days[0], end=days[1])
)
INTERVALS = (st.tuples(DAYS, DAYS) | st.tuples(MOMENTS, MOMENTS)).map(
    lambda both: Interval(start=min(both), end=max(both))
)
CREATORS = st.builds(Creator, name=LINE, orcid=maybe(ORCIDS), ror=maybe(RORS), affiliations=some(INSTITUTIONS))
TEXT_EACH = st.lists(TEXTS, min_size=1, max_size=3, unique_by=lambda text: text.language).map(tuple)
BELONGING = {
    "reallabore": terms("reallabore"),
    "bausteine": terms("bausteine"),
    "sdgs": some(goals()),
    "about": some(PLACED),
}
WORK: dict[str, st.SearchStrategy[Any]] = {
    "revision": REVISIONS,
    "texts": TEXT_EACH,
    "creators": st.lists(CREATORS, min_size=1, max_size=3).map(tuple),
    "unnamed_creators": maybe(st.integers(1, 1_000_000)),
    "publisher": INSTITUTIONS,
    "year": st.integers(1000, 9999),
    "doi": maybe(DOIS),
    "version": maybe(LINE),
    "licence": maybe(st.sampled_from(ids("licences"))),
    "languages": some(LANGUAGES),
    "keywords": some(LINE),
    "related": some(st.builds(Related, relation=st.sampled_from(ids("relations")), identifier=IDENTIFIERS)),
    "source_url": maybe(URLS),
    "same_as": some(IDENTIFIERS),
    **BELONGING,
}
RADII = st.floats(0.1, 20_000_000)
OBSERVED: dict[str, st.SearchStrategy[Any]] = {
    "revision": REVISIONS,
    "observation_id": OBJECTS,
    "scientific_name": LINE,
    "rank": maybe(LINE),
    "common_names": some(st.builds(CommonName, language=LANGUAGES, name=LINE)),
    "count": maybe(st.integers(0, 10**9)),
    "when": INTERVALS,
    "locality": maybe(LINE),
    "coordinates": maybe(st.builds(Coordinates, latitude=st.floats(-90, 90), longitude=st.floats(-180, 180))),
    "quality": st.sampled_from(["unverified", "needs-identification", "verified"]),
    "project": maybe(LINE),
    "dataset_doi": maybe(DOIS),
    "licence": maybe(st.sampled_from(ids("licences"))),
    "source_url": maybe(URLS),
}
RESEARCH: dict[type[Fact], st.SearchStrategy[Any]] = {
    DatasetPublished: st.builds(
        DatasetPublished,
        **WORK,
        dataset_id=OBJECTS,
        kind=st.sampled_from(ids("dataset_types")),
        themes=terms("themes"),
        municipalities=some(st.from_regex(r"[0-9]{8}", fullmatch=True)),
        period=maybe(PERIODS),
        modified=maybe(DAYS),
        distributions=some(
            st.builds(Distribution, url=URLS, media_type=maybe(LINE), size=maybe(st.integers(0, 2**53 - 1)))
        ),
    ),
    DatasetWithdrawn: st.builds(
        DatasetWithdrawn,
        revision=REVISIONS,
        dataset_id=OBJECTS,
        cause=CAUSES,
    ),
    PublicationPublished: st.builds(
        PublicationPublished,
        **WORK,
        publication_id=OBJECTS,
        kind=st.sampled_from(ids("publication_types")),
        container=maybe(LINE),
        open_access=ANSWERS,
    ),
    ObservationRecorded: st.builds(
        ObservationRecorded, **OBSERVED, uncertainty=maybe(RADII), coarsened=st.sampled_from(["no", "unknown"])
    )
    | st.builds(ObservationRecorded, **OBSERVED, uncertainty=RADII, coarsened=st.just("yes")),
    PublicationWithdrawn: st.builds(PublicationWithdrawn, revision=REVISIONS, publication_id=OBJECTS, cause=CAUSES),
    ObservationWithdrawn: st.builds(ObservationWithdrawn, revision=REVISIONS, observation_id=OBJECTS, cause=CAUSES),
    StudyOpened: st.builds(
        StudyOpened,
        revision=REVISIONS,
        study_id=OBJECTS,
        texts=TEXT_EACH,
        organiser=st.builds(Organiser, name=LINE, partner=maybe(PARTNERS), url=maybe(URLS), contact=maybe(MAIL)),
        period=maybe(PERIODS),
        attendance=st.sampled_from(["offline", "online", "mixed"]),
        place=maybe(PLACES),
        capacity=maybe(st.builds(Capacity, maximum=COUNT, minimum=COUNT, remaining=COUNT)),
        audience=maybe(AUDIENCES),
        registration=maybe(REGISTRATIONS),
        reward=maybe(LINE),
        ethics_approval=maybe(LINE),
        languages=some(LANGUAGES),
        keywords=some(LINE),
        licence=st.sampled_from(ids("licences")),
        source_url=maybe(URLS),
        same_as=some(IDENTIFIERS),
        **BELONGING,
    ),
    StudyClosed: st.builds(
        StudyClosed,
        revision=REVISIONS,
        study_id=OBJECTS,
        cause=st.sampled_from(["completed", "full", "cancelled"]),
        results=some(IDENTIFIERS),
    ),
}

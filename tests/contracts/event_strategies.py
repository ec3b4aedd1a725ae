"""Facts of the stream ``events`` as hypothesis makes them up, and the parts that other streams share."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from contracts.about import About
from contracts.event import EventCancelled, EventPublished, EventWithdrawn
from contracts.fact import Fact
from contracts.parts import Audience, Capacity, Organiser, Price, Registration, Sdg, Session, Text
from contracts.place import Accessibility, Coordinates, Place
from contracts.vocabulary import ids
from contracts.zoned_time import ZonedTime

ANSWERS = st.sampled_from(["yes", "no", "unknown"])
ZONES = st.sampled_from(["Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia", "UTC"])
# The limits keep the sum of all parts below a payload's: sizes are tested at the door.
LINE = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=40).filter(str.strip)
PROSE = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], include_characters="\n\t"), max_size=80)
PARTNERS = st.from_regex(r"[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,5}){0,2}", fullmatch=True)
OBJECTS = st.builds("{}:{}".format, PARTNERS, st.from_regex(r"[^\x00-\x20\x7f\ud800-\udfff]{1,40}", fullmatch=True))
LANGUAGES = st.sampled_from(["de", "de-simple", "en", "tr", "ar", "uk", "zh-Hant", "sgn-DE"])
URLS = st.builds(
    "https://{}.example/{}".format, PARTNERS, st.from_regex(r"([a-z0-9/_-]|%[0-9a-f]{2}){0,20}", fullmatch=True)
)
MAIL = st.builds("{}@{}.example".format, st.from_regex(r"[A-Za-z0-9._+-]{1,20}", fullmatch=True), PARTNERS)
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1))  # noqa: DTZ001 - wall clock
ZONED = st.builds(ZonedTime.at, MOMENTS, ZONES)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A value or none."""
    return st.none() | strategy


def some(
    strategy: st.SearchStrategy[Any], key: Callable[[Any], object] | None = None, size: int = 3
) -> st.SearchStrategy[Any]:
    """Some values, each key once."""
    return st.lists(strategy, max_size=size, unique_by=key).map(tuple)


def terms(vocabulary: str) -> st.SearchStrategy[Any]:
    """Some identifiers of a vocabulary."""
    return some(st.sampled_from(ids(vocabulary)))


TEXTS = st.builds(Text, language=LANGUAGES, title=LINE, description=PROSE)
PLACES = st.builds(
    Place,
    name=maybe(LINE),
    street=maybe(LINE),
    postal_code=maybe(st.from_regex(r"[0-9A-Za-z -]{3,10}", fullmatch=True)),
    locality=maybe(LINE),
    ags=maybe(st.from_regex(r"[0-9]{8}", fullmatch=True)),
    quarter=maybe(LINE),
    coordinates=maybe(st.builds(Coordinates, latitude=st.floats(-90, 90), longitude=st.floats(-180, 180))),
)
AGES = st.lists(st.integers(0, 120), min_size=2, max_size=2).map(sorted)
COUNT = maybe(st.integers(0, 1_000_000))
AMOUNTS = st.decimals(Decimal(0), Decimal(9_999_999), places=2)


@st.composite
def sessions(draw: st.DrawFn) -> Session:
    """A session that does not end before it starts."""
    start, end = sorted((draw(ZONED), draw(ZONED)), key=lambda moment: moment.utc)
    return Session(
        session_id=draw(st.from_regex(r"[^\x00-\x20\x7f\ud800-\udfff]{1,30}", fullmatch=True)),
        start=start,
        end=end,
        all_day=draw(st.booleans()),
        status=draw(st.sampled_from(["scheduled", "cancelled"])),
        moved_from=draw(maybe(ZONED)),
        zone_assumed=draw(st.booleans()),
        place=draw(maybe(PLACES)),
    )


@st.composite
def goals(draw: st.DrawFn) -> Sdg:
    """A goal, with a target of its own or none."""
    goal = draw(st.integers(1, 17))
    return Sdg(
        goal=goal,
        target=draw(maybe(st.sampled_from([f"{goal}.1", f"{goal}.12", f"{goal}.b"]))),
        assigned_by=draw(PARTNERS),
        method=draw(st.sampled_from(["human", "machine"])),
        confidence=draw(maybe(st.floats(0, 1))),
    )


PLACED = st.builds(
    About,
    term=st.sampled_from(ids("frameworks")),
    assigned_by=PARTNERS,
    method=st.sampled_from(["human", "machine"]),
    confidence=maybe(st.floats(0, 1)),
)
REGISTRATIONS = st.builds(Registration, required=ANSWERS, url=maybe(URLS), opens=maybe(ZONED.map(lambda at: at.utc)))
AUDIENCES = st.builds(
    lambda groups, ages: Audience(groups=groups, age_min=ages[0], age_max=ages[1]), terms("audiences"), AGES
)
REVISIONS = st.integers(1, 2**53 - 1)
PUBLISHED = st.builds(
    EventPublished,
    revision=REVISIONS,
    event_id=OBJECTS,
    texts=st.lists(TEXTS, min_size=1, max_size=3, unique_by=lambda text: text.language).map(tuple),
    organiser=st.builds(Organiser, name=LINE, partner=maybe(PARTNERS), url=maybe(URLS), contact=maybe(MAIL)),
    sessions=some(sessions(), lambda session: session.session_id),
    attendance=st.sampled_from(["offline", "online", "mixed"]),
    place=maybe(PLACES),
    online_url=maybe(URLS),
    status=st.sampled_from(["scheduled", "tentative", "postponed"]),
    capacity=maybe(st.builds(Capacity, maximum=COUNT, minimum=COUNT, remaining=COUNT)),
    free_of_charge=st.sampled_from(["no", "unknown"]),
    prices=some(st.builds(Price, tariff=LINE, amount=AMOUNTS)),
    registration=maybe(REGISTRATIONS),
    audience=maybe(AUDIENCES),
    accessibility=some(
        st.builds(Accessibility, feature=st.sampled_from(ids("accessibility")), available=ANSWERS),
        lambda item: item.feature,
    ),
    languages=some(LANGUAGES),
    keywords=some(LINE),
    licence=st.sampled_from(ids("licences")),
    source_url=maybe(URLS),
    same_as=some(st.builds("urn:ical-uid:{}".format, st.from_regex(r"[!-~]{1,30}", fullmatch=True))),
    reallabore=terms("reallabore"),
    bausteine=terms("bausteine"),
    sdgs=some(goals()),
    about=some(PLACED),
)
CANCELLED = st.builds(
    EventCancelled, revision=REVISIONS, event_id=OBJECTS, reason=some(TEXTS, lambda text: text.language)
)
WITHDRAWN = st.builds(
    EventWithdrawn,
    revision=REVISIONS,
    event_id=OBJECTS,
    cause=st.sampled_from(["deleted-at-source", "agreement-closed", "legal"]),
)
EVENTS: dict[type[Fact], st.SearchStrategy[Any]] = {
    EventPublished: PUBLISHED,
    EventCancelled: CANCELLED,
    EventWithdrawn: WITHDRAWN,
}

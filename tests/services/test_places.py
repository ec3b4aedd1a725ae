"""Places, queue and waiting: whatever comes in whichever order, nobody gets a place that is not there."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.admission import Admitted, read
from contracts.refusal import Refusal
from contracts.registry import CONTRACTS
from contracts.zoned_time import ZonedTime
from services.enrolments import enrolling
from services.enrolments.folding import BECOMES
from services.enrolments.hearing import hear
from services.enrolments.judging import RULES
from services.enrolments.offering import LIVE, Offering, dump, load
from services.enrolments.places import DUE, Places, remind
from services.gateway.books import ENROLMENTS
from services.runtime.engine.decider import Decision
from tests.contracts.worlds import examples, message

PREFIX = "de.lernende-stadt."
OFFERING = "stadt:kurs"
EXAMPLE = {name.removeprefix(PREFIX): payload for name, payload in examples().items()}
NOON = datetime(2027, 1, 5, 12, tzinfo=UTC)
DECIDER = Places()


def _fact(contract: str, at: datetime = NOON, **payload: object) -> Admitted:
    headers = [("ce_time", at.isoformat().encode()), ("ce_source", b"/partners/stadt")]
    found = read(message(f"{PREFIX}{contract}.v1", {"revision": 1, **payload}, more=headers))
    assert isinstance(found, Admitted), found
    return found


def asked(number: int, at: datetime = NOON, revision: int = 1) -> Admitted:
    """One person asks for a place."""
    ref = f"{number:026d}".translate(str.maketrans("01", "ab")).replace("8", "c").replace("9", "d")
    told = {"revision": revision, "enrolment_id": f"vhs:{number}", "offering_id": OFFERING, "person_ref": ref}
    return _fact("enrolment.requested", at, **told)


def ended(how: str, number: int, cause: str = "organiser") -> Admitted:
    """An enrolment is cancelled, denied or finished."""
    more = {} if how == "finished" else {"cause": cause}
    return _fact(f"enrolment.{how}", enrolment_id=f"vhs:{number}", offering_id=OFFERING, **more)


def opened(places: int | None, at: datetime = NOON, **more: object) -> Admitted:
    """The event is published, or published anew."""
    event = {**EXAMPLE["event.published.v1.2"], "sessions": [], "event_id": OFFERING}
    capacity = {} if places is None else {"capacity": {"maximum": places}}
    return _fact("event.published", at, **{**event, **capacity, **more})


def left(remaining: int, places: int | None = None) -> Admitted:
    """The event is published with what its organiser has left."""
    numbers = {"remaining": remaining} if places is None else {"remaining": remaining, "maximum": places}
    return opened(None, capacity=numbers)


def lasting(until: datetime, at: datetime = NOON, **more: object) -> Admitted:
    """The event with one place is published, with its last date."""
    start, end = (ZonedTime.at(moment.replace(tzinfo=None), "UTC") for moment in (until - timedelta(hours=1), until))
    session = {"session_id": "1", "start": start.model_dump(mode="json"), "end": end.model_dump(mode="json")}
    return opened(1, at, sessions=[session], **more)


def closed(how: str) -> Admitted:
    """The event is cancelled or withdrawn, or a study is closed with a cause."""
    if how in ("cancelled", "withdrawn"):
        return _fact(f"event.{how}", event_id=OFFERING, **({"cause": "legal"} if how == "withdrawn" else {}))
    return _fact("study.closed", study_id=OFFERING, cause=how)


def study(places: int) -> Admitted:
    """A study is opened under the same id."""
    return _fact(
        "study.opened", **{**EXAMPLE["study.opened.v1.1"], "capacity": {"maximum": places}, "study_id": OFFERING}
    )


def reminded(at: datetime) -> Admitted:
    """The service reminds itself."""
    found = read(remind(OFFERING, at).message)
    assert isinstance(found, Admitted)
    return found


def decide(state: Offering | None, fact: Admitted) -> Decision | Refusal:
    """Decide at the moment that a fact names."""
    return Places(now=lambda: datetime.fromisoformat(fact.envelope.time)).decide(state, fact)


def story(facts: Sequence[Admitted]) -> tuple[Offering, list[Admitted], list[Decision | Refusal]]:
    """Take facts one after the other; return the state, what was recorded, and each verdict."""
    state, recorded, verdicts = Offering(), list[Admitted](), list[Decision | Refusal]()
    for fact in facts:
        verdict = decide(state, fact)
        verdicts.append(verdict)
        for each in verdict.facts if isinstance(verdict, Decision) else ():
            state = DECIDER.evolve(state, each)
            recorded.append(each)
    return state, recorded, verdicts


def statuses(state: Offering) -> dict[str, str]:
    """The state of each enrolment."""
    return {name.removeprefix("vhs:"): each.status for name, each in state.enrolments.items()}


NUMBERS = st.integers(0, 9)
FACTS = st.one_of(
    NUMBERS.map(asked),
    st.builds(asked, NUMBERS, revision=st.integers(1, 4)),
    st.builds(ended, st.sampled_from(["cancelled", "denied", "finished"]), NUMBERS),
    (st.none() | st.integers(0, 5)).map(opened),
    st.integers(0, 5).map(study),
    st.builds(left, st.integers(0, 5), st.integers(0, 5)),
    st.integers(-1, 3).map(lambda day: lasting(NOON + timedelta(days=day))),
    st.sampled_from(["cancelled", "withdrawn", "completed", "full"]).map(closed),
    st.integers(0, 50).map(lambda hours: reminded(NOON + timedelta(hours=hours))),
)


def test_what_means_nothing_here_is_not_heard() -> None:
    """Of other streams only what opens or closes an offering goes into the service's input, as it is."""
    heard = {
        name: [output.message for output in hear("", message(f"{PREFIX}{name.rpartition('.')[0]}", payload))]
        for name, payload in EXAMPLE.items()
        if not name.startswith(("enrolment", "offering", "fact"))
    }
    assert {name.rpartition(".v")[0] for name, outputs in heard.items() if outputs} == {
        *("event.published", "event.cancelled", "event.withdrawn", "study.opened", "study.closed")
    }


def test_every_contract_of_the_stream_has_a_rule_or_is_made_here() -> None:
    """A contract without one would be admitted and mean nothing."""
    ours = {contract for contract in CONTRACTS.values() if contract.stream == "enrolments"}
    assert {each for each in ours if not each.by_hub} <= RULES.keys()
    assert {each for each in ours if each.type.startswith(f"{PREFIX}enrolment.")} == BECOMES.keys()


@given(st.lists(FACTS, max_size=40))
def test_capacity_is_never_oversold(facts: list[Admitted]) -> None:
    """Nobody gets a place while there is none; where one is free, nobody waits; who has one keeps it."""
    state, had = Offering(), set[str]()
    for fact in facts:
        verdict = decide(state, fact)
        for each in verdict.facts if isinstance(verdict, Decision) else ():
            state = DECIDER.evolve(state, each)
        has = set(state.having("associated"))
        if state.status == "open":
            taken = len(state.having("associated", "finished"))
            assert len(has - had) == 0 or state.capacity is None or taken <= state.capacity
            assert not state.having("pending")
            assert not (state.having("queued") and (state.free is None or state.free))
        if state.cause in ("offering-cancelled", "offering-withdrawn"):
            assert not state.having(*LIVE)
        lost = {name for name in had - has if state.enrolments[name].status not in ("cancelled", "finished")}
        assert not lost
        had = has


@given(st.lists(FACTS, max_size=40))
def test_what_is_recorded_makes_the_state(facts: list[Admitted]) -> None:
    """Promise 6: the recorded facts alone, read back from their bytes, fold to the same bytes."""
    state, recorded, _ = story(facts)
    again: Offering | None = None
    for each in recorded:
        told = read(message(each.envelope.type, each.payload, more=each.envelope.headers()))
        assert isinstance(told, Admitted), told
        again = DECIDER.evolve(again, told)
    assert DECIDER.dump(again or Offering()) == DECIDER.dump(state)
    assert DECIDER.dump(DECIDER.load(DECIDER.dump(state))) == DECIDER.dump(state)


@given(st.lists(FACTS, max_size=30))
def test_recorded_facts_have_ids_of_their_own_and_revisions_that_grow(facts: list[Admitted]) -> None:
    """Readers tell them apart and keep the newest."""
    _, recorded, _ = story(facts)
    assert len({each.envelope.id for each in recorded}) == len(recorded)
    last: dict[str, int] = {}
    for each in recorded:
        assert each.fact.revision > last.get(each.fact.subject, 0)
        last[each.fact.subject] = each.fact.revision


@given(st.lists(FACTS, max_size=30))
def test_the_same_again_is_a_duplicate_or_refused(facts: list[Admitted]) -> None:
    """Promise 2: a request that comes twice has no second effect."""
    state, _, _ = story(facts)
    for fact in (asked(3), asked(3)):
        verdict = decide(state, fact)
        for each in verdict.facts if isinstance(verdict, Decision) else ():
            state = DECIDER.evolve(state, each)
    assert verdict == Decision("duplicate")


def test_who_waits_moves_up_in_the_order_of_the_requests() -> None:
    """Twenty ask for three places; two cancel, and then there are two places more."""
    facts = [opened(3), *map(asked, range(20))]
    state, _, _ = story(facts)
    assert [statuses(state)[str(n)] for n in range(4)] == ["associated"] * 3 + ["queued"]
    facts += [ended("cancelled", 1, "person"), ended("cancelled", 5), ended("cancelled", 0, "person"), opened(5)]
    state, _, _ = story(facts)
    assert [name for name, status in statuses(state).items() if status == "associated"] == ["2", "3", "4", "6", "7"]
    state, _, _ = story([*facts, opened(1)])
    assert len(state.having("associated")) == 5, "fewer places throw nobody out"


def test_a_place_in_the_queue_is_told() -> None:
    """Who waits knows how many are before them."""
    _, recorded, _ = story([opened(1), *map(asked, range(4))])
    queued = [each.fact for each in recorded if each.envelope.type.endswith("queued.v1")]
    assert [getattr(fact, "place", 0) for fact in queued] == [1, 2, 3]


@pytest.mark.parametrize(
    ("how", "then"),
    [
        ("cancelled", ["cancelled", "cancelled"]),
        ("withdrawn", ["cancelled", "cancelled"]),
        ("full", ["associated", "denied"]),
        ("completed", ["associated", "denied"]),
    ],
)
def test_what_a_closing_means_for_those_in_it(how: str, then: list[str]) -> None:
    """A cancelled event cancels its enrolments with the reason; a full study keeps whom it has."""
    opening = opened(1) if how in ("cancelled", "withdrawn") else study(1)
    facts = [opening, asked(0), asked(1), closed(how)]
    state, recorded, _ = story(facts)
    assert [*statuses(state).values()] == then
    assert json.loads(recorded[-1].payload)["cause"] == state.cause
    assert "reason" not in json.loads(recorded[-1].payload), "where none is given"
    assert story([*facts, asked(2)])[0].enrolments["vhs:2"].status == "denied"


def test_the_organisers_reason_goes_to_all_who_asked() -> None:
    """In each language its line alone; also to who asks later, until the event is published again."""
    reason = [{"language": "de", "title": "Zu wenige", "description": "Mehr dazu."}, {"language": "en", "title": "Few"}]
    off = _fact("event.cancelled", event_id=OFFERING, reason=[*reason, {"language": "de", "title": "Zu wenige"}])
    facts = [opened(1), asked(0), asked(1), off, asked(2)]
    state, recorded, _ = story(facts)
    told = [json.loads(each.payload) for each in recorded if each.envelope.type.endswith(("cancelled.v1", "denied.v1"))]
    lines = [{"language": "de", "text": "Zu wenige"}, {"language": "en", "text": "Few"}]
    assert [each["reason"] for each in told] == [lines] * 3
    assert story([*facts, opened(1)])[0].reasons == {}
    assert load(dump(state)) == state
    assert Offering._fields[ENROLMENTS] == "enrolments", "where the gateway looks for them"


def test_a_request_waits_for_an_event_that_nobody_published() -> None:
    """It is placed when the event comes, and denied with its reason when its time is over; not a second before."""
    waiting, _, _ = story([asked(0), asked(1, NOON + timedelta(hours=5))])
    assert DECIDER.marks(waiting) == {DUE + "2027-01-06T12:00:00Z"}
    late = reminded(NOON + timedelta(hours=24))
    state, recorded, _ = story([asked(0), asked(1, NOON + timedelta(hours=5)), late])
    assert statuses(state) == {"0": "denied", "1": "pending"}
    assert json.loads(recorded[-1].payload)["cause"] == "offering-unknown"
    assert DECIDER.marks(state) == {DUE + "2027-01-06T17:00:00Z"}
    state, _, _ = story([asked(0), asked(1), reminded(NOON + timedelta(hours=23)), opened(1), late])
    assert statuses(state) == {"0": "associated", "1": "queued"}
    assert not DECIDER.marks(state)


def test_who_was_there_keeps_the_place() -> None:
    """A course that is over gives no place to who waited, however often attendance is told."""
    facts = [opened(2), *map(asked, range(4)), ended("finished", 0), ended("finished", 1)]
    assert [*statuses(story(facts)[0]).values()] == ["finished", "finished", "queued", "queued"]


def test_attendance_told_again_corrects_it() -> None:
    """Told otherwise it is news, told alike it is none."""
    there, absent = (
        _fact("enrolment.finished", enrolment_id="vhs:0", offering_id=OFFERING, attendance=told)
        for told in ("attended", "absent")
    )
    state, recorded, verdicts = story([opened(1), asked(0), there, there, absent, asked(1)])
    assert verdicts[3] == Decision("duplicate")
    assert state.enrolments["vhs:0"].attendance == "absent"
    assert [*statuses(state).values()] == ["finished", "queued"]
    assert len({each.envelope.id for each in recorded}) == len(recorded)


def test_who_cancelled_may_ask_again_at_the_end_of_the_queue() -> None:
    """Under a later revision; what is left of the earlier request has no effect on the later one."""
    told = {"enrolment_id": "stadt:0", "offering_id": OFFERING}
    leaving = _fact("enrolment.cancelled", **told, cause="person")
    first, again = (one._replace(fact=one.fact.model_copy(update=told)) for one in (asked(0), asked(0, revision=2)))
    facts = [opened(1), first, asked(1), asked(2), leaving, first, again]
    state, _, verdicts = story(facts)
    assert verdicts[-2] == Decision("duplicate")
    assert [each.status for each in state.enrolments.values()] == ["associated", "queued", "queued"]
    assert [*state.enrolments] == ["vhs:1", "vhs:2", "stadt:0"]
    thrown_out = [opened(1), first, _fact("enrolment.cancelled", **told, cause="organiser"), again]
    assert story(thrown_out)[2][-1] == Decision("duplicate"), "the organiser's word stands"
    _, _, verdicts = story([*facts, leaving])
    assert verdicts[-1] == Decision("duplicate"), "an older word of the same sender"
    organisers = leaving._replace(envelope=leaving.envelope._replace(source="/partners/vhs"))
    assert story([*facts, organisers])[0].enrolments["stadt:0"].status == "cancelled", "who counts for themselves"


def test_requests_end_with_the_registration_and_the_queue_with_the_last_date() -> None:
    """Who asks too late is told so; who waits moves up until it is over."""
    days = [NOON + timedelta(days=day) for day in range(4)]
    course = lasting(days[2], registration={"closes": days[1].isoformat().replace("+00:00", "Z")})
    facts = [course, asked(0), asked(1), asked(2), asked(3, days[1]), ended("cancelled", 0)]
    state, recorded, _ = story(facts)
    assert statuses(state) == {"0": "cancelled", "1": "associated", "2": "queued", "3": "denied"}
    assert DECIDER.marks(state) == {DUE + "2027-01-07T12:00:00Z"}
    assert statuses(story([*facts, reminded(days[1])])[0])["2"] == "queued"
    state, recorded, _ = story([*facts, reminded(days[2])])
    assert statuses(state) == {"0": "cancelled", "1": "associated", "2": "denied", "3": "denied"}
    assert json.loads(recorded[-1].payload)["cause"] == "offering-closed"
    assert not DECIDER.marks(state)
    assert story([*facts, reminded(days[2]), lasting(days[2], days[3])])[2][-1] == Decision("heard")


def test_nobody_gets_a_place_in_what_is_over() -> None:
    """A request that waited for an event learns that it came too late."""
    state, _, _ = story([asked(0), lasting(NOON), asked(1)])
    assert statuses(state) == {"0": "denied", "1": "denied"}


@pytest.mark.parametrize(
    ("told", "places"),
    [
        ([left(0, 20)], 0),
        ([left(3, 20)], 3),
        ([left(3)], 3),
        ([left(9, 2)], 2),
        ([left(3, 20), left(3, 20)], 3),  # not news: it may have been said before the organiser booked the three
        ([left(3, 20), left(1, 20)], 3),  # two of the three are booked there
        ([left(3, 20), left(0, 20), left(2, 20)], 5),  # two have left elsewhere
        ([left(3, 20), opened(20)], 20),
    ],
)
def test_what_the_organiser_gave_elsewhere_is_no_place(told: Sequence[Admitted], places: int) -> None:
    """Ten ask after each time that the organiser tells what is left."""
    facts = [each for number, one in enumerate(told) for each in (one, *(asked(10 * number + n) for n in range(10)))]
    assert len(story(facts)[0].having("associated")) == min(places, 10 * len(told))


@given(st.lists(FACTS, max_size=20))
def test_an_event_and_a_study_of_one_id_do_not_mix(facts: list[Admitted]) -> None:
    """One can take part in what came first; what is said of the other means nothing for it."""
    before = story([study(3), *(each for each in facts if each.fact.stream != "events")])[0]
    state = story([study(3), *facts])[0]
    assert state == before


def test_what_was_withdrawn_leaves_its_id_to_another_kind() -> None:
    """An event that never was to be is no reason to refuse a study."""
    state, _, _ = story([opened(1), asked(0), closed("withdrawn"), study(2), asked(1)])
    assert (state.kind, statuses(state)) == ("study", {"0": "cancelled", "1": "associated"})
    assert story([opened(1), closed("cancelled"), study(2)])[0].kind == "event"


def test_who_moves_up_learns_nothing_of_who_left() -> None:
    """Ids of messages are a partner's own: another partner's person gets a fact with a trail of its own."""
    leaving = ended("cancelled", 0, "person")
    _, recorded, _ = story([opened(1), asked(0), asked(1), leaving])
    left, moved = recorded[-2:]
    assert (left.fact.subject, left.envelope.correlation) == ("vhs:0", leaving.envelope.correlation)
    assert (moved.fact.subject, moved.envelope.source) == ("vhs:1", "/partners/hub")
    assert leaving.envelope.id not in str(moved.envelope)


def test_the_same_id_in_two_offerings_is_told_apart() -> None:
    """An enrolment is known by its offering and its id: facts of two never have the same id."""
    other = asked(0)
    elsewhere = other._replace(fact=other.fact.model_copy(update={"offering_id": "stadt:anderes"}))
    ids = {story([fact])[1][0].envelope.id for fact in (other, elsewhere)}
    assert len(ids) == 2


def test_an_offering_is_full_some_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """All enrolments are one state: there is an end to it, told to who asks."""
    monkeypatch.setattr(enrolling, "MOST", 2)
    verdict = story([asked(0), asked(1), asked(2)])[2][-1]
    assert isinstance(verdict, Refusal)
    assert verdict.rule == "offering-full"


@pytest.mark.parametrize("time", ["9999-12-31T23:00:00+00:00", "0900-01-01T00:00:00+00:00"])
def test_the_senders_clock_decides_nothing(time: str) -> None:
    """A request waits from the moment at which it is decided, whenever it says that it was sent."""
    fact = _fact("enrolment.requested", datetime.fromisoformat(time), **json.loads(asked(0).payload))
    verdict = Places(now=lambda: NOON).decide(None, fact)
    assert isinstance(verdict, Decision)
    assert DECIDER.marks(DECIDER.evolve(None, verdict.facts[0])) == {DUE + "2027-01-06T12:00:00Z"}


def test_what_the_service_hears_counts_for_nobody() -> None:
    """Events of another stream and reminders of its own are in no partner's account."""
    _, _, verdicts = story([opened(1), reminded(NOON), asked(0)])
    assert [verdict.outcome for verdict in verdicts if isinstance(verdict, Decision)] == ["heard", "heard", "applied"]


def _refused() -> Iterator[tuple[Sequence[Admitted], str]]:
    yield [ended("cancelled", 0)], "object-unknown"
    yield [opened(1), asked(0), ended("cancelled", 0, "offering-cancelled")], "cause-foreign"
    yield [opened(1), asked(0), ended("denied", 0)], "transition-impossible"
    yield [opened(1), asked(0), asked(1), ended("finished", 1)], "transition-impossible"
    other = asked(1)
    fact = other.fact.model_copy(update={"enrolment_id": "vhs:0"})
    yield [opened(1), asked(0), other._replace(fact=fact)], "enrolment-exists"


@pytest.mark.parametrize(("facts", "rule"), [*_refused()])
def test_steps_that_lead_nowhere_are_refused(facts: Sequence[Admitted], rule: str) -> None:
    """Each with its rule, and with nothing recorded."""
    verdict = story(facts)[2][-1]
    assert isinstance(verdict, Refusal)
    assert verdict.rule == rule

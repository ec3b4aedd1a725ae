import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contracts import spelling
from contracts.admission import read
from contracts.person import AgeBand
from contracts.refusal import Refusal
from services.intake.persons import age_band, inboxes_with_persons
from services.intake.rule import intake
from services.operations.letters.masking import masked
from services.runtime.engine.delivery import Output, Partition
from services.runtime.engine.memory_delivery import MemoryDelivery, MemoryLog
from services.runtime.engine.observation import observe
from services.runtime.engine.stateless import Stateless
from services.runtime.references import References
from services.runtime.vault import Entrusted
from tests.contracts.event_strategies import LINE
from tests.engine.rigs import records
from tests.vault.people import ORGANISER, PLANTED, REFERENCES, STRINGS, TELLER, agreement, requested

INBOX, SUBMITTED = f"partner.{TELLER}.inbox", "hub.enrolments.submitted"
AGREEMENTS = {TELLER: agreement(TELLER), ORGANISER: agreement(ORGANISER)}
NOW = datetime(2028, 6, 1, tzinfo=UTC)
RULE = intake(AGREEMENTS, lambda: NOW, REFERENCES)
PARTNER = st.from_regex(spelling.PARTNER, fullmatch=True).filter(lambda name: len(name) <= 60)


def taken(**changes: object) -> tuple[Output, Entrusted, dict[str, Any]]:
    """What intake makes of a request of the planted person with some fields changed: output, entrusted, payload."""
    found = RULE(INBOX, requested(person={**PLANTED, **changes}))
    assert not isinstance(found, Refusal), found
    (output,) = found
    assert isinstance(output.first, Entrusted)
    return output, output.first, json.loads(output.message.value or b"")


# --- references ------------------------------------------------------------------------------------------------------


@given(PARTNER, LINE)
def test_a_reference_is_spelled_as_the_contract_says_and_stays_the_same(partner: str, person_id: str) -> None:
    """A replay mints the same; whatever a partner's id of a human is, 26 letters and digits come of it."""
    first = REFERENCES.reference(partner, person_id)
    assert re.fullmatch(spelling.PERSON_REF, first)
    assert References(b"a key for tests").reference(partner, person_id) == first


@given(st.tuples(PARTNER, LINE), st.tuples(PARTNER, LINE))
@example(("a", "bc"), ("ab", "c"))
def test_two_humans_have_two_references(one: tuple[str, str], other: tuple[str, str]) -> None:
    """Partner and id are not run together: a/bc is not ab/c. Under another key everybody is somebody else."""
    same = one == other
    assert (REFERENCES.reference(*one) == REFERENCES.reference(*other)) is same
    assert References(b"another key").reference(*one) != REFERENCES.reference(*one)


def test_a_reference_is_what_the_standards_say() -> None:
    """HMAC-SHA-256 and base32 by hand, in the shell: openssl dgst -sha256 -hmac, head -c 16, base32."""
    assert References(b"key").reference("vhs", "7") == "3bgsjjl6a2ldpowk73n6amrmvu"


def test_the_key_is_never_shown() -> None:
    """Not even where somebody prints the object."""
    assert "a key for tests" not in repr(REFERENCES)


# --- age bands -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("born", "band"),
    [
        *((2027, "0-13"), (2014, "0-13"), (2013, "14-17"), (2010, "14-17"), (2009, "18-26"), (2001, "18-26")),
        *((2000, "27-45"), (1982, "27-45"), (1981, "46-65"), (1962, "46-65"), (1961, "66+"), (1890, "66+")),
    ],
)
def test_the_bands_meet(born: int, band: AgeBand) -> None:
    """Each age is in one band, and its edges are those of the contract."""
    assert age_band(born, 2027) == band


@given(st.integers(0, 140))
def test_the_band_holds_the_age(age: int) -> None:
    """Read from the band's own name."""
    low, _, high = age_band(2027 - age, 2027).rstrip("+").partition("-")
    assert int(low) <= age <= int(high or 140)


def test_no_year_of_birth_is_no_band() -> None:
    """Nothing is invented."""
    _, _, payload = taken(birth_year=None)
    assert "age_band" not in payload


def test_the_year_is_that_of_the_senders_clock() -> None:
    """New Year's Eve in Gelsenkirchen is the old year, whatever it is in UTC."""
    found = RULE(INBOX, requested(person={**PLANTED, "birth_year": 2014}, time="2028-01-01T00:30:00+01:00"))
    assert not isinstance(found, Refusal)
    assert json.loads(found[0].message.value or b"")["age_band"] == "14-17"


def test_a_birth_to_come_is_refused() -> None:
    """2062 is a typo of 1962: told in both languages, without the year itself."""
    refusal = RULE(INBOX, requested(person={**PLANTED, "birth_year": 2062}))
    assert isinstance(refusal, Refusal)
    assert (refusal.rule, refusal.place) == ("contract-violated", "person.birth_year")
    assert "2062" not in repr(refusal)


@pytest.mark.parametrize(("hours", "taken"), [(-100_000, True), (0, True), (24, True), (25, False), (600_000, False)])
def test_a_human_told_with_a_time_to_come_is_refused(hours: int, taken: bool) -> None:  # noqa: FBT001 - a row of the table
    """What is newest holds, and an erasure covers it: dated 2099, it would shut out every correction until then."""
    told = (NOW + timedelta(hours=hours)).isoformat()
    found = RULE(INBOX, requested(time=told))
    assert isinstance(found, Refusal) is not taken
    if isinstance(found, Refusal):
        assert (found.rule, found.place) == ("attribute-invalid", "header ce_time")
        assert "at most 24 hours ahead" in found.expected.en
        assert "höchstens 24 Stunden" in found.expected.de
        assert told not in repr(found)


def test_a_time_outside_the_years_there_are_is_refused() -> None:
    """Midnight of the year 1 somewhere in the East is no time in UTC."""
    refusal = RULE(INBOX, requested(person={"person_id": "1"}, time="0001-01-01T00:00:00+14:00"))
    assert isinstance(refusal, Refusal)
    assert (refusal.rule, refusal.place) == ("attribute-invalid", "header ce_time")


# --- what goes on ----------------------------------------------------------------------------------------------------


def test_what_goes_on_knows_a_reference_and_no_human() -> None:
    """Promise 12: none of the planted values is in key, payload or headers of what intake submits."""
    output, first, payload = taken()
    assert [text for text in STRINGS if text in repr(output.message)] == []
    assert "1987" not in repr(output.message)
    assert payload == {
        "revision": 1,
        "enrolment_id": f"{TELLER}:1",
        "offering_id": f"{ORGANISER}:kurs-1",
        "person_ref": REFERENCES.reference(TELLER, "Mitglied-0-Kanarien"),
        "age_band": "27-45",
    }
    assert not isinstance(read(output.message), Refusal)
    assert (output.topic, first.person_ref) == (SUBMITTED, payload["person_ref"])


def test_the_vault_gets_all_of_it_and_who_may_read() -> None:
    """Who told, and whose offering it is."""
    _, first, _ = taken()
    assert first.person.model_dump(mode="json") == PLANTED
    assert (first.partner, first.readers) == (TELLER, (TELLER, ORGANISER))
    assert first.told_at.isoformat() == "2026-01-05T08:30:00+00:00"


def test_only_inboxes_with_persons_have_any() -> None:
    """Whose agreement opens no request is not slowed down by one."""
    quiet = agreement("still").model_copy(
        update={"inbox": agreement("still").inbox.model_copy(update={"contracts": ()})}
    )
    assert inboxes_with_persons({**AGREEMENTS, "still": quiet}) == [INBOX, f"partner.{ORGANISER}.inbox"]


# --- kept before it is written ---------------------------------------------------------------------------------------


class Failing:
    """A place to keep that fails with some errors first."""

    def __init__(self, *errors: Exception) -> None:
        """Fail with these, one a call."""
        self.errors, self.kept = list(errors), list[Entrusted]()

    async def keep(self, told: list[Entrusted]) -> None:
        """Fail, or keep."""
        if self.errors:
            raise self.errors.pop(0)
        self.kept += told


async def submit(log: MemoryLog, place: Failing, count: int = 3) -> None:
    """Let intake take some requests."""
    mode = Stateless("intake", RULE, observe, {INBOX: place.keep})
    partition = Partition("hub.intake", INBOX, 0)
    await mode.process(MemoryDelivery(log), partition, 0, records([requested(n) for n in range(count)]))


async def test_nothing_is_written_while_the_vault_is_away() -> None:
    """Promises 1 and 12: no fact goes on before its human is kept; it comes again, and then both are there."""
    log, place = MemoryLog(), Failing(ConnectionRefusedError())
    with pytest.raises(ConnectionRefusedError):
        await submit(log, place)
    assert (log.topics, log.committed) == ({}, 0)
    await submit(log, place)
    assert (len(place.kept), len(log.topics[SUBMITTED]), log.committed) == (3, 3, 3)


async def test_what_alone_cannot_be_kept_is_a_dead_letter() -> None:
    """Promise 5: a message that the database refuses stops none of its neighbours."""

    class Refusing(Failing):
        async def keep(self, told: list[Entrusted]) -> None:
            if any(each.person.person_id == "bad" for each in told):
                raise UnicodeEncodeError("utf-8", "x", 0, 1, "planted")
            self.kept += told

    log, place = MemoryLog(), Refusing()
    mode = Stateless("intake", RULE, observe, {INBOX: place.keep})
    batch = [requested(n, {"person_id": "bad" if n == 2 else str(n)}) for n in range(5)]
    await mode.process(MemoryDelivery(log), Partition("hub.intake", INBOX, 0), 0, records(batch))
    assert (len(place.kept), len(log.topics[SUBMITTED]), log.committed) == (4, 4, 5)
    (letter,) = log.topics["hub.deadletter"]
    assert dict(letter.headers)["dl_rule"] == b"store-refused"


# --- dead letters ----------------------------------------------------------------------------------------------------


def test_a_masked_request_shows_no_human() -> None:
    """Promise 12: a dead letter of a request is listed by its structure; a misspelled key may be a name itself."""
    payload = {"person": {**PLANTED, "Kanarien-11": 1}, "enrolment_id": "verein:1"}
    known = frozenset({"person", "enrolment_id", "name", "email", "phone", "needs", "birth_year", "person_id"})
    shown = json.dumps(masked(json.dumps(payload).encode(), known))
    assert "email" in shown
    assert [text for text in (*STRINGS, "Kanarien", "1987") if text in shown] == []

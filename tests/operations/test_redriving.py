"""Dead letters judged anew, and what closing them does to the balance."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.admission import Message
from contracts.agreements import EXAMPLES, load_agreements
from contracts.closing import Closing, How, read_closing
from contracts.dead_letter import DeadLetter
from contracts.envelope import Headers
from contracts.refusal import Refusal
from contracts.topics import CLOSINGS, DEAD_LETTERS, inbox
from contracts.wording import expected
from services.operations.balance.accounts import accounts
from services.operations.balance.seen import Seen
from services.operations.letters.redriving import judged
from tests.contracts.worlds import TIME, examples, message, type_of

CITY = "stadt-gelsenkirchen"
AGREEMENTS = load_agreements(EXAMPLES)
NAME = "de.lernende-stadt.dataset.published.v1.2"
BODY = examples()[NAME]
KEY = BODY["dataset_id"].encode()
CANARY = "Kanarienvogel"


def _letter(value: bytes | None = None, headers: Headers | None = None, **changed: Any) -> DeadLetter:  # noqa: ANN401 - as of DeadLetter
    original = message(type_of(NAME), BODY)
    kept = Message(KEY, original.value if value is None else value or None, headers or original.headers)
    refusal = Refusal("contract-violated", "year", expected("missing"))
    place = (inbox(CITY), 0, 7)
    letter = DeadLetter(CITY, "inbound", "intake", *place, refusal, "2027-01-01T00:00:00+00:00", kept)
    return replace(letter, **changed)


def test_a_copy_is_what_was_sent_and_names_its_letter() -> None:
    """Bytes, key and headers are the original's; a header that named an earlier letter is replaced."""
    letter = _letter(headers=[*message(type_of(NAME), BODY).headers, ("ce_redriveof", b"older/0/1")])
    found = judged(letter, AGREEMENTS[CITY])
    assert (found.why_not, found.copy.value, found.copy.key) == ("", letter.original.value, KEY)
    again = [value for name, value in found.copy.headers if name == "ce_redriveof"]
    assert again == [letter.id.encode()]
    assert [pair for pair in letter.original.headers if pair[0] != "ce_redriveof"] == found.copy.headers[:-1]


def test_what_is_dated_ahead_of_the_clock_is_sent_when_its_time_has_come() -> None:
    """The door judges by its clock, and so does what says beforehand how it would judge."""
    letter, told = _letter(), datetime.fromisoformat(TIME)
    early, late = (judged(letter, AGREEMENTS[CITY], now=told - timedelta(hours=each)).why_not for each in (25, 24))
    assert ("header ce_time" in early, late) == (True, "")


def test_a_repaired_copy_is_keyed_anew() -> None:
    """What was changed may belong to another object: the hub takes the key from the payload."""
    stamped = message(type_of(NAME), BODY, more=[("ce_subject", KEY), ("ce_revision", b"1")])
    repaired = json.dumps({**BODY, "revision": 2, "dataset_id": f"{CITY}:another"}).encode()
    found = judged(_letter(headers=stamped.headers, service="research"), AGREEMENTS[CITY], repaired)
    assert (found.why_not, found.copy.key) == ("", None)


@pytest.mark.parametrize(
    ("letter", "known", "why"),
    [
        (_letter(b'{"year": "' + CANARY.encode() + b'"}'), True, "contract-violated at "),
        (_letter(b"{"), True, "json-invalid at payload"),
        (_letter(b""), True, "its payload was too large to be kept"),
        (_letter(), False, "its partner has no agreement"),
        (_letter(direction="pull"), True, "put it right in the partner's system"),
        (_letter(direction="push"), True, "the organiser's next revision"),
        (_letter(service="dispatch"), True, "dispatch had it"),
    ],
)
def test_what_would_not_pass_says_why_and_no_value(letter: DeadLetter, why: str, *, known: bool) -> None:
    """A copy that would be refused again is not sent; the listing repeats nothing of it."""
    found = judged(letter, AGREEMENTS[CITY] if known else None)
    assert found.why_not.startswith(why)
    assert CANARY not in str(found.row())


@given(st.sampled_from(["redriven", "discarded"]), st.text(), st.booleans())
def test_a_closing_is_read_as_it_was_written(how: How, reason: str, repaired: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    """The record of what an operator did comes back whole."""
    closing = Closing("a/0/1", CITY, how, "chris", "2027-01-01T00:00:00+00:00", reason, repaired)
    assert read_closing(closing.message().value or b"") == closing


def _record(topic: str, told: Message, offset: int = 0) -> Any:  # noqa: ANN401 - as much of aiokafka's record as is looked at
    return SimpleNamespace(topic=topic, partition=0, offset=offset, value=told.value, headers=told.headers)


def _account(*records: Any, applied: int = 0) -> dict[str, object]:  # noqa: ANN401 - see above
    seen = Seen({(inbox(CITY), 0): 1_000})
    for record in records:
        seen.take(record)
    (row,) = accounts([CITY], seen.counted({(CITY, "applied"): applied}, frozenset()))
    return {name: value for name, value in row.row().items() if value and name != "partner"}


def _closing(letter: DeadLetter, how: How) -> Any:  # noqa: ANN401 - see above
    closed = Closing(letter.id, letter.partner, how, "chris", letter.time)
    return _record(CLOSINGS, closed.message())


LETTER = _letter()
ORIGINAL = _record(inbox(CITY), LETTER.original, 7)
BURIED = _record(DEAD_LETTERS, LETTER.message())
COPY = _record(inbox(CITY), judged(LETTER, AGREEMENTS[CITY]).copy, 8)


def test_a_dead_letter_counts_until_it_is_closed() -> None:
    """Promise 9: open, it is dead; discarded, it is that."""
    assert _account(ORIGINAL, BURIED) == {"accepted": 1, "dead": 1}
    assert _account(ORIGINAL, BURIED, _closing(LETTER, "discarded")) == {"accepted": 1, "discarded": 1}


def test_a_redriven_letter_counts_as_what_becomes_of_its_copy() -> None:
    """Promise 9: accepted once, however often it went into the inbox; a copy that waits, is applied or dies."""
    closed = _closing(LETTER, "redriven")
    assert _account(ORIGINAL, BURIED, COPY, closed, applied=1) == {"accepted": 1, "applied": 1}
    late = _record(inbox(CITY), judged(LETTER, AGREEMENTS[CITY]).copy, 1_000)
    assert _account(ORIGINAL, BURIED, late, closed) == {"accepted": 1, "waiting": 1}
    again = _record(DEAD_LETTERS, _letter(offset=8).message())
    assert _account(ORIGINAL, BURIED, COPY, closed, again) == {"accepted": 1, "dead": 1}


def test_a_closing_is_of_one_letter_and_not_of_a_later_one_with_its_id() -> None:
    """An inbox that was made anew counts from 0 again, and an entry that stays wrong dies again after 30 days."""
    later = _record(DEAD_LETTERS, _letter(time="2027-02-01T00:00:00Z").message())
    assert _account(ORIGINAL, later, _closing(LETTER, "discarded")) == {"accepted": 1, "dead": 1}


def test_who_only_says_so_redrove_nothing() -> None:
    """A partner that writes the header itself hides no message from the balance, and neither does a second copy."""
    assert _account(ORIGINAL, BURIED, COPY, applied=1) == {"accepted": 2, "applied": 1, "dead": 1}
    closed = _closing(LETTER, "redriven")
    assert _account(ORIGINAL, BURIED, COPY, COPY, closed, applied=2) == {"accepted": 2, "applied": 2}

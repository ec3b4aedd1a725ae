import json

import pytest
from pydantic import ValidationError

from contracts.zoned_time import ZonedTime

BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("2027-03-28T01:59:59", "2027-03-28T00:59:59Z"),
        ("2027-03-28T02:30:00", "2027-03-28T01:30:00Z"),  # never on a clock: the offset from before the gap
        ("2027-03-28T02:30:00", "2027-03-28T00:30:00Z"),  # and the one from after it
        ("2027-03-28T03:00:00", "2027-03-28T01:00:00Z"),
        ("2026-10-25T02:30:00", "2026-10-25T00:30:00Z"),  # twice on a clock: the first time
        ("2026-10-25T02:30:00", "2026-10-25T01:30:00Z"),  # and the second
        ("2026-12-03T18:00:00.250000", "2026-12-03T17:00:00.25Z"),
    ],
)
def test_both_spellings_of_one_moment_are_taken(local: str, utc: str) -> None:
    """Also in the hours that a clock skips or shows twice; from JSON as from Python."""
    told = {"local": local, "zone": BERLIN, "utc": utc}
    read = ZonedTime.model_validate_json(json.dumps(told), strict=True)
    assert read == ZonedTime.model_validate(told)
    assert ZonedTime.model_validate_json(read.model_dump_json()) == read


@pytest.mark.parametrize("utc", ["2027-03-28T02:30:00Z", "2027-03-28T01:29:59Z", "2027-03-27T23:30:00Z"])
def test_no_other_moment_is_taken_for_a_time_that_a_clock_skips(utc: str) -> None:
    """A gap has two offsets, not any."""
    told = json.dumps({"local": "2027-03-28T02:30:00", "zone": BERLIN, "utc": utc})
    with pytest.raises(ValidationError, match="the same moment"):
        ZonedTime.model_validate_json(told, strict=True)


@pytest.mark.parametrize("field", ["local", "utc"])
@pytest.mark.parametrize(
    "wrong", ["2027-02-30T10:00:00", "2027-03-01 10:00:00", "2027-03-01T10:00", "٢٠٢٧-03-01T10:00:00"]
)
def test_a_wrong_time_is_told_with_an_example(field: str, wrong: str) -> None:
    """The same sentence for a wrong form and a day that does not exist, from JSON as from Python, without the value."""
    told = {"local": "2027-03-01T10:00:00", "zone": BERLIN, "utc": "2027-03-01T09:00:00Z"}
    told[field] = wrong + ("Z" if field == "utc" else "")
    for read in (lambda: ZonedTime.model_validate_json(json.dumps(told)), lambda: ZonedTime.model_validate(told)):
        with pytest.raises(ValidationError, match="expected a time written as 2026-03-29T") as refused:
            read()
        assert wrong not in str(refused.value)

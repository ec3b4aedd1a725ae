"""Real calendars that nobody here wrote: no crash, each read or refused by name, nothing new the second time."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from contracts.event import EventPublished
from flows.connector import Mapped
from flows.icalendar.reading import read
from flows.icalendar.writing import write
from flows.ledger.known import content_hash
from tests.icalendar.reads import CITY, NOW, told

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "ics"

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS.is_dir(), reason=f"the corpus is not at {CORPUS.name}/ beside the project"),
]


def everything(days: int = 0) -> dict[str, Mapped]:
    """Read every file, ``days`` later."""
    files = sorted(path for path in CORPUS.rglob("*") if path.is_file())
    names = {str(path.relative_to(CORPUS)): path for path in files}
    return {name: read(path.read_bytes(), name, CITY, NOW + timedelta(days=days)) for name, path in names.items()}


def hashes(found: dict[str, Mapped]) -> dict[tuple[str, str], str]:
    """Return the hash of each draft."""
    return {(name, each.fact.subject): content_hash(each.fact) for name, one in found.items() for each in one.drafts}


def test_every_file_is_read_or_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Each file gives drafts, or refusals that name file and line or property; what it gave is counted."""
    found = everything()
    drafts = [draft for one in found.values() for draft in one.drafts]
    refused = [refusal for one in found.values() for refusal in one.refused]
    sessions = [each for draft in drafts if isinstance(draft.fact, EventPublished) for each in draft.fact.sessions]
    with capsys.disabled():
        print(  # noqa: T201 - the counts are what is asked for
            f"\n{len(found)} files: {len(drafts)} events, {len(sessions)} sessions, "
            f"{sum(each.zone_assumed for each in sessions)} with an assumed zone, "
            f"{len(refused)} refused, of them {sum(each.not_public for each in refused)} not public; "
            f"{Counter(type(draft.fact).__name__ for draft in drafts)}"
        )
    assert len(drafts) > 3000
    for refusal in refused:
        assert refusal.source_id in found
        assert refusal.place.startswith(("line ", "file", "METHOD", "RRULE")), str(refusal)
        assert refusal.reason


def test_second_run_tells_nothing_new() -> None:
    """The same files give the same hashes, that day and six days later."""
    assert hashes(everything()) == hashes(everything()) == hashes(everything(days=6))


def test_every_event_passes_the_door_and_comes_back() -> None:
    """What was read is valid to the letter, and the same after it was written and read again."""
    for one in everything().values():
        for draft in one.drafts:
            if isinstance(draft.fact, EventPublished):
                payload = draft.fact.payload()
                assert EventPublished.model_validate_json(payload, strict=True, extra="forbid") == draft.fact
                assert told(write(draft.fact, NOW)).event == draft.fact

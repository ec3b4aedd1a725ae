"""The judgement of calendars can fail: each thing that must not happen is done to a run in which all was right."""

import copy
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from tests.faults.calendars.entry import Entry, Step
from tests.faults.calendars.judge import READER, believed, converged, judge
from tests.faults.calendars.story import Story
from tests.faults.calendars.told import CITY
from tests.faults.checker.evidence import Evidence, Row
from tests.faults.messages import CANCELLED, PUBLISHED, WITHDRAWN

_TOPICS = {"inboxes": f"partner.{CITY}.inbox", "recorded": "hub.events", "outboxes": f"partner.{READER}.outbox"}


def _published(entry: Entry) -> dict[str, object]:
    start = {"local": entry.start.isoformat()}
    later = {"local": entry.start.replace(year=entry.start.year + 1).isoformat()}
    return {
        "texts": [{"title": entry.title, "description": entry.description}],
        "sessions": [{"start": start}, *([{"start": later}] if entry.weekly else [])],
    }


class _World:
    """A run of some rounds in which everything is right."""

    def __init__(self) -> None:
        self.story, self.evidence = Story(1, date(2027, 3, 1)), Evidence([])
        self._revisions = Counter[str]()
        for step in self.story.beginning():
            self._tell(step)
        for _ in range(8):
            self.story.healed()
            for step in self.story.steps(12):
                self._tell(step)

    def _tell(self, step: Step) -> None:
        """Tell every change at once, but no cancellation twice: it says no more than that."""
        kind = WITHDRAWN if step.entry is None else CANCELLED if step.entry.off else PUBLISHED
        told = f"{CITY}:{step.uid}"
        last = [row for row in self.evidence.recorded if row.key == told.encode()][-1:]
        if kind == CANCELLED and last and last[0].text("ce_type") == CANCELLED:
            return
        self._revisions[step.uid] += 1
        body = {"event_id": told, "revision": self._revisions[step.uid]}
        body |= _published(step.entry) if step.entry and kind == PUBLISHED else {}
        name = f"{told}#{body['revision']}".encode()
        headers = {"ce_type": kind.encode(), "ce_id": name, "ce_source": f"/partners/{CITY}".encode()}
        for rows, topic in ((getattr(self.evidence, name), topic) for name, topic in _TOPICS.items()):
            rows.append(Row(topic, 0, len(rows), told.encode(), json.dumps(body).encode(), headers))


RIGHT = _World()


def _place(evidence: Evidence, kind: str = PUBLISHED) -> int:
    """Return where the last fact of a kind stands that no later one follows."""
    last = {row.key: number for number, row in enumerate(evidence.recorded)}
    return max(number for number in last.values() if evidence.recorded[number].text("ce_type") == kind)


def _another(evidence: Evidence, of: int, kind: str, **body: object) -> None:
    """Tell one fact more of an object, everywhere."""
    for rows in (getattr(evidence, name) for name in _TOPICS):
        row, number = rows[of], len(rows)
        told = json.loads(row.value)
        told = {**(told if kind == PUBLISHED else {"event_id": told["event_id"]}), "revision": told["revision"] + 1}
        headers = {**row.headers, "ce_type": kind.encode(), "ce_id": f"another-{number}".encode()}
        rows.append(replace(row, offset=number, value=json.dumps({**told, **body}).encode(), headers=headers))


def _drop(evidence: Evidence, place: int) -> None:
    for name in _TOPICS:
        getattr(evidence, name).pop(place)


def _swap(rows: list[Row], at: int) -> None:
    """Let an object's last two facts change places."""
    before = max(number for number in range(at) if rows[number].key == rows[at].key)
    rows[before], rows[at] = (replace(rows[at], offset=before), replace(rows[before], offset=at))


def _changed_twice(evidence: Evidence) -> int:
    """Return where the last fact stands of an object that was told twice at least."""
    times = Counter(row.key for row in evidence.recorded)
    return max(n for n, row in enumerate(evidence.recorded) if times[row.key] > 1)


_HARM: dict[str, tuple[str, Callable[[Evidence], object]]] = {
    "withdrawn though it is there": ("lost", lambda e: _another(e, _place(e), WITHDRAWN)),
    "withdrawn twice": ("doubled", lambda e: _another(e, _place(e, WITHDRAWN), WITHDRAWN)),
    "withdrawal not told": ("lost", lambda e: _drop(e, _place(e, WITHDRAWN))),
    "entry not told": (
        "lost",
        lambda e: _drop(e, max(n for n, row in enumerate(e.recorded) if b'n": 1,' in row.value)),
    ),
    "change not told": ("wrong", lambda e: _drop(e, _changed_twice(e))),
    "told again": ("doubled", lambda e: _another(e, _place(e), PUBLISHED)),
    "other dates": ("wrong", lambda e: _another(e, _place(e), PUBLISHED, sessions=[])),
    "called off": ("wrong", lambda e: _another(e, _place(e), CANCELLED)),
    "not recorded": ("lost", lambda e: e.recorded.pop(_place(e))),
    "not in the outbox": ("lost", lambda e: e.outboxes.pop(_place(e))),
    "twice in the outbox": ("doubled", lambda e: e.outboxes.append(replace(e.outboxes[_place(e)], offset=10_000))),
    "other bytes": ("wrong", lambda e: e.outboxes.append(replace(e.outboxes.pop(0), value=e.outboxes[0].value))),
    "inbox out of order": ("reordered", lambda e: _swap(e.inboxes, _changed_twice(e))),
    "outbox out of order": ("reordered", lambda e: _swap(e.outboxes, _changed_twice(e))),
    "dead letter": ("wrong", lambda e: e.letters.append(Row("hub.deadletter", 0, 0, CITY.encode(), b"", {}))),
}


def test_a_right_run_is_found_right() -> None:
    """Nothing is found where nothing is wrong."""
    assert judge(RIGHT.story, RIGHT.evidence).told() == "nothing"
    assert converged(RIGHT.story, RIGHT.evidence)
    assert sum(RIGHT.story.deleted.values()) > 5


@pytest.mark.parametrize("harm", [*_HARM])
def test_each_harm_is_found(harm: str) -> None:
    """What is done to the evidence is found, as what it is."""
    evidence = copy.deepcopy(RIGHT.evidence)
    kind, do = _HARM[harm]
    do(evidence)
    assert getattr(judge(RIGHT.story, evidence), kind)


def test_a_withdrawal_is_found_while_it_is_still_on_its_way() -> None:
    """Promise 10 is looked at in the inbox itself, before any service has seen it."""
    evidence = copy.deepcopy(RIGHT.evidence)
    _another(evidence, _place(evidence), WITHDRAWN)
    evidence.recorded.clear()
    evidence.outboxes.clear()
    assert believed(RIGHT.story, evidence).lost


def test_a_story_is_the_same_again() -> None:
    """The same seed tells the same story; it deletes, moves away and enters anew."""
    again = _World()
    assert again.story.holds == RIGHT.story.holds
    assert [row.value for row in again.evidence.inboxes] == [row.value for row in RIGHT.evidence.inboxes]
    assert any(RIGHT.story.deleted[uid] for uid in RIGHT.story.holds)
    assert any(entry.start.date() < date(2027, 1, 1) for entry in RIGHT.story.holds.values())

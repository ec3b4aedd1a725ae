"""The judgement: what the calendar truly holds, against what its partner's inbox, the catalogue and a reader say. Pure.

Promises 7 and 10. Written after the design, not after the flows.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from tests.faults.calendars.story import Story
from tests.faults.calendars.told import CITY, Told, of_city, taken
from tests.faults.checker.evidence import Evidence, Findings, Row

READER = "universitaet-wuppertal"


def believed(story: Story, evidence: Evidence) -> Findings:
    """Find withdrawals, in the inbox itself, of what was not taken out of the calendar so often (promise 10)."""
    found = Findings()
    for uid, one in taken(of_city(evidence.inboxes)).items():
        if one.withdrawn > story.deleted[uid]:
            kind = found.lost if uid in story.holds else found.doubled
            kind.append(f"{uid} withdrawn {one.withdrawn} times, deleted {story.deleted[uid]} times")
    return found


def converged(story: Story, evidence: Evidence) -> bool:
    """Whether a reader of the catalogue knows what the calendar holds, no less and no more."""
    found = Findings()
    _compare("hub.events", story, taken(of_city(evidence.recorded)), found)
    return not found


def judge(story: Story, evidence: Evidence) -> Findings:
    """Find everything that promises 7 and 10 forbid, once a healthy server was read often enough."""
    inbox = of_city(evidence.inboxes)
    found, told = believed(story, evidence), taken(inbox)
    _once(told, found)
    outbox = [row for row in of_city(evidence.outboxes) if row.topic == f"partner.{READER}.outbox"]
    for topic, rows in (("hub.events", of_city(evidence.recorded)), (f"partner.{READER}.outbox", outbox)):
        _passed_on(topic, inbox, rows, found)
        _compare(topic, story, taken(rows), found)
    found.wrong += [f"dead letter {row.offset}" for row in evidence.letters if row.key == CITY.encode()]
    return found


def _once(told: Mapping[str, Told], found: Findings) -> None:
    """Each change is told once, each with the next revision."""
    for uid, one in told.items():
        if again := sum(before == after for before, after in zip(one.said, one.said[1:], strict=False)):
            found.doubled.append(f"{uid} told {again} times more without a change")
        if one.revisions != sorted(one.revisions):
            found.reordered.append(f"{uid} in the inbox")


def _passed_on(topic: str, inbox: Iterable[Row], rows: list[Row], found: Findings) -> None:
    """What the inbox holds reaches a topic once, byte for byte, in order of its key."""
    wanted = {row.text("ce_id"): row.value for row in inbox}
    times, values = Counter(row.text("ce_id") for row in rows), {row.text("ce_id"): row.value for row in rows}
    found.lost += [f"{name} in {topic}" for name in wanted if not times[name]]
    found.doubled += [f"{name} in {topic}" for name, often in times.items() if often > 1]
    found.wrong += [f"{name} in {topic}, with other bytes" for name in values if values[name] != wanted.get(name)]
    for uid, one in taken(rows).items():
        if one.revisions != sorted(one.revisions):
            found.reordered.append(f"{uid} in {topic}")


def _compare(topic: str, story: Story, told: Mapping[str, Told], found: Findings) -> None:
    """What is known is what the calendar holds; what was deleted was withdrawn so often, once each time."""
    for uid, entry in story.holds.items():
        if uid not in told or told[uid].body is None:
            found.lost.append(f"{uid} in {topic}")
        elif differs := told[uid].differs(entry):
            found.wrong.append(f"{uid} in {topic}: {differs}")
    for uid, often in story.deleted.items():
        if uid in told and told[uid].withdrawn < often:
            found.lost.append(f"withdrawal of {uid} in {topic}")
    found.wrong += [
        f"{uid} in {topic}, not in the calendar"
        for uid, one in told.items()
        if uid not in story.holds and uid not in story.deleted and one.body is not None
    ]

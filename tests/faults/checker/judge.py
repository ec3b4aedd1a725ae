"""The judgement: what the ledger and the inboxes demand, against what topics and tables hold. Pure.

Written after the design, not after the engine: stage by stage, each stage's input is taken as it lies in its topic, and
its output must be that input's consequence, once, in order.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping

from tests.faults.checker.catalogue import Catalogue, Verdict
from tests.faults.checker.evidence import Evidence, Findings, Name, Row
from tests.faults.checker.rejections import rejections
from tests.faults.checker.stops import still_wanted, stops
from tests.faults.sender import Ledger

Place = tuple[str, int, int]  # topic, partition, offset


def judge(ledger: Ledger, evidence: Evidence) -> Findings:
    """Find everything that promises 1 to 6, 8, 9 and 11 forbid."""
    found = Findings()
    letters = Counter(_buried(row) for row in evidence.letters)
    found.doubled += [f"dead letter of {place}" for place, times in letters.items() if times > 1]
    _door(ledger, evidence, found)
    passed = _intake(ledger, evidence, letters, found)
    verdicts = _decided(evidence.submitted)
    _stage("hub.events", passed_on(verdicts, evidence.submitted), evidence.recorded, found)
    _refusals(verdicts, evidence.submitted, letters, found)
    _stage("hub.events.submitted", passed, evidence.submitted, found)
    _stage("hub.unified", evidence.recorded, evidence.unified, found)
    rejections(evidence, found)
    stopped = stops(evidence.book)
    for agreement in evidence.agreements:
        topic = f"partner.{agreement.partner}.outbox"
        opened = [row for row in evidence.recorded if agreement.opens(row.text("ce_type"), row.source)]
        opened += [row for row in evidence.rejections if json.loads(row.value)["partner"] == agreement.partner]
        there = [row for row in evidence.outboxes if row.topic == topic]
        _stage(topic, still_wanted(topic, opened, there, stopped), there, found)
    _tables(evidence, verdicts, found)
    return found


def _door(ledger: Ledger, evidence: Evidence, found: Findings) -> None:
    """Promise 1: what was acknowledged lies where the acknowledgement says, and nothing lies there twice."""
    at = {(row.topic, row.partition, row.offset): row for row in evidence.inboxes}
    for number, told in ledger.acknowledged.items():
        sent = ledger.sent[number]
        row = at.get((f"partner.{sent.partner}.inbox", told.partition, told.offset))
        if row is None or row.value != sent.value:
            found.lost.append(f"acknowledged message {number} of {sent.partner}")
    times = Counter(row.text("number") for row in evidence.inboxes)
    found.doubled += [f"message {number} in its inbox" for number, often in times.items() if often > 1]


def _intake(ledger: Ledger, evidence: Evidence, letters: Mapping[Place, int], found: Findings) -> list[Row]:
    """Return what intake had to pass on; what it had to refuse has one dead letter."""
    passed = []
    for row in evidence.inboxes:
        rule, dead = ledger.sent[int(row.text("number"))].rule, letters.get(_place(row), 0)
        if not rule:
            passed.append(row)
        if rule and not dead:
            found.lost.append(f"dead letter of {_place(row)}, to be refused as {rule}")
        if dead and not rule:
            found.wrong.append(f"dead letter of {_place(row)}, which is good")
    told = {_buried(row): row.text("dl_rule") for row in evidence.letters}
    for row in evidence.inboxes:
        rule = ledger.sent[int(row.text("number"))].rule
        if rule and told.get(_place(row), rule) != rule:
            found.wrong.append(f"dead letter of {_place(row)}: {told[_place(row)]}, not {rule}")
    return passed


def _decided(submitted: Iterable[Row]) -> dict[Place, Verdict]:
    catalogue = Catalogue()
    return {_place(row): catalogue.take(row) for row in sorted(submitted, key=_place)}


def passed_on(verdicts: Mapping[Place, Verdict], submitted: Iterable[Row]) -> list[Row]:
    """Return what was applied."""
    return [row for row in submitted if verdicts[_place(row)].outcome == "applied"]


def _refusals(
    verdicts: Mapping[Place, Verdict], submitted: Iterable[Row], letters: Mapping[Place, int], found: Findings
) -> None:
    for row in submitted:
        refused, dead = verdicts[_place(row)].outcome == "refused", letters.get(_place(row), 0)
        if refused and not dead:
            found.lost.append(f"dead letter of {_place(row)}")
        if dead and not refused:
            found.wrong.append(f"dead letter of {_place(row)}, which is good")


def _stage(topic: str, wanted: Iterable[Row], there: Iterable[Row], found: Findings) -> None:
    """Compare a topic with what must be in it: each once, byte for byte, in order of its key."""
    wanted, there = sorted(wanted, key=_place), sorted(there, key=_place)
    times, values = Counter(row.name for row in there), {row.name: row.value for row in wanted}
    for name, value in values.items():
        if not times[name]:
            found.lost.append(f"{name} in {topic}")
        del value
    for row in there:
        if row.name not in values:
            found.wrong.append(f"{row.name} in {topic}, where it may not be")
        elif row.value != values[row.name]:
            found.wrong.append(f"{row.name} in {topic}, with other bytes")
    found.doubled += [f"{name} in {topic}" for name, often in times.items() if often > 1]
    _order(topic, wanted, there, found)


def _order(topic: str, wanted: list[Row], there: list[Row], found: Findings) -> None:
    """Promise 3. Each row is compared with its first appearance, so that a double counts once, as a double."""
    first: dict[Name, int] = {}
    for number, row in enumerate(there):
        first.setdefault(row.name, number)
    by_key = _grouped(wanted, _object)
    for key, rows in by_key.items():
        numbers = [first[row.name] for row in rows if row.name in first]
        if numbers != sorted(numbers):
            found.reordered.append(f"{key} in {topic}")


def _tables(evidence: Evidence, verdicts: Mapping[Place, Verdict], found: Findings) -> None:
    """Promises 4, 6 and 9, in PostgreSQL."""
    for (group, topic, partition), offset in evidence.committed.items():
        if group == "hub.events" and offset > evidence.progress.get((topic, partition), 0):
            found.wrong.append(f"Kafka's offset of {topic}/{partition} lies beyond its effect")
    if evidence.unpublished:
        found.lost.append(f"{evidence.unpublished} rows of the outbox were not published")
    wanted = {v.key: v for v in verdicts.values() if v.outcome == "applied"}  # the last of each key
    for key in wanted.keys() - evidence.states.keys():
        found.lost.append(f"state of {key}")
    for key in evidence.states.keys() - wanted.keys():
        found.wrong.append(f"state of {key}, which never was")
    for key, body in evidence.states.items():
        state = json.loads(body)
        if key in wanted and (state["revision"], state["digest"]) != (wanted[key].revision, wanted[key].digest):
            found.wrong.append(f"state of {key} at revision {state['revision']}, not {wanted[key].revision}")
    counted = Counter((verdict.partner, verdict.outcome) for verdict in verdicts.values())
    for place in counted.keys() | evidence.tally.keys():
        if counted[place] != evidence.tally.get(place, 0):
            found.wrong.append(f"tally of {place}: {evidence.tally.get(place, 0)}, not {counted[place]}")


def _grouped(rows: Iterable[Row], by: Callable[[Row], str]) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[by(row)].append(row)
    return grouped


def _place(row: Row) -> Place:
    return row.topic, row.partition, row.offset


def _buried(row: Row) -> Place:
    return row.text("dl_topic"), int(row.text("dl_partition")), int(row.text("dl_offset"))


def _object(row: Row) -> str:
    told = json.loads(row.value)
    return str(told["letter"] if "letter" in told else told["event_id"])

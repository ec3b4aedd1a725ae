"""The checker can fail: each thing that must not happen is done to a run in which all was right, and is found."""

import copy
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import islice

import pytest

from tests.faults.checker.catalogue import Catalogue
from tests.faults.checker.evidence import Agreement, Evidence, Row
from tests.faults.checker.judge import judge
from tests.faults.messages import CANCELLED, PARTNERS, PUBLISHED
from tests.faults.plan import Plan
from tests.faults.sender import Acknowledged, Ledger

_ALL = (PUBLISHED, CANCELLED)


def _letter(of: Row, rule: str, number: int) -> Row:
    about = {"dl_topic": of.topic, "dl_partition": str(of.partition), "dl_offset": str(of.offset), "dl_rule": rule}
    return Row("hub.deadletter", 0, number, None, of.value, {name: text.encode() for name, text in about.items()})


class _World:
    """A run of 600 messages in which everything is right."""

    def __init__(self) -> None:
        self.ledger, self.evidence = Ledger(), Evidence([Agreement(partner, _ALL, ("*",)) for partner in PARTNERS])
        self._offsets, self._catalogue = Counter[str](), Catalogue()
        for sending in islice(Plan(1, poison=0.05), 600):
            self.ledger.sent[sending.number] = sending
            row = self._row(f"partner.{sending.partner}.inbox", sending.key, sending.value, sending.headers())
            self.ledger.acknowledged[sending.number] = Acknowledged(0, row.offset, float(sending.number))
            self.evidence.inboxes.append(row)
            if sending.rule:
                self._bury(row, sending.partner, sending.rule)
            else:
                self._submit(row, sending.partner)
        self.evidence.progress = {("hub.events.submitted", 0): self._offsets["hub.events.submitted"]}
        self.evidence.committed = {("hub.events", *place): at for place, at in self.evidence.progress.items()}

    def _row(self, topic: str, key: bytes | None, value: bytes, headers: dict[str, bytes]) -> Row:
        self._offsets[topic] += 1
        return Row(topic, 0, self._offsets[topic] - 1, key, value, headers, float(self._offsets[topic] - 1))

    def _bury(self, row: Row, partner: str, rule: str) -> None:
        letters = self.evidence.letters
        letters.append(_letter(row, rule, len(letters)))
        name = f"{row.topic}/{row.partition}/{row.offset}"
        value = json.dumps({"letter": name, "partner": partner, "rule": rule}).encode()
        headers = {"ce_id": name.encode(), "ce_source": b"/partners/hub"}
        self.evidence.rejections.append(self._row("hub.rejections", name.encode(), value, headers))
        self.evidence.outboxes.append(self._row(f"partner.{partner}.outbox", name.encode(), value, headers))

    def _submit(self, row: Row, partner: str) -> None:
        headers = {**row.headers, "ce_source": f"/partners/{partner}".encode()}
        submitted = self._row("hub.events.submitted", row.key, row.value, headers)
        self.evidence.submitted.append(submitted)
        verdict = self._catalogue.take(submitted)
        tally = self.evidence.tally
        tally[partner, verdict.outcome] = tally.get((partner, verdict.outcome), 0) + 1
        if verdict.outcome == "refused":
            self._bury(submitted, partner, "revision-conflict")
        if verdict.outcome != "applied":
            return
        state = {"revision": verdict.revision, "digest": verdict.digest}
        self.evidence.states[verdict.key] = json.dumps(state).encode()
        self.evidence.recorded.append(self._row("hub.events", row.key, row.value, headers))
        self.evidence.unified.append(self._row("hub.unified", row.key, row.value, headers))
        for agreement in self.evidence.agreements:
            if agreement.opens(headers["ce_type"].decode(), partner):
                topic = f"partner.{agreement.partner}.outbox"
                self.evidence.outboxes.append(self._row(topic, row.key, row.value, headers))


RIGHT = _World()


def _lose(rows: list[Row]) -> None:
    del rows[len(rows) // 2]


def _double(rows: list[Row]) -> None:
    rows.append(replace(rows[len(rows) // 2], offset=1_000_000))


def _swap(rows: list[Row]) -> None:
    """Exchange two revisions of one object."""
    by_key: dict[tuple[str, bytes | None], int] = {}
    for number, row in enumerate(rows):
        if (row.topic, row.key) in by_key:
            other = by_key[row.topic, row.key]
            here, there = rows[number], rows[other]
            rows[number], rows[other] = replace(here, offset=there.offset), replace(there, offset=here.offset)
            return
        by_key[row.topic, row.key] = number


def _spoil(rows: list[Row]) -> None:
    rows[3] = replace(rows[3], value=rows[3].value.replace(b"Fassung", b"Entwurf"))


def test_nothing_is_found_where_all_is_right() -> None:
    """The untouched run has refusals, duplicates and cancellations in it, and no finding."""
    assert not judge(RIGHT.ledger, RIGHT.evidence)
    assert {outcome for _, outcome in RIGHT.evidence.tally} == {"applied", "duplicate", "superseded", "refused"}
    assert len({sending.rule for sending in RIGHT.ledger.sent.values()}) > 5


@pytest.mark.parametrize("topic", ["inboxes", "submitted", "recorded", "outboxes", "unified", "letters", "rejections"])
@pytest.mark.parametrize(("harm", "kind"), [(_lose, "lost"), (_double, "doubled")])
def test_a_record_too_few_or_too_many_is_found(topic: str, harm: Callable[[list[Row]], None], kind: str) -> None:
    """Of every topic, one record is taken away or stands twice."""
    evidence = copy.deepcopy(RIGHT.evidence)
    harm(getattr(evidence, topic))
    assert getattr(judge(RIGHT.ledger, evidence), kind)


@pytest.mark.parametrize("topic", ["submitted", "recorded", "outboxes", "unified"])
def test_another_order_of_one_key_is_found(topic: str) -> None:
    """Two revisions of one object change places."""
    evidence = copy.deepcopy(RIGHT.evidence)
    _swap(getattr(evidence, topic))
    assert judge(RIGHT.ledger, evidence).reordered


@pytest.mark.parametrize("topic", ["submitted", "recorded", "outboxes", "unified"])
def test_other_bytes_are_found(topic: str) -> None:
    """A payload is changed on its way."""
    evidence = copy.deepcopy(RIGHT.evidence)
    _spoil(getattr(evidence, topic))
    assert judge(RIGHT.ledger, evidence).wrong


def _note(route: str, stopped: int | None, at: float) -> Row:
    value = json.dumps({"partition": "hub.events/0", "route": route, "stopped": stopped}).encode()
    return Row("hub.routes", 0, 0, None, value, {}, at)


@pytest.mark.parametrize(
    ("begins", "ends", "newer_told", "lost"),
    [
        (0, 0, True, False),  # told before and after: the stop lies around both
        (None, None, True, True),  # nobody stopped
        (1, 0, True, True),  # the stop began behind the older one
        (0, -1, True, True),  # it ended before the newer one was recorded
        (0, 0, False, True),  # what holds was not told either
    ],
)
def test_only_what_was_superseded_behind_a_stop_may_be_missing(
    begins: int | None, ends: int, *, newer_told: bool, lost: bool
) -> None:
    """An outbox that could not be written is told what holds. Everything else that it lacks is lost."""
    evidence = copy.deepcopy(RIGHT.evidence)
    outbox = evidence.outboxes[0].topic
    told = [
        row for row in evidence.recorded if any(_same(row, each) for each in evidence.outboxes if each.topic == outbox)
    ]
    older, newer = next((a, b) for a in told for b in told if a.key == b.key and a.offset < b.offset)
    gone = [older] if newer_told else [older, newer]
    evidence.outboxes = [r for r in evidence.outboxes if r.topic != outbox or not any(_same(r, one) for one in gone)]
    if begins is not None:
        evidence.book = [_note(outbox, older.offset + begins, 0), _note(outbox, None, newer.at + ends)]
    assert bool(judge(RIGHT.ledger, evidence).lost) is lost


def _same(row: Row, other: Row) -> bool:
    return (row.headers["ce_id"], row.headers["ce_source"]) == (other.headers["ce_id"], other.headers["ce_source"])


def _older_state(evidence: Evidence) -> None:
    key, body = next((k, json.loads(b)) for k, b in evidence.states.items() if json.loads(b)["revision"] > 1)
    evidence.states[key] = json.dumps({**body, "revision": body["revision"] - 1}).encode()


def _counted_twice(evidence: Evidence) -> None:
    place = next(iter(evidence.tally))
    evidence.tally[place] += 1


def _ahead(evidence: Evidence) -> None:
    evidence.progress = {place: at - 1 for place, at in evidence.progress.items()}


def _closed_door(evidence: Evidence) -> None:
    evidence.agreements[0] = replace(evidence.agreements[0], contracts=(PUBLISHED,))


def _good_refused(evidence: Evidence) -> None:
    evidence.letters.append(_letter(evidence.submitted[0], "rule-failed", 1_000_000))


def _told_another(evidence: Evidence) -> None:
    rows = evidence.rejections
    told = json.loads(rows[0].value)
    other = next(partner for partner in PARTNERS if partner != told["partner"])
    rows[0] = replace(rows[0], value=json.dumps({**told, "partner": other}).encode())


def _told_another_rule(evidence: Evidence) -> None:
    rows = evidence.rejections
    rows[0] = replace(rows[0], value=json.dumps({**json.loads(rows[0].value), "rule": "rule-failed"}).encode())


_WRONG = (_older_state, _counted_twice, _ahead, _closed_door, _good_refused, _told_another, _told_another_rule)


@pytest.mark.parametrize("harm", _WRONG)
def test_what_is_wrong_in_a_table_or_behind_a_door_is_found(harm: Callable[[Evidence], None]) -> None:
    """A state that is older, a count that is higher, an offset ahead of its effect, a fact behind a closed door."""
    evidence = copy.deepcopy(RIGHT.evidence)
    harm(evidence)
    assert judge(RIGHT.ledger, evidence).wrong


def test_rows_that_nobody_published_are_found() -> None:
    """The engine's own outbox holds something past Kafka's offset."""
    evidence = copy.deepcopy(RIGHT.evidence)
    evidence.unpublished = 1
    assert judge(RIGHT.ledger, evidence).lost

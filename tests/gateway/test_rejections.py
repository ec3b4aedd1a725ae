"""Which rejection is about which message: found by place, by what was refused, and by no word of its content."""

import pytest
from aiokafka import ConsumerRecord

from contracts.admission import Admitted, Message, admit, read
from contracts.agreements import EXAMPLES, load_agreements
from contracts.refusal import Refusal
from contracts.rejection import ABOUT, FactRejected
from contracts.topics import inbox, submitted
from contracts.wording import expected
from services.gateway.rejections import about
from services.runtime.engine.burial import bury
from services.runtime.engine.delivery import Partition, Record
from tests.contracts.worlds import message
from tests.gateway.worlds import BODY, TYPE, UNIVERSITY

AGREEMENT = load_agreements(EXAMPLES)[UNIVERSITY]
ENROLMENT = "de.lernende-stadt.enrolment.requested.v1"
PERSON = {"person_id": "7", "name": "Nurhan Beispiel"}
REQUEST = {
    "revision": 1,
    "enrolment_id": f"{UNIVERSITY}:e-1",
    "offering_id": f"{UNIVERSITY}:studie",
    "person": PERSON,
}
SAME = [("ce_correlationid", b"one-for-all")]


def _sent(contract: str = TYPE, name: str = "m-1", **more: object) -> Message:
    body = {**(REQUEST if contract == ENROLMENT else BODY), **more}
    return message(contract, body, more=[("ce_id", name.encode()), *SAME])


def _in_the_inbox(sent: Message, offset: int = 3) -> ConsumerRecord:
    return ConsumerRecord(
        inbox(UNIVERSITY), 0, offset, 0, 1, sent.key, sent.value, None, 0, len(sent.value or b""), sent.headers
    )


def _passed(sent: Message) -> Admitted:
    passed = admit(sent, AGREEMENT)
    assert isinstance(passed, Admitted)
    return passed


def _rejection(topic: str, refused: Message, offset: int) -> tuple[FactRejected, Message]:
    refusal = Refusal("revision-conflict", "revision", expected("same-content"))
    service = topic.split(".")[1] if topic.startswith("hub.") else "intake"
    told = bury(service, Partition(f"hub.{service}", topic, 0), Record(offset, refused), refusal)[1].message
    fact = read(told)
    assert isinstance(fact, Admitted)
    assert isinstance(fact.fact, FactRejected)
    return fact.fact, told


@pytest.mark.parametrize(("offset", "same"), [(3, True), (4, False)])
def test_what_the_door_refused_is_known_by_its_place(offset: int, same: bool) -> None:  # noqa: FBT001 - a row of the table
    """Also where nobody can read it; another message of the same id is another one."""
    sent = _sent()
    told, told_as = _rejection(inbox(UNIVERSITY), sent, 3)
    assert about(told, told_as, _in_the_inbox(sent, offset), None) is same
    assert about(told, told_as, _in_the_inbox(sent, offset), _passed(sent)) is same


@pytest.mark.parametrize(("other", "same"), [({}, True), ({"name": "m-2"}, False), ({"version": "9"}, False)])
def test_what_a_service_refused_is_known_by_what_it_was(other: dict[str, str], same: bool) -> None:  # noqa: FBT001 - as above
    """A correlation that many facts share makes none of them the refused one."""
    stamped = _passed(_sent())
    told, told_as = _rejection(submitted("research"), Message(b"k", stamped.payload, stamped.envelope.headers()), 9)
    asked = _sent(**other)
    assert about(told, told_as, _in_the_inbox(asked), _passed(asked)) is same


def test_a_fact_that_the_hub_wrote_anew_is_known_by_its_correlation() -> None:
    """The human in it was taken out at the door, so nothing else is as it was sent."""
    stamped = _passed(_sent(ENROLMENT))
    told, told_as = _rejection(submitted("enrolments"), Message(b"k", b"{}", stamped.envelope.headers()), 9)
    assert about(told, told_as, _in_the_inbox(_sent(ENROLMENT)), stamped)
    assert not about(told, told_as, _in_the_inbox(_sent()), _passed(_sent()))


def test_a_rejection_says_nothing_of_what_was_refused() -> None:
    """The mark is a hash, and where the place is the partner's own there is none."""
    sent = Message(None, b'{"title": "Geheimnis"}', _passed(_sent()).envelope.headers())
    for topic, marked in ((inbox(UNIVERSITY), False), (submitted("research"), True)):
        _, told = _rejection(topic, sent, 1)
        assert (ABOUT in dict(told.headers)) is marked
        assert b"Geheimnis" not in b"".join((told.value or b"", *dict(told.headers).values()))

from datetime import datetime

import pytest

from contracts.admission import Message
from contracts.agreement import Agreement
from contracts.envelope import read_envelope
from contracts.event import EventCancelled, EventPublished
from contracts.refusal import Refusal
from services.dispatch.rule import dispatch
from services.intake.rule import intake
from tests.engine.facts import TIME, published


def _agreement(partner: str, sends: list[str], receives: list[str], partners: list[str] | None = None) -> Agreement:
    return Agreement.model_validate(
        {
            "id": partner,
            "status": "signed",
            "name": {"de": partner, "en": partner},
            "owner": {"unit": "Amt", "contact": "info@example.org"},
            "purposes": ["event_publication"],
            "inbox": {"contracts": sends},
            "outbox": {"contracts": receives, "partners": partners or ["*"]},
        }
    )


@pytest.fixture
def agreements() -> dict[str, Agreement]:
    """The city sends and receives; the club receives published events of the city alone."""
    both = [EventPublished.type, EventCancelled.type]
    rows = [
        _agreement("stadt", both, both),
        _agreement("verein", [EventPublished.type], [EventPublished.type], ["stadt"]),
        _agreement("hochschule", both, both),
    ]
    return {row.id: row for row in rows}


NOW = datetime.fromisoformat(TIME)


def _from_partner(partner: str = "stadt") -> Message:
    message = published(partner=partner)
    headers = [("ce_specversion", b"1.0"), ("ce_id", b"a-1"), ("ce_type", EventPublished.type.encode())]
    return Message(None, message.value, [*headers, ("ce_time", TIME.encode())])


def test_intake_stamps_the_source_and_forwards_the_payload_untouched(agreements: dict[str, Agreement]) -> None:
    """The hub says who sent it, keys it by the contract and changes no byte of the payload."""
    message = _from_partner()
    outputs = intake(agreements, lambda: NOW)("partner.stadt.inbox", message)
    assert not isinstance(outputs, Refusal)
    assert [(o.topic, o.message.key, o.message.value) for o in outputs] == [
        ("hub.events.submitted", b"stadt:1", message.value)
    ]
    envelope = read_envelope(outputs[0].message.headers)
    assert (envelope.source, envelope.subject, envelope.revision) == ("/partners/stadt", "stadt:1", 1)


def test_intake_refuses_what_the_agreement_does_not_open(agreements: dict[str, Agreement]) -> None:
    """Promise 11: a contract that the agreement does not name does not pass, and its sender is told whom to ask."""
    message = Message(
        None,
        b"{}",
        [*_from_partner().headers[:2], ("ce_type", EventCancelled.type.encode()), ("ce_time", TIME.encode())],
    )
    refusal = intake(agreements, lambda: NOW)("partner.verein.inbox", message)
    assert isinstance(refusal, Refusal)
    assert refusal.rule == "type-not-allowed"


def test_dispatch_tells_whom_the_agreements_open_and_never_the_sender(agreements: dict[str, Agreement]) -> None:
    """A fact of the city reaches club, university and analysts; it does not come back to the city."""
    outputs = dispatch(agreements, lambda _, message: message)("hub.events", published())
    assert not isinstance(outputs, Refusal)
    assert [o.topic for o in outputs] == ["partner.verein.outbox", "partner.hochschule.outbox", "hub.unified"]


def test_dispatch_keeps_from_a_partner_what_it_did_not_agree_to(agreements: dict[str, Agreement]) -> None:
    """Promise 11: the club agreed to the city's events only, so the university's do not reach it."""
    outputs = dispatch(agreements, lambda _, message: message)("hub.events", published(partner="hochschule"))
    assert not isinstance(outputs, Refusal)
    assert [o.topic for o in outputs] == ["partner.stadt.outbox", "hub.unified"]

"""How a record that cannot be taken becomes a dead letter."""

from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from contracts import envelope
from contracts.admission import Message
from contracts.dead_letter import DeadLetter
from contracts.fact import MAX_PAYLOAD_BYTES
from contracts.refusal import Refusal
from contracts.registry import CONTRACTS
from contracts.rejection import ABOUT, FactRejected, Sentence, mark_of
from contracts.topics import DEAD_LETTERS, REJECTIONS, partner_of
from services.runtime.engine.delivery import Output, Partition, Record

UNKNOWN = "unknown"
DISPATCH = "dispatch"  # what it cannot read was taken before: that is no partner's fault
LARGEST_KEPT = 2 * MAX_PAYLOAD_BYTES


def header(message: Message, name: str) -> str:
    """Return one header's value as text, empty where it is missing or no UTF-8."""
    for key, raw in message.headers:
        if key == name:
            return raw.decode(errors="replace")
    return ""


def partner_behind(topic: str, message: Message) -> str:
    """Say which partner a message comes from: by its inbox, else by the source the hub itself stamped."""
    return partner_of(topic) or envelope.partner_of(header(message, "ce_source")) or UNKNOWN


def contract_of(message: Message) -> str:
    """Return the message's type where the hub knows it. An unknown one may hold anything, so it is not repeated."""
    name = header(message, "ce_type")
    return name if name in CONTRACTS else UNKNOWN


def bury(service: str, partition: Partition, record: Record, refusal: Refusal) -> list[Output]:
    """Make the dead letter of one record, and what its partner is told; the time is the burial's, in UTC."""
    original = record.message
    if original.value is not None and len(original.value) > LARGEST_KEPT:
        # It came compressed and would leave too large; its place in the input, where it lies 30 days, is in the letter.
        original = Message(original.key, None, original.headers)
    letter = DeadLetter(
        partner=partner_behind(partition.topic, record.message),
        direction="inbound",
        service=service,
        topic=partition.topic,
        partition=partition.number,
        offset=record.offset,
        refusal=refusal,
        time=datetime.now(UTC).isoformat(),
        original=original,
        correlation=header(record.message, "ce_correlationid") or header(record.message, "ce_id"),
        contract=contract_of(record.message),
    )
    return [Output(DEAD_LETTERS, letter.message()), *_told(letter, record.message)]


def _told(letter: DeadLetter, refused: Message) -> list[Output]:
    """Make the rejection, where it is known whose message it was."""
    if letter.partner == UNKNOWN or letter.service == DISPATCH or letter.only_heard:
        return []
    refusal = letter.refusal
    fact = FactRejected(
        revision=1,
        letter=letter.id,
        partner=letter.partner,
        contract=None if letter.contract == UNKNOWN else letter.contract,
        rule=refusal.rule,
        place=refusal.place,
        expected=Sentence(english=refusal.expected.en, german=refusal.expected.de),
        remedy=Sentence(english=refusal.remedy("en"), german=refusal.remedy("de")),
    )
    told = envelope.Envelope(
        id=str(uuid5(NAMESPACE_URL, letter.id)),
        type=fact.type,
        time=letter.time,
        source=envelope.source_of("hub"),
        subject=fact.subject,
        revision=fact.revision,
        correlation=envelope.plain(letter.correlation),
    )
    headers = [*told.headers(), *_about(letter, refused)]
    return [Output(REJECTIONS, Message(letter.id.encode(), fact.payload(), headers))]


def _about(letter: DeadLetter, refused: Message) -> list[tuple[str, bytes]]:
    """Say which message was refused, where the letter's id does not say where its partner put it."""
    own = partner_of(letter.topic) is not None
    return [] if own else [(ABOUT, mark_of(header(refused, "ce_id"), refused.value).encode())]

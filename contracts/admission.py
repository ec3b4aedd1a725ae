"""The decision at the door: is this message known, allowed and valid? Pure; intake and the gateway share it."""

from datetime import datetime
from typing import NamedTuple

import jiter
from pydantic import ValidationError

from contracts.agreement import Agreement
from contracts.clocks import check_not_ahead
from contracts.envelope import Envelope, Headers, read_envelope, source_of
from contracts.fact import MAX_PAYLOAD_BYTES, Fact
from contracts.refusal import Refusal, RefusedError
from contracts.registry import CONTRACTS
from contracts.role_address import is_role_address
from contracts.violation import told
from contracts.wording import expected


class Message(NamedTuple):
    """What lies in a topic, as bytes."""

    key: bytes | None
    value: bytes | None
    headers: Headers


class Admitted(NamedTuple):
    """A message that may pass: its envelope as the hub stamps it, the fact, and the payload byte for byte."""

    envelope: Envelope
    fact: Fact
    payload: bytes


def admit(message: Message, agreement: Agreement, now: datetime | None = None) -> Admitted | Refusal:
    """Judge a message in a partner's inbox by the partner's agreement; at a door also by ``now``, the hub's clock.

    Returns:
        The message stamped with its true source, or the first rule it breaks.
    """
    try:
        envelope = read_envelope(message.headers)
        if now is not None:
            check_not_ahead(envelope, now)
        contract = _contract(envelope.type)
        _check_allowed(envelope, agreement)
        fact = _validate(contract, message.value, writer=True)
        _check_keys_once(message.value)
        _check_identity(message, envelope, fact, agreement)
        _check_contact(fact, agreement)
    except RefusedError as error:
        return error.refusal
    stamped = envelope._replace(
        source=source_of(agreement.id),
        subject=fact.subject,
        revision=fact.revision,
        correlation=envelope.correlation or envelope.id,
    )
    return Admitted(stamped, fact, message.value or b"")


def read(message: Message) -> Admitted | Refusal:
    """Read a message of the hub's own topics. Unknown fields are ignored: the writer may be newer than we are."""
    try:
        envelope = read_envelope(message.headers)
        fact = _validate(_contract(envelope.type), message.value, writer=False)
    except RefusedError as error:
        return error.refusal
    return Admitted(envelope, fact, message.value or b"")


def _contract(name: str) -> type[Fact]:
    contract = CONTRACTS.get(name)
    if contract is not None:
        return contract
    stem = name.rpartition(".v")[0]
    versions = sorted(known for known in CONTRACTS if stem and known.rpartition(".v")[0] == stem)
    if versions:
        raise RefusedError("version-unknown", "header ce_type", expected("known-version", options=", ".join(versions)))
    raise RefusedError("type-unknown", "header ce_type", expected("known-type", options=", ".join(sorted(CONTRACTS))))


def _check_allowed(envelope: Envelope, agreement: Agreement) -> None:
    if envelope.source not in ("", source_of(agreement.id), agreement.id):
        raise RefusedError(
            "source-foreign",
            "header ce_source",
            expected("own-source", source=source_of(agreement.id)),
        )
    if not agreement.sends(envelope.type):
        opened = ", ".join(agreement.inbox.contracts)
        sentence = "opened" if opened else "nothing-opened"
        reason = expected(sentence, partner=agreement.id, options=opened)
        raise RefusedError("type-not-allowed", "header ce_type", reason)


def _validate(contract: type[Fact], value: bytes | None, *, writer: bool) -> Fact:
    """Judge a payload. A writer keeps to the letter, because the bytes go on as they are; a reader is lenient."""
    if not value or len(value) > MAX_PAYLOAD_BYTES:
        reason = expected("payload-size", most=MAX_PAYLOAD_BYTES, size=len(value or b""))
        raise RefusedError("too-large" if value else "json-invalid", "payload", reason)
    try:
        return contract.model_validate_json(value, strict=writer, extra="forbid" if writer else "ignore")
    except ValidationError as error:
        raise _first_violation(error) from None


def _check_keys_once(value: bytes | None) -> None:
    """Refuse twins: we judged the last of two equal keys, and another reader may take the first, which nobody saw."""
    try:
        jiter.from_json(value or b"", catch_duplicate_keys=True, cache_mode="keys")
    except ValueError:  # whatever else is wrong with JSON was told before
        raise RefusedError("json-invalid", "payload", expected("keys-once")) from None


def _first_violation(error: ValidationError) -> RefusedError:
    """Tell the first violation without a value. A field nobody knows may itself be a person's name: not told."""
    violation = error.errors(include_url=False)[0]
    if violation["type"] == "json_invalid":
        return RefusedError("json-invalid", "payload", expected("json_invalid"))
    steps = list(violation["loc"])
    if violation["type"] == "extra_forbidden":
        steps[-1] = "(a field the contract does not know)"
    place = ".".join(str(step) for step in steps) or "the whole fact"
    return RefusedError("contract-violated", place, told(violation))


def _check_identity(message: Message, envelope: Envelope, fact: Fact, agreement: Agreement) -> None:
    if not any(str(getattr(fact, field)).startswith(f"{agreement.id}:") for field in fact.owners):
        raise RefusedError("object-foreign", fact.owners[0], expected("own-object", partner=agreement.id))
    for field in fact.stamped:
        if getattr(fact, field) is not None:
            raise RefusedError("field-stamped", field, expected("left-out"))
    if envelope.subject and envelope.subject != fact.subject:
        raise RefusedError("subject-differs", "header ce_subject", expected("same-as-field", field=fact.subject_field))
    if envelope.revision is not None and envelope.revision != fact.revision:
        raise RefusedError("attribute-invalid", "header ce_revision", expected("same-as-field", field="revision"))
    if message.key is not None and message.key != fact.key.encode():
        raise RefusedError("key-differs", "key", expected("key-as-field", field=fact.key_field))


def _check_contact(fact: Fact, agreement: Agreement) -> None:
    contact = getattr(getattr(fact, "organiser", None), "contact", None)
    if contact is not None and not is_role_address(contact, agreement.role_addresses):
        raise RefusedError("contact-personal", "organiser.contact", expected("of-an-office"))

"""CloudEvents as JSON, one or a list of them, to the messages of an inbox. Pure.

Source: CloudEvents 1.0.2, JSON event format, sections 2.2 (values), 3.1 (data) and 4 (batch).
"""

import base64
import binascii
from collections.abc import Mapping

from contracts.admission import Message
from contracts.envelope import ATTRIBUTES, CONTENT_TYPE
from contracts.refusal import RefusedError
from contracts.violation import came
from contracts.wording import expected
from services.gateway.spelled import Spelled, TwiceError, members, objects

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
MOST_FACTS = 1_000
"""In one batch: more would hold up everybody else's requests while they are judged."""


def structured(body: bytes) -> Message:
    """Read one CloudEvent; its data go on as they are written.

    Raises:
        RefusedError: it is none, or an attribute has no text.
    """
    return _structured(_one(body))


def batched(body: bytes) -> list[Message]:
    """Read a list of CloudEvents; errors as of `structured`, and where there are more than `MOST_FACTS`."""
    return [_structured(each) for each in _batch(body)]


def _one(body: bytes) -> dict[str, Spelled]:
    try:
        return members(body.decode())
    except TwiceError:
        raise RefusedError("json-invalid", "body", expected("keys-once")) from None
    except ValueError:
        raise RefusedError("json-invalid", "body", expected("json-object")) from None


def _batch(body: bytes) -> list[dict[str, Spelled]]:
    try:
        found = objects(body.decode())
    except TwiceError:
        raise RefusedError("json-invalid", "body", expected("keys-once")) from None
    except ValueError:
        raise RefusedError("json-invalid", "body", expected("json-array")) from None
    if len(found) > MOST_FACTS:
        reason = expected("batch-length", most=MOST_FACTS, entries=len(found))
        raise RefusedError("body-too-large", "body", reason)
    return found


def _structured(event: Mapping[str, Spelled]) -> Message:
    present = {name: each for name, each in event.items() if each.value is not None or name == "data"}
    given = {name: _written(name, present[name].value) for name in ATTRIBUTES if name in present}
    named = "datacontenttype"
    content_type = _written(named, present[named].value) if named in present else CONTENT_TYPE.encode()
    return message(given, content_type, _data(present))


def _written(name: str, value: object) -> bytes:
    """Return an attribute in its canonical string form (CloudEvents 1.0.2, type system)."""
    if isinstance(value, bool):
        return b"true" if value else b"false"
    if not isinstance(value, str | int):
        raise RefusedError("attribute-invalid", f"header ce_{name}", expected("attribute-value", came=came(value)))
    try:
        return str(value).encode()
    except UnicodeEncodeError:  # half a character, as JSON can escape it
        raise RefusedError("attribute-invalid", f"header ce_{name}", expected("header-in-utf8")) from None


def _data(event: Mapping[str, Spelled]) -> bytes:
    if "data_base64" not in event:
        return event["data"].text.encode() if "data" in event else b""
    if "data" in event:
        raise RefusedError("attribute-invalid", "header ce_data_base64", expected("data-once"))
    encoded = event["data_base64"].value
    try:
        return base64.b64decode(encoded if isinstance(encoded, str) else "?", validate=True)
    except (binascii.Error, ValueError):
        raise RefusedError("attribute-invalid", "header ce_data_base64", expected("data-base64")) from None


def message(attributes: Mapping[str, bytes], content_type: bytes, value: bytes) -> Message:
    """Return the message of a fact, without a key; its headers stand in one order, whatever form it came in."""
    headers = [(f"ce_{name}", attributes[name]) for name in ATTRIBUTES if name in attributes]
    return Message(None, value, [*headers, *([("content-type", content_type)] if content_type else [])])

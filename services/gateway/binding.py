"""From an HTTP request to the messages of an inbox, and nothing else. Pure.

Source: CloudEvents 1.0.2, HTTP protocol binding, sections 3.1 (binary), 3.2 (structured) and 3.3 (batched). The three
forms of a fact give the same message.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple
from urllib.parse import unquote_to_bytes

from contracts.admission import Message
from contracts.envelope import ATTRIBUTES, CONTENT_TYPE
from contracts.refusal import Refusal, RefusedError
from contracts.wording import expected
from services.gateway.json_format import BATCH, STRUCTURED, batched, message, structured

FORMS = f"{CONTENT_TYPE} with headers ce-…, {STRUCTURED}, {BATCH}"
Form = Literal["binary", "structured"]
Headers = Sequence[tuple[bytes, bytes]]
_QUOTED_PAIR = re.compile(rb"\\(.)")
_PLACES: Mapping[Form, Mapping[str, str]] = {
    "binary": {"payload": "body"},
    "structured": {"payload": "data", "header content-type": "attribute datacontenttype"},
}


class Sent(NamedTuple):
    """What a request holds: the messages, without keys, and in which form."""

    messages: list[Message]
    form: Form


def read_facts(headers: Headers, body: bytes) -> Sent:
    """Read the facts of a request.

    Args:
        headers: names in lower case.
        body: whole and not compressed.

    Raises:
        RefusedError: it has none of the forms, or not the one that it says.
    """
    content_type = _single(headers, b"content-type").decode("latin-1")
    media_type, _, parameters = content_type.partition(";")
    charset = re.search(r"charset\s*=\s*\"?([^\s;\"]+)", parameters)
    if (charset and charset[1].lower() not in ("utf-8", "us-ascii")) or not _readable(media_type):
        raise RefusedError("media-type-unknown", "header content-type", expected("cloudevent-form", options=FORMS))
    if media_type.strip().lower() == BATCH:
        return Sent(batched(body), "structured")
    if media_type.strip().lower() == STRUCTURED:
        return Sent([structured(body)], "structured")
    return Sent([_binary(headers, content_type, body)], "binary")


def in_form(refusal: Refusal, form: Form) -> Refusal:
    """Name the place of a refusal as the form calls it; admission speaks of Kafka's headers."""
    plain = refusal.place.removeprefix("header ce_")
    if plain != refusal.place:
        place = f"header ce-{plain}" if form == "binary" else f"attribute {plain}"
    else:
        place = _PLACES[form].get(refusal.place, refusal.place)
    return Refusal(refusal.rule, place, refusal.expected)


def _readable(media_type: str) -> bool:
    name = media_type.strip().lower()
    return name in (STRUCTURED, BATCH) or not name.startswith("application/cloudevents")


def _single(headers: Headers, name: bytes) -> bytes:
    found = [value for each, value in headers if each == name]
    if len(found) > 1:
        raise RefusedError("attribute-invalid", f"header {name.decode()}", expected("header-once"))
    return found[0] if found else b""


def _binary(headers: Headers, content_type: str, body: bytes) -> Message:
    counted = Counter(name for name, _ in headers)
    given: dict[str, bytes] = {}
    for name, value in headers:
        attribute = name.decode("latin-1").removeprefix("ce-")
        if name.startswith(b"ce-") and attribute in ATTRIBUTES:
            if counted[name] > 1:
                raise RefusedError("attribute-invalid", f"header ce_{attribute}", expected("header-once"))
            given[attribute] = _unescaped(value)
    return message(given, content_type.encode("latin-1"), body)


def _unescaped(value: bytes) -> bytes:
    """Undo quotation marks, then one round of percent-encoding (section 3.1.3.2)."""
    plain = value.strip(b" \t")
    if len(plain) > 1 and plain.startswith(b'"') and plain.endswith(b'"'):
        plain = _QUOTED_PAIR.sub(rb"\1", plain[1:-1])
    return unquote_to_bytes(plain)

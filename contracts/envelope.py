"""The envelope of a fact: a CloudEvent 1.0 in binary mode, its attributes as Kafka headers.

Source: CloudEvents 1.0.2 and its Kafka protocol binding, section 3.2; the extension ``traceparent`` is that of W3C
Trace Context.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from contracts.refusal import RefusedError
from contracts.violation import came
from contracts.wording import expected

Headers = Sequence[tuple[str, bytes]]

CONTENT_TYPE = "application/json"
_REQUIRED = ("specversion", "id", "type", "time")
_OPTIONAL = ("source", "subject", "revision", "correlationid", "traceparent", "redriveof")
ATTRIBUTES = (*_REQUIRED, *_OPTIONAL)
"""What the hub knows of a CloudEvent's attributes; whatever else a message carries goes no further than its inbox."""

_KNOWN = {f"ce_{attribute}": attribute for attribute in ATTRIBUTES}
_LONGEST = 300  # characters of an attribute
_PLAIN = re.compile(rf"[^\x00-\x1f\x7f]{{1,{_LONGEST}}}")
_TIME = re.compile(r"[0-9-]{10}T[0-9:]{8}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})")  # what is left of ISO 8601 in RFC 3339


def source_of(partner: str) -> str:
    """Return the CloudEvents ``source`` of a partner."""
    return f"/partners/{partner}"


def partner_of(source: str) -> str:
    """Return the partner whose ``source`` this is."""
    return source.rpartition("/")[2]


class Envelope(NamedTuple):
    """The attributes of one fact. ``time`` is RFC 3339 with offset; ``source`` is empty until the hub stamped it."""

    id: str
    type: str
    time: str
    source: str = ""
    subject: str = ""
    revision: int | None = None
    correlation: str = ""
    traceparent: str = ""
    redrive_of: str = ""

    def headers(self) -> list[tuple[str, bytes]]:
        """The Kafka headers; empty attributes are left out."""
        pairs = (
            ("ce_specversion", "1.0"),
            ("ce_id", self.id),
            ("ce_source", self.source),
            ("ce_type", self.type),
            ("ce_subject", self.subject),
            ("ce_time", self.time),
            ("ce_revision", "" if self.revision is None else str(self.revision)),
            ("ce_correlationid", self.correlation or self.id),
            ("ce_traceparent", self.traceparent),
            ("ce_redriveof", self.redrive_of),
            ("content-type", CONTENT_TYPE),
        )
        return [(name, value.encode()) for name, value in pairs if value]


def plain(value: str) -> str:
    """Return a value that may be an attribute as it is; else nothing."""
    return value if _PLAIN.fullmatch(value) else ""


def _attributes(headers: Iterable[tuple[str, bytes | None]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, raw in headers:
        attribute = _KNOWN.get(name) or _KNOWN.get(name.lower())
        if raw is None or attribute is None:
            continue  # Kafka knows headers without a value: as good as missing
        try:
            value = raw.decode()
        except UnicodeDecodeError:
            raise RefusedError("attribute-invalid", f"header ce_{attribute}", expected("header-in-utf8")) from None
        if not (value.isprintable() and 0 < len(value) <= _LONGEST) and not _PLAIN.fullmatch(value):
            raise RefusedError(
                "attribute-invalid",
                f"header ce_{attribute}",
                expected("header-plain", came=came(value)),
            )
        found[attribute] = value
    return found


def _check_time(value: str) -> None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise RefusedError("attribute-invalid", "header ce_time", expected("header-time")) from None
    if moment.tzinfo is None:
        raise RefusedError("attribute-invalid", "header ce_time", expected("header-offset"))
    if not _TIME.fullmatch(value):
        raise RefusedError("attribute-invalid", "header ce_time", expected("header-time"))


def _check_content_type(headers: Headers) -> None:
    given = [value for name, value in headers if name.lower() == "content-type"]
    if given and given[0].split(b";")[0].strip().lower() != CONTENT_TYPE.encode():
        raise RefusedError("attribute-invalid", "header content-type", expected("header-is", value=CONTENT_TYPE))


def read_envelope(headers: Headers) -> Envelope:
    """Read the attributes of a message.

    Raises:
        RefusedError: an attribute is missing, undecodable or of another form.
    """
    found = _attributes(headers)
    for name in _REQUIRED:
        if name not in found:
            raise RefusedError("attribute-missing", f"header ce_{name}", expected("header-there"))
    if found["specversion"] != "1.0":
        raise RefusedError("attribute-invalid", "header ce_specversion", expected("header-is", value="1.0"))
    _check_time(found["time"])
    _check_content_type(headers)
    revision = found.get("revision")
    if revision is not None and not (revision.isascii() and revision.isdigit() and len(revision) <= 16):  # noqa: PLR2004 - 2**53 has 16 digits
        raise RefusedError("attribute-invalid", "header ce_revision", expected("header-number"))
    return Envelope(
        id=found["id"],
        type=found["type"],
        time=found["time"],
        source=found.get("source", ""),
        subject=found.get("subject", ""),
        revision=None if revision is None else int(revision),
        correlation=found.get("correlationid", ""),
        traceparent=found.get("traceparent", ""),
        redrive_of=found.get("redriveof", ""),
    )


def now() -> str:
    """Return the present as an attribute ``time``: RFC 3339 in UTC, microseconds."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")

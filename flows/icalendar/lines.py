"""Bytes to content lines: size, line ends, folding, encoding (RFC 5545, section 3.1)."""

import re
from dataclasses import dataclass

from contracts.wording import Wording
from flows.encodings import BOMS, UNMARKED
from flows.icalendar.errors import CalendarUnreadableError
from flows.wording import expected

MAX_BYTES = 5_000_000
"""A larger file is refused unread: a year of a big adult education centre is about 3 MB."""

_LINE_END = re.compile(rb"\r\n|\n|\r")
_NAMED = re.compile(r"^[A-Za-z0-9-]+[ \t]*[:;]")
_MARKUP = re.compile(rb"<(!doctype|html|head|body|\?xml)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ContentLine:
    """One unfolded line and where it starts in the file (1 is the first)."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A whole file as lines; ``assumed_encoding`` where it is not the UTF-8 the format prescribes."""

    lines: tuple[ContentLine, ...]
    assumed_encoding: str | None = None


def content_lines(raw: bytes) -> Text:
    """Unfold and decode a calendar.

    Folding is undone on bytes, because a fold may stand inside a character (RFC 5545, section 3.1).

    Raises:
        CalendarUnreadableError: too large, no calendar, or in no encoding that calendars are written in.
    """
    if len(raw) > MAX_BYTES:
        raise CalendarUnreadableError("file", expected("file-size", most=MAX_BYTES, size=len(raw)))
    unfolded = _unfold(_without_bom(raw))
    if not any(line.strip().upper() in {b"BEGIN:VCALENDAR", b"BEGIN:VEVENT"} for _, line in unfolded):
        raise CalendarUnreadableError("file", expected("calendar", came=_kind(raw)))
    lines, assumed = _decode(unfolded)
    return Text(tuple(_rejoin(lines)), assumed)


def _without_bom(raw: bytes) -> bytes:
    for mark, encoding in BOMS:
        if raw.startswith(mark):
            try:
                return raw[len(mark) :].decode(encoding).encode() if encoding != "utf-8" else raw[len(mark) :]
            except UnicodeDecodeError:
                raise CalendarUnreadableError("file", expected("encoding-as-marked", encoding=encoding)) from None
    return raw


def _unfold(raw: bytes) -> list[tuple[int, bytes]]:
    unfolded: list[tuple[int, bytearray]] = []
    for number, line in enumerate(_LINE_END.split(raw), start=1):
        if line[:1] in (b" ", b"\t") and unfolded:
            unfolded[-1][1].extend(line[1:])
        elif line.strip():
            unfolded.append((number, bytearray(line)))
    return [(number, bytes(line)) for number, line in unfolded]


def _decode(lines: list[tuple[int, bytes]]) -> tuple[list[ContentLine], str | None]:
    for encoding, assumed in zip(UNMARKED, (None, "cp1252"), strict=True):
        try:
            return [ContentLine(number, line.decode(encoding)) for number, line in lines], assumed
        except UnicodeDecodeError:
            continue
    raise CalendarUnreadableError("file", expected("encoding"))


def _rejoin(lines: list[ContentLine]) -> list[ContentLine]:
    """Give a line that starts no property back to the text it was torn from: a break that was not escaped."""
    whole: list[ContentLine] = []
    for line in lines:
        if _NAMED.match(line.text) or not whole:
            whole.append(line)
        else:
            whole[-1] = ContentLine(whole[-1].number, whole[-1].text + "\\n" + line.text)
    return whole


def _kind(raw: bytes) -> Wording:
    if not raw.strip():
        return expected("came-empty")
    return expected("came-markup" if _MARKUP.search(raw[:2000]) else "came-other")

"""Content lines and components as bytes (RFC 5545, section 3.1)."""

from collections.abc import Iterable, Mapping

from icalendar.parser.content_line import Contentline

from flows.icalendar.blocks import Block
from flows.icalendar.lines import ContentLine

PRODUCT = "-//Lernende Stadt//Learning City Hub//DE"


def line(name: str, value: str, params: Mapping[str, str] | None = None) -> ContentLine:
    """Write a property whose value needs no escaping: a date, a number, a URI; and whose parameters need no quotes.

    icalendar's own parameters are not used: they leave TZID=UTC out and make a floating time of it.
    """
    written = "".join(f";{key}={word}" for key, word in (params or {}).items())
    return ContentLine(0, f"{name}{written}:{value}")


def text(name: str, value: str, params: Mapping[str, str] | None = None) -> ContentLine:
    """Write a TEXT property, escaped (RFC 5545, section 3.3.11)."""
    return line(name, escaped(value), params)


def escaped(value: str) -> str:
    """Escape one text. icalendar's own vText would take a backslash followed by N for a line end."""
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\r", "\\n"), ("\n", "\\n")):
        value = value.replace(plain, written)
    return value


def block(name: str, lines: Iterable[ContentLine], children: Iterable[Block] = ()) -> Block:
    """Make a component."""
    return Block(name, 0, list(lines), list(children), closed=True)


def vcalendar(children: Iterable[Block], more: Iterable[ContentLine] = ()) -> Block:
    """Make a calendar of ours around its components."""
    heading = [line("VERSION", "2.0"), line("PRODID", PRODUCT), line("CALSCALE", "GREGORIAN")]
    return block("VCALENDAR", [*heading, *more], children)


def rendered(root: Block) -> bytes:
    """Fold and join a component and all inside it, CRLF at each line's end."""
    return b"".join(_folded(each) + b"\r\n" for each in _flat(root))


def _flat(root: Block) -> Iterable[str]:
    yield f"BEGIN:{root.name}"
    yield from (each.text for each in root.lines)
    for child in root.children:
        yield from _flat(child)
    yield f"END:{root.name}"


def _folded(written: str) -> bytes:
    return bytes(Contentline(written).to_ical())  # type: ignore[no-untyped-call] # icalendar annotates in part

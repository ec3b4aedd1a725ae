"""What may become of a calendar server's answer on its way to the hub. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from xml.etree import ElementTree as ET

from defusedxml.ElementTree import fromstring

WAIT = 1  # seconds that a busy server asks for
_DAV, _MULTI_STATUS = "{DAV:}", 207
_FEW = 3  # with what is deliberately deleted, below a fifth of a calendar of 35 entries


@dataclass(frozen=True, slots=True)
class Asked:
    """What the hub asked for."""

    method: str
    path: str
    depth: str
    body: bytes

    @property
    def kind(self) -> str:
        """What for: a list of the calendar's entries, several of them, a single one, or where it is."""
        if self.method == "REPORT":
            return "entries" if b"calendar-multiget" in self.body else "list"
        if self.method == "PROPFIND":
            return "list" if self.depth == "1" else "place"
        return "entry"


@dataclass(frozen=True, slots=True)
class Answer:
    """What it gets: ``wait`` seconds before it begins, ``sent`` bytes of the body until the connection is cut."""

    status: int
    kind: str
    body: bytes
    etag: str = ""
    wait: float = 0.0
    retry_after: int | None = None
    sent: int | None = None
    counted: bool = True  # whether its length is told


EVERY = ("list", "entries", "entry", "place")
LISTS = ("list", "entries")


@dataclass(frozen=True, slots=True)
class Mishap:
    """One of them: what becomes of an answer, and which answers it befalls."""

    becomes: Callable[[Answer], Answer]
    befalls: tuple[str, ...] = EVERY


def busy(_: Answer) -> Answer:
    """The server has had enough for now and says for how long."""
    return Answer(429, "text/plain", b"too many requests", retry_after=WAIT)


def failing(_: Answer) -> Answer:
    """The server has a bug."""
    return Answer(500, "text/html", b"<html><body>Internal Server Error</body></html>")


def page(_: Answer) -> Answer:
    """A proxy asks for a login and calls that a success."""
    return Answer(200, "text/html; charset=utf-8", b"<!DOCTYPE html><html><body><form>Login</form></body></html>")


def half_text(answer: Answer) -> Answer:
    """The second half of the text is missing, and the length told is that of the rest."""
    return replace(answer, body=answer.body[: len(answer.body) // 2])


def cut(answer: Answer) -> Answer:
    """The connection is cut in the middle of the body."""
    return replace(answer, sent=len(answer.body) // 2)


def cut_unnoticed(answer: Answer) -> Answer:
    """The connection ends in the middle of the body, and nobody was told where that should end."""
    return replace(cut(answer), counted=False)


def slow(seconds: float) -> Callable[[Answer], Answer]:
    """Every answer takes that long."""
    return lambda answer: replace(answer, wait=seconds)


def every_second(answer: Answer) -> Answer:
    """A list, in order, with every second entry."""
    return _without(answer, lambda number: number % 2 == 1)


def few_missing(answer: Answer) -> Answer:
    """A list that lacks its first entries."""
    return _without(answer, lambda number: number < _FEW)


def nothing_in_it(answer: Answer) -> Answer:
    """A list without entries."""
    return _without(answer, lambda _: True)


def _without(answer: Answer, left_out: Callable[[int], bool]) -> Answer:
    """Take entries out of a well-formed list; its token, and the collection itself, stay."""
    if answer.status != _MULTI_STATUS:
        return answer
    root = fromstring(answer.body)
    entries = sorted(root.iterfind(f"{_DAV}response"), key=_number)
    entries = [each for each in entries if not (each.findtext(f"{_DAV}href") or "").endswith("/")]
    for number, entry in enumerate(entries):
        if left_out(number):
            root.remove(entry)
    return replace(answer, body=ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _number(entry: ET.Element) -> int:
    """The entry's number, so that the same ones are missing each time."""
    found = re.search(r"(\d+)\.ics$", entry.findtext(f"{_DAV}href") or "")
    return int(found.group(1)) if found else 0

"""Titles and descriptions by language; HTML becomes plain text."""

import re
from html import unescape
from html.parser import HTMLParser

from pydantic import TypeAdapter, ValidationError

from contracts.text import LanguageTag
from flows.icalendar.properties import Component, Property

_TAGS = "a|b|br|body|div|em|font|h[1-6]|html|i|img|li|ol|p|pre|span|strong|table|td|tr|u|ul"
_TAG = re.compile(rf"</?(?:{_TAGS})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#[0-9]{2,5});")
_BREAKING = {"br", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ol", "p", "pre", "table", "tr", "ul"}
_SILENT = {"head", "script", "style", "title"}
_LANGUAGE: TypeAdapter[str] = TypeAdapter(LanguageTag)


def texts(component: Component, default: str) -> list[dict[str, str]]:
    """Return the event's texts, the calendar's own language first.

    SUMMARY and DESCRIPTION hold one language (RFC 5545, section 3.2.10); further ones stand in X-LCH-SUMMARY and
    X-LCH-DESCRIPTION.

    Returns:
        ``[{"language": …, "title": …, "description": …}, …]``, empty where there is no SUMMARY.
    """
    found: dict[str, dict[str, str]] = {}
    for prop in (*component.all("SUMMARY"), *component.all("X-LCH-SUMMARY")):
        title = one_line(plain(prop.text))
        if title:
            found.setdefault(_language(prop, default), {"title": title})
    first = next(iter(found), default)
    for prop in (*component.all("DESCRIPTION"), *component.all("X-ALT-DESC"), *component.all("X-LCH-DESCRIPTION")):
        own = _language(prop, first)
        found.get(own if own in found else first, {}).setdefault("description", plain(prop.text))
    return [{"language": language, **told} for language, told in found.items()]


def one_line(text: str) -> str:
    """Join the lines of a title: a calendar may break it, a title of ours may not."""
    return " ".join(text.split()) if re.search(r"[\n\r\t\v\f]", text) else text.strip()


def plain(text: str) -> str:
    """Return text without markup; text without any is returned as it is. Word's soft breaks become line ends."""
    text = text.replace("\v", "\n").replace("\f", "\n")
    if not _TAG.search(text):
        return unescape(text) if _ENTITY.search(text) else text
    reader = _Plain()
    reader.feed(text)
    reader.close()
    lines = [" ".join(line.split()) for line in "".join(reader.parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _language(prop: Property, default: str) -> str:
    written = (prop.param("LANGUAGE") or default).replace("_", "-")
    head, _, rest = written.partition("-")
    try:
        return _LANGUAGE.validate_python(f"{head.lower()}-{rest}" if rest else head.lower())
    except ValidationError:
        return default


class _Plain(HTMLParser):
    """Collect text; what breaks a line on a page breaks it here."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - their signature
        self._silent += tag in _SILENT
        self.parts += ["\n"] if tag in _BREAKING else []

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in _SILENT))
        self.parts += ["\n"] if tag in _BREAKING - {"br", "li"} else []

    def handle_data(self, data: str) -> None:
        self.parts += [] if self._silent else [data.replace("\n", " ")]

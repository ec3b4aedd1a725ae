"""A record of oai_dc, in which every element is free text, as the fields of a work."""

import re
from collections.abc import Iterable
from xml.etree.ElementTree import Element

from flows.connectors.oaipmh import spelling
from flows.connectors.oaipmh.licences import access, licence
from flows.connectors.oaipmh.reading import Context, RecordUnusableError, Told
from flows.connectors.oaipmh.spelling import last_part, said
from flows.connectors.oaipmh.words import word
from flows.wording import expected

ROOT = "{http://www.openarchives.org/OAI/2.0/oai_dc/}dc"
_DC = "{http://purl.org/dc/elements/1.1/}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_YEAR = re.compile(r"(?<!\d)[12]\d{3}(?!\d)")
_MOST = {"creators": 300, "keywords": 100, "related": 200, "identifiers": 20, "texts": 12, "languages": 12}


class DublinCore:
    """The elements of one ``oai_dc:dc``."""

    def __init__(self, root: Element, sets: Iterable[str]) -> None:
        """Take the record; ``sets`` are those that its header names."""
        self._root, self._sets = root, tuple(sets)

    def all(self, name: str) -> list[str]:
        """Return the texts of an element, different ones once."""
        return list(dict.fromkeys(found for each in self._root.iterfind(_DC + name) if (found := said(each.text))))

    def kind(self, told: Told) -> tuple[str, str]:
        """Return what kind of object it is and its type; the most exact of those named counts.

        Raises:
            RecordUnusableError: it is no work.
        """
        words = [re.split(r"[/:]", each)[-1].replace(" ", "") for each in self.all("type")]
        named = [("dataset", found) for each in words if (found := word("datasets", each))]
        named += [("publication", found) for each in words if (found := word("publications", each))]
        others = [found for each in words if (found := word("others", each))]
        if others and not named:
            raise RecordUnusableError("type", expected("a-work", type=others[0]))
        if not named:
            told.flag("type assumed")
        return min(named, key=lambda each: each[1] == "Text", default=("publication", "Text"))

    def fields(self, context: Context, told: Told) -> None:
        """Collect the fields that datasets and publications have in common."""
        languages = [spelling.language(each, context.language) for each in self.all("language")]
        own = next(iter(languages), context.language)
        year = next((match.group() for each in self.all("date") if (match := _YEAR.search(each))), None)
        publisher = [told.line(each, "publisher") for each in self.all("publisher")]
        if not publisher:
            told.flag("publisher assumed")
        told.fields |= {
            "texts": self._texts(own, told),
            "creators": self._creators(told),
            "publisher": {"name": next(iter(publisher), context.publisher)},
            "year": year,
            "licence": licence(((each,) for each in self.all("rights")), told),
            "languages": told.some(languages, _MOST["languages"], "languages"),
            "keywords": told.some(
                (told.line(each, "keyword") for each in self.all("subject")), _MOST["keywords"], "keywords"
            ),
            "related": self._related(told),
            **self._identifiers(told),
        }

    def dataset(self, told: Told) -> None:
        """Collect what only datasets have."""
        told.fields["period"] = next(
            (each for text in self.all("coverage") if "/" in text and (each := spelling.span(text))), None
        )

    def publication(self, told: Told) -> None:
        """Collect what only publications have."""
        told.fields["container"] = next((told.line(each, "container") for each in self.all("source")), None)
        told.fields["open_access"] = access([*self.all("rights"), *self._sets])

    def _texts(self, own: str, told: Told) -> tuple[dict[str, str], ...]:
        found: dict[str, dict[str, str]] = {}
        for each in self._root.iterfind(f"{_DC}title"):
            tag, title = spelling.language(each.get(_LANG), own), told.line(said(each.text), "title")
            if title and tag not in found and len(found) < _MOST["texts"]:
                found[tag] = {"language": tag, "title": title}
            elif title:
                told.flag("further titles left out")
        if not found:
            raise RecordUnusableError("title", expected("title"))
        for each in self._root.iterfind(f"{_DC}description"):
            tag = spelling.language(each.get(_LANG), own)
            found.get(tag, found[next(iter(found))]).setdefault(
                "description", told.prose(said(each.text), "description")
            )
        return tuple(found.values())

    def _creators(self, told: Told) -> tuple[dict[str, str], ...]:
        names = [told.line(each, "creator") for each in self.all("creator")]
        if not names:
            raise RecordUnusableError("creator", expected("creator"))
        if len(names) > _MOST["creators"]:
            told.fields["unnamed_creators"] = len(names) - _MOST["creators"]
        return tuple({"name": each} for each in names[: _MOST["creators"]])

    def _related(self, told: Told) -> tuple[dict[str, str], ...]:
        every = self.all("relation")
        usable = [name for each in every if (name := _uri(each))]
        if len(usable) < len(every):
            told.flag("related works left out")
        return tuple(
            {"relation": "References", "identifier": each}
            for each in told.some(usable, _MOST["related"], "related works")
        )

    def _identifiers(self, told: Told) -> dict[str, object]:
        """Part the identifiers: the DOI, the web address, and all others that are URIs."""
        every = self.all("identifier")
        doi = next((found for each in every if (found := spelling.doi(each))), None)
        others = [each for each in every if spelling.doi(each) is None]
        address = next((each for each in others if spelling.fitting(spelling.ADDRESS, each)), None)
        named = [name for each in others if each != address and (name := _uri(each))]
        if len(named) + (address is not None) < len(others):
            told.flag("identifiers left out")
        page = address or (spelling.doi_address(doi) if doi else None)
        return {"doi": doi, "source_url": page, "same_as": told.some(named, _MOST["identifiers"], "identifiers")}


def _uri(text: str) -> str | None:
    doi = spelling.doi(text)
    whole = f"doi:{doi}" if doi else text
    return whole if spelling.fitting(spelling.IDENTIFIER, whole) and last_part(whole) else None

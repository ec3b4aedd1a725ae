"""A record of DataCite, kernel 3 and 4 to 4.7: what it is, and which version of what."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from contracts.vocabulary import ids
from flows.connectors.oaipmh import spelling
from flows.connectors.oaipmh.reading import RecordUnusableError
from flows.connectors.oaipmh.spelling import said
from flows.connectors.oaipmh.words import word
from flows.wording import expected

_SIGN = re.compile(r"\d+")


class Resource:
    """One ``resource`` element, whichever kernel it is written in."""

    def __init__(self, root: Element) -> None:
        """Remember the namespace."""
        self._root, self._space = root, root.tag.partition("}")[0] + "}"

    def all(self, path: str, under: Element | None = None) -> Iterator[Element]:
        """Return the elements at a path."""
        steps = "/".join(self._space + step for step in path.split("/"))
        return (self._root if under is None else under).iterfind(steps)

    def text(self, path: str, under: Element | None = None) -> str:
        """Return the first text at a path that says something; empty where there is none."""
        return next((found for each in self.all(path, under) if (found := said(each.text))), "")

    @property
    def doi(self) -> str | None:
        """Its own DOI."""
        return spelling.doi(self.text("identifier"))

    def related_dois(self, relation: str) -> list[str]:
        """Return the DOIs that it names in a relation, in lower case."""
        each = (one for one in self.all("relatedIdentifiers/relatedIdentifier") if one.get("relationType") == relation)
        found = (spelling.doi(one.text or "") for one in each if one.get("relatedIdentifierType") == "DOI")
        return [one.lower() for one in found if one]

    @property
    def rank(self) -> tuple[int | str, ...]:
        """How new a version it is: by its number, else by its date, else by its DOI."""
        numbers = [int(each) for each in _SIGN.findall(self.text("version"))[:4]]
        padded = [f"{each:012}" for each in (*numbers, 0, 0, 0, 0)[:4]]
        dates = sorted(said(each.text)[:10] for each in self.all("dates/date") if each.get("dateType") == "Issued")
        return (*padded, dates[-1] if dates else "", _SIGN.sub(lambda run: f"{int(run.group()):020}", self.doi or ""))


def kind(resource: Resource) -> tuple[str, str | None]:
    """Return what kind of object it is and its type, None where that is a word of a later version of DataCite.

    Raises:
        RecordUnusableError: it is no work.
    """
    found = next((each.get("resourceTypeGeneral", "") for each in resource.all("resourceType")), "")
    if other := word("others", found):
        raise RecordUnusableError("resourceTypeGeneral", expected("a-work", type=other))
    if found in ids("publication_types"):
        return "publication", found
    return "dataset", found if found in ids("dataset_types") else None

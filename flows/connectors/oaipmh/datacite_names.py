"""Who made a work, where it appeared and what it is related to, from a record of DataCite."""

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from contracts.vocabulary import ids
from flows.connectors.oaipmh import spelling
from flows.connectors.oaipmh.datacite import Resource
from flows.connectors.oaipmh.reading import Context, RecordUnusableError, Told
from flows.connectors.oaipmh.spelling import last_part, said
from flows.connectors.oaipmh.words import word
from flows.wording import expected

_MOST_CREATORS, _MOST_AFFILIATIONS, _MOST_RELATED, _MOST_NAMES = 300, 20, 200, 20


def creators(resource: Resource, told: Told) -> tuple[dict[str, Any], ...]:
    """Return the creators, and note how many more there are than the contract names.

    Raises:
        RecordUnusableError: there is none.
    """
    found = [each for one in resource.all("creators/creator") if (each := _creator(resource, one, told))]
    if not found:
        raise RecordUnusableError("creators", expected("creator"))
    if len(found) > _MOST_CREATORS:
        told.fields["unnamed_creators"] = len(found) - _MOST_CREATORS
    return tuple(found[:_MOST_CREATORS])


def publisher(resource: Resource, context: Context, told: Told) -> dict[str, Any]:
    """Return the publisher; the partner itself where the record names none."""
    element = next(resource.all("publisher"), None)
    name = told.line(resource.text("publisher"), "publisher")
    if element is None or not name:
        told.flag("publisher assumed")
        return {"name": context.publisher}
    scheme, identifier = element.get("publisherIdentifierScheme", ""), element.get("publisherIdentifier", "")
    return {"name": name, "ror": _ror(scheme, identifier, told)}


def related(resource: Resource, told: Told) -> tuple[dict[str, str], ...]:
    """Return what the work is related to; what is no URI, or a relation nobody here knows, is left out and noted."""
    pairs: list[tuple[str, str]] = []
    for each in resource.all("relatedIdentifiers/relatedIdentifier"):
        name = identifier(each.get("relatedIdentifierType", ""), each.text or "")
        if name is None or each.get("relationType") not in ids("relations"):
            told.flag("related works left out")
        else:
            pairs.append((each.get("relationType", ""), name))
    return tuple(
        {"relation": kind, "identifier": name} for kind, name in told.some(pairs, _MOST_RELATED, "related works")
    )


def same_as(resource: Resource, told: Told) -> tuple[str, ...]:
    """Return other identifiers of the work itself, as far as they are URIs."""
    paths = ("alternateIdentifiers/alternateIdentifier", "alternateIdentifierType")
    every = [identifier(each.get(paths[1], ""), each.text or "") for each in resource.all(paths[0])]
    if None in every:
        told.flag("alternate identifiers left out")
    names: tuple[str, ...] = told.some((each for each in every if each), _MOST_NAMES, "alternate identifiers")
    return names


def identifier(kind: str, text: str) -> str | None:
    """Return an identifier as a URI, or None where it is none."""
    value = said(text)
    bare = spelling.doi(value) if kind == "DOI" else value
    whole = f"{word('identifiers', kind) or ''}{bare}" if bare else ""
    return whole if spelling.fitting(spelling.IDENTIFIER, whole) else None


def _creator(resource: Resource, element: Element, told: Told) -> dict[str, Any] | None:
    given = (resource.text(name, element) for name in ("creatorName", "familyName"))
    name = told.line(next((each for each in given if each), ""), "creator")
    if not name:
        return None
    named = [
        (each.get("nameIdentifierScheme", ""), last_part(each.text or ""))
        for each in resource.all("nameIdentifier", element)
    ]
    orcid = next((each for scheme, each in named if scheme.upper() == "ORCID"), "")
    ror = next((_ror(scheme, each, told) for scheme, each in named if scheme.upper() == "ROR"), None)
    works_at = list(_affiliations(resource, element, told))[:_MOST_AFFILIATIONS]
    return {"name": name, "orcid": told.usable(spelling.ORCID, orcid, "ORCID"), "ror": ror, "affiliations": works_at}


def _affiliations(resource: Resource, element: Element, told: Told) -> Iterator[dict[str, Any]]:
    for each in resource.all("affiliation", element):
        name = told.line(said(each.text), "affiliation")
        if name:
            scheme, identifier_ = each.get("affiliationIdentifierScheme", ""), each.get("affiliationIdentifier", "")
            yield {"name": name, "ror": _ror(scheme, identifier_, told)}


def _ror(scheme: str, text: str, told: Told) -> str | None:
    return told.usable(spelling.ROR, last_part(text), "ROR") if scheme.upper() == "ROR" else None

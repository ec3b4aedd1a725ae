"""The fields of a work from a record of DataCite. Unknown words of later versions are no error."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from flows.connectors.oaipmh import spelling
from flows.connectors.oaipmh.datacite import Resource
from flows.connectors.oaipmh.datacite_names import creators, publisher, related, same_as
from flows.connectors.oaipmh.licences import access, licence
from flows.connectors.oaipmh.reading import Context, RecordUnusableError, Told
from flows.connectors.oaipmh.spelling import said
from flows.wording import expected

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_MOST_LANGUAGES, _MOST_KEYWORDS = 12, 100


def fields(resource: Resource, context: Context, told: Told) -> None:
    """Collect the fields that datasets and publications have in common."""
    own = spelling.language(resource.text("language"), context.language)
    rights = [_statement(each) for each in resource.all("rightsList/rights")]
    told.fields |= {
        "texts": _texts(resource, own, told),
        "creators": creators(resource, told),
        "publisher": publisher(resource, context, told),
        "year": resource.text("publicationYear")[:4],
        "version": told.line(resource.text("version"), "version") or None,
        "licence": licence(rights, told),
        "languages": (own,) if resource.text("language") else (),
        "keywords": told.some(_lines(resource, "subjects/subject", told), _MOST_KEYWORDS, "keywords"),
        "related": related(resource, told),
        "same_as": same_as(resource, told),
    }


def dataset(resource: Resource, told: Told) -> None:
    """Collect what only datasets have."""
    dates = {each.get("dateType") or "": said(each.text) for each in resource.all("dates/date")}
    spans = (spelling.span(dates[name]) for name in ("Coverage", "Collected") if name in dates)
    told.fields |= {
        "period": next((each for each in spans if each), None),
        "modified": spelling.day(dates.get("Updated", "")),
    }


def publication(resource: Resource, told: Told) -> None:
    """Collect what only publications have."""
    items = (each for each in resource.all("relatedItems/relatedItem") if each.get("relationType") == "IsPublishedIn")
    titles = (resource.text("titles/title", each) for each in items)
    told.fields |= {
        "container": next((told.line(each, "container") for each in titles if each), None),
        "open_access": access(text for each in resource.all("rightsList/rights") for text in _statement(each)),
    }


def _statement(rights: Element) -> tuple[str, ...]:
    identifier, address = rights.get("rightsIdentifier", ""), rights.get("rightsURI", "")
    return (identifier, address) if identifier or address else (said(rights.text),)


def _texts(resource: Resource, own: str, told: Told) -> tuple[dict[str, str], ...]:
    found: dict[str, dict[str, str]] = {}
    titles = [(each, told.line(said(each.text), "title")) for each in resource.all("titles/title")]
    for each, title in sorted(
        ((each, title) for each, title in titles if title), key=lambda pair: pair[0].get("titleType") or ""
    ):
        tag = spelling.language(each.get(_LANG), own)
        if each.get("titleType") == "Subtitle" and tag in found:
            found[tag]["title"] = told.line(f"{found[tag]['title']}: {title}", "title")
        elif each.get("titleType") in {None, "TranslatedTitle"} and tag not in found and len(found) < _MOST_LANGUAGES:
            found[tag] = {"language": tag, "title": title}
        else:
            told.flag("further titles left out")
    if not found:
        raise RecordUnusableError("titles", expected("title"))
    for each in resource.all("descriptions/description"):
        tag = spelling.language(each.get(_LANG), own)
        if each.get("descriptionType") == "Abstract":
            text = "".join(each.itertext())
            found.get(tag, next(iter(found.values()))).setdefault("description", told.prose(text, "description"))
        else:
            told.flag("descriptions other than abstracts left out")
    return tuple(found.values())


def _lines(resource: Resource, path: str, told: Told) -> Iterator[str]:
    return (line for each in resource.all(path) if (line := told.line(said(each.text), path.rpartition("/")[2])))

"""One record to one draft; pure. Which form it is in says its own root element."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from pydantic import ValidationError

from contracts.dataset import DatasetPublished
from contracts.fact import Fact
from contracts.publication import PublicationPublished
from contracts.violation import told as violation_told
from flows.connector import Draft, Item, Mapped, Refused
from flows.connectors.oaipmh import datacite_fields, dublin_core, spelling
from flows.connectors.oaipmh.answers import identifier_of, texts
from flows.connectors.oaipmh.cursor import Entry
from flows.connectors.oaipmh.datacite import Resource, kind
from flows.connectors.oaipmh.dublin_core import DublinCore
from flows.connectors.oaipmh.reading import Context, RecordUnusableError, Told
from flows.connectors.oaipmh.versions import Works
from flows.icalendar.identity import object_id
from flows.wording import expected

MAX_RECORD = 2_000_000
_DATACITE = "{http://datacite.org/schema/kernel-"
CONTRACTS: dict[str, type[Fact]] = {"dataset": DatasetPublished, "publication": PublicationPublished}


def entry_of_record(stamp: str, raw: bytes) -> Entry:
    """Return what has to be remembered of a record: which work it is a version of. Of what is broken: nothing."""
    try:
        resource = _resource(_parsed(raw))
    except RecordUnusableError:
        return Entry(stamp)
    return Entry(stamp) if resource is None else _entry(stamp, resource)


def _entry(stamp: str, resource: Resource) -> Entry:
    if resource.doi is None:
        return Entry(stamp)
    own = resource.doi.lower()
    concept = next((each for each in resource.related_dois("IsVersionOf") if each != own), None)
    return Entry(stamp, own, concept, tuple(resource.related_dois("HasVersion")))


def mapped(item: Item, context: Context, works: Works) -> Mapped:
    """Translate one record; what cannot be told is refused with its reason.

    Args:
        item: one ``record`` element.
        context: whose it is.
        works: which records are versions of one work.
    """
    told = Told()
    try:
        record = _parsed(item.raw)
        resource = _resource(record)
        draft = (
            _dublin_core(record, context, told)
            if resource is None
            else _datacite(record, resource, context, works, told)
        )
    except RecordUnusableError as error:
        return Mapped(refused=(Refused(item.source_id, error.place, error.reason),))
    fact, rank = draft
    return Mapped((Draft(fact, item.source_id, tuple(told.flags), rank=rank),))


def _datacite(
    record: Element, resource: Resource, context: Context, works: Works, told: Told
) -> tuple[Fact, tuple[int | str, ...]]:
    what, named = kind(resource)
    datacite_fields.fields(resource, context, told)
    {"dataset": datacite_fields.dataset, "publication": datacite_fields.publication}[what](resource, told)
    if named is None:
        told.flag("type not known")
    doi, said = resource.doi, _entry("", resource)
    concept = works.concept_of(said.doi, said.concept)
    told.fields |= {"doi": doi, "concept_doi": concept, "source_url": spelling.doi_address(doi) if doi else None}
    identity = concept or said.doi or identifier_of(record)
    # The concept's own record tells of all versions: any version tells more.
    return _fact(what, named or "Other", identity, context, told), ("1" if concept else "0", *resource.rank)


def _dublin_core(record: Element, context: Context, told: Told) -> tuple[Fact, tuple[int | str, ...]]:
    root = next(record.iter(dublin_core.ROOT), None)
    if root is None:
        raise RecordUnusableError("metadata", expected("repository-format"))
    core = DublinCore(root, texts(record, "header/setSpec"))
    what, named = core.kind(told)
    core.fields(context, told)
    {"dataset": core.dataset, "publication": core.publication}[what](told)
    return _fact(what, named, identifier_of(record), context, told), ()


def _fact(what: str, named: str, identity: str, context: Context, told: Told) -> Fact:
    contract = CONTRACTS[what]
    values = {name: value for name, value in told.fields.items() if value is not None}
    values |= {contract.subject_field: object_id(context.partner, identity), "kind": named, "revision": 1}
    if not values.get("year"):
        raise RecordUnusableError("publicationYear", expected("year"))
    try:
        return contract.model_validate(values)
    except ValidationError as error:
        violation = error.errors(include_url=False)[0]
        place = ".".join(str(step) for step in violation["loc"])
        raise RecordUnusableError(place or "the whole record", violation_told(violation)) from None


def _parsed(raw: bytes) -> Element:
    if len(raw) > MAX_RECORD:
        raise RecordUnusableError("the whole record", expected("file-size", most=MAX_RECORD, size=len(raw)))
    try:
        root: Element = fromstring(raw)
    except (ParseError, DefusedXmlException, ValueError):
        raise RecordUnusableError("the whole record", expected("repository-xml")) from None
    return root


def _resource(record: Element) -> Resource | None:
    return next((Resource(each) for each in _elements(record) if each.tag.endswith("}resource")), None)


def _elements(record: Element) -> Iterator[Element]:
    return (each for each in record.iter() if each.tag.startswith(_DATACITE))

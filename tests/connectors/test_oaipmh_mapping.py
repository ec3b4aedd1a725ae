"""Records to drafts: what is told, what is left out and said so, what is refused and why."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.dataset import DatasetPublished
from contracts.publication import PublicationPublished
from flows.connector import Draft, Item, Mapped, SourceUnusableError
from flows.connectors.caldav.exchange import Answer
from flows.connectors.oaipmh import answers
from flows.connectors.oaipmh.mapping import entry_of_record, mapped
from flows.connectors.oaipmh.reading import Context
from flows.connectors.oaipmh.versions import Works
from flows.ledger.known import content_hash
from tests.connectors.repositories import OAI, datacite, dublin_core

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
CONTEXT = Context("uni", "Universität am Fluss", "de")
NONE = Works({})
recorded = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"the corpus is not at {CORPUS.name}/ beside the project")


def record(metadata: str, name: str = "oai:uni:1", sets: str = "") -> bytes:
    """Make a record as a repository sends it."""
    head = f"<header><identifier>{escape(name)}</identifier><datestamp>2026-01-01</datestamp>{sets}</header>"
    return f'<record xmlns="{OAI}">{head}<metadata>{metadata}</metadata></record>'.encode()


def read(metadata: str, works: Works = NONE, **more: str) -> Mapped:
    """Translate one record."""
    return mapped(Item("oai:uni:1", record(metadata, **more)), CONTEXT, works)


def draft(metadata: str, works: Works = NONE, **more: str) -> Draft:
    """Translate a record that is told."""
    (found,) = read(metadata, works, **more).drafts
    return found


def refusal(metadata: str) -> tuple[str, str]:
    """Return place and sentence of a record's refusal."""
    (found,) = read(metadata).refused
    return found.place, found.reason.en


def files() -> Iterator[tuple[str, Mapped]]:
    """Translate DataCite's own examples."""
    for path in sorted((CORPUS / "datacite" / "xml").glob("*.xml")):
        text = path.read_text(encoding="utf-8")
        yield path.name, read(text[text.index("<resource") :])


def pages() -> Iterator[tuple[str, Mapped]]:
    """Translate every record of the recorded pages that is not deleted."""
    for path in sorted((CORPUS / "oai-pmh").rglob("*.xml")):
        try:
            root = answers.read(Answer(200, {"content-type": "text/xml"}, path.read_bytes()))
            found = answers.page(root)
        except (SourceUnusableError, answers.TokenRefusedError, answers.NoSuchRecordError):
            continue
        deleted = {header.identifier for header in found.headers if header.deleted}
        for name in found.records.keys() - deleted:
            yield path.name, mapped(Item(name, found.records[name]), CONTEXT, NONE)


@pytest.mark.corpus
@recorded
def test_every_recorded_record_is_read_or_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """No crash; each is told, or refused with place and reason; a second reading tells nothing new."""
    found, again = [*files(), *pages()], [*files(), *pages()]
    drafts = [each for _, one in found for each in one.drafts]
    refused = [(name, each) for name, one in found for each in one.refused]
    with capsys.disabled():
        print(  # noqa: T201 - the counts are what is asked for
            f"\n{len(found)} records: {Counter(type(each.fact).__name__ for each in drafts)}, "
            f"{len(refused)} refused at {Counter(each.place for _, each in refused)}, "
            f"{Counter(flag for each in drafts for flag in each.flags)}"
        )
    assert len(drafts) + len(refused) == len(found)
    assert {each.place for _, each in refused} == {"resourceTypeGeneral"}
    assert [content_hash(each.fact) for _, one in again for each in one.drafts] == [
        content_hash(d.fact) for d in drafts
    ]
    for each in drafts:
        contract = type(each.fact)
        assert contract.model_validate_json(each.fact.payload(), strict=True, extra="forbid") == each.fact


@pytest.mark.corpus
@recorded
def test_full_example_of_datacite() -> None:
    """What DataCite's fullest example says arrives under the contract's names; what has no place is named."""
    (found,) = dict(files())["datacite-example-full-v4.xml"].drafts
    fact = found.fact
    assert isinstance(fact, DatasetPublished)
    assert fact.dataset_id == "uni:10.82433/b09z-4k37"
    assert [(each.language, each.title) for each in fact.texts] == [
        ("en", "Example Title: Example Subtitle"),
        ("fr", "Example TranslatedTitle"),
    ]
    assert fact.texts[0].description == "Example Abstract"
    assert (fact.creators[0].orcid, fact.creators[1].ror) == ("0000-0001-5727-2427", "04wxnsj81")
    assert (fact.creators[0].affiliations[0].ror, fact.publisher.ror) == ("04wxnsj81", "04z8jg394")
    assert (fact.year, fact.version, fact.licence, fact.languages) == (2024, "1", "CC-BY-4.0", ("en",))
    assert (fact.period.start, fact.period.end, fact.modified) == ("2024-01-01", "2024-12-31", "2024-01-01")
    related = {(each.relation, each.identifier) for each in fact.related}
    assert ("IsMetadataFor", "urn:isbn:978-3-905673-82-1") in related
    assert ("IsDescribedBy", "hdl:10013/epic.10033") in related
    assert ("IsContinuedBy", "doi:10.1016/j.epsl.2011.11.037") in related
    assert set(found.flags) == {
        "further titles left out",
        "descriptions other than abstracts left out",
        "related works left out",
        "alternate identifiers left out",
    }


@pytest.mark.corpus
@recorded
def test_rights_that_contradict_themselves_claim_nothing() -> None:
    """One of DataCite's examples says CC-BY-4.0 by its id and CC-BY-NC-4.0 by its address."""
    (found,) = dict(files())["datacite-example-dataset-v4.xml"].drafts
    assert isinstance(found.fact, DatasetPublished)
    assert (found.fact.licence, "rights contradict themselves" in found.flags) == (None, True)
    assert (found.fact.period.start, found.fact.period.end) == ("2010-01-01", "2020-12-31")


@pytest.mark.corpus
@recorded
def test_recorded_article_in_dublin_core() -> None:
    """A recorded record of oai_dc, in which creators repeat and languages have three letters."""
    (found,) = dict(pages())["ListRecords.xml"].drafts
    fact = found.fact
    assert isinstance(fact, PublicationPublished)
    assert (fact.publication_id, fact.kind) == ("uni:oai:test.example.com:1585322", "JournalArticle")
    assert ([each.name for each in fact.creators], fact.publisher.name) == (["John Doe"], "Sample Publisher")
    assert (fact.year, fact.container, fact.languages) == (2010, "Sample Source", ("en",))
    assert str(fact.source_url) == "http://test.example.com/publication/1585322"


REFUSED = {
    "no title": (datacite("10.5072/1", ""), "titles", "title"),
    "no creator": (datacite("10.5072/1").replace("Sommer, Ada", ":unkn"), "creators", "creator"),
    "no year": (datacite("10.5072/1").replace("2026", ""), "publicationYear", "year"),
    "no work": (datacite("10.5072/1", kind="Instrument"), "resourceTypeGeneral", "Instrument"),
    "no title in Dublin Core": (dublin_core(""), "title", "title"),
    "no creator in Dublin Core": (dublin_core(creator=""), "creator", "creator"),
    "no year in Dublin Core": (dublin_core(date="bald"), "publicationYear", "year"),
    "an event": (dublin_core(type="http://purl.org/dc/dcmitype/Event"), "type", "Event"),
    "another format": ("<mods/>", "metadata", "format"),
    "no metadata": ("", "metadata", "format"),
}


@pytest.mark.parametrize(("metadata", "place", "word"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_told_is_refused_with_its_reason(metadata: str, place: str, word: str) -> None:
    """The sentence names what was expected and no value of the record."""
    where, sentence = refusal(metadata)
    assert where == place
    assert word in sentence
    assert "Sommer" not in sentence


def test_record_with_entities_is_refused() -> None:
    """XML with entities, or of a size nobody describes a work in, is not read."""
    bomb = Item("x", b'<!DOCTYPE r [<!ENTITY a "aaaa">]>' + record(dublin_core("&a;")))
    (entities,), (large,) = (
        mapped(each, CONTEXT, NONE).refused for each in (bomb, Item("x", b"<r/>" + b" " * 2_000_001))
    )
    assert "entities" in entities.reason.en
    assert "bytes" in large.reason.en


def test_record_without_doi_has_the_repositorys_identifier() -> None:
    """A record of DataCite need not have a DOI; blanks in an identifier are encoded."""
    found = draft(datacite("hdl-17"), name="oai:uni: 7")
    assert found.fact.subject == "uni:oai:uni:%207"


RIGHTS = [
    ('<rights rightsURI="https://creativecommons.org/licenses/by/4.0/legalcode"/>', "CC-BY-4.0", ()),
    ('<rights rightsURI="http://creativecommons.org/licenses/by/3.0/de/"/>', "CC-BY-3.0-DE", ()),
    ('<rights rightsURI="https://creativecommons.org/publicdomain/zero/1.0/"/>', "CC0-1.0", ()),
    ('<rights rightsIdentifier="cc-by-sa-4.0" rightsIdentifierScheme="SPDX"/>', "CC-BY-SA-4.0", ()),
    ('<rights rightsURI="http://dcat-ap.de/def/licenses/dl-by-de/2.0"/>', "DL-DE-BY-2.0", ()),
    ('<rights rightsURI="http://dcat-ap.de/def/licenses/dl-by-de/2_0"/>', "DL-DE-BY-2.0", ()),
    ('<rights rightsURI="https://dcat-ap.de/def/licenses/dl-by-de/1.0"/>', "DL-DE-BY-1.0", ()),
    ('<rights rightsURI="http://dcat-ap.de/def/licenses/cc-by-de/3.0"/>', "CC-BY-3.0-DE", ()),
    ('<rights rightsURI="http://dcat-ap.de/def/licenses/geonutz/20130319"/>', "geonutz-2013", ()),
    ('<rights rightsURI="https://spdx.org/licenses/ODC-By-1.0.html"/>', "ODC-By-1.0", ()),
    ('<rights rightsURI="https://creativecommons.org/publicdomain/mark/1.0/"/>', "CC-PDM-1.0", ()),
    ("<rights>official-work</rights>", "official-work", ()),
    ('<rights rightsURI="info:eu-repo/semantics/openAccess"/>', None, ()),
    ('<rights rightsURI="https://uni.example/terms"/>', None, ("licence not known",)),
    (
        '<rights rightsIdentifier="CC-BY-4.0" rightsURI="https://creativecommons.org/licenses/by-nc/4.0/"/>',
        None,
        ("rights contradict themselves",),
    ),
    ("<rights>Alle dürfen lesen</rights>", None, ("licence not known",)),
    ("", None, ()),
]


@pytest.mark.parametrize(("rights", "licence", "flags"), RIGHTS)
def test_licences(rights: str, licence: str | None, flags: tuple[str, ...]) -> None:
    """Addresses and identifiers are recognised; what nobody here knows is not claimed, and that is said."""
    found = draft(datacite("10.5072/1", more=f"<rightsList>{rights}</rightsList>"))
    assert isinstance(found.fact, DatasetPublished)
    assert (found.fact.licence, found.flags) == (licence, flags)


def test_version_is_told_under_its_concept() -> None:
    """Both DOIs are told, the concept's is the id in lower case; the newer version ranks higher, the concept lowest."""
    first = draft(datacite("10.5072/A.1", "x", ("IsVersionOf", "10.5072/A"), more="<version>v1.9</version>"))
    second = draft(datacite("10.5072/A.2", "x", ("IsVersionOf", "10.5072/A"), more="<version>v1.10</version>"))
    concept = draft(datacite("10.5072/A", "x", ("HasVersion", "10.5072/A.1")))
    assert {each.fact.subject for each in (first, second, concept)} == {"uni:10.5072/a"}
    assert concept.rank < first.rank < second.rank
    assert isinstance(first.fact, DatasetPublished)
    assert (first.fact.doi, first.fact.concept_doi) == ("10.5072/A.1", "10.5072/a")


def test_version_that_only_its_concept_knows() -> None:
    """Where only the concept's record names its versions they are told under it all the same."""
    entries = [entry_of_record("", record(datacite("10.5072/A", "x", ("HasVersion", "10.5072/A.1"))))]
    found = draft(datacite("10.5072/a.1"), Works.of(entries))
    assert found.fact.subject == "uni:10.5072/a"


def test_dublin_core_in_full() -> None:
    """DOI, address and other identifiers are told apart; a set of DINI says that everybody may read."""
    text = dublin_core(type="info:eu-repo/semantics/doctoralThesis", relation="10.5072/x", language="ger")
    more = "<dc:identifier>https://doi.org/10.5072/D</dc:identifier><dc:identifier>urn:nbn:de:1-2</dc:identifier>"
    page = "<dc:identifier>https://uni.example/1</dc:identifier><dc:identifier>Sign. 7</dc:identifier>"
    found = draft(text.replace("</oai_dc:dc>", f"{more}{page}</oai_dc:dc>"), sets="<setSpec>open_access</setSpec>")
    fact = found.fact
    assert isinstance(fact, PublicationPublished)
    assert (fact.kind, fact.doi, fact.same_as) == ("Dissertation", "10.5072/D", ("urn:nbn:de:1-2",))
    assert (str(fact.source_url), fact.open_access, fact.languages) == ("https://uni.example/1", "yes", ("de",))
    assert [(each.relation, each.identifier) for each in fact.related] == [("References", "doi:10.5072/x")]
    assert set(found.flags) == {"publisher assumed", "identifiers left out"}


@given(
    st.lists(st.text(min_size=0, max_size=400), max_size=4),
    st.text(max_size=400),
    st.sampled_from(
        ["title", "creator", "publisher", "subject", "identifier", "rights", "relation", "date", "coverage"]
    ),
)
def test_whatever_stands_in_a_record_nothing_breaks(titles: list[str], text: str, name: str) -> None:
    """Any text in any element gives one draft that passes the door, or one refusal."""
    inner = "".join(f"<dc:{name}>{escape(each)}</dc:{name}>" for each in [*titles, text])
    raw = record(dublin_core().replace("</oai_dc:dc>", f"{inner}</oai_dc:dc>"))
    found = mapped(Item("oai:uni:1", raw), CONTEXT, NONE)
    assert len(found.drafts) + len(found.refused) == 1
    for each in found.drafts:
        assert type(each.fact).model_validate_json(each.fact.payload(), strict=True, extra="forbid") == each.fact


@given(
    st.lists(st.text(max_size=400), max_size=5), st.sampled_from(["version", "language", "publicationYear", "format"])
)
def test_whatever_datacite_says_nothing_breaks(words: list[str], name: str) -> None:
    """The same of DataCite's elements."""
    more = "".join(f"<{name}>{escape(each)}</{name}>" for each in words)
    subjects = "".join(f"<subject>{escape(each)}</subject>" for each in words)
    found = read(datacite("10.5072/1", "x", more=f"<subjects>{subjects}</subjects>{more}"))
    assert len(found.drafts) + len(found.refused) == 1
    for each in found.drafts:
        assert type(each.fact).model_validate_json(each.fact.payload(), strict=True, extra="forbid") == each.fact

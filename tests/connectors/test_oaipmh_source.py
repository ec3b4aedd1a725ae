"""A repository that does what good ones do not: a server that answers as the test says."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from flows.connector import Reading, SourceUnusableError
from flows.connectors.oaipmh.reading import Context
from flows.connectors.oaipmh.settings import OaiPmhSettings
from flows.connectors.oaipmh.source import OaiPmhSource
from tests.connectors.repositories import OAI, dublin_core
from tests.connectors.scripted import Asked, Said, serving

START = datetime(2026, 1, 1)  # noqa: DTZ001 - the server's own UTC
NOW = "2026-11-24T12:00:00Z"
Words = dict[str, str]


@dataclass
class Shelf:
    """A small, honest repository of days; a test bends single answers of it."""

    names: list[str]
    limit: int = 100
    size: bool = False
    asked: list[Words] = field(default_factory=list)
    bent: dict[str, Callable[[Words], Said | None]] = field(default_factory=dict)  # by verb

    def __call__(self, asked: Asked) -> Said:
        """Answer one request."""
        words = {name: values[0] for name, values in parse_qs(urlsplit(asked.path).query).items()}
        self.asked.append(words)
        said = self.bent[words["verb"]](words) if words["verb"] in self.bent else None
        return said or getattr(self, words["verb"])(words)

    def Identify(self, _: Words) -> Said:  # noqa: N802 - the protocol's word
        """Who it is."""
        told = "<granularity>YYYY-MM-DDThh:mm:ssZ</granularity><deletedRecord>no</deletedRecord>"
        return wrapped(f"<Identify><earliestDatestamp>2026-01-01T00:00:00Z</earliestDatestamp>{told}</Identify>")

    def ListMetadataFormats(self, _: Words) -> Said:  # noqa: N802
        """Dublin Core alone."""
        inner = "<metadataFormat><metadataPrefix>oai_dc</metadataPrefix></metadataFormat>"
        return wrapped(f"<ListMetadataFormats>{inner}</ListMetadataFormats>")

    def ListIdentifiers(self, words: Words) -> Said:  # noqa: N802
        """A page of headers."""
        return self.listed("ListIdentifiers", words, header)

    def ListRecords(self, words: Words) -> Said:  # noqa: N802
        """A page of records."""
        return self.listed("ListRecords", words, record)

    def GetRecord(self, words: Words) -> Said:  # noqa: N802
        """One record."""
        return wrapped(f"<GetRecord>{record(words['identifier'])}</GetRecord>")

    def listed(self, verb: str, words: Words, told: Callable[[str], str]) -> Said:
        """A page; the token is the place of the next one and the window."""
        place, start, end = words.get("resumptionToken", f"0,{words.get('from', '')},{words.get('until', '')}").split(
            ","
        )
        names = [name for name in self.names if (start or "") <= stamp(name) <= (end or "9999")]
        page, after = names[int(place) :][: self.limit], int(place) + self.limit
        size = f' completeListSize="{len(names)}"' if self.size else ""
        token = f"<resumptionToken{size}>{after},{start},{end}</resumptionToken>" if after < len(names) else ""
        return (
            wrapped(f"<{verb}>{''.join(told(name) for name in page)}{token}</{verb}>")
            if page
            else error("noRecordsMatch")
        )


def stamp(name: str) -> str:
    """The datestamp of a record: its number is its day."""
    return f"{START + timedelta(days=int(name)):%Y-%m-%dT%H:%M:%SZ}"


def header(name: str) -> str:
    """One header."""
    return f"<header><identifier>{name}</identifier><datestamp>{stamp(name)}</datestamp></header>"


def record(name: str) -> str:
    """One record."""
    return f"<record>{header(name)}<metadata>{dublin_core(f'Aufsatz {name}')}</metadata></record>"


def wrapped(inner: str) -> Said:
    """An answer of the protocol."""
    return Said(200, f'<OAI-PMH xmlns="{OAI}"><responseDate>{NOW}</responseDate>{inner}</OAI-PMH>')


def error(code: str) -> Said:
    """An error of the protocol."""
    return wrapped(f'<error code="{code}">words of a stranger</error>')


@contextmanager
def source(shelf: Shelf) -> Iterator[OaiPmhSource]:
    """The source of that repository."""
    with serving(shelf) as url:
        yield OaiPmhSource(OaiPmhSettings(url=url), Context("stadt", "Stadt"), patience=0)


async def look(shelf: Shelf, cursor: str | None = None) -> Reading:
    """Read once."""
    with source(shelf) as open_source:
        return await open_source.read(cursor)


def numbers(count: int) -> list[str]:
    """Names of records."""
    return [str(number) for number in range(count)]


def ids(reading: Reading) -> list[str]:
    """The records of a reading, by number."""
    return sorted((item.source_id for item in reading.items), key=int)


REFUSALS = {
    "by the book": error("badResumptionToken"),
    "by status": Said(422, "<html/>", "text/html"),
    "by status and book": Said(400, error("badResumptionToken").body),
}


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS.keys())
async def test_tokens_that_never_work(refusal: Said) -> None:
    """Every token is refused: windows are halved until each fits on a page; all is told, and the reading is whole."""
    shelf = Shelf(numbers(40), limit=7)
    shelf.bent = dict.fromkeys(
        ("ListIdentifiers", "ListRecords"), lambda words: refusal if "resumptionToken" in words else None
    )
    reading = await look(shelf)
    assert (ids(reading), reading.complete, reading.unreadable) == (numbers(40), True, ())


@pytest.mark.parametrize("size", [True, False])
async def test_token_that_expires_once(*, size: bool) -> None:
    """A token is refused in the middle of either list: it begins again and nothing is missing."""
    shelf = Shelf(numbers(50), limit=10, size=size)
    refused: set[str] = set()

    def once(words: Words) -> Said | None:
        if words.get("resumptionToken", "").startswith("30,") and words["verb"] not in refused:
            refused.add(words["verb"])
            return error("badResumptionToken")
        return None

    shelf.bent = {"ListIdentifiers": once, "ListRecords": once}
    reading = await look(shelf)
    assert refused == {"ListIdentifiers", "ListRecords"}
    assert (ids(reading), reading.complete) == (numbers(50), True)


@pytest.mark.parametrize("token", ["the same", "a new one"])
async def test_same_page_for_ever(token: str) -> None:
    """A repository that answers every token with the first page is not asked for ever, whatever its next token is."""
    shelf = Shelf(numbers(40), limit=7)

    def again(words: Words) -> Said | None:
        first = {name: value for name, value in words.items() if name != "resumptionToken"}
        if "resumptionToken" not in words:
            return None
        said = shelf.listed(words["verb"], first, header)
        body = str(said.body).replace(">7,,<", f">{len(shelf.asked)}<") if token == "a new one" else said.body
        return Said(200, body)

    shelf.bent = {"ListIdentifiers": again}
    reading = await look(shelf)
    assert (ids(reading), reading.complete) == (numbers(40), True)
    assert len(shelf.asked) < 100


async def test_list_that_stays_short_is_not_whole() -> None:
    """A list that never names as many as it says, and others each time, misses nobody: it is listed anew next time."""
    shelf = Shelf(numbers(40), limit=7, size=True)
    turns = iter(range(100))

    def hiding(words: Words) -> Said | None:
        if words.get("resumptionToken", "").startswith("7,"):
            hidden = shelf.names[next(turns) + 8]
            return shelf.listed(words["verb"], words, lambda name: "" if name == hidden else header(name))
        return None

    shelf.bent = {"ListIdentifiers": hiding}
    reading = await look(shelf)
    assert (reading.complete, reading.present) == (False, ())
    assert '"day":""' in (reading.cursor or "")


async def test_header_without_identifier_makes_a_list_not_whole() -> None:
    """Something is there that cannot be named: nobody is missed, everything that can be named is read."""
    shelf = Shelf(numbers(5))
    shelf.bent = {
        "ListIdentifiers": lambda _: wrapped(
            f"<ListIdentifiers>{header('1')}<header status='deleted'/></ListIdentifiers>"
        )
    }
    reading = await look(shelf)
    assert (ids(reading), reading.complete) == (["1"], False)


async def test_record_that_makes_the_page_no_xml() -> None:
    """A page that one record breaks is read record by record; the broken one is there and read again."""
    shelf = Shelf(numbers(30), limit=100)
    broken = {"bad": True}
    control = Said(200, f'<OAI-PMH xmlns="{OAI}"><responseDate>{NOW}</responseDate>\x01</OAI-PMH>')
    shelf.bent = {
        "ListRecords": lambda _: control,
        "GetRecord": lambda words: control if words["identifier"] == "3" and broken["bad"] else None,
    }
    with source(shelf) as open_source:
        first = await open_source.read(None)
        broken["bad"] = False
        shelf.bent["ListIdentifiers"] = lambda words: error("noRecordsMatch") if "from" in words else None
        second = await open_source.read(first.cursor)
    assert (len(first.items), first.unreadable, first.complete) == (29, ("3",), True)
    assert ids(second) == ["3"]


NO_ANSWERS = {
    "a login page": Said(200, "<html><body>Anmelden</body></html>", "text/html"),
    "half an answer": Said(200, "<OAI-PMH><ListIdentifiers>"),
    "entities": Said(200, f'<!DOCTYPE x [<!ENTITY e "x">]><OAI-PMH xmlns="{OAI}">&e;</OAI-PMH>'),
    "moved": Said(301, "", headers={"location": "http://127.0.0.1:1/"}),
    "wrong arguments": error("badArgument"),
    "no such format": error("cannotDisseminateFormat"),
    "an unknown error": error("personal-name"),
}


@pytest.mark.parametrize("said", NO_ANSWERS.values(), ids=NO_ANSWERS.keys())
async def test_what_is_no_answer_concludes_nothing(said: Said) -> None:
    """The run fails with a sentence that quotes nothing of a stranger's."""
    shelf = Shelf(numbers(5), bent={"ListIdentifiers": lambda _: said})
    with pytest.raises(SourceUnusableError, match="expected") as failed:
        await look(shelf)
    assert "stranger" not in str(failed.value)
    assert "personal" not in str(failed.value)


async def test_server_that_is_busy_is_no_source_without_records() -> None:
    """503 in every answer is the world's fault and no empty list."""
    with pytest.raises(OSError, match="503"):
        await look(Shelf(numbers(5), bent={"ListIdentifiers": lambda _: Said(503)}))


async def test_nothing_matches_is_a_success() -> None:
    """An empty increment is no error and moves on."""
    shelf = Shelf(numbers(5))
    with source(shelf) as open_source:
        first = await open_source.read(None)
        shelf.bent = {"ListIdentifiers": lambda _: error("noRecordsMatch")}
        second = await open_source.read(first.cursor)
    assert (second.items, second.complete, second.gone) == ((), False, ())
    assert '"since":"2026-11-24T11:50:00Z"' in (second.cursor or "")

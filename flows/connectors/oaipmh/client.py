"""A repository: one request each, and what came back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from urllib.parse import urlencode, urlsplit
from xml.etree.ElementTree import Element

from flows.connector import SourceUnusableError
from flows.connectors.caldav.exchange import Exchange
from flows.connectors.oaipmh import answers
from flows.connectors.oaipmh.answers import OAI, NoSuchRecordError, Page
from flows.connectors.oaipmh.settings import OaiPmhSettings

BEST = ("oai_datacite", "datacite", "datacite4", "oai_dc")
"""Formats that are understood, the fullest first."""


@dataclass(frozen=True, slots=True)
class Window:
    """Which datestamps a list is of, both ends inclusive; open where one is missing."""

    start: str = ""
    end: str = ""

    def words(self) -> dict[str, str]:
        """Return it as arguments of a request."""
        return {name: value for name, value in (("from", self.start), ("until", self.end)) if value}


@dataclass(frozen=True, slots=True)
class Repository:
    """One repository in one format. ``earliest``: no datestamp is before it. ``unit``: how finely they are told."""

    exchange: Exchange
    settings: OaiPmhSettings
    format: str
    earliest: datetime
    unit: timedelta

    @classmethod
    async def opened(cls, exchange: Exchange, settings: OaiPmhSettings) -> Self:
        """Ask who is there and which formats it has.

        Raises:
            SourceUnusableError: no repository, or none with a format that is understood.
        """
        root = await _ask(exchange, settings, {"verb": "Identify"})
        said = next(answers.texts(root, "Identify/granularity"), "")
        earliest = answers.moment(next(answers.texts(root, "Identify/earliestDatestamp"), None))
        unit = timedelta(seconds=1) if "ss" in said else timedelta(days=1)
        return cls(exchange, settings, settings.format or await _best(exchange, settings), earliest, unit)

    @property
    def scope(self) -> str:
        """What is harvested, in one word: of another one a cursor knows nothing."""
        return "|".join((self.settings.url, self.format, self.settings.set or ""))

    def written(self, moment: datetime) -> str:
        """Write a moment as finely as this repository does."""
        return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if self.unit < timedelta(days=1) else f"{moment:%Y-%m-%d}"

    async def page(self, verb: str, window: Window, token: str | None) -> Page:
        """Ask for a part of a list; a token is sent alone (section 3.5).

        Raises:
            TokenRefusedError: the token is not valid, or no longer.
            SourceUnusableError: an answer that cannot be trusted.
        """
        words = {"resumptionToken": token} if token else {"metadataPrefix": self.format, **window.words(), **self._set}
        try:
            root = await _ask(self.exchange, self.settings, {"verb": verb, **words}, resumed=token is not None)
        except NoSuchRecordError:
            raise SourceUnusableError(
                f"expected records in the format {self.format}, came the error that there are none"
            ) from None
        return answers.page(root)

    async def record(self, identifier: str) -> Page:
        """Ask for one record.

        Raises:
            NoSuchRecordError: the repository says that there is none.
            SourceUnusableError: an answer that cannot be trusted.
        """
        words = {"verb": "GetRecord", "metadataPrefix": self.format, "identifier": identifier}
        root = await _ask(self.exchange, self.settings, words)
        inner = root.find(f"{OAI}GetRecord")
        if inner is None:
            raise SourceUnusableError("expected a record, came an answer without one")
        inner.tag = f"{OAI}ListRecords"
        return answers.page(root)

    @property
    def _set(self) -> dict[str, str]:
        return {"set": self.settings.set} if self.settings.set else {}


async def _best(exchange: Exchange, settings: OaiPmhSettings) -> str:
    root = await _ask(exchange, settings, {"verb": "ListMetadataFormats"})
    offered = set(answers.texts(root, "ListMetadataFormats/metadataFormat/metadataPrefix"))
    for name in BEST:
        if name in offered:
            return name
    raise SourceUnusableError(f"expected one of the formats {', '.join(BEST)}, the repository has none of them")


async def _ask(
    exchange: Exchange, settings: OaiPmhSettings, words: Mapping[str, str], *, resumed: bool = False
) -> Element:
    query = "&".join(part for part in (urlsplit(settings.url).query, urlencode(words)) if part)
    return answers.read(await exchange.send("GET", f"{exchange.start}?{query}"), resumed=resumed)

"""Reading a repository: headers first, then the records that are new or have changed."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Self

from contracts.agreement import Agreement
from flows.connector import Item, Mapped, Reading
from flows.connectors.caldav.exchange import Exchange
from flows.connectors.manifest import settings_of
from flows.connectors.oaipmh.answers import Header
from flows.connectors.oaipmh.client import Repository, Window
from flows.connectors.oaipmh.cursor import Cursor, Entry
from flows.connectors.oaipmh.fetching import Fetched, fetch
from flows.connectors.oaipmh.lists import Listed, headers
from flows.connectors.oaipmh.mapping import entry_of_record, mapped
from flows.connectors.oaipmh.reading import Context
from flows.connectors.oaipmh.settings import OaiPmhSettings
from flows.connectors.oaipmh.versions import Works, siblings
from services.runtime.settings import Settings

_OVERLAP = timedelta(minutes=10)  # a record may be listed later than its datestamp says


@dataclass(slots=True)
class OaiPmhSource:
    """The repository of one partner, as a source.

    ``longest``: seconds after which no further record is read; the next pull goes on, and nothing is read twice.
    """

    settings: OaiPmhSettings
    context: Context
    patience: float = 1.0  # factor on the waits between attempts
    longest: float = 600.0  # less than a run may take
    _works: Works = field(default_factory=lambda: Works({}))

    @classmethod
    def of(cls, agreement: Agreement, settings: Settings) -> Self:  # noqa: ARG003 - every kind is made of both
        """Make it for one partner."""
        told = settings_of(agreement, OaiPmhSettings)
        return cls(told, Context(agreement.id, agreement.name.de, told.language))

    async def read(self, cursor: str | None) -> Reading:
        """Look once; see :class:`flows.connector.Source`.

        Headers, deleted ones among them, of what changed; once a day of everything, as not every repository reports
        what it deletes. What a list of records leaves out, or breaks at, is asked for by itself.
        """
        day, until = f"{datetime.now(UTC):%Y-%m-%d}", time.monotonic() + self.longest
        async with Exchange(self.settings.url, None, patience=self.patience) as exchange:
            repository = await Repository.opened(exchange, self.settings)
            known = Cursor.parse(cursor, repository.scope)
            full = known.day != day
            listed = await headers(repository, Window() if full else Window(known.since))
            wanted = _wanted(listed, known, full=full)
            fetched = await fetch(repository, wanted, until)
            entries = _entries(known, listed, fetched, full=full)
            touched = {*fetched.items, *fetched.gone, *(known.entries.keys() - entries.keys())}
            tried = fetched.left.keys() | fetched.unreadable
            kin = siblings(touched, known.entries, entries) - tried
            more = await fetch(repository, {name: Header(name, entries[name].stamp) for name in kin}, until)
        entries = _entries(Cursor(known.scope, entries=entries), Listed(), more, full=False)
        self._works = Works.of(entries.values())
        return _reading(repository, known, listed, (fetched, more), entries, day if full else known.day)

    def map(self, item: Item, now: datetime) -> Mapped:  # noqa: ARG002 - a work does not recur
        """Translate one record; see :class:`flows.connector.Source`."""
        return mapped(item, self.context, self._works)


def _wanted(listed: Listed, known: Cursor, *, full: bool) -> dict[str, Header]:
    """Choose what is new, has another datestamp, or could not be read before."""
    pending = {name: Header(name, entry.stamp) for name, entry in known.entries.items() if entry.pending}
    told = pending.keys() & listed.headers.keys() if full else pending.keys()
    here = {name: header for name, header in listed.headers.items() if not header.deleted}
    changed = {name: header for name, header in here.items() if _differs(known.entries.get(name), header)}
    gone = listed.headers.keys() - here.keys()
    return {
        name: each for name, each in {**pending, **changed}.items() if name not in gone and name in {*told, *changed}
    }


def _differs(entry: Entry | None, header: Header) -> bool:
    return entry is None or not header.stamp or entry.stamp != header.stamp


def _entries(known: Cursor, listed: Listed, fetched: Fetched, *, full: bool) -> dict[str, Entry]:
    """Return what is known of each record that is there now."""
    dead = {name for name, header in listed.headers.items() if header.deleted} | fetched.gone
    entries = {name: each for name, each in known.entries.items() if name not in dead}
    if full and listed.whole:
        entries = {name: each for name, each in entries.items() if name in listed.headers}
    for name, (stamp, raw) in fetched.items.items():
        entries[name] = entry_of_record(stamp, raw)
    for name in (*fetched.left, *fetched.unreadable):
        header = listed.headers.get(name)
        before = entries.get(name, Entry(header.stamp if header else ""))
        entries[name] = before._replace(stamp=header.stamp if header else before.stamp, pending=True)
    return entries


def _reading(  # noqa: PLR0913, PLR0917 - what one look has found
    repository: Repository,
    known: Cursor,
    listed: Listed,
    looks: tuple[Fetched, Fetched],
    entries: Mapping[str, Entry],
    day: str,
) -> Reading:
    items = {name: raw for look in looks for name, (_, raw) in look.items.items()}
    unreadable = set().union(*(look.unreadable for look in looks)) - items.keys()
    gone = {name for name, header in listed.headers.items() if header.deleted}.union(*(look.gone for look in looks))
    complete = listed.whole and day != known.day
    since = repository.written((listed.asked or repository.earliest) - max(_OVERLAP, repository.unit))
    return Reading(
        items=tuple(Item(name, raw) for name, raw in sorted(items.items())),
        complete=complete,
        gone=tuple(sorted(gone - items.keys())),
        cursor=str(
            Cursor(known.scope, since, day, entries) if listed.whole else Cursor(known.scope, known.since, "", entries)
        ),
        unreadable=tuple(sorted(unreadable)),
        present=tuple(sorted(entries.keys() - items.keys() - unreadable)) if complete else (),
    )

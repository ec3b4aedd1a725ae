"""Records by their headers: many at a time by lists, the rest one by one, so that a bad one stops no other."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import sample

from flows.connector import SourceUnusableError
from flows.connectors.caldav.exchange import BusyError
from flows.connectors.oaipmh.answers import Header, NoSuchRecordError, Page, TokenRefusedError
from flows.connectors.oaipmh.client import Repository, Window
from flows.connectors.oaipmh.lists import pages

_FEW = 20  # records that are asked for one by one, as a list may bring many others
_ENOUGH = 30  # that could not be read one after the other: then it is the repository, and the next pull asks again
_BROKEN = (SourceUnusableError, BusyError)


@dataclass(slots=True)
class Fetched:
    """What became of each record that was wanted."""

    left: dict[str, Header]  # not asked for, or not reached in time
    items: dict[str, tuple[str, bytes]] = field(default_factory=dict)  # datestamp and XML
    gone: set[str] = field(default_factory=set)
    unreadable: set[str] = field(default_factory=set)

    def take(self, page: Page) -> None:
        """Take over what a page has of what is wanted."""
        for header in page.headers:
            name = header.identifier
            if name not in self.left or (not header.deleted and name not in page.records):
                continue
            del self.left[name]
            if header.deleted:
                self.gone.add(name)
            else:
                self.items[name] = (header.stamp, page.records[name])


async def fetch(repository: Repository, wanted: Mapping[str, Header], until: float) -> Fetched:
    """Read records, one at least; what is left at ``until`` (of the monotonic clock) is for the next pull."""
    fetched = Fetched(dict(wanted))
    before = len(wanted) + 1
    while _FEW < len(fetched.left) < before and time.monotonic() < until:
        before = len(fetched.left)
        await _by_lists(repository, fetched, until)
    failed = 0
    # In any order, so that the same broken ones do not stand before all others in each pull.
    for name in sample(sorted(fetched.left), len(fetched.left)):
        await _alone(repository, name, fetched)
        failed = failed + 1 if name in fetched.unreadable else 0
        if time.monotonic() >= until or failed >= _ENOUGH:
            break
    return fetched


async def _by_lists(repository: Repository, fetched: Fetched, until: float) -> None:
    """Read lists from the earliest datestamp that is left, until one breaks: what was read before stays read."""
    window = Window(min(header.stamp for header in fetched.left.values()))
    try:
        async for page in pages(repository, "ListRecords", window):
            fetched.take(page)
            if not fetched.left or time.monotonic() >= until:
                return
    except (TokenRefusedError, *_BROKEN):
        return


async def _alone(repository: Repository, name: str, fetched: Fetched) -> None:
    try:
        page = await repository.record(name)
    except NoSuchRecordError:
        fetched.gone.add(name)
        del fetched.left[name]
        return
    except _BROKEN:
        page = None
    if page is not None:
        fetched.take(page)
    if name in fetched.left:
        fetched.unreadable.add(name)
        del fetched.left[name]

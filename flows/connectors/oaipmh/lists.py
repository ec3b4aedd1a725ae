"""A list from its first page to its last, though tokens expire, pages shift and some never end."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime

from flows.connector import SourceUnusableError
from flows.connectors.oaipmh.answers import Header, Page, TokenRefusedError, moment
from flows.connectors.oaipmh.client import Repository, Window

_ATTEMPTS = 3
_MOST_PAGES = 20_000


class EndlessListError(SourceUnusableError):
    """The repository sends the same page again and again."""


@dataclass(slots=True)
class Listed:
    """Headers by identifier, when the list was begun, and whether it names everything that is there."""

    headers: dict[str, Header] = field(default_factory=dict)
    asked: datetime | None = None
    whole: bool = True

    def add(self, page: Page) -> None:
        """Take a page over. The later of two headers of one record counts, wherever pages shifted to."""
        self.asked = self.asked or page.asked
        self.whole = self.whole and not page.nameless
        for header in page.headers:
            before = self.headers.get(header.identifier)
            if before is None or before.stamp <= header.stamp:
                self.headers[header.identifier] = header


async def pages(repository: Repository, verb: str, window: Window) -> AsyncIterator[Page]:
    """Follow the resumption tokens of one list.

    Raises:
        TokenRefusedError: a token has expired.
        EndlessListError: the list does not come to its end.
        SourceUnusableError: an answer that cannot be trusted.
    """
    token: str | None = None
    used: set[str] = set()
    last: tuple[Header, ...] = ()
    for _ in range(_MOST_PAGES):
        page = await repository.page(verb, window, token)
        if token is not None and page.headers and page.headers == last:
            raise EndlessListError("expected the next page of the list, came the same one again")
        yield page
        token, last = page.token, page.headers
        if token is None:
            return
        if token in used:
            raise EndlessListError("expected a resumption token for the next page, came one that was used before")
        used.add(token)
    raise EndlessListError(f"expected a list of at most {_MOST_PAGES} pages, came more: harvest a set of it")


async def headers(repository: Repository, window: Window) -> Listed:
    """Ask for all headers of a window, and begin again where a token expires.

    Where no list of several pages comes to its end, the window is halved until each part fits on one page.

    Raises:
        SourceUnusableError: not even that helps; nothing is concluded.
    """
    seen: set[str] | None = None
    for _ in range(_ATTEMPTS):
        listed, size = Listed(), None
        try:
            async for page in pages(repository, "ListIdentifiers", window):
                listed.add(page)
                size = page.size or size
        except (TokenRefusedError, EndlessListError):
            continue
        # A size may be an estimate; what comes twice the same is all there is. Pages that shift hide a record.
        if size is None or size == len(listed.headers) or seen == listed.headers.keys():
            return listed
        seen = set(listed.headers)
    if seen is not None:
        listed.whole = False
        return listed
    return await _halves(repository, window)


async def _halves(repository: Repository, window: Window) -> Listed:
    listed = Listed()
    waiting = [window]
    while waiting:
        part = waiting.pop()
        try:
            page = await repository.page("ListIdentifiers", part, None)
        except TokenRefusedError:
            raise SourceUnusableError("expected a list, came the refusal of a token that nobody sent") from None
        if page.token is None:
            listed.add(page)
        else:
            waiting += _halved(repository, part, page.asked)
    return listed


def _halved(repository: Repository, window: Window, now: datetime) -> list[Window]:
    start = moment(window.start) if window.start else repository.earliest
    end = moment(window.end) if window.end else now
    middle = repository.written(start + (end - start) / 2)
    after = moment(middle) + repository.unit
    if after > end or moment(middle) < moment(repository.written(start)):
        raise SourceUnusableError("expected resumption tokens that work, came only ones that are refused at once")
    # The last part stays open: what changes meanwhile moves into it. It is asked for last.
    return [Window(repository.written(after), window.end), Window(window.start, middle)]

"""A calendar collection: what changed in it, what is in it, one resource of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flows.connectors.caldav import bodies, multistatus
from flows.connectors.caldav.exchange import Answer, BusyError, Exchange
from flows.connectors.caldav.multistatus import CALDAV, DAV, Member
from flows.connectors.connector import Item, SourceUnusableError

_BATCH = 50
_MOST_PAGES = 1_000
_OK = 200
_MISSING = {404, 410}
_CUT = 507
_XML = {"content-type": "application/xml; charset=utf-8"}


class TokenRefusedError(Exception):
    """The server does not know the token, or no tokens at all: look at everything (RFC 6578, section 3.2)."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What a sync report tells: ETags of what is new or changed, hrefs of what is gone, the next token."""

    changed: Mapping[str, str | None]
    gone: frozenset[str]
    token: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """Resources that were read, and paths of those that are there and could not be."""

    items: list[Item]
    unreadable: list[str]


class CalendarClient:
    """The resources of one collection, by path."""

    def __init__(self, exchange: Exchange, path: str) -> None:
        """Name the collection; nothing is asked."""
        self._exchange = exchange
        self.path = path if path.endswith("/") else f"{path}/"

    async def changes(self, token: str) -> Changes:
        """Ask what changed since a token, page by page; an empty token asks for everything.

        Raises:
            TokenRefusedError: no answer to this token is to be had.
            SourceUnusableError: an answer that cannot be trusted.
        """
        changed: dict[str, str | None] = {}
        gone: set[str] = set()
        for _ in range(_MOST_PAGES):
            page = multistatus.read(await self._report(token))
            members = {self._exchange.path_of(member.href): member for member in page.members}
            if page.token is None:
                raise SourceUnusableError("expected a sync-token in the answer, came none: it may be cut off")
            for path, member in self._resources(members):
                if member.status in _MISSING:
                    gone.add(path)
                    changed.pop(path, None)
                else:
                    gone.discard(path)
                    changed[path] = member.text(f"{DAV}getetag")
            own = members.get(self.path)
            if own is None or own.status != _CUT:
                return Changes(changed, frozenset(gone), page.token)
            if page.token == token:
                break
            token = page.token
        raise SourceUnusableError("expected the sync report to come to an end, came the same page again")

    async def etags(self) -> dict[str, str | None]:
        """Ask for the ETag of every resource.

        Raises:
            SourceUnusableError: an answer that cannot be trusted; the collection itself must be in it.
        """
        answer = await self._exchange.send("PROPFIND", self.path, body=bodies.ETAGS, headers={"depth": "1", **_XML})
        page = multistatus.read(answer)
        members = {self._exchange.path_of(member.href): member for member in page.members}
        if not ({self.path, self.path.rstrip("/")} & members.keys()):
            raise SourceUnusableError("expected the collection itself in the list of its members, came none: cut off?")
        if any(member.status == _CUT for member in members.values()):
            raise SourceUnusableError("expected the list of all members, came a part of it (507)")
        return {path: member.text(f"{DAV}getetag") for path, member in self._resources(members)}

    async def fetch(self, paths: Iterable[str]) -> Fetched:
        """Read resources, 50 at a time; what a batch does not bring is asked for by itself.

        A resource counts as missing only where its own GET says so; one that fails is left aside.

        Raises:
            SourceUnusableError: all of several failed: then it is the server and not a resource.
        """
        wanted = sorted(paths)
        fetched = Fetched([], [])
        for start in range(0, len(wanted), _BATCH):
            batch = wanted[start : start + _BATCH]
            found = await self._multiget(batch)
            fetched.items.extend(found.values())
            for path in (each for each in batch if each not in found):
                await self._alone(path, fetched)
        if len(fetched.unreadable) == len(wanted) > 1:
            raise SourceUnusableError(f"expected {len(wanted)} calendar resources, came none that can be read")
        return fetched

    async def get(self, path: str) -> Item | None:
        """Read one resource; None where the server says that it does not exist.

        Raises:
            SourceUnusableError: an answer that is neither a calendar nor a clear no.
        """
        answer = await self._exchange.send("GET", path)
        if answer.status in _MISSING:
            return None
        if answer.status != _OK or not answer.body.lstrip(b"\xef\xbb\xbf").upper().startswith(b"BEGIN:"):
            raise SourceUnusableError(
                f"expected a calendar, came status {answer.status} with {answer.kind or 'no type'}: a login page?"
            )
        return Item(path, answer.body, answer.etag)

    async def put(self, path: str, raw: bytes, etag: str | None) -> Answer:
        """Write one resource: over the version ``etag`` names, or, without one, only where nothing is yet."""
        guard = {"if-match": etag} if etag else {"if-none-match": "*"}
        return await self._exchange.send(
            "PUT", path, body=raw, headers={"content-type": "text/calendar; charset=utf-8", **guard}
        )

    async def delete(self, path: str, etag: str | None) -> Answer:
        """Delete one resource in the version that ``etag`` names."""
        return await self._exchange.send("DELETE", path, headers={"if-match": etag} if etag else {})

    async def _alone(self, path: str, fetched: Fetched) -> None:
        try:
            item = await self.get(path)
        except (SourceUnusableError, BusyError):
            fetched.unreadable.append(path)
        else:
            fetched.items.extend([item] if item else [])

    async def _report(self, token: str) -> Answer:
        body = bodies.sync_collection(token)
        answer = await self._exchange.send("REPORT", self.path, body=body, headers={"depth": "0", **_XML})
        refused = "valid-sync-token" in multistatus.preconditions(answer)
        # Servers without tokens, or that forgot this one, answer 400, 403, 405, 409, 415, 418 or 501: any but a
        # multistatus. A success of another kind is not theirs but a proxy's, and reading it fails.
        if refused or answer.status >= 400:  # noqa: PLR2004 - the class of client and server errors
            raise TokenRefusedError
        return answer

    async def _multiget(self, batch: list[str]) -> dict[str, Item]:
        """Read a batch; an answer that is no whole multistatus brings nothing, and each is then asked for alone."""
        answer = await self._exchange.send(
            "REPORT", self.path, body=bodies.multiget(batch), headers={"depth": "1", **_XML}
        )
        try:
            page = multistatus.read(answer)
        except SourceUnusableError:
            return {}
        items = {}
        for member in page.members:
            data, path = member.text(f"{CALDAV}calendar-data"), self._exchange.path_of(member.href)
            if data and path in batch:
                items[path] = Item(path, data.encode(), member.text(f"{DAV}getetag"))
        return items

    def _resources(self, members: Mapping[str, Member]) -> list[tuple[str, Member]]:
        """Leave out the collection itself and collections in it."""
        return [(path, member) for path, member in members.items() if path.startswith(self.path) and path[-1] != "/"]

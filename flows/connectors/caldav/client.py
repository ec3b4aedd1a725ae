"""A calendar collection: what changed in it, what is in it, one resource of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from flows.connector import Item, SourceUnusableError
from flows.connectors.caldav import bodies, multistatus
from flows.connectors.caldav.exchange import Answer, BusyError, Exchange
from flows.connectors.caldav.multistatus import CALDAV, DAV
from flows.connectors.caldav.sync_report import CUT, XML, Changes, by_path, changes, resources

_BATCH = 50
_OK = 200
_MISSING = {404, 410}


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
        """Ask what changed since a token; see :func:`flows.connectors.caldav.sync_report.changes`."""
        return await changes(self._exchange, self.path, token)

    async def etags(self) -> dict[str, str | None]:
        """Ask for the ETag of every resource.

        Raises:
            SourceUnusableError: an answer that cannot be trusted; the collection itself must be in it.
        """
        answer = await self._exchange.send("PROPFIND", self.path, body=bodies.ETAGS, headers={"depth": "1", **XML})
        page = multistatus.read(answer)
        members = by_path(self._exchange, page)
        if not ({self.path, self.path.rstrip("/")} & members.keys()):
            raise SourceUnusableError("expected the collection itself in the list of its members, came none: cut off?")
        if any(member.status == CUT for member in members.values()):
            raise SourceUnusableError("expected the list of all members, came a part of it (507)")
        return {path: member.text(f"{DAV}getetag") for path, member in resources(members, self.path).items()}

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
        if not answer.body.rstrip().upper().endswith(b"END:VCALENDAR"):
            # Taken for a broken entry it would be refused until somebody changes it.
            raise SourceUnusableError("expected a calendar to its end, came one that is cut off")
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

    async def _multiget(self, batch: list[str]) -> dict[str, Item]:
        """Read a batch; an answer that is no whole multistatus brings nothing, and each is then asked for alone."""
        answer = await self._exchange.send(
            "REPORT", self.path, body=bodies.multiget(batch), headers={"depth": "1", **XML}
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

"""What changed in a collection since a token (RFC 6578), page by page."""

from collections.abc import Mapping
from dataclasses import dataclass

from flows.connector import SourceUnusableError
from flows.connectors.caldav import bodies, multistatus
from flows.connectors.caldav.exchange import Answer, Exchange
from flows.connectors.caldav.multistatus import DAV, Member, Multistatus

CUT = 507
"""Status of the collection itself where the server tells only a part (RFC 6578, section 3.6)."""
XML = {"content-type": "application/xml; charset=utf-8"}
_MOST_PAGES = 1_000
_MISSING = {404, 410}
_FAILED = 400


class TokenRefusedError(Exception):
    """The server does not know the token, or no tokens at all: look at everything (RFC 6578, section 3.2)."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What a sync report tells: ETags of what is new or changed, paths of what is gone, the next token."""

    changed: Mapping[str, str | None]
    gone: frozenset[str]
    token: str


async def changes(exchange: Exchange, collection: str, token: str) -> Changes:
    """Ask what changed since a token, until the server has told all; an empty token asks for everything.

    Raises:
        TokenRefusedError: no answer to this token is to be had.
        SourceUnusableError: an answer that cannot be trusted.
    """
    told: dict[str, Member] = {}
    for _ in range(_MOST_PAGES):
        page = multistatus.read(await _report(exchange, collection, token))
        if page.token is None:
            raise SourceUnusableError("expected a sync-token in the answer, came none: it may be cut off")
        members = by_path(exchange, page)
        told |= resources(members, collection)
        own = members.get(collection)
        if own is None or own.status != CUT:
            return _sorted(told, page.token)
        if page.token == token:
            break
        token = page.token
    raise SourceUnusableError("expected the sync report to come to an end, came the same page again")


def by_path(exchange: Exchange, page: Multistatus) -> dict[str, Member]:
    """Return the members by path, however the server writes their addresses."""
    return {exchange.path_of(member.href): member for member in page.members}


def resources(members: Mapping[str, Member], collection: str) -> dict[str, Member]:
    """Leave out the collection itself, collections in it, and what lies elsewhere."""
    return {path: each for path, each in members.items() if path.startswith(collection) and not path.endswith("/")}


def _sorted(told: Mapping[str, Member], token: str) -> Changes:
    gone = frozenset(path for path, member in told.items() if member.status in _MISSING)
    changed = {path: member.text(f"{DAV}getetag") for path, member in told.items() if path not in gone}
    return Changes(changed, gone, token)


async def _report(exchange: Exchange, collection: str, token: str) -> Answer:
    body = bodies.sync_collection(token)
    answer = await exchange.send("REPORT", collection, body=body, headers={"depth": "0", **XML})
    # Servers without tokens, or that forgot this one, answer 400, 403, 405, 409, 415, 418 or 501: any but a
    # multistatus. A success of another kind is not theirs but a proxy's, and reading it fails.
    if answer.status >= _FAILED:
        raise TokenRefusedError
    return answer

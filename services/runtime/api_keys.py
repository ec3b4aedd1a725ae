"""The keys of partners at the HTTP door: a file per partner among the secrets, which holds no key but its SHA-256.

A key is ``hub_<partner>_<43 characters>``: 256 random bits, so one plain hash is enough, and nobody can try them out.
The partner stands in it, so that one file has to be read. ``hub_`` lets scanners find a key that was published.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from services.runtime.partner_files import PartnerFile

MOST = 2
"""Keys of one partner at one time: the old one and the new one, while they are changed."""

_PREFIX = "hub"
_ID = 8  # hex digits
_LINE = re.compile(r"([0-9a-f]{64}) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00)")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is kept of a key. ``made``: RFC 3339, UTC."""

    digest: str
    made: str

    @property
    def id(self) -> str:
        """How operators call it: the first hex digits of its SHA-256."""
        return self.digest[:_ID]


def digest(key: str) -> str:
    """Return the SHA-256 of a key, in hex."""
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()


def new_key(partner: str) -> tuple[str, ApiKey]:
    """Mint a key; return it, which is told once, and what is kept of it."""
    key = f"{_PREFIX}_{partner}_{secrets.token_urlsafe(32)}"
    return key, ApiKey(digest(key), datetime.now(UTC).isoformat(timespec="seconds"))


def claimed_partner(key: str) -> str:
    """Return the partner that a key names; empty where it has not the form of one.

    Nothing is proven yet: it may be any text, so only where it is an agreement's id may it become a file's name.
    """
    prefix, _, rest = key.partition("_")
    partner, _, secret = rest.partition("_")
    return partner if prefix == _PREFIX and secret else ""


def matches(key: str, kept: Iterable[ApiKey]) -> bool:
    """Whether the key is one of these."""
    given = digest(key)
    return any(hmac.compare_digest(given, each.digest) for each in kept)


@dataclass(frozen=True, slots=True)
class KeyFile(PartnerFile[ApiKey]):
    """The keys of one partner."""

    kind = "http"
    form = "the SHA-256 of a key and when it was made"
    remedy = "remove it, which makes its keys invalid, and 'hub key add'"

    @staticmethod
    def parsed(line: str) -> ApiKey | None:
        """See `PartnerFile`."""
        told = _LINE.fullmatch(line)
        return ApiKey(*told.groups()) if told else None

    @staticmethod
    def written(kept: ApiKey) -> str:
        """See `PartnerFile`."""
        return f"{kept.digest} {kept.made}"

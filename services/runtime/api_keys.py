"""The keys of partners at the HTTP door: a file per partner among the secrets, which holds no key but its SHA-256.

A key is ``hub_<partner>_<43 characters>``: 256 random bits, so one plain hash is enough, and nobody can try them out.
The partner stands in it, so that one file has to be read. ``hub_`` lets scanners find a key that was published.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from services.runtime.private_file import replace

MOST = 2
"""Keys of one partner at one time: the old one and the new one, while they are changed."""

_PREFIX = "hub"
_FILE = "http-"
_ID = 8  # hex digits
_LINE = re.compile(rb"([0-9a-f]{64}) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00)")


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


class KeyFileDamagedError(Exception):
    """A file of keys holds something else; the message names it, never its content."""


@dataclass(frozen=True, slots=True)
class KeyFile:
    """The keys of one partner: ``<secrets>/http-<partner>``, a line ``<SHA-256> <made>`` for each."""

    secrets: Path
    partner: str

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self.secrets / f"{_FILE}{self.partner}"

    def read(self) -> list[ApiKey]:
        """Return the keys; none where there is no file.

        Raises:
            OSError: the file is there and cannot be read.
            KeyFileDamagedError: a line of it is none that `write` writes. Nobody is let in by the others either:
                left out, it would be gone for good with the next key.
        """
        try:
            lines = [_LINE.fullmatch(line) for line in self.path.read_bytes().splitlines()]
        except FileNotFoundError:
            return []
        if not all(lines):
            raise KeyFileDamagedError(
                f"expected in each line of {self.path} the SHA-256 of a key and when it was made, came a line that is "
                "neither: put back a copy of the file, or remove it, which makes its keys invalid, and 'hub key add'"
            )
        return [ApiKey(*(part.decode() for part in line.groups())) for line in lines if line]

    def write(self, keys: Iterable[ApiKey]) -> None:
        """Replace the file at once; nobody but its owner can read it."""
        replace(self.path, "".join(f"{key.digest} {key.made}\n" for key in keys))

    def revoke(self) -> None:
        """Make all keys invalid, for good."""
        self.path.unlink(missing_ok=True)


def key_holders(secrets: Path) -> list[str]:
    """Return the partners that have a key, with an agreement or without; a damaged file lets nobody in, and is left.

    Raises:
        OSError: a file is there and cannot be read.
    """
    found = []
    for path in sorted(secrets.glob(f"{_FILE}*")):
        partner = path.name.removeprefix(_FILE)
        with suppress(KeyFileDamagedError):  # or somebody else's file, such as a connector's secret
            found += [partner] if KeyFile(secrets, partner).read() else []
    return found

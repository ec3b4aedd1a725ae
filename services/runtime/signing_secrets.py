"""The secrets that calls to partners are signed with: a file per partner among the secrets.

Unlike the keys of the HTTP door they cannot be kept as hashes: the hub signs with them. So the file is readable by its
owner alone. Source: Standard Webhooks 1.0.0, "Signature scheme": 24 to 64 random bytes as Base64 behind ``whsec_``.
"""

import base64
import binascii
import hashlib
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from services.runtime.private_file import replace

MOST = 2
"""Secrets of one partner at one time: each call is signed with both, while they are changed."""

LEAST_BYTES, MOST_BYTES = 24, 64
_NEW_BYTES = 32
_PREFIX = "whsec_"
_FILE = "webhook-"
_ID = 8  # hex digits
_FORM = re.compile(rf"{_PREFIX}[A-Za-z0-9+/]+={{0,2}}")


class SecretFileDamagedError(Exception):
    """A file of signing secrets holds something else; the message names it, never its content."""


def new_secret() -> str:
    """Mint a secret."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_NEW_BYTES)).decode()


def id_of(secret: str) -> str:
    """Return how operators call it: the first hex digits of its SHA-256."""
    return hashlib.sha256(secret.encode()).hexdigest()[:_ID]


def is_secret(text: str) -> bool:
    """Whether a text is a secret as the specification has them."""
    if not _FORM.fullmatch(text):
        return False
    try:
        return LEAST_BYTES <= len(base64.b64decode(text.removeprefix(_PREFIX), validate=True)) <= MOST_BYTES
    except binascii.Error:
        return False


@dataclass(frozen=True, slots=True)
class SecretFile:
    """The signing secrets of one partner: ``<secrets>/webhook-<partner>``, a line for each, the oldest first."""

    secrets: Path
    partner: str

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self.secrets / f"{_FILE}{self.partner}"

    def read(self) -> list[str]:
        """Return the secrets; none where there is no file.

        Raises:
            OSError: the file is there and cannot be read.
            SecretFileDamagedError: a line of it is no secret. Nothing is signed with the others either: the partner
                may know this one alone.
        """
        try:
            lines = self.path.read_bytes().decode(errors="replace").splitlines()
        except FileNotFoundError:
            return []
        if not all(map(is_secret, lines)):
            raise SecretFileDamagedError(
                f"expected in each line of {self.path} 'whsec_' and {LEAST_BYTES} to {MOST_BYTES} bytes in Base64, "
                "came something else: put back a copy of the file, or remove it, and 'hub webhook secret'"
            )
        return lines

    def write(self, kept: Iterable[str]) -> None:
        """Replace the file at once; nobody but its owner can read it."""
        replace(self.path, "".join(f"{line}\n" for line in kept))

    def remove(self) -> None:
        """Sign with none of them any more, for good."""
        self.path.unlink(missing_ok=True)


def secret_holders(secrets: Path) -> list[str]:
    """Return the partners that have a secret, with an agreement or without; with a damaged file nothing is signed.

    Raises:
        OSError: a file is there and cannot be read.
    """
    found = []
    for path in sorted(secrets.glob(f"{_FILE}*")):
        partner = path.name.removeprefix(_FILE)
        with suppress(SecretFileDamagedError):  # or somebody else's file, such as a connector's secret
            found += [partner] if SecretFile(secrets, partner).read() else []
    return found

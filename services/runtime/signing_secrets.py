"""The secrets that calls to partners are signed with: a file per partner among the secrets.

Unlike the keys of the HTTP door they cannot be kept as hashes: the hub signs with them. So the file is readable by its
owner alone. Source: Standard Webhooks 1.0.0, "Signature scheme": 24 to 64 random bytes as Base64 behind ``whsec_``.
"""

import base64
import binascii
import hashlib
import re
import secrets
from dataclasses import dataclass

from services.runtime.partner_files import PartnerFile

MOST = 2
"""Secrets of one partner at one time: each call is signed with both, while they are changed."""

LEAST_BYTES, MOST_BYTES = 24, 64
_NEW_BYTES = 32
_PREFIX = "whsec_"
_ID = 8  # hex digits
_FORM = re.compile(rf"{_PREFIX}[A-Za-z0-9+/]+={{0,2}}")


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
class SecretFile(PartnerFile[str]):
    """The signing secrets of one partner. With a damaged line nothing is signed: they may know that secret alone."""

    kind = "webhook"
    form = f"'{_PREFIX}' and {LEAST_BYTES} to {MOST_BYTES} bytes in Base64"
    remedy = "remove it, and 'hub webhook secret'"

    @staticmethod
    def parsed(line: str) -> str | None:
        """See `PartnerFile`."""
        return line if is_secret(line) else None

    @staticmethod
    def written(kept: str) -> str:
        """See `PartnerFile`."""
        return kept

"""Names for what a human asks for: made with a key, so that they tell nobody who it is, and the same each time. Pure.

A plain hash would not do: of a name and a birthday whoever has a list can try out all.
"""

import hmac
from base64 import b32encode
from dataclasses import dataclass, field
from typing import Self

from services.runtime.settings import Settings

KEY = "fingerprints"
"""The name of the secret. It is backed up with the database: under another key every request would be another one."""

_SIGNS = 26  # 130 bits, of a-z and 2-7


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Makes the fingerprints of one partner."""

    partner: str
    key: bytes = field(repr=False)

    @classmethod
    def of_hub(cls, settings: Settings, partner: str) -> Self:
        """Read the key.

        Raises:
            SecretMissingError: its file is not there.
        """
        return cls(partner, settings.secret(KEY).encode())

    def of(self, use: str, *parts: str | bytes) -> str:
        """Return what stands for some parts in one use: HMAC-SHA-256 (RFC 2104), the beginning of it as base32."""
        told = (each.encode(errors="backslashreplace") if isinstance(each, str) else each for each in parts)
        whole = b"".join(b"%d:%s" % (len(each), each) for each in (self.partner.encode(), use.encode(), *told))
        return b32encode(hmac.digest(self.key, whole, "sha256")).decode().lower()[:_SIGNS]

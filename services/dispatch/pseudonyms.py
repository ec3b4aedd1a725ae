"""Names for people that tell nothing and lead nowhere: a keyed hash, with a key for each purpose. Pure.

Source: Art. 4 No. 5 GDPR; HMAC is RFC 2104, Base32 RFC 4648. Without the key nobody can try known names out, which a
plain hash would allow. A key that is thrown away leaves what was written with it without a way back.
"""

import base64
import hmac
from dataclasses import dataclass, field

from contracts.agreement import Purpose

STATISTICS: Purpose = "participation_statistics"
"""The purpose of the unified stream."""

SECRET = f"pseudonyms-{STATISTICS}"
"""The name of its key's file among the secrets."""

_SIGNS = 26  # 130 bits: as long and in the same letters as a reference of the hub, so that it still fits the contract


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """The pseudonyms of one purpose: the same value has the same one there, and another for another purpose or key."""

    purpose: Purpose
    key: str = field(repr=False)

    def of(self, value: str) -> str:
        """Return what stands for a value: 26 signs of a-z and 2-7."""
        return self._minted(f"{self.purpose}\0{value}")

    def of_object(self, value: str) -> str:
        """Return what stands for an object's id: its partner, which is an institution, stays readable."""
        partner, colon, own = value.partition(":")
        return f"{partner}:{self.of(value)}" if colon and own else self.of(value)

    def fingerprint(self) -> str:
        """Return what tells this key from another; it stands for no value, since those come behind a NUL."""
        return self._minted("fingerprint")

    def _minted(self, text: str) -> str:
        digest = hmac.digest(self.key.encode(), text.encode(), "sha256")
        return base64.b32encode(digest).decode().lower()[:_SIGNS]

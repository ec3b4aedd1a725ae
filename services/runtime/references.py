"""References to humans: minted with a key, so that a replay mints the same and nobody without the key can."""

import hmac
from base64 import b32encode
from dataclasses import dataclass, field

from services.runtime.settings import Settings

KEY = "vault-key"
"""The name of the secret. It is backed up with the database: under another key everybody would be somebody else."""

_BYTES = 16  # of the hash: enough that no two humans share a reference


@dataclass(frozen=True, slots=True)
class References:
    """Mints the references of one hub."""

    key: bytes = field(repr=False)

    @classmethod
    def of_hub(cls, settings: Settings) -> "References":
        """Read the key.

        Raises:
            SecretMissingError: its file is not there.
        """
        return cls(settings.secret(KEY).encode())

    def reference(self, partner: str, person_id: str) -> str:
        """Return the ``person_ref`` of a human whom a partner calls ``person_id``.

        The first 16 bytes of HMAC-SHA-256 (RFC 2104), as base32 (RFC 4648) in lower case without padding.
        """
        return self._minted(f"{partner}\0{person_id}")

    def fingerprint(self) -> str:
        """Return what tells this key from another; no human has it, since no person's text lacks a NUL."""
        return self._minted("fingerprint")

    def _minted(self, text: str) -> str:
        digest = hmac.digest(self.key, text.encode(), "sha256")[:_BYTES]
        return b32encode(digest).decode().rstrip("=").lower()

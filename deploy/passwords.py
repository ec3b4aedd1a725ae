"""One random password per principal, each in a file that only its owner can read."""

import secrets
from collections.abc import Iterable
from pathlib import Path

from deploy.interruption import undisturbed
from services.runtime import private_file

ADMIN = "hub-admin"
BROKER = "hub-broker"
PRINCIPALS = (
    ADMIN,
    BROKER,
    "hub-intake",
    "hub-events",
    "hub-research",
    "hub-enrolments",
    "hub-dispatch",
    "hub-flows",
    "hub-gateway",
    "hub-operator",
    "hub-analyst",
    "postgres",
    "postgres-vault",
    "postgres-vault-reader",
    "prefect",
    "vault-key",  # nobody's password: references to humans are minted with it, see services.runtime.references
    "fingerprints",  # a key: ids of what humans ask for in tables are made with it, see flows.fingerprints
    "pseudonyms-participation_statistics",  # a key, of which another would give every person another name
)


def partner(identifier: str) -> str:
    """Return the name of a partner's principal and of its secret file."""
    return f"partner-{identifier}"


def password(folder: Path, principal: str) -> str:
    """Return a principal's password, minted on first use: 32 characters of A-Z, a-z, 0-9, ``-`` and ``_``.

    Args:
        folder: the stack's secrets; made (mode 0700) where missing.
        principal: also the file's name (mode 0600).
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / principal
    if not path.exists():
        write_private(path, secrets.token_urlsafe(24) + "\n")
    return path.read_text(encoding="utf-8").strip()


def mint(folder: Path, principals: Iterable[str]) -> None:
    """Make sure that every principal has a password; existing ones stay."""
    for principal in principals:
        password(folder, principal)


def write_private(path: Path, text: str) -> None:
    """Write a file that nobody else can read, not even while it is being written; it replaces an older one at once."""
    with undisturbed():  # the half of it may be a secret: it must not stay
        private_file.replace(path, text)

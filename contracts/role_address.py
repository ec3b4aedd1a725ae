"""Which mail addresses belong to an office and not to a human."""

import re
from collections.abc import Iterable
from functools import cache

from contracts.vocabulary import ids


@cache
def _roles() -> frozenset[str]:
    return frozenset(ids("role_mailboxes"))


def is_role_address(address: str, agreed: Iterable[str] = ()) -> bool:
    """Whether a mailbox is one of an office: its name is a role, or the agreement lists the address.

    A role may be followed by a number or refined by another role (``kurse.vhs@``, ``info2@``).
    """
    local, roles = address.partition("@")[0].lower(), _roles()
    if local in roles or address.lower() in {known.lower() for known in agreed}:
        return True
    words = re.sub(r"[0-9]+$", "", local)
    return words in roles or all(part in roles for part in re.split(r"[._+-]", words))

"""Every kind of partner system the flows can reach, and where its row stands."""

from collections.abc import Mapping
from importlib import import_module

from flows.connectors.manifest import Manifest

# Named, not imported: a process loads the libraries of the kinds that its agreements use.
KINDS: Mapping[str, str] = {
    "caldav": "flows.connectors.caldav.manifest",
    "dropfolder": "flows.connectors.dropfolder.manifest",
}


class UnknownKindError(Exception):
    """An agreement names a kind of partner system that nobody has written."""


def manifest(kind: str) -> Manifest:
    """Return the row of one kind.

    Raises:
        UnknownKindError: there is none.
    """
    if kind not in KINDS:
        known = ", ".join(KINDS)
        raise UnknownKindError(f"expected a connector kind of {known}; found {kind!r}: correct [connector] kind")
    row: Manifest = import_module(KINDS[kind]).MANIFEST
    return row

"""The row of each kind of partner system that is installed, ours and other packages' alike."""

from contracts.agreements.kinds import KindError, Kinds
from flows.connectors.manifest import Manifest


def manifest(kind: str) -> Manifest:
    """Return the row of one kind.

    Raises:
        KindError: there is none; agreements that name such a kind are refused when they are read.
    """
    row = Kinds().load(kind)
    if not isinstance(row, Manifest):
        raise KindError(f"expected the kind {kind!r} to be a flows.connectors.manifest.Manifest, came another object")
    return row

"""Kafka as it is, in the words of `desired`."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.operations.apply.desired import Topic
from services.operations.apply.grants import Acl
from services.operations.cursors import Cursor

UNTOUCHED = frozenset({"hub-admin", "hub-broker"})
"""Principals that the cluster was born with; a plan that took their rights could not be carried out."""
OURS = ("hub-", "partner-")
"""Principals whose names begin so are made and locked by the hub alone."""
DOORS = ("hub.", "partner.")


@dataclass(frozen=True, slots=True)
class Actual:
    """Kafka as it is.

    ``users``: who comes in, so nobody that is locked. ``ends``: the next offset of each partition that a reader of the
    hub reads.
    """

    topics: Mapping[str, Topic]
    replication: Mapping[str, int]
    users: frozenset[str]
    acls: frozenset[Acl]
    foreign_acls: frozenset[Acl]  # those of principals that are not ours
    cursors: frozenset[Cursor]
    ends: Mapping[tuple[str, int], int]

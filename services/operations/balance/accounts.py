"""The balance of each partner: nothing that a door accepted may be unaccounted for. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Account:
    """accepted = applied + duplicate + superseded + waiting + dead (open dead letters) + discarded (by an operator).

    ``expired``: the oldest records of the inbox are gone, so ``accepted`` counts fewer than there were.
    """

    partner: str
    accepted: int
    applied: int = 0
    duplicate: int = 0
    superseded: int = 0
    waiting: int = 0
    dead: int = 0
    discarded: int = 0
    expired: bool = False

    @property
    def difference(self) -> int:
        """What is missing (above zero) or counted twice (below)."""
        told = (self.applied, self.duplicate, self.superseded, self.waiting, self.dead, self.discarded)
        return self.accepted - sum(told)

    @property
    def balanced(self) -> bool:
        """Whether nothing is missing, as far as one can tell."""
        return self.expired or self.difference == 0

    def row(self) -> dict[str, object]:
        """The cells by the names of their columns."""
        return {**asdict(self), "difference": None if self.expired else self.difference}


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted, by partner: records of inboxes, those not read yet, dead letters; and the services' tally.

    A copy that was redriven is no record more, and its letter no dead one: it counts as what becomes of it.
    """

    accepted: Mapping[str, int]
    waiting: Mapping[str, int]
    dead: Mapping[str, int]
    tally: Mapping[tuple[str, str], int]
    expired: frozenset[str] = frozenset()
    discarded: Mapping[str, int] = field(default_factory=dict)


def accounts(partners: Iterable[str], counted: Counted) -> list[Account]:
    """Make up the accounts; those with a difference first."""
    dead, waiting, accepted = Counter(counted.dead), Counter(counted.waiting), Counter(counted.accepted)
    rows = [
        Account(
            partner,
            accepted[partner],
            applied=counted.tally.get((partner, "applied"), 0),
            duplicate=counted.tally.get((partner, "duplicate"), 0),
            superseded=counted.tally.get((partner, "superseded"), 0),
            waiting=waiting[partner],
            dead=dead[partner],
            discarded=counted.discarded.get(partner, 0),
            expired=partner in counted.expired,
        )
        for partner in partners
    ]
    return sorted(rows, key=lambda account: (account.balanced, -abs(account.difference), account.partner))

"""What happens in a calendar while its server is ill: seeded, and with a ledger of what the calendar truly holds. Pure.

Entries are added, edited, moved, called off and put on again, deleted and entered anew, and moved out of the window of
dates. So few are deleted between two healthy pulls that no guard has to ask an operator.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from tests.faults.calendars.entry import Entry, Step

_BEGINNING = 40
_KINDS = {"edit": 8, "move": 4, "add": 4, "off": 2, "on": 2, "past": 1, "delete": 3, "again": 2}
_MOST_DELETED = 2  # between two healthy pulls: with what a list may lack, still below a fifth
_FEWEST, _MOST = 35, 70  # entries with a date to come; entries


@dataclass(slots=True)
class Story:
    """An endless story. ``holds``: what the calendar holds; ``deleted``: how often each entry was taken out."""

    seed: int
    today: date
    holds: dict[str, Entry] = field(default_factory=dict)
    deleted: Counter[str] = field(default_factory=Counter)
    _dice: random.Random = field(init=False)
    _told: set[str] = field(default_factory=set)  # what a healthy pull has seen, with dates to come
    _pending: dict[str, Entry] = field(default_factory=dict)  # deleted since
    _gone: dict[str, Entry] = field(default_factory=dict)  # deleted before
    _deletions: int = 0
    _made: int = 0

    def __post_init__(self) -> None:
        """Begin."""
        self._dice = random.Random(self.seed)  # noqa: S311 - a story, no secret

    def beginning(self) -> Iterator[Step]:
        """Fill the calendar."""
        return (self._add() for _ in range(_BEGINNING))

    def steps(self, number: int) -> list[Step]:
        """Go on: one entry at least is edited and one added, so that there is something to read, and one deleted."""
        return [self._edit(), self._add(), self._delete(), *(self._any() for _ in range(number - 3))]

    def healed(self) -> None:
        """Everything so far was read by a healthy pull."""
        self._told = set(self._coming())
        self._gone |= self._pending
        self._pending.clear()
        self._deletions = 0

    def _any(self) -> Step:
        (kind,) = self._dice.choices([*_KINDS], weights=[*_KINDS.values()])
        return {
            "edit": self._edit,
            "move": self._move,
            "add": self._add,
            "off": lambda: self._switch(off=True),
            "on": lambda: self._switch(off=False),
            "past": self._past,
            "delete": self._delete,
            "again": self._again,
        }[kind]()

    def _add(self) -> Step:
        if len(self.holds) >= _MOST:
            return self._edit()
        self._made += 1
        weekly = self._made % 10 == 0
        return self._put(Entry(f"{self._made}@gelsenkirchen.example", 1, self._day(), weekly=weekly))

    def _edit(self) -> Step:
        return self._changed(self._one([*self.holds]))

    def _move(self) -> Step:
        return self._changed(self._one([*self.holds]), start=self._day())

    def _switch(self, *, off: bool) -> Step:
        """Call off what was told before (what nobody heard of need not be), or put on again what was called off."""
        uids = [uid for uid in self.holds if uid in self._told and self.holds[uid].off is not off]
        return self._changed(self._one(uids), off=off) if uids else self._edit()

    def _past(self) -> Step:
        uids = self._coming()
        return self._changed(self._one(uids), start=self._day(-200)) if len(uids) > _FEWEST else self._add()

    def _delete(self) -> Step:
        uids = [uid for uid in self._coming() if uid in self._told]
        if self._deletions == _MOST_DELETED or len(uids) <= _FEWEST:
            return self._add()
        uid = self._one(uids)
        self._deletions += 1
        self.deleted[uid] += 1
        self._pending[uid] = self.holds.pop(uid)
        return Step(uid, None)

    def _again(self) -> Step:
        """Enter anew what was deleted and is known to be gone."""
        if not self._gone:
            return self._add()
        before = self._gone.pop(self._one([*self._gone]))
        return self._put(replace(before, version=before.version + 1, off=False, start=self._day()))

    def _changed(self, uid: str, **what: object) -> Step:
        before = self.holds[uid]
        return self._put(replace(before, version=before.version + 1, **what))  # type: ignore[arg-type]

    def _put(self, entry: Entry) -> Step:
        self.holds[entry.uid] = entry
        return Step(entry.uid, entry)

    def _coming(self) -> list[str]:
        now = datetime.combine(self.today, time())
        return [uid for uid, entry in self.holds.items() if entry.weekly or entry.start > now + timedelta(days=1)]

    def _one(self, uids: list[str]) -> str:
        return self._dice.choice(uids)

    def _day(self, since: int = 3) -> datetime:
        day = self.today + timedelta(days=since + self._dice.randrange(60))
        return datetime.combine(day, time(self._dice.randint(8, 19)))

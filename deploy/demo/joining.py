"""The user's entries join the city's calendar and take the same way; what became of each is read from the systems."""

import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import httpx

from contracts.dead_letter import entry_of
from deploy.demo.becoming import Became
from deploy.demo.calendar_server import USER as CITY
from deploy.demo.guests import Guests
from deploy.demo.witness import read_uids
from deploy.demo.world import World
from services.operations.errors import OperationError

PATIENCE = 60.0  # seconds until entries that do not show are given up
LOOK_EVERY = 0.3
_STEPS = (f"{CITY} in", "hub hub.events.submitted", "hub hub.events", "lernwerkstatt-rotthausen out")


class PrivateEntryToldError(OperationError):
    """An entry that is to stay in the city's calendar left it."""


def join(guests: Guests, world: World) -> list[str]:
    """Put all in, wait until each has become something, and tell what.

    Raises:
        PrivateEntryToldError: an entry marked private was told.
    """
    joining = _Joining(guests, world)
    joining.begin()
    until, rests = time.monotonic() + PATIENCE, 0
    # Until each has become something, or nothing is on its way any more, seen twice: the steps are asked one by one.
    while (became := joining.look()).unseen() and rests < 2 and time.monotonic() < until:  # noqa: PLR2004
        rests = rests + 1 if joining.rests() else 0
        time.sleep(LOOK_EVERY)
    if leaked := became.leaked():
        raise PrivateEntryToldError(
            f"expected entries marked private to stay in the city's calendar, {len(leaked)} lie in the NGO's folder"
        )
    return list(became.lines())


@dataclass(slots=True)
class _Joining:
    guests: Guests
    world: World
    letters_before: frozenset[str] = frozenset()
    uids_before: frozenset[str] = frozenset()
    turned_away: dict[str, str] = field(default_factory=dict)

    def begin(self) -> None:
        self.letters_before = frozenset(letter["id"] for letter in self._letters())
        self.uids_before = frozenset(read_uids(self.world.ngo / "out"))
        for guest in self.guests.entries:
            try:
                self.world.city.clerk.put(guest.name, guest.text)
            except httpx.HTTPStatusError as error:
                self.turned_away[guest.uid] = f"{error.response.status_code} {error.response.reason_phrase}"
        self.world.hub.lines("pull", CITY)  # after one that is under way; at its end all that it found is acknowledged

    def look(self) -> Became:
        clerk = self.world.city.clerk
        names = {entry_of(clerk.path(guest.name)): guest.uid for guest in self.guests.entries}
        refused, later = defaultdict(list), []
        for letter in self._letters():
            reason = "{rule} at {place}: {expected}".format(**letter)
            if uid := names.get(letter["id"].partition("@")[0]):
                refused[uid].append(reason)
            elif letter["id"] not in self.letters_before:
                later.append(reason)
        arrived = read_uids(self.world.ngo / "out") - self.uids_before
        return Became(self.guests, self.turned_away, refused, arrived, later)

    def rests(self) -> bool:
        """Whether nothing lies between the city's calendar and the NGO's folder."""
        rows = self.world.hub.rows("status", "-o", "json")
        waiting = {f"{row['partner']} {row['direction']}": row["waiting"] for row in rows}
        return all(waiting.get(step) == 0 for step in _STEPS)

    def _letters(self) -> list[dict[str, Any]]:
        return self.world.hub.rows("deadletter", "list", "-o", "json")

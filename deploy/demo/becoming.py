"""What became of the user's entries, told with counts and reasons. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from deploy.demo.guests import Guest, Guests
from services.operations.terminal import shown

MOST = 20  # reasons told one by one

Reasons = Sequence[str]


@dataclass(frozen=True, slots=True)
class Became:
    """What each entry became; everything by UID."""

    guests: Guests
    turned_away: Mapping[str, str]  # what the calendar server itself answered
    refused: Mapping[str, Reasons]  # by the hub: whole, or one of its dates
    arrived: AbstractSet[str]  # seen in the NGO's folder
    refused_later: Reasons = ()  # dead letters that name no entry

    def unseen(self) -> list[Guest]:
        """Return those that should have become something and did not, or not yet."""
        settled = self._settled()
        return [each for each in self._public() if not (each.uid in settled or each.cancelled)]

    def leaked(self) -> list[Guest]:
        """Return those that are private and were told."""
        return [each for each in self.guests.entries if each.private and each.uid in self.arrived]

    def lines(self) -> Iterator[str]:
        """Tell it: first what was read, taken, refused and left out as private; then what is rarer, if there is any."""
        public = self._public()
        private = len(self.guests.entries) - len(public)
        cancelled = [each for each in public if each.cancelled and each.uid not in self._settled()]
        yield _many(len(self.guests), "read")
        yield _many(sum(each.uid in self.arrived for each in public), "taken: now in the NGO's folder")
        yield _many(len(self.refused), "refused, whole or in part; operators see it in hub deadletter list")
        yield from self._reasons(self.refused, self.refused_later)
        yield _many(private, "left out: marked CLASS:PRIVATE or CONFIDENTIAL")
        rare = {
            "left out: cancelled before anybody had heard of them": len(cancelled),
            "left out: without a UID, by which an entry is recognised": self.guests.nameless,
            "not seen (yet): hub status and the Prefect UI tell what the hub does": len(self.unseen()),
            "turned away by the city's calendar server itself": len(self.turned_away),
        }
        yield from (_many(number, what) for what, number in rare.items() if number)
        yield from self._reasons({uid: [answer] for uid, answer in self.turned_away.items()})

    def _settled(self) -> set[str]:
        return {*self.turned_away, *self.refused, *self.arrived}

    def _public(self) -> list[Guest]:
        return [each for each in self.guests.entries if not each.private]

    def _reasons(self, by_uid: Mapping[str, Reasons], more: Reasons = ()) -> Iterator[str]:
        titles = {each.uid: shown(each.title) for each in self.guests.entries}
        told = [f"{titles[uid]}: {reason}" for uid, reasons in by_uid.items() for reason in reasons]
        told += more
        yield from (f"  {line}" for line in told[:MOST])
        if len(told) > MOST:
            yield f"  and {len(told) - MOST} more"


def _many(number: int, what: str) -> str:
    return f"{number} {'entry' if number == 1 else 'entries'} {what}"

"""Which events of two partners are, or may be, the same. Pure: marks and entries in, links out. Nothing is changed."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from services.operations.duplicates.likeness import ALIKE, likeness
from services.operations.duplicates.told import Told, teller
from services.operations.terminal import shown

Sharing = Mapping[str, Sequence[str]]
"""The events that share a mark, by mark."""
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Link:
    """Two partners' events; ``identifiers`` are what both name, none where they only look alike."""

    one: Told
    other: Told
    alike: float  # of the two titles that are most alike
    identifiers: Sequence[str] = ()

    @property
    def statuses(self) -> str:
        """One word where both say the same."""
        return " / ".join(dict.fromkeys((self.one.status, self.other.status)))

    def row(self) -> dict[str, object]:
        """The cells of a listing."""
        alike = round(self.alike * 100)
        return {
            "link": "certain" if self.identifiers else "likely",
            "start": self.one.start,
            "status": self.statuses,
            "title": self.one.titles[0],
            "event": shown(self.one.event),
            "other": shown(self.other.event),
            "by": shown(", ".join(self.identifiers)) or f"start, place, title {alike} %",
            "other_title": self.other.titles[0],
            "alike": alike,
        }


def identified(sharing: Sharing) -> dict[Pair, list[str]]:
    """Return the identifiers that two partners' events have in common.

    An identifier that a partner gives to several of its events names a series or a page for all of them: for this
    partner's events it says nothing.
    """
    found: dict[Pair, list[str]] = defaultdict(list)
    for mark, events in sharing.items():
        times = Counter(map(teller, events))
        for pair in _across([event for event in events if times[teller(event)] == 1]):
            found[pair].append(mark.partition(":")[2])
    return found


def near(sharing: Sharing) -> Iterator[Pair]:
    """Return the pairs of two partners that share start and place, in the order of ``sharing``, some more than once."""
    for events in sharing.values():
        yield from _across(events)


def _across(events: Sequence[str]) -> Iterator[Pair]:
    by_partner: dict[str, list[str]] = defaultdict(list)
    for event in sorted(events):
        by_partner[teller(event)].append(event)
    for one, other in combinations(by_partner.values(), 2):
        yield from product(one, other)


def certain(pairs: Mapping[Pair, Sequence[str]], told: Mapping[str, Told]) -> list[Link]:
    """Return the links by identifier, worst first: one cancelled and the other not, then by start, latest first."""
    links = [_link(pair, told, names) for pair, names in pairs.items() if told.keys() >= set(pair)]
    return sorted(links, key=lambda link: (link.one.status != link.other.status, str(link.one.start)), reverse=True)


def likely(pairs: Sequence[Pair], told: Mapping[str, Told]) -> list[Link]:
    """Return the candidates among pairs near to each other: those whose titles are alike, the most alike first."""
    links = [_link(pair, told) for pair in dict.fromkeys(pairs) if told.keys() >= set(pair)]
    return sorted((link for link in links if link.alike >= ALIKE), key=lambda link: link.alike, reverse=True)


def _link(pair: Pair, told: Mapping[str, Told], identifiers: Sequence[str] = ()) -> Link:
    one, other = (told[event] for event in pair)
    return Link(one, other, max(likeness(a, b) for a, b in product(one.titles, other.titles)), identifiers)

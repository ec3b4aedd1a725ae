"""A participants' list as rows: who has a place, who waits and at which place, who left. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contracts.wording import Sentences
from flows.ledger.standings import Standing
from services.runtime.vault import Stored

said = Sentences(__package__, "answers")

CONTACT = ("name", "email", "phone")
"""What an organiser's list shows: name and contact. Birth years and needs stay in the vault."""

HEADINGS = ("list-state", "list-place", "list-name", "list-email", "list-phone", "list-id")


@dataclass(frozen=True, slots=True)
class Shown:
    """How a state is shown: the sentence for it, and which fields of the human with it."""

    sentence: str
    fields: tuple[str, ...] = CONTACT


STATES: Mapping[str, Shown] = {
    "associated": Shown("list-associated"),
    "finished": Shown("list-associated"),
    "queued": Shown("list-queued"),
    "requested": Shown("list-requested"),
    "cancelled": Shown("list-cancelled", ("name",)),
}
"""In the order of the list. Who was denied is in none: nobody needs to know them there."""


def listed(standings: Sequence[Standing]) -> list[tuple[Standing, int | None]]:
    """Return who is in a list, in its order, each with the present place in the queue: one behind who still waits."""
    found: list[tuple[Standing, int | None]] = []
    for status in STATES:
        rows = [each for each in standings if each.status == status]
        found += [(each, number if status == "queued" else None) for number, each in enumerate(rows, 1)]
    return sorted(found, key=lambda each: _group(each[0].status))


def _group(status: str) -> int:
    return list(dict.fromkeys(shown.sentence for shown in STATES.values())).index(STATES[status].sentence)


def table(
    rows: Sequence[tuple[Standing, int | None]], people: Mapping[str, Stored], language: str
) -> tuple[list[str], list[list[str]]]:
    """Return headings and rows. Who is not among ``people``, by reference, was erased: no row is left of them."""

    def row(standing: Standing, place: int | None, person: Stored) -> list[str]:
        fields = STATES[standing.status].fields
        contact = [str(getattr(person, name) or "") if name in fields else "" for name in CONTACT]
        state = said(STATES[standing.status].sentence).told(language)
        return [state, str(place or ""), *contact, standing.enrolment_id.partition(":")[2]]

    told = [row(each, place, people[each.person_ref]) for each, place in rows if each.person_ref in people]
    return [said(name).told(language) for name in HEADINGS], told

"""The access report (Art. 15 GDPR) as the human reads it, in English and German. Pure: rows in, lines out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

from contracts.wording import Sentences
from services.operations.acting import AN_OPERATOR
from services.operations.people.footprints import Footprints
from services.operations.people.persons import Held
from services.operations.terminal import shown
from services.runtime.vault import KEPT

WORDS = Sentences("services.operations.people", "access_report")


class _Say(Protocol):
    def __call__(self, sentence: str, /, **gaps: object) -> str: ...


@dataclass(frozen=True, slots=True)
class Told:
    """What the report is about; ``names`` are those of the partners by id, in the language of the report."""

    reference: str
    held: Held
    prints: Footprints
    names: Mapping[str, str]

    def name(self, reader: str, say: _Say) -> str:
        """Return who that is: a partner by its name, one who has no agreement by its id, or an operator."""
        if reader.startswith(AN_OPERATOR):
            return say("operator", name=reader.removeprefix(AN_OPERATOR))
        return self.names.get(reader) or say("former", partner=reader)


def lines(told: Told, language: str) -> Iterator[str]:
    """Yield the report line by line; what came from outside steers no terminal."""
    say: _Say = partial(_said, language)
    yield say("title")
    yield say("about", reference=told.reference, time=_moment(datetime.now(UTC)))
    sections = (_stored, _origin, _readers, _accesses, _enrolments, _outboxes)
    for section in sections:
        head, *rows = section(told, say)
        yield from ("", head, *(f"  {shown(row)}" for row in rows or [say("nobody")]))
    yield from ("", say("rights"))


def _said(language: str, sentence: str, /, **gaps: object) -> str:
    return WORDS(sentence, **gaps).told(language)


def _stored(told: Told, say: _Say) -> Iterator[str]:
    yield say("stored")
    if told.held.erased:
        yield say("stored-erased", time=_moment(told.held.erased.erased_at), receipt=told.held.erased.receipt)
    if told.held.person is None:
        yield say("stored-nothing")
        return
    for name in KEPT:
        value = told.held.person[name]
        text = "; ".join(value) if isinstance(value, list) else str(value)
        yield f"{say(f'field-{name}')}: {text if value else say('nothing')}"


def _origin(told: Told, say: _Say) -> Iterator[str]:
    yield say("origin")
    if person := told.held.person:
        yield say("origin-partner", partner=told.name(person["partner"], say), time=_moment(person["told_at"]))
    if told.held.readers:
        yield say("origin-since", time=_moment(told.held.readers[0]["since"]))
    yield say("origin-purpose")
    yield say("origin-until")


def _readers(told: Told, say: _Say) -> Iterator[str]:
    yield say("readers")
    for row in told.held.readers:
        yield say("readers-one", partner=told.name(row["partner"], say), time=_moment(row["since"]))


def _accesses(told: Told, say: _Say) -> Iterator[str]:
    yield say("accesses")
    for row in told.held.accesses:
        yield say(
            "accesses-one",
            time=_moment(row["at"]),
            partner=told.name(row["reader"], say),
            purpose=say(f"purpose-{row['purpose']}"),
            door=say(f"door-{row['door']}"),
            fields=_fields(row["fields"], say),
        )


def _enrolments(told: Told, say: _Say) -> Iterator[str]:
    yield say("enrolments")
    for one in told.prints.enrolments.values():
        status = say(f"status-{one.status}")
        yield say("enrolments-one", enrolment=one.enrolment, offering=one.offering, status=status, time=one.time)
    if not told.prints.enrolments:
        yield say("nothing")


def _outboxes(told: Told, say: _Say) -> Iterator[str]:
    yield say("told")
    for partner, number in sorted(told.prints.told.items()):
        yield say("told-one", partner=told.name(partner, say), number=number)
    for partner, number in sorted(told.prints.before.items()):
        yield say("told-before", partner=told.name(partner, say), number=number)
    if told.prints.enrolments:
        yield say("told-analysts")


def _fields(names: Iterable[str], say: _Say) -> str:
    return ", ".join(say(f"field-{name}") for name in names) or say("nothing")


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")

"""A wrong agreement, told so that its author can put it right: file, line, what was expected, what to write."""

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from contracts.agreement import Agreement, Connector, Inbox, Names, Outbox, Owner
from contracts.agreements.places import Places

_TABLES: Mapping[tuple[str, ...], type[BaseModel]] = {
    (): Agreement,
    ("name",): Names,
    ("owner",): Owner,
    ("inbox",): Inbox,
    ("outbox",): Outbox,
    ("connector",): Connector,
}

_WRITE: Mapping[str, str] = {
    "id": 'id = "lernwerkstatt-rotthausen" (lower case, digits, single hyphens; the name of the file)',
    "status": 'status = "draft", or "signed" once both sides have signed',
    "name": '[name] with de = "…" and en = "…"',
    "name.de": 'de = "Lernwerkstatt Rotthausen"',
    "name.en": 'en = "Learning workshop Rotthausen"',
    "owner": '[owner] with unit = "…" and contact = "…"',
    "owner.unit": 'unit = "Geschäftsstelle"',
    "owner.contact": 'contact = "info@lernwerkstatt-rotthausen.example" (a role address)',
    "purposes": 'purposes = ["event_publication"]',
    "ror": 'ror = "00613ak93" (the nine characters behind https://ror.org/), or leave it out',
    "role_addresses": 'role_addresses = ["werkstatt@lernwerkstatt-rotthausen.example"]',
    "inbox": '[inbox] with contracts = ["…"]',
    "inbox.contracts": 'contracts = ["de.lernende-stadt.event.published.v1"]',
    "inbox.partitions": "partitions = 1 (up to 64)",
    "outbox": '[outbox] with contracts = ["…"]',
    "outbox.contracts": 'contracts = ["de.lernende-stadt.event.published.v1"]',
    "outbox.partners": 'partners = ["*"] for everybody, or a list of partner ids',
    "connector": '[connector] with kind = "…" and directions = ["pull", "push"]',
    "connector.kind": 'kind = "caldav" (a folder of flows/connectors)',
    "connector.directions": 'directions = ["pull", "push"], or one of the two',
    "connector.interval": "interval = 300 (seconds, at least 1)",
    "connector.time_zone": 'time_zone = "Europe/Berlin"',
    "connector.licence": 'licence = "CC-BY-4.0" (an id of contracts/vocabulary/licences.toml)',
    "connector.settings": "[connector.settings] with text, whole numbers, true or false; secrets are files, not values",
}


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake. ``line`` counts from 1; 0 is the file as a whole."""

    path: Path
    line: int
    expected: str
    remedy: str

    def __str__(self) -> str:
        """``<file>:<line>: expected …; write …``, which editors turn into a link."""
        place = f"{self.path}:{self.line}" if self.line else str(self.path)
        return f"{place}: expected {self.expected}; {self.remedy}"


class AgreementError(Exception):
    """One or more agreements are wrong; the text has one line per mistake: file, line, expected, what to write."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        """Take all that is wrong, so that it is put right in one go."""
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = tuple(mistakes)


def of_syntax(error: tomllib.TOMLDecodeError, path: Path, text: str) -> Mistake:
    """Tell what the TOML reader found; a document that just ends does so in its last line."""
    message = str(error)
    found = re.search(r"\(at line (\d+), column (\d+)\)", message)
    line = int(found[1]) if found else max(1, len(text.splitlines()))
    what = message.partition(" (at ")[0]
    return Mistake(path, line, f"TOML ({what})", 'write key = "text", key = 1, key = ["a", "b"] or [table]')


def of_validation(error: ValidationError, path: Path, text: str, document: Mapping[str, Any]) -> list[Mistake]:
    """Tell what violates the model, in the order of the file's lines, each key once."""
    places = Places(text)
    told: dict[tuple[int, tuple[str, ...]], Mistake] = {}
    for violation in error.errors(include_url=False):
        steps = violation["loc"]
        line = places.line(steps, value=_value(document, steps))
        names = tuple(step for step in steps if isinstance(step, str))
        if violation["type"] == "extra_forbidden":
            mistake = Mistake(path, line, f"a key of an agreement, found {names[-1]!r}", _nearest(names))
        else:
            names = _known(names)
            dotted = ".".join(names)
            remedy = f"write {_WRITE.get(dotted, 'it as in the examples')}"
            mistake = Mistake(path, line, f"{dotted or 'an agreement'}{_sentence(violation)}", remedy)
        told.setdefault((line, names), mistake)
    return sorted(told.values(), key=lambda mistake: mistake.line)


def _known(names: tuple[str, ...]) -> tuple[str, ...]:
    """Cut a path down to the key it is about: behind a list's name come steps of the validator's own."""
    return next((names[:n] for n in range(len(names), 0, -1) if ".".join(names[:n]) in _WRITE), ())


def _sentence(violation: Any) -> str:  # noqa: ANN401 - pydantic's own dictionary
    if violation["type"] == "missing":
        return ", which is missing"
    text: str = violation["msg"]
    return ": " + text.removeprefix("Value error, ").removeprefix("expected ").removeprefix("Input should be ")


def _nearest(names: tuple[str, ...]) -> str:
    fields = list(_TABLES[names[:-1]].model_fields)
    near = difflib.get_close_matches(names[-1], fields, n=1, cutoff=0.5)
    return f"write {near[0]!r} instead" if near else f"write one of {', '.join(fields)}, or leave it out"


def _value(document: Any, steps: Sequence[str | int]) -> object:  # noqa: ANN401 - whatever TOML holds
    """Return what stands at a path; None where nothing does."""
    for step in steps:
        try:
            document = document[step]
        except (KeyError, IndexError, TypeError):
            return None
    return document

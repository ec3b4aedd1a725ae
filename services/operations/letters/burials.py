"""The dead letters as operators may see them."""

import re
from datetime import UTC, datetime
from functools import cache

from contracts.dead_letter import DeadLetter, read_dead_letter
from contracts.envelope import Headers
from contracts.publish import schema
from contracts.registry import CONTRACTS
from contracts.topics import DEAD_LETTERS
from services.operations.letters.entries import source_of
from services.operations.letters.masking import masked
from services.operations.records import whole
from services.runtime.settings import Settings

# Headers whose values cannot be about anybody, and what such a value looks like.
_TELLABLE = {
    "ce_specversion": re.compile(r"[0-9.]{1,5}"),
    "ce_type": re.compile("|".join(map(re.escape, CONTRACTS))),
    "ce_time": re.compile(r"[0-9TZ:.+-]{10,40}"),
    "ce_revision": re.compile(r"[0-9]{1,16}"),
    "content-type": re.compile(r"[a-z]{1,20}/[a-z+.-]{1,40}"),
}
HIDDEN = "hidden, because it may be a person's name: --source shows it"
_NAMED = {*_TELLABLE, "ce_id", "ce_source", "ce_subject", "ce_correlationid", "ce_traceparent", "ce_redriveof"}


async def letters(settings: Settings) -> list[DeadLetter]:
    """Read all dead letters, each once, in the order they were buried.

    Raises:
        AwayError: Kafka does not answer.
    """
    found = [read_dead_letter(record.value, record.headers) async for record in whole(settings, DEAD_LETTERS)]
    return list({letter.id: letter for letter in found}.values())


def row(letter: DeadLetter) -> dict[str, object]:
    """The cells of a listing."""
    return {
        "time": datetime.fromisoformat(letter.time).astimezone(UTC),
        "partner": letter.partner,
        "direction": letter.direction,
        "service": letter.service,
        "contract": letter.contract,
        "rule": letter.refusal.rule,
        "place": letter.refusal.place,
        "expected": letter.refusal.expected.en,
        "id": letter.id,
    }


def about(letter: DeadLetter, language: str) -> dict[str, object]:
    """Everything that may be told of one, with reason and remedy in ``language`` (de, en)."""
    return {
        **row(letter),
        "time": letter.time,
        "expected": letter.refusal.expected.told(language),
        "remedy": letter.refusal.remedy(language),
        "key": "none" if letter.original.key is None else f"{len(letter.original.key)} bytes",
        "headers": _headers(letter.original.headers),
        "payload": masked(letter.original.value, _fields()),
    }


async def source(settings: Settings, letter: DeadLetter) -> str:
    """Say which entry of the partner's system a letter is about: a file's name, a resource's path.

    Raises:
        AwayError: PostgreSQL does not answer.
    """
    return await source_of(settings, letter) or "put right or taken away since: it is refused no longer"


def _headers(headers: Headers) -> dict[str, str]:
    told: dict[str, str] = {}
    for number, (name, raw) in enumerate(headers, 1):
        value = raw.decode(errors="replace")
        tellable = name in _TELLABLE and _TELLABLE[name].fullmatch(value)
        told[name if name in _NAMED else f"(unknown header {number})"] = value if tellable else f"{len(raw)} bytes"
    return told


@cache
def _fields() -> frozenset[str]:
    """Every field name of every contract."""
    schemas = [schema(contract) for contract in CONTRACTS.values()]
    parts = [part for one in schemas for part in (one, *one.get("$defs", {}).values())]
    return frozenset(name for part in parts for name in part["properties"])

"""The receipt of an erasure, as the human gets it: what is gone, who must hear of it, and what it leaves."""

import re
from datetime import UTC, datetime
from uuid import UUID

import pytest

from contracts.topics import inbox, outbox
from services.operations.apply.desired import TOPICS
from services.operations.apply.grants import PARTNER
from services.operations.people import erase, persons
from services.operations.people.languages import Language
from services.runtime.settings import Settings
from services.runtime.vault_rows import Receipt
from tests.operations.worlds import hub_inside

REF = "a" * 26
AT = datetime(2027, 1, 5, 8, 30, tzinfo=UTC)
RECEIPT = Receipt(REF, UUID(int=7), AT)
HELD = persons.Held(None, [], [{"reader": each} for each in ("vhs", "operator erika", "stadt", "vhs")], RECEIPT)


@pytest.mark.parametrize(
    ("topic", "told"),
    [
        (inbox(PARTNER), {"en": "{} days in the inbox", "de": "{} Tage im Eingangsfach"}),
        (outbox(PARTNER), {"en": "{} days in outboxes", "de": "{} Tage in Ausgangsfächern"}),
    ],
)
@pytest.mark.parametrize("language", Language)
def test_what_remains_is_told_with_how_long(topic: str, told: dict[str, str], language: Language) -> None:
    """As long as topics keep it; of outboxes, too, into which facts are copied."""
    (days,) = (row.days for row in TOPICS if row.name == topic)
    assert told[language].format(days) in erase.WORDS("remains").told(language)


def test_ids_of_partners_remain() -> None:
    """They may be made of a name: nobody but the partner knows."""
    assert "the ids that the partners gave the request and its messages" in erase.WORDS("remains").en
    assert "die Nummern, die die Partner der Anmeldung und ihren Nachrichten gaben" in erase.WORDS("remains").de


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["erased", "at", "receipt", "tell       stadt, vhs: they read it", "remains"]),
        ("de", ["gelöscht", "Zeitpunkt", "Beleg", "melden an  stadt, vhs: wer die Daten gelesen hat", "es bleibt"]),
    ],
)
def test_the_receipt_says_all_in_both_languages(language: str, words: list[str]) -> None:
    """Each line in its place: whose, when, by which receipt, who must hear of it (no operator), and what remains."""
    lines = erase.lines(RECEIPT, HELD, language)
    assert [line for line, word in zip(lines, words, strict=True) if not line.startswith(word)] == []
    assert [line[11:] for line in lines[:3]] == [REF, "2027-01-05T08:30:00Z", str(UUID(int=7))]


def test_the_german_receipt_has_no_english_word() -> None:
    """What both have are names, values and words of both languages."""
    english, german = (
        {*re.findall(r"[^\W\d_]+", "\n".join(erase.lines(RECEIPT, HELD, language)))} for language in ("en", "de")
    )
    assert english & german == {REF, "T", "Z", "Art", "in", "stadt", "vhs"}


def test_nobody_is_to_be_told_where_nobody_read() -> None:
    """The reading of an operator is none of a partner."""
    held = persons.Held(None, [], [{"reader": "operator erika"}], RECEIPT)
    assert len(erase.lines(RECEIPT, held, "de")) == 4


@pytest.mark.parametrize(
    ("option", "word"), [([], "erased"), (["--language", "de"], "gelöscht"), (["--lang", "en"], "erased")]
)
def test_the_command_takes_the_language_as_the_report_does(
    monkeypatch: pytest.MonkeyPatch, option: list[str], word: str
) -> None:
    """English unless it is said otherwise."""

    async def held(_: Settings, __: str) -> persons.Held:
        return HELD

    async def gone(_: Settings, __: str) -> Receipt:
        return RECEIPT

    monkeypatch.setattr(persons, "held", held)
    monkeypatch.setattr(persons, "erase", gone)
    there = {"HUB_DATA": "/nowhere", "HUB_AGREEMENTS": "contracts/agreements", "HUB_SECRETS": "/nowhere"}
    done = hub_inside("erase", REF, "--yes", *option, more=there)
    assert (done.returncode, done.stdout.split()[:2]) == (0, [word, REF]), done.stderr

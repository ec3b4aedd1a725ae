"""Whoever is refused reads what was expected and what came, in English and German: never pydantic's own words."""

import ast
import re
import string
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest
from pydantic import ValidationError

from contracts.admission import admit, read
from contracts.agreement import Connector
from contracts.dead_letter import DeadLetter, read_dead_letter
from contracts.refusal import Refusal
from contracts.spelling import SENTENCES
from contracts.violation import told, unmet
from contracts.wording import Sentences, Wording, expected
from flows.wording import expected as flows_expected
from tests.contracts.test_admission import CITY, PUBLISHED, changed
from tests.contracts.test_admission_properties import CANARY, owner, places, put
from tests.contracts.violations import errors, judged
from tests.contracts.worlds import Json, examples, message, type_of

ROOT = Path(__file__).parents[2]
FILES = {"contracts": expected, "services": expected, "flows": flows_expected}

# --- the files -------------------------------------------------------------------------------------------------------


def gaps(template: str) -> set[str]:
    """The gaps of a sentence."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@cache
def rows(sentences: Sentences) -> Mapping[str, tuple[str, str]]:
    """Both languages of each sentence, with its gaps shown."""
    shown = {name: f"{{{name}}}" for name in ("came", "size", *ALL_GAPS)}
    return {each: ((one := sentences(each, **shown)).en, one.de) for each in sentences.ids()}


ALL_GAPS = {
    *("characters", "component", "encoding", "entries", "error", "example", "field", "ge", "le", "max_length", "most"),
    *(
        "min_length",
        "kind",
        "nearest",
        "identifier",
        "options",
        "partner",
        "records",
        "rule",
        "source",
        "type",
        "value",
        "vocabulary",
        "year",
    ),
}


@pytest.mark.parametrize("sentences", [expected, flows_expected], ids=lambda each: each.package)
def test_both_languages_say_the_same(sentences: Sentences) -> None:
    """Each sentence has the same gaps in both languages, and says in each that something was expected."""
    for name, (english, german) in rows(sentences).items():
        assert gaps(english) == gaps(german), name
        assert english != german, name
        if not name.startswith("came-"):
            assert english.startswith(("expected ", "not public")), name
            assert german.startswith(("erwartet: ", "nicht öffentlich")), name


def calls(package: str) -> Iterator[tuple[str, set[str]]]:
    """The id and the gaps of each sentence that a package's modules ask for by name."""
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("expected", "unmet"):
                names = {word.arg or "" for word in node.keywords}
                first = node.args[0]
                for each in [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]:
                    if isinstance(each, ast.Constant):
                        yield str(each.value), names | ({"came"} if node.func.id == "unmet" else set())


@pytest.mark.parametrize("package", FILES)
def test_each_sentence_that_is_asked_for_is_there_and_filled(package: str) -> None:
    """No refusal breaks on its own sentence: a misspelled id or a gap left open would be a rule that fails."""
    known = rows(FILES[package])
    asked = list(calls(package))
    assert asked
    for name, given in asked:
        assert name in known, f"{package}: {name}"
        assert gaps(known[name][0]) <= given, f"{package}: {name}"


def test_no_sentence_is_left_over() -> None:
    """What nobody says any more goes away."""
    ours = {name for package in ("contracts", "services") for name, _ in calls(package)}
    ours |= {*SENTENCES.values(), *(error for model in judged().values() for error in errors(model))}
    ours |= {"opened", "nothing-opened", "value_error"}  # chosen by `contracts.admission` and `contracts.violation`
    assert set(expected.ids()) - ours == set()
    assert set(flows_expected.ids()) - {name for name, _ in calls("flows")} == set()


# --- what is said ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "value", "english", "german"),
    [
        (
            "texts.0.title",
            "x" * 301,
            "expected at most 300 characters, came 301",
            "höchstens 300 Zeichen; gekommen: 301",
        ),
        ("texts.0.title", "", "expected 1 or more characters, came 0", "1 oder mehr Zeichen; gekommen: 0"),
        (
            "texts.0.title",
            "a\x00b",
            "one line of visible text without control characters",
            "eine Zeile mit sichtbarem Text und ohne Steuerzeichen",
        ),
        (
            "texts.0.title",
            " \u00a0",
            "one line of visible text without control characters",
            "eine Zeile mit sichtbarem Text und ohne Steuerzeichen",
        ),
        ("texts.0.title", 7, "expected a text, came a number", "ein Text; gekommen: eine Zahl"),
        ("texts.0.title", None, "expected a text, came nothing", "ein Text; gekommen: nichts"),
        ("texts.0.title", {"de": "x"}, "expected a text, came an object", "ein Text; gekommen: ein Objekt"),
        ("texts.0.title", True, "expected a text, came true or false", "ein Text; gekommen: wahr oder falsch"),
        ("texts", [], "expected 1 or more entries, came 0", "1 oder mehr Einträge; gekommen: 0"),
        ("texts", "x", "expected a list, came a text of length 1", "eine Liste; gekommen: ein Text der Länge 1"),
        (
            "texts.0",
            [],
            "expected an object with the fields of the contract",
            "ein Objekt mit den Feldern des Vertrags",
        ),
        ("texts.0.language", "Deutsch", "a language as BCP 47 tag", "eine Sprache als BCP-47-Kürzel"),
        ("keywords", ["x"] * 51, "expected at most 50 entries, came 51", "höchstens 50 Einträge; gekommen: 51"),
        ("revision", "3", "expected a whole number, came a text", "eine ganze Zahl; gekommen: ein Text"),
        ("revision", 0, "expected 1 or more, came less", "mindestens 1; gekommen: weniger"),
        (
            "revision",
            2**60,
            "expected 9007199254740991 or less, came more",
            "höchstens 9007199254740991; gekommen: mehr",
        ),
        (
            "free_of_charge",
            "maybe",
            "one of: yes, no, unknown; came a text",
            "eins von: yes, no, unknown; gekommen: ein",
        ),
        ("licence", "CC-BY-9", "an identifier of the vocabulary licences", "eine Kennung des Vokabulars licences"),
        ("source_url", "nowhere", "a web address such as https://", "eine Internetadresse wie https://"),
        ("source_url", "ftp://x.example/", "begins with one of: https, http", "beginnt mit einem von: https, http"),
        (
            "source_url",
            f"https://{'x' * 2_000}.example/",
            "at most 2000 characters, came one of",
            "höchstens 2000 Zeichen",
        ),
        ("source_url", "https://me:pw@x.example/", "without user name and password", "ohne Benutzernamen und Passwort"),
        ("source_url", "https://vhs.example/100%", "by the letter of RFC 3986", "buchstabengetreu nach RFC 3986"),
        ("prices.0.amount", 12.5, "such as 12.50; came a number", "etwa 12.50; gekommen: eine Zahl"),
        ("place.ags", 5513000, "expected a text, came a number", "ein Text; gekommen: eine Zahl"),
        ("place.ags", "5513000", "an official municipality key (AGS)", "ein Amtlicher Gemeindeschlüssel (AGS)"),
        (
            "sessions.0.start.utc",
            "2027-03-18",
            "written as 2026-03-29T08:00:00Z",
            "geschrieben wie 2026-03-29T08:00:00Z",
        ),
        (
            "sessions.0.start.zone",
            "Europe/Rotthausen",
            "a time zone of the IANA database",
            "eine Zeitzone der IANA-Datenbank",
        ),
        ("event_id", "4711", "a partner id, a colon", "Partnerkennung, Doppelpunkt"),
    ],
)
def test_a_refusal_says_what_was_expected_and_what_came(path: str, value: Json, english: str, german: str) -> None:
    """The sentences of types and limits, in both languages, with the size or kind of what came."""
    refusal = admit(message(PUBLISHED, changed(path, value)), CITY)
    assert isinstance(refusal, Refusal)
    assert (refusal.rule, refusal.place) == ("contract-violated", path)
    assert english in refusal.expected.en
    assert german in refusal.expected.de


def test_a_missing_field_is_told() -> None:
    """A field that must be there and is not."""
    course = {name: value for name, value in examples()[f"{PUBLISHED}.1"].items() if name != "licence"}
    refusal = admit(message(PUBLISHED, course), CITY)
    assert isinstance(refusal, Refusal)
    assert refusal.place == "licence"
    assert refusal.expected == Wording("expected this field, came nothing", "erwartet: dieses Feld; gekommen: nichts")


WRONG: list[Json] = [None, True, 0, 2**70, 1.5, "", "x" * 20_000, "\x00", CANARY, [], [CANARY], {}, {CANARY: CANARY}]


@pytest.mark.parametrize("name", examples())
def test_whatever_is_wrong_anywhere_is_told_in_our_words(name: str) -> None:
    """Each wrong value in each place of each example, at the door and in the hub's own topics."""
    payload, refusals = examples()[name], []
    for path in places(payload):
        for value in WRONG:
            sent = message(type_of(name), put(payload, path, value))
            refusals += [each for each in (admit(sent, owner(payload)), read(sent)) if isinstance(each, Refusal)]
    assert refusals
    for refusal in refusals:
        assert refusal.expected.en.startswith("expected ")
        assert refusal.expected.de.startswith("erwartet: ")
        assert not re.search(r"what the contract says|[Ii]nput|should|Value error|\{", repr(refusal)), refusal
        assert CANARY not in repr(refusal)


def test_an_unknown_violation_is_told_without_its_words() -> None:
    """What no sentence is written for, the next version of pydantic's for example, says no word of somebody else."""
    found = {"type": "new_in_pydantic_3", "loc": (), "msg": f"bad: {CANARY}", "input": CANARY, "ctx": {}}
    assert CANARY not in repr(told(found))  # type: ignore[arg-type]
    assert told(found).en.startswith("expected what the contract says")  # type: ignore[arg-type]


def test_a_validators_sentence_reads_well_in_an_exception() -> None:
    """Who makes a model in Python sees the English sentence whole."""
    assert str(unmet("spelled-time", example="2026")) == "expected a time written as 2026, came another spelling"
    assert "{" not in str(unmet("spelled-amount"))


def test_a_dead_letter_keeps_both_languages() -> None:
    """What is buried is told in German too when it is dug up; a letter of before has its English text for both."""
    refusal = Refusal("contract-violated", "texts.0.title", expected("string_too_long", max_length=300, size=301))
    letter = DeadLetter("vhs", "inbound", "intake", "t", 0, 1, refusal, "now", message(PUBLISHED, b""))
    sent = letter.message()
    assert read_dead_letter(sent.value, sent.headers).refusal == refusal
    older = [(name, value) for name, value in sent.headers if name != "dl_expected_de"]
    assert read_dead_letter(sent.value, older).refusal.expected.told("de") == refusal.expected.en


def test_limits_read_as_people_write_them() -> None:
    """A span is told with its unit, a fraction without the noughts that Python adds."""
    with pytest.raises(ValidationError) as caught:
        Connector.model_validate({"kind": "x", "directions": ["pull"], "interval": 0})
    assert told(caught.value.errors()[0]).en == "expected 1 second or more, came less"
    refusal = admit(message(PUBLISHED, changed("place.coordinates", {"latitude": 91, "longitude": 7})), CITY)
    assert isinstance(refusal, Refusal)
    assert refusal.expected.de == "erwartet: höchstens 90; gekommen: mehr"

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.core import TyperGroup
from typer.main import get_group
from typer.testing import CliRunner

from contracts.admission import Message
from contracts.agreements import EXAMPLES
from contracts.dead_letter import DeadLetter
from contracts.refusal import Refusal
from contracts.wording import expected
from services.operations.apply import planning
from services.operations.apply.difference import Plan
from services.operations.errors import UsageError
from services.operations.hub import GROUP, assemble
from services.operations.letters import burials
from services.operations.letters.masking import masked
from services.operations.since import moment
from services.operations.tables import span, text
from tests.operations.worlds import hub, hub_inside

NOW = datetime(2027, 3, 28, 12, tzinfo=UTC)
PERSON = "Erika Mustermann, erika@privat.example, 0209 1234567"


def letter(value: bytes, headers: list[tuple[str, bytes]], key: bytes | None = None) -> DeadLetter:
    """A dead letter of some message."""
    refusal = Refusal("contract-violated", "texts.0.title", expected("string_too_long", max_length=300, size=301))
    return DeadLetter(
        "vhs", "inbound", "intake", "partner.vhs.inbox", 0, 7, refusal, NOW.isoformat(), Message(key, value, headers),
        correlation=PERSON,
    )  # fmt: skip


@pytest.mark.parametrize(
    "value",
    [
        json.dumps({"event_id": PERSON, PERSON: {"texts": [{"title": PERSON, PERSON: 1}]}}).encode(),
        PERSON.encode(),
        json.dumps(PERSON).encode(),
        json.dumps([PERSON]).encode(),
        b"\xff" + PERSON.encode(),
    ],
)
def test_a_dead_letter_is_told_without_a_value(value: bytes) -> None:
    """Whatever a message holds, as value, field name, header or key: an operator sees structure, rule and remedy."""
    headers = [("ce_type", PERSON.encode()), ("ce_id", PERSON.encode()), (PERSON, b"1"), ("ce_time", PERSON.encode())]
    dead = letter(value, headers, PERSON.encode())
    told = json.dumps([burials.row(dead), burials.about(dead, "de")], ensure_ascii=False, default=str)
    assert not [part for part in ("Erika", "privat", "0209") if part in told]
    assert "texts.0.title" in told


def test_apply_says_which_agreements_it_reads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whoever changed another folder sees it."""
    for name, value in {"DATA": tmp_path, "AGREEMENTS": EXAMPLES, "SECRETS": tmp_path}.items():
        monkeypatch.setenv(f"HUB_{name}", str(value))
    monkeypatch.setattr(planning, "plan", lambda *_, **__: SimpleNamespace(plan=Plan()))
    done = CliRunner().invoke(assemble(), ["apply", "--check"])
    assert done.stdout == f"Agreements: {EXAMPLES}\nKafka is as the agreements say.\n"


def test_a_listed_dead_letter_has_its_time_as_every_listing() -> None:
    """Whoever buried it and with how many decimals: a table shows one form, to be compared with the others."""
    dead = replace(letter(b"{}", []), time="2027-03-01T11:00:00.123456+01:00")
    assert text(burials.row(dead)["time"]) == "2027-03-01 10:00:00+00:00"


def test_a_dead_letter_is_told_with_structure_and_remedy() -> None:
    """Known field names, kinds and sizes are shown; reason and remedy come in the language asked for."""
    dead = letter(b'{"revision": 3, "texts": [{"title": "abc"}], "all_day": true, "place": null}', [("ce_type", b"x")])
    about = burials.about(dead, "de")
    assert about["payload"] == {
        "revision": "number",
        "texts": [{"title": "text of 3"}],
        "all_day": "true or false",
        "place": "null",
    }
    assert str(about["remedy"]).startswith("Das genannte Feld")
    assert str(burials.about(dead, "en")["remedy"]).startswith("Correct the field")
    assert about["expected"] == "erwartet: höchstens 300 Zeichen; gekommen: 301"
    assert burials.about(dead, "en")["expected"] == burials.row(dead)["expected"] == dead.refusal.expected.en
    assert about["id"] == "partner.vhs.inbox/0/7"


def test_a_payload_too_deep_or_long_is_cut() -> None:
    """A payload made to be printed for ever is not."""
    assert "deeper" in json.dumps(masked(b'{"texts":' * 40 + b"1" + b"}" * 40, frozenset({"texts"})))
    wide = masked(json.dumps(list(range(10_000))).encode(), frozenset())
    assert len(wide) == 40
    assert masked(b"[" * 100_000, frozenset()) == "100000 bytes, no JSON"
    assert masked(None, frozenset()) == "nothing"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30min", datetime(2027, 3, 28, 11, 30, tzinfo=UTC)),
        ("2h", datetime(2027, 3, 28, 10, tzinfo=UTC)),
        ("7d", datetime(2027, 3, 21, 12, tzinfo=UTC)),
        ("2027-03-01", datetime(2027, 3, 1, tzinfo=UTC)),
        ("2027-03-01T10:00+01:00", datetime(2027, 3, 1, 9, tzinfo=UTC)),
    ],
)
def test_since_is_a_span_or_a_time(text: str, expected: datetime) -> None:
    """Spans count back from now; a time without a zone is UTC."""
    assert moment(text, NOW) == expected


@pytest.mark.parametrize("text", ["", "soon", "7 weeks", "-1d", "2027-13-01"])
def test_another_since_is_refused_with_what_to_write(text: str) -> None:
    """A wrong --since names the right ones."""
    with pytest.raises(UsageError, match="30min, 2h, 7d or 2027-03-01"):
        moment(text, NOW)


@pytest.mark.parametrize(
    ("seconds", "text"), [(-5, "0 s"), (0, "0 s"), (119, "119 s"), (120, "2 min"), (7_300, "2 h"), (200_000, "2 d")]
)
def test_spans_are_told_in_one_unit(seconds: int, text: str) -> None:
    """The largest unit of which there are two."""
    assert span(timedelta(seconds=seconds)) == text


def commands(group: TyperGroup, *path: str) -> Iterator[tuple[str, ...]]:
    """Every command and every group of commands, by the words that call it."""
    yield path
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from commands(command, *path, name)
        else:
            yield (*path, name)


def test_help_of_every_command_has_an_example() -> None:
    """Who asks a command, a group of them or the hub itself for help sees how it is used."""
    app = assemble()
    every = list(commands(get_group(app)))
    assert {(), ("deadletter",), ("cursor", "set"), ("up",), ("pull",)} <= set(every)
    helped = {path: CliRunner().invoke(app, [*path, "--help"]).output for path in every}
    assert [path for path, told in helped.items() if f"Example: {' '.join(('hub', *path))}" not in told] == []


def test_analysts_are_helped_in_german_too() -> None:
    """The one command for analysts explains itself and each option of its own in both languages."""
    told = " ".join(re.sub("[│|]", " ", hub_inside("stream", "--help").stdout).split())
    words = ["Show what", "Zeigt, was", "A span", "Zeitspanne", "Only what", "Nur was", "Only this", "Nur Verträge"]
    words += ["Only what belongs", "Nur was zu"]
    assert [word for word in words if word not in told] == []


@pytest.mark.parametrize(
    ("arguments", "more", "code", "words"),
    [
        (["status"], {}, 2, "hub up"),
        (["status", "--wrong"], {}, 2, "No such option"),
        (["apply"], {"HUB_AGREEMENTS": "/nowhere", "HUB_SECRETS": "/nowhere"}, 1, "HUB_AGREEMENTS"),
        (["apply"], {"HUB_AGREEMENTS": "contracts/agreements", "HUB_SECRETS": "/nowhere"}, 2, "the secret 'hub-admin'"),
        (["stream", "--since", "soon"], {}, 2, "30min"),
        (["stream", "--about", "sdg:4.70"], {}, 2, "came 'sdg:4.70': write sdg:4.7"),
    ],
)
def test_an_error_says_what_to_do(arguments: list[str], more: dict[str, str], code: int, words: str) -> None:
    """Wrong usage and settings end with the agreed code and a sentence, never a traceback."""
    done = hub_inside(*arguments, more={"HUB_DATA": "/nowhere", **more})
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.real  # waits as long as a command does
def test_kafka_away_is_a_sentence_and_a_code(tmp_path: Path) -> None:
    """Nobody listens on the port: the command says so and ends with 3."""
    (tmp_path / "hub-admin").write_text("secret")
    more = {"HUB_AGREEMENTS": "contracts/agreements", "HUB_SECRETS": str(tmp_path), "HUB_KAFKA": "127.0.0.1:1"}
    done = hub("apply", more=more)
    assert done.returncode == 3
    assert "expected an answer of Kafka at 127.0.0.1:1" in done.stderr
    assert "secret'" not in done.stderr


def test_a_command_of_another_package_that_cannot_be_loaded_does_not_stop_ours(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An optional part that is not installed takes its own command away and no other."""
    broken = EntryPoint("fly", "no_such_package:fly", GROUP)
    monkeypatch.setattr("services.operations.hub.entry_points", lambda **_: [broken])
    names = [command.name for command in assemble().registered_commands]
    assert "apply" in names
    assert "fly" not in names
    assert "hub fly is not there" in capsys.readouterr().err

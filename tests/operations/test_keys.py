"""Keys of the HTTP door, as operators make and revoke them."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from contracts.agreements import EXAMPLES
from services.runtime.api_keys import KeyFile, claimed_partner, matches, new_key
from services.runtime.partner_files import PartnerFileDamagedError
from tests.operations.worlds import hub_inside

UNIVERSITY, CITY, NGO = "universitaet-wuppertal", "stadt-gelsenkirchen", "lernwerkstatt-rotthausen"


@pytest.fixture
def more(tmp_path: Path) -> dict[str, str]:
    """The variables of a hub with the example agreements."""
    folder = tmp_path / "agreements"
    shutil.copytree(EXAMPLES, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (tmp_path / "secrets").mkdir()
    return {"HUB_AGREEMENTS": str(folder), "HUB_SECRETS": str(tmp_path / "secrets")}


def _file(more: dict[str, str], partner: str = UNIVERSITY) -> KeyFile:
    return KeyFile(Path(more["HUB_SECRETS"]), partner)


def test_a_key_is_shown_once_and_only_its_hash_is_kept(more: dict[str, str]) -> None:
    """What is printed lets in; nothing of it stands in the file or in the list."""
    key = hub_inside("key", "add", UNIVERSITY, more=more).stdout.strip()
    assert claimed_partner(key) == UNIVERSITY
    assert matches(key, _file(more).read())
    assert not matches(f"{key}x", _file(more).read())
    listed = json.loads(hub_inside("key", "list", "-o", "json", more=more).stdout)
    assert [(row["partner"], row["id"]) for row in listed] == [(UNIVERSITY, _file(more).read()[0].id)]
    assert key.split("_", 2)[2] not in _file(more).path.read_text() + json.dumps(listed)


def test_two_keys_are_valid_at_a_time_and_a_third_is_refused(more: dict[str, str]) -> None:
    """While one is changed for the other; the refusal says which to revoke."""
    keys = [hub_inside("key", "add", UNIVERSITY, more=more).stdout.strip() for _ in range(2)]
    third = hub_inside("key", "add", UNIVERSITY, more=more)
    assert (third.returncode, _file(more).read()[0].id in third.stderr) == (1, True)
    assert all(matches(key, _file(more).read()) for key in keys)
    first = _file(more).read()[0].id
    assert hub_inside("key", "revoke", UNIVERSITY, first, more=more).returncode == 0
    assert [matches(key, _file(more).read()) for key in keys] == [False, True]
    unknown = hub_inside("key", "revoke", UNIVERSITY, first, more=more)
    assert (unknown.returncode, _file(more).read()[0].id in unknown.stderr) == (1, True)


@pytest.mark.parametrize(
    ("partner", "told"), [(NGO, "write the table [http]"), ("stadt", CITY), ("../secrets/postgres", CITY)]
)
def test_only_a_partner_whose_agreement_opens_the_door_gets_a_key(
    more: dict[str, str], partner: str, told: str
) -> None:
    """Others are told what to write where; nothing is written."""
    done = hub_inside("key", "add", partner, more=more)
    assert (done.returncode, told in done.stderr) == (2, True)
    assert list(Path(more["HUB_SECRETS"]).iterdir()) == []


def _gone(agreement: Path) -> None:
    for each in agreement.parent.glob("*.toml"):
        if each.stem != CITY:  # its own, and whose outbox names it
            each.unlink()


def _shut(agreement: Path) -> None:
    agreement.write_text(agreement.read_text(encoding="utf-8").partition("[http]")[0], encoding="utf-8")


@pytest.mark.parametrize("change", [_gone, _shut])
def test_a_key_behind_a_shut_door_is_listed(more: dict[str, str], change: Callable[[Path], None]) -> None:
    """It would let in as soon as the door opened again: who looks for keys to revoke must see it."""
    hub_inside("key", "add", UNIVERSITY, more=more)
    change(Path(more["HUB_AGREEMENTS"]) / f"{UNIVERSITY}.toml")
    listed = json.loads(hub_inside("key", "list", "-o", "json", more=more).stdout)
    assert [(row["partner"], row["id"]) for row in listed] == [(UNIVERSITY, _file(more).read()[0].id)]


def test_a_former_partners_key_can_still_be_revoked(more: dict[str, str]) -> None:
    """Its agreement is gone; what it left lets nobody in any more."""
    hub_inside("key", "add", UNIVERSITY, more=more)
    _gone(Path(more["HUB_AGREEMENTS"]) / f"{UNIVERSITY}.toml")
    done = hub_inside("key", "revoke", UNIVERSITY, _file(more).read()[0].id, more=more)
    assert (done.returncode, _file(more).read()) == (0, [])


@pytest.mark.parametrize(
    "line",
    [
        b"geheim",
        b"geheim 2026-11-24T12:00:00+00:00",
        b"\xc3\xbc" * 32 + b" 2026-11-24T12:00:00+00:00",
        b"\xff\xfe",
        b"A" * 64 + b" 2026-11-24T12:00:00+00:00",
        b"a" * 64,
        b"a" * 64 + b"  2026-11-24T12:00:00+00:00",
        b"a" * 64 + b" gestern",
        b"",
    ],
)
def test_a_file_with_a_line_of_another_kind_lets_nobody_in(tmp_path: Path, line: bytes) -> None:
    """The error names the file and nothing of what stands in it."""
    file = KeyFile(tmp_path, UNIVERSITY)
    _, kept = new_key(UNIVERSITY)
    file.write([kept])
    file.path.write_bytes(file.path.read_bytes() + line + b"\n")
    with pytest.raises(PartnerFileDamagedError) as told:
        file.read()
    assert str(file.path) in str(told.value)
    assert not {"geheim", "gestern", "a" * 64, kept.digest} & set(str(told.value).split())
    assert told.value.__cause__ is None


def test_a_damaged_file_is_told_and_left_as_it_is(more: dict[str, str]) -> None:
    """No command makes a key beside what it cannot read: the keys that stand there would be lost."""
    hub_inside("key", "add", UNIVERSITY, more=more)
    path = _file(more).path
    path.write_bytes(path.read_bytes() + b"geheim\n")
    before = path.read_bytes()
    for words in (("add", UNIVERSITY), ("list",), ("revoke", UNIVERSITY, "3f9a1c07")):
        done = hub_inside("key", *words, more=more)
        assert (done.returncode, str(path) in done.stderr, "geheim" in done.stderr + done.stdout) == (1, True, False)
    assert path.read_bytes() == before


def test_who_has_keys_is_told_by_files_that_hold_some(tmp_path: Path) -> None:
    """A file that is no file of keys is somebody else's: nothing would be revoked by taking it away."""
    for partner in (UNIVERSITY, CITY):
        KeyFile(tmp_path, partner).write([new_key(partner)[1]])
    KeyFile(tmp_path, "without").write([])
    (tmp_path / "http-proxy").write_text("geheim\n")
    assert KeyFile.holders(tmp_path) == [CITY, UNIVERSITY]

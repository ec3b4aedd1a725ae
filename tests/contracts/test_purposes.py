from pathlib import Path

import pytest

from contracts.agreements import EXAMPLES, load_agreements
from contracts.registry import CONTRACTS
from tests.contracts.test_agreements import line_of, refused

WITH_PEOPLE = (EXAMPLES / "universitaet-wuppertal.toml").read_text(encoding="utf-8")
UNIVERSITY = "\n".join(
    line.replace(', "enrolment_processing"', "") for line in WITH_PEOPLE.splitlines() if ".enrolment." not in line
)
NAME = "universitaet-wuppertal"
DOORS = {"inbox": "enrolment.requested", "outbox": "enrolment.associated"}


def opened(door: str, contract: str, purposes: str = "") -> str:
    """The university's agreement with one more contract at a door, and with more purposes."""
    text = UNIVERSITY.replace('"research_publication"', f'"research_publication"{purposes}', 1)
    before, header, after = text.partition(f"[{door}]\ncontracts = [")
    assert header
    return f'{before}{header}\n  "de.lernende-stadt.{contract}.v1",{after}'


@pytest.mark.parametrize("door", DOORS)
def test_what_is_about_people_needs_its_purpose(tmp_path: Path, door: str) -> None:
    """Promise 12: no door lets a human or a reference to one through without the purpose, told with file and line."""
    text = opened(door, DOORS[door])
    told = refused(tmp_path, text, NAME)
    assert f"{NAME}.toml:{line_of(text, DOORS[door])}: expected purposes with enrolment_processing" in told
    assert 'write purposes = ["event_publication", "research_publication", "enrolment_processing"]' in told


@pytest.mark.parametrize("door", DOORS)
def test_with_the_purpose_it_opens(tmp_path: Path, door: str) -> None:
    """The remedy is one."""
    text = opened(door, DOORS[door], ', "enrolment_processing"')
    (tmp_path / f"{NAME}.toml").write_text(text, encoding="utf-8")
    assert load_agreements(tmp_path)


def test_what_is_about_nobody_needs_it_not(tmp_path: Path) -> None:
    """Whether one can take part is public."""
    text = opened("outbox", "offering.opened")
    (tmp_path / f"{NAME}.toml").write_text(text, encoding="utf-8")
    assert load_agreements(tmp_path)


def test_a_wrong_purpose_and_a_missing_one_are_told_at_once(tmp_path: Path) -> None:
    """A list of another form stops nobody from hearing the rest."""
    text = opened("inbox", "enrolment.requested").replace('"event_publication"', '"newsletter"', 1)
    told = refused(tmp_path, text, NAME)
    assert "expected purposes with enrolment_processing" in told
    assert "newsletter" in told


def test_every_contract_of_enrolments_is_about_people() -> None:
    """The rule finds them by their fields: none was forgotten."""
    about = {name for name, contract in CONTRACTS.items() if "person_ref" in contract.model_fields}
    assert about == {name for name in CONTRACTS if ".enrolment." in name}

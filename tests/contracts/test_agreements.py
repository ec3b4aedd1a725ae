from pathlib import Path

import pytest

from contracts.agreements import EXAMPLES, AgreementError, load_agreements
from contracts.rejection import FactRejected, Sentence
from services.operations.apply.planning import refuse_trials
from services.operations.errors import OperationError

CITY = (EXAMPLES / "stadt-gelsenkirchen.toml").read_text(encoding="utf-8")
NGO = (EXAMPLES / "lernwerkstatt-rotthausen.toml").read_text(encoding="utf-8")


def line_of(text: str, wanted: str) -> int:
    """The number of the first line that holds some text."""
    return next(number for number, line in enumerate(text.splitlines(), 1) if wanted in line)


def test_a_rejection_goes_to_its_partner_alone_and_unasked() -> None:
    """Nobody has to agree to an answer, and nobody else gets it."""
    told = {"revision": 1, "rule": "json-invalid", "place": "payload", "letter": "partner.x.inbox/0/1"}
    sentence = Sentence(english="JSON", german="JSON")
    agreements = load_agreements(EXAMPLES)
    for name in agreements:
        fact = FactRejected.model_validate({**told, "partner": name, "expected": sentence, "remedy": sentence})
        assert [each.id for each in agreements.values() if each.reads(fact, "hub")] == [name]


def refused(folder: Path, text: str, name: str = "stadt-gelsenkirchen") -> str:
    """Write one agreement and return the text of its refusal."""
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    with pytest.raises(AgreementError) as caught:
        load_agreements(folder)
    return str(caught.value)


NAMED = {  # in the city's text, which nobody has signed; the others are invented
    "stadt-gelsenkirchen": "Stadt Gelsenkirchen",
    "freie-universitaet-berlin": "Freie Universität Berlin",
    "fachhochschule-dortmund": "Fachhochschule Dortmund",
    "institut-arbeit-und-technik": "Institut Arbeit und Technik",
    "universitaet-wuppertal": "Bergische Universität Wuppertal",
}
INVENTED = {"lernwerkstatt-rotthausen", "gartenverein-musterhalde", "musterbetrieb-emscher", "kulturhaus-musterplatz"}
SCIENCE = {"freie-universitaet-berlin", "fachhochschule-dortmund", "universitaet-wuppertal"}


def test_the_examples_are_right() -> None:
    """All whom the city's text names, and an NGO, a club, a business and a house of culture; one, invented, signed."""
    agreements = load_agreements(EXAMPLES)
    assert agreements.keys() == {*NAMED, *INVENTED}
    assert {name: agreements[name].name.de for name in NAMED} == NAMED
    signed = {name for name, agreement in agreements.items() if agreement.status == "signed"}
    assert signed == {"lernwerkstatt-rotthausen"}
    assert {name for name, agreement in agreements.items() if agreement.connector is None} == {
        *("freie-universitaet-berlin", "universitaet-wuppertal")
    }


def test_the_examples_point_at_sandboxes() -> None:
    """No example reaches anybody: its calendar is on this machine, its folder in the checkout, its office nowhere."""
    for agreement in load_agreements(EXAMPLES).values():
        assert agreement.owner.contact.endswith(".example")
        told = agreement.connector.settings if agreement.connector else {}
        places = [told[name] for name in ("url", "folder") if name in told]
        here = ("http://127.0.0.1:", "../../.hub/")
        assert [place for place in places if not place.startswith(here)] == [], agreement.id


def test_universities_publish_research() -> None:
    """Each of them is named by its ROR id and may tell of datasets, publications and studies; nobody else has one."""
    agreements = load_agreements(EXAMPLES)
    assert {name for name, agreement in agreements.items() if agreement.ror} == SCIENCE
    for name in (*SCIENCE, "institut-arbeit-und-technik"):
        told = {contract.split(".")[2] for contract in agreements[name].inbox.contracts}
        assert {"dataset", "publication", "study"} <= told, name
        assert "research_publication" in agreements[name].purposes


def test_production_refuses_each_draft() -> None:
    """Whoever takes the examples as they are into production is told all who have not signed."""
    agreements = load_agreements(EXAMPLES)
    with pytest.raises(OperationError) as refused:
        refuse_trials(agreements, production=True)
    assert [name for name in agreements if name in str(refused.value)] == sorted(
        (NAMED.keys() | INVENTED) - {"lernwerkstatt-rotthausen"}
    )


@pytest.mark.parametrize(
    ("right", "wrong", "expected", "write"),
    [
        ('status = "draft"', 'status = "drafted"', 'one of: draft, signed; came "drafted"', 'write status = "draft"'),
        ("purposes", "purpose", "found 'purpose'", "write 'purposes' instead"),
        ("unit =", "unti =", "found 'unti'", "write 'unit' instead"),
        ("bildung@", "erika.mustermann@", "address of an office", 'write contact = "info@verein.example"'),
        (
            "event.cancelled.v1",
            "event.canceled.v1",
            "the nearest is de.lernende-stadt.event.cancelled.v1",
            'write "de.lernende-stadt.event.cancelled.v1" instead of "de.lernende-stadt.event.canceled.v1"',
        ),
        ('"event_publication"', '"newsletter"', "one of: event_publication, ", "write one of event_publication, "),
        ("interval = 300", "interval = 0", "1 second or more, came less", "write interval = 300"),
        ("interval = 300", 'interval = "often"', 'a span of time in seconds, came "often"', "write interval = 300"),
        ("interval = 300", "interval = [300]", "a span of time in seconds, came a list", "write interval = 300"),
        ("Europe/Berlin", "Europe/Gelsenkirchen", "IANA", 'write time_zone = "Europe/Berlin"'),
        ("CC-BY-4.0", "CC-BY-5.0", "licences", 'write licence = "CC-BY-4.0"'),
        ('["pull", "push"]', "[]", "connector.directions", "write directions"),
        ('["pull", "push"]', '["pull", "psuh"]', 'one of: pull, push; came "psuh"', 'write "push" instead of "psuh"'),
        (
            'partners = ["*"]',
            'partners = ["Stadt Essen"]',
            "a partner id: lower case letters",
            'put right "Stadt Essen" alone, in the manner of partners = ["*"]',
        ),
        ('en = "City of Gelsenkirchen"', 'en = ""', "1 or more characters, came 0", "write en ="),
        ('en = "City of Gelsenkirchen"', f'en = "{"x" * 301}"', "at most 300 characters, came 301", "write en ="),
        (
            'id = "stadt-gelsenkirchen"',
            'id = "Stadt Gelsenkirchen"',
            "a partner id: lower case letters",
            'write id = "stadt-gelsenkirchen" (',
        ),
        (
            'status = "draft"',
            'status = "draft"\nror = "1"',
            "the nine characters of a ROR id",
            'write ror = "…" (the nine',
        ),
        ("[inbox]", "[inbox]\npartitions = 65", "64 or less, came more", "write partitions = 1"),
        ("[inbox]", "[inbox]\npartitions = 1.5", "a whole number, came one with a fraction", "write partitions = 1"),
        ("[inbox]", '[inbox]\npartitions = "many"', 'a whole number, came "many"', "write partitions = 1"),
        ('partners = ["*"]', 'partners = ["stadt-essen"]', "found 'stadt-essen'", "leave it out"),
        ('unit = "Lernende Stadt"', "unit = Lernende", "TOML", 'write key = "text"'),
        ('url = "http', 'url = ["http', "TOML", "write"),
        ('kind = "caldav"', 'kind = "caldav"\nkind = "dropfolder"', "TOML (Cannot overwrite a value)", "write"),
    ],
)
def test_a_wrong_agreement_is_told_with_file_line_and_remedy(
    tmp_path: Path, right: str, wrong: str, expected: str, write: str
) -> None:
    """A mistake names its file and line, what was expected, and what to write instead."""
    text = CITY.replace(right, wrong, 1)
    told = refused(tmp_path, text).splitlines()
    line = line_of(text, wrong.splitlines()[-1])
    heads = tuple(f"{tmp_path / 'stadt-gelsenkirchen.toml'}:{number}: expected " for number in (line, line + 1))
    assert any(one.startswith(heads) and expected in one and write in one for one in told)


def test_a_missing_key_is_told_with_the_table_it_belongs_to(tmp_path: Path) -> None:
    """What is missing has no line of its own: its table's is told."""
    text = CITY.replace('kind = "caldav"\n', "")
    assert f":{line_of(text, '[connector]')}: expected connector.kind, which is missing" in refused(tmp_path, text)


def test_all_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    """Nobody has to start the hub once per mistake."""
    wrong = NGO.replace('"signed"', '"singed"')
    (tmp_path / "lernwerkstatt-rotthausen.toml").write_text(wrong, encoding="utf-8")
    told = refused(tmp_path, CITY.replace("unit", "unti", 1).replace('status = "draft"', "status = 3"))
    assert [line.partition(":")[0].rpartition("/")[2] for line in told.splitlines()] == [
        "lernwerkstatt-rotthausen.toml",
        *["stadt-gelsenkirchen.toml"] * 3,
    ]


def test_the_file_bears_the_partners_name(tmp_path: Path) -> None:
    """An id that differs from the file's name is refused, since topics and users are named after it."""
    told = refused(tmp_path, CITY, name="stadt-essen")
    assert f"stadt-essen.toml:{line_of(CITY, 'id =')}: expected" in told
    assert 'write id = "stadt-essen", or rename the file to stadt-gelsenkirchen.toml' in told


def test_an_id_names_one_partner(tmp_path: Path) -> None:
    """Two files with one id are told as such."""
    (tmp_path / "stadt-gelsenkirchen.toml").write_text(CITY, encoding="utf-8")
    told = refused(tmp_path, CITY, name="stadt-gelsenkirchen-2")
    assert "stadt-gelsenkirchen.toml exists already" in told


@pytest.mark.parametrize("folder", ["empty", "missing"])
def test_a_folder_without_agreements_is_a_mistake(tmp_path: Path, folder: str) -> None:
    """An empty or mistyped folder is not the wish to remove every partner."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(AgreementError, match="HUB_AGREEMENTS"):
        load_agreements(tmp_path / folder)


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    """An agreement saved as Latin-1 is named, with what to do."""
    (tmp_path / "stadt-gelsenkirchen.toml").write_bytes('de = "Universität"'.encode("latin-1"))
    with pytest.raises(AgreementError, match="save the file in UTF-8"):
        load_agreements(tmp_path)


def test_each_wrong_entry_of_a_line_is_told_and_no_other_list_is_proposed(tmp_path: Path) -> None:
    """What is proposed can be pasted without dropping the right entries beside a wrong one."""
    told = refused(tmp_path, CITY.replace('["pull", "push"]', '["pul", "push", "psh"]'))
    assert 'write "pull" instead of "pul"' in told
    assert 'write "push" instead of "psh"' in told
    assert "write directions" not in told


def test_nobody_gets_the_id_of_another_partner(tmp_path: Path) -> None:
    """The example of an id is the file's own name, or none where that is no id."""
    text = CITY.replace('id = "stadt-gelsenkirchen"', 'id = "Stadt Essen"')
    assert 'came "Stadt Essen"; write id = "stadt-essen" (' in refused(tmp_path, text, name="stadt-essen")
    (tmp_path / "stadt-essen.toml").unlink()
    assert 'write id = "…" (' in refused(tmp_path, text, name="Stadt_Essen")


def test_no_address_or_name_is_told(tmp_path: Path) -> None:
    """Who writes a human's address gets it neither into a terminal nor into a log."""
    entry = 'status = "draft"\nrole_addresses = ["kurse@stadt.example", "erika.mustermann@stadt.example\\n"]'
    told = refused(tmp_path, CITY.replace("bildung@", "erika.mustermann@").replace('status = "draft"', entry))
    assert "put right this entry alone" in told
    assert "erika" not in told


def test_no_value_that_is_a_secret_is_told(tmp_path: Path) -> None:
    """What stands in a wrong settings table is not repeated: people do put passwords there."""
    told = refused(tmp_path, CITY + 'password = ["hunter2-correct-horse"]\n')
    assert "hunter2" not in told


@pytest.mark.parametrize("name", ["hub", "unknown"])
def test_nobody_gets_an_id_that_the_hub_uses_itself(tmp_path: Path, name: str) -> None:
    """What a partner of that name told would count as told by the hub; file and line are named, and what to write."""
    text = (EXAMPLES / "stadt-gelsenkirchen.toml").read_text(encoding="utf-8").replace("stadt-gelsenkirchen", name)
    line = text.splitlines().index(f'id = "{name}"') + 1
    told = refused(tmp_path, text, name)
    assert told.startswith(f"{tmp_path / name}.toml:{line}: expected an id of the partner's own, found '{name}'")
    assert told.endswith("write another one, and rename the file to it")

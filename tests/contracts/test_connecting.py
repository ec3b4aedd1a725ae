"""The connector of an agreement is judged when the agreement is read, whoever reads it."""

import subprocess
import sys
from pathlib import Path

import pytest

from contracts.agreements import EXAMPLES, load_agreements
from tests.contracts.test_agreements import CITY, NGO, line_of, refused

URL = 'url = "http://127.0.0.1:5232/stadt-gelsenkirchen/lernende-stadt/"'
HEAVY = ("aiokafka", "asyncpg", "confluent_kafka", "dateutil", "httpx", "icalendar", "openpyxl", "prefect", "tenacity")


@pytest.mark.parametrize(
    ("right", "wrong", "expected", "write"),
    [
        (
            '"caldav"',
            '"carldav"',
            "one of caldav, dropfolder, oaipmh, spreadsheet; found 'carldav'",
            'write kind = "caldav"',
        ),
        ('"caldav"', '"nextcloud"', "found 'nextcloud'", "install the package that brings this kind"),
        ('kind = "caldav"', "kind = 5", "connector.kind", 'write kind = "caldav"'),
        (URL, "", "connector.settings.url, which is missing", 'write url = "https://'),
        (URL, "url = 5", "connector.settings.url", 'write url = "https://'),
        (URL, 'url = ""', "connector.settings.url", 'write url = "https://'),
        (URL, 'url = "cloud.example/dav"', "https://host/path", 'write url = "https://'),
        (URL, 'url = "https://cloud.example:x/"', "https://host/path", 'write url = "https://'),
        (URL, 'url = "https://[cloud.example/"', "https://host/path", 'write url = "https://'),
        (URL, 'url = "https://me:pw@cloud.example/"', "without user or password", 'write url = "https://'),
        ("user =", "usr =", "a setting of caldav, found 'usr'", "write 'user' instead"),
        ("user =", "folder =", "a setting of caldav, found 'folder'", "it is a setting of dropfolder and spreadsheet"),
        ("user =", "token =", "found 'token'", "secrets are files, not values"),
        ("user =", 'language = "Deutsch"\nuser =', "connector.settings.language", 'language = "de"'),
        ("user =", 'secret = "../city"\nuser =', "connector.settings.secret", 'secret = "caldav-'),
        ("[connector.settings]", "[[connector.settings]]", "connector.settings", "[connector.settings]"),
    ],
)
def test_a_wrong_connector_is_told_with_file_line_and_remedy(
    tmp_path: Path, right: str, wrong: str, expected: str, write: str
) -> None:
    """Kind, keys and values of a connector are told like every other mistake, by what the kind itself says."""
    text = CITY.replace(right, wrong, 1)
    line = line_of(text, wrong.partition("\n")[0] or "[connector.settings]")
    place = f"{tmp_path / 'stadt-gelsenkirchen.toml'}:{line}: expected "
    told = [one for one in refused(tmp_path, text).splitlines() if one.startswith(place)]
    assert [one for one in told if expected in one and write in one], told


def test_an_outbox_opens_what_its_connector_can_write(tmp_path: Path) -> None:
    """A calendar holds no study: nobody would read it. Without a push, or with HTTP beside it, all may be opened."""
    study, outbox = "de.lernende-stadt.study.opened.v1", "[outbox]\ncontracts = [\n"
    by_http = CITY.replace(outbox, f'{outbox}  "{study}",\n')
    text = by_http.replace("[http]\n", "")
    line = text[: text.index(outbox)].count("\n") + 3
    told = refused(tmp_path, text)
    assert f":{line}: expected contracts that caldav can write, those about an event; found '{study}'" in told
    assert "take it out" in told
    assert "outbox.contracts" in refused(tmp_path, CITY.replace(outbox, '[outbox]\ncontracts = [\n  ["x"],\n'))
    city = tmp_path / "stadt-gelsenkirchen.toml"
    for allowed in (text.replace('["pull", "push"]', '["pull"]'), by_http):
        city.write_text(allowed, encoding="utf-8")
        assert study in load_agreements(tmp_path)["stadt-gelsenkirchen"].outbox.contracts


def test_a_connector_and_the_rest_are_told_at_once_in_the_order_of_lines(tmp_path: Path) -> None:
    """Who has put all that was told right has put all right."""
    wrong = CITY.replace(URL, "").replace('status = "draft"', 'status = "drafted"').replace("user =", "usr =")
    lines = [int(one.split(":")[1]) for one in refused(tmp_path, wrong).splitlines()]
    assert lines == [line_of(wrong, text) for text in ("status =", "[connector.settings]", "usr =")]


def test_no_value_of_a_setting_is_told(tmp_path: Path) -> None:
    """A password that somebody wrote into the file does not reach a terminal or a log."""
    for wrong in ('url = "https://me:hunter2@[cloud.example/"', 'url = ["hunter2"]', 'password = "hunter2"'):
        told = refused(tmp_path, CITY.replace(URL, wrong))
        assert "connector.settings.url" in told
        assert "hunter2" not in told


def package(folder: Path, row: str) -> None:
    """Install somebody else's package with a kind of its own into a folder."""
    (folder / "schulportal.py").write_text(row, encoding="utf-8")
    about = folder / "schulportal-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: schulportal\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[hub.connectors]\nschulportal = schulportal:KIND\n")


SCHOOL = """
from contracts.agreement import Part
class Settings(Part):
    schools: tuple[int, ...]
class KIND:
    directions, objects, push_alone = ("pull",), ("event",), True
    settings = Settings
"""
SCHOOLS = CITY.replace('"caldav"', '"schulportal"').replace(URL, "schools = [4711, 4712]").partition("user =")[0]


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of packages that Python finds."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "schulportal", raising=False)
    return folder


@pytest.fixture
def agreements(tmp_path: Path) -> Path:
    """An empty folder of agreements."""
    folder = tmp_path / "agreements"
    folder.mkdir()
    return folder


def test_another_package_brings_a_kind_by_being_installed(agreements: Path, installed: Path) -> None:
    """Its settings and directions are those of its own row, and its mistakes are told like ours."""
    package(installed, SCHOOL)
    told = refused(agreements, SCHOOLS.replace("4712", '"all"'))
    assert f":{line_of(SCHOOLS, 'directions')}: expected connector.directions that schulportal can do, pull" in told
    assert "found 'push'; write directions = [\"pull\"]" in told
    assert f":{line_of(SCHOOLS, 'schools')}: expected connector.settings.schools" in told
    (agreements / "stadt-gelsenkirchen.toml").write_text(SCHOOLS.replace(', "push"', ""), encoding="utf-8")
    connector = load_agreements(agreements)["stadt-gelsenkirchen"].connector
    assert connector is not None
    assert connector.settings == {"schools": [4711, 4712]}


def test_a_kind_that_cannot_be_pushed_to_alone_says_so(agreements: Path) -> None:
    """Nothing would write the lists anew in which somebody was erased."""
    club = (EXAMPLES / "gartenverein-musterhalde.toml").read_text(encoding="utf-8")
    told = refused(agreements, club.replace('["pull", "push"]', '["push"]'))
    assert "expected pull beside push, which spreadsheet cannot do alone; found push" in told
    assert 'write directions = ["pull", "push"]' in told


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("import nothing_like_this\n", "can be loaded, came ModuleNotFoundError"),
        ("raise RuntimeError('hunter2')\n", "can be loaded, came RuntimeError"),
        (
            "class KIND:\n    directions = objects = ()\n    settings = int\n",
            "with settings made from contracts.agreement.Part",
        ),
    ],
)
def test_a_kind_that_does_not_work_is_told_where_it_is_named(
    agreements: Path, installed: Path, row: str, expected: str
) -> None:
    """A broken package of somebody else is told as file and line, and only to who names it."""
    package(installed, row)
    told = refused(agreements, SCHOOLS)
    assert f":{line_of(SCHOOLS, 'kind =')}: expected " in told
    assert expected in told
    assert "install the package that brings it anew" in told
    (agreements / "stadt-gelsenkirchen.toml").unlink()
    (agreements / "lernwerkstatt-rotthausen.toml").write_text(
        NGO.replace('partners = ["stadt-gelsenkirchen", "universitaet-wuppertal"]', ""), encoding="utf-8"
    )
    assert load_agreements(agreements)


def test_reading_agreements_loads_nothing_that_takes_time() -> None:
    """A connector's row is read by every service and command: what only pulls and pushes need stays away."""
    program = (
        "import sys; from contracts.agreements import EXAMPLES, load_agreements; load_agreements(EXAMPLES);"
        "assert 'flows.connectors.caldav.manifest' in sys.modules;"
        f"print(*sorted(sys.modules.keys() & set({HEAVY!r})))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603 - our own text
    assert done.stdout.split() == []

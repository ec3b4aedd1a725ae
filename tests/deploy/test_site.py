from pathlib import Path

import pytest

from deploy import data_folder, parts
from deploy.ports import PORTS
from deploy.site import SiteError, fixed, throwaway
from deploy.supervision import Supervisor

WRONG = {
    "unknown key": ("kafak = 'x:1'", 1, "a key of this file, came 'kafak'; write kafka, or leave it out"),
    "unknown table": ("production = true\n[prots]\nevents = 1", 2, "a key of this file, came 'prots'; write ports, or"),
    "nothing like it": ("colour = 1", 1, "came 'colour'; write one of agreements, kafka, kafka_ca, postgres, "),
    "unknown port": ("[ports]\n\nkafkaa = 1", 3, "a part that has a port, came 'kafkaa'; write kafka, or leave it out"),
    "port too high": ("[ports]\nprefect = 80000", 2, "to be a port from 1 to 65535, came 80000; write prefect = 4200"),
    "port too low": ("ports.kafka = 0", 1, "ports.kafka to be a port from 1 to 65535, came 0; write kafka = 9092"),
    "port as text": ("[ports]\nprefect = '4201'", 2, 'a port from 1 to 65535, came "4201"; write prefect = 4200'),
    "yes for a port": ("[ports]\nprefect = true", 2, "a port from 1 to 65535, came true; write prefect = 4200"),
    "ports of text": ("ports = 'all'", 1, "ports to be a table of ports, came another text; write ports = { prefect"),
    "no port": ("\nkafka = 'broker'", 2, "kafka to be host:port as text, several comma separated, came another text"),
    "a number": ("kafka = 9092", 1, 'came a number; write kafka = "kafka-1.example:9092'),
    "a password": ("postgres = 'postgresql://hub:geheim@db/hub'", 1, "without password (that is the file secrets/"),
    "maybe": ("production = 'maybe'", 1, 'production to be true or false, came "maybe"; write production = true'),
    "no certificate": ("production = true\nkafka = 'kafka.example:1'", 2, "kafka_ca to be the CA's file for a Kafka"),
    "no TOML": ("production = true\nkafka = ", 2, "TOML (Invalid value"),
}


@pytest.mark.parametrize(("text", "line", "words"), WRONG.values(), ids=WRONG)
def test_a_mistake_is_told_with_file_line_and_remedy(tmp_path: Path, text: str, line: int, words: str) -> None:
    """Each names the file, the line, what was expected, what came and what to write; no address is repeated."""
    (tmp_path / "hub.toml").write_text(text)
    with pytest.raises(SiteError) as refused:
        fixed(tmp_path)
    (told,) = str(refused.value).splitlines()
    assert told.startswith(f"{tmp_path / 'hub.toml'}:{line}: expected ")
    assert words in told
    assert "write" in told
    assert not [secret for secret in ("geheim", "broker", "kafka.example:1'") if secret in told]


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """Nobody starts the hub once for each mistake; they come in the order of the lines."""
    (tmp_path / "hub.toml").write_text("kafak = 1\nproduction = 7\n[ports]\nprefect = 80000\nevents = 0\n")
    with pytest.raises(SiteError) as refused:
        fixed(tmp_path)
    assert [told.split(":")[1] for told in str(refused.value).splitlines()] == ["1", "2", "4", "5"]


def test_a_variables_mistake_is_not_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong environment variable is named as such."""
    monkeypatch.setenv("HUB_KAFKA", "broker")
    with pytest.raises(SiteError, match=r"^HUB_KAFKA: expected kafka to be host:port .*; write HUB_KAFKA=kafka"):
        fixed(tmp_path)


def test_another_encoding_is_told(tmp_path: Path) -> None:
    """A file in Latin-1 is a sentence, not a traceback."""
    (tmp_path / "hub.toml").write_bytes("# für".encode("latin-1"))
    with pytest.raises(SiteError, match="save the file in UTF-8"):
        fixed(tmp_path)


def test_one_port_changes_one_port(tmp_path: Path) -> None:
    """Ports that hub.toml does not name keep their numbers."""
    (tmp_path / "hub.toml").write_text("[ports]\nprefect = 4299")
    assert fixed(tmp_path).ports == {**PORTS, "prefect": 4299}


def test_own_servers_replace_the_bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With addresses given the bundled servers do not run; Prefect's database is on the PostgreSQL given."""
    (tmp_path / "hub.toml").write_text('kafka = "a.example:1,b.example:2"\nkafka_ca = "ca.pem"')
    monkeypatch.setenv("HUB_POSTGRES", "postgresql://hub@db.example:6432/hub")
    site = fixed(tmp_path)
    assert parts.bundled(site, parts.FOUNDATION) == ()
    assert site.settings().kafka == "a.example:1,b.example:2"
    assert site.prefect_database("word") == "postgresql+asyncpg://prefect:word@db.example:6432/prefect"


def test_a_password_in_an_address_is_not_told(tmp_path: Path) -> None:
    """Who writes a password into hub.toml is told where it belongs, and does not find it in the message."""
    (tmp_path / "hub.toml").write_text('postgres = "postgresql://hub:geheim@db.example/hub"')
    with pytest.raises(SiteError, match="secrets/postgres") as refused:
        fixed(tmp_path)
    assert "geheim" not in str(refused.value)


def test_another_machines_kafka_is_spoken_over_tls(tmp_path: Path) -> None:
    """Passwords and facts do not cross a network in the clear; on this machine no certificate is asked for."""
    (tmp_path / "hub.toml").write_text('kafka = "127.0.0.1:9092,kafka.example:9092"')
    with pytest.raises(SiteError, match="kafka_ca"):
        fixed(tmp_path)
    (tmp_path / "hub.toml").write_text('kafka = "127.0.0.1:9092,localhost:9093"')
    assert fixed(tmp_path).kafka_ca is None


def test_throwaway_sites_do_not_meet(tmp_path: Path) -> None:
    """A throw-away site has a free port of its own for every part."""
    assert len(set(throwaway(tmp_path).ports.values())) == len(PORTS)


def test_a_place_where_no_folder_can_be_is_told_before_anything_starts(tmp_path: Path) -> None:
    """Whoever names a file, or a folder in one, reads where it is and what to do."""
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "data"):
        with pytest.raises(data_folder.DataFolderError, match=f"expected a data folder in {place}, came: .*HUB_DATA"):
            data_folder.make(place)
        assert not Supervisor(place).answers()

from pathlib import Path

import pytest

from deploy import parts
from deploy.site import PORTS, SiteError, fixed, throwaway

WRONG = {
    "unknown key": ("kafak = 'x:1'", "kafak"),
    "unknown port": ("[ports]\nkafkaa = 1", "kafkaa"),
    "address without port": ("kafka = 'broker'", "kafka"),
    "address with a password": ("postgres = 'postgresql://hub:secret@db/hub'", "postgres"),
    "no TOML": ("kafka = ", "end of document"),
}


@pytest.mark.parametrize(("text", "word"), WRONG.values(), ids=WRONG)
def test_mistakes_are_named(tmp_path: Path, text: str, word: str) -> None:
    """A wrong hub.toml is refused with its path and the word that is wrong."""
    (tmp_path / "hub.toml").write_text(text)
    with pytest.raises(SiteError, match=word) as error:
        fixed(tmp_path)
    assert str(tmp_path / "hub.toml") in str(error.value)


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

import hashlib
from pathlib import Path

import pytest

from deploy import jars
from deploy.jars import Jar, JarsError, check, classpath, fetch, locked

GOOD = hashlib.sha256(b"good").hexdigest()


def test_another_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A download that is not what the lock says never reaches the folder, and both sums are told."""

    def download(_: Jar, folder: Path) -> Path:
        path = folder / "arrived.jar"
        path.write_bytes(b"evil")
        return path

    monkeypatch.setattr(jars, "_download", download)
    with pytest.raises(JarsError, match=f"{GOOD}.*{hashlib.sha256(b'evil').hexdigest()}"):
        fetch([Jar("g:a:1", GOOD)], tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_damaged_file_is_brought_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies there with another sum is replaced; what is right is not fetched."""
    asked: list[str] = []

    def download(jar: Jar, folder: Path) -> Path:
        asked.append(jar.coordinate)
        path = folder / jar.name
        path.write_bytes(b"good")
        return path

    monkeypatch.setattr(jars, "_download", download)
    (tmp_path / "a-1.jar").write_bytes(b"damaged")
    (tmp_path / "b-1.jar").write_bytes(b"good")
    fetch([Jar("g:a:1", GOOD), Jar("g:b:1", GOOD)], tmp_path)
    assert asked == ["g:a:1"]
    assert (tmp_path / "a-1.jar").read_bytes() == b"good"


def test_missing_file_is_refused(tmp_path: Path) -> None:
    """A download that brought nothing is refused as well."""
    with pytest.raises(JarsError, match="no file"):
        check(Jar("g:a:1", GOOD), tmp_path / "none")


def test_the_lock_is_whole() -> None:
    """Every line of the lock has a sum and a coordinate, and no two jars have the same file name."""
    names = [jar.name for jar in locked()]
    assert "kafka_2.13-4.4.0.jar" in names
    assert len(set(names)) == len(names)
    assert all(len(jar.sha256) == 64 and jar.coordinate.count(":") == 2 for jar in locked())


def test_missing_jars_tell_what_to_do(tmp_path: Path) -> None:
    """Without the jars the error names the command that brings them."""
    with pytest.raises(JarsError, match="make install"):
        classpath(tmp_path)

from pathlib import Path

from deploy.passwords import mint, password, write_private


def test_minted_once_and_private(tmp_path: Path) -> None:
    """A password stays the same once it is there; only its owner can read it."""
    folder = tmp_path / "secrets"
    mint(folder, ["one", "two"])
    first = password(folder, "one")
    mint(folder, ["one"])
    assert password(folder, "one") == first != password(folder, "two")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "one").stat().st_mode & 0o777 == 0o600


def test_writing_replaces_at_once(tmp_path: Path) -> None:
    """A private file is replaced as a whole, also where an interrupted attempt left its half."""
    (tmp_path / ".file.new").write_text("half")
    write_private(tmp_path / "file", "old")
    write_private(tmp_path / "file", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "new"

import os
import signal
from pathlib import Path

import pytest

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


def test_interrupted_writing_leaves_no_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while a secret is written waits until the file is whole and has its name."""
    opened = os.open

    def interrupted(path: Path, flags: int, mode: int) -> int:
        signal.raise_signal(signal.SIGINT)
        return opened(path, flags, mode)

    monkeypatch.setattr(os, "open", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_private(tmp_path / "file", "secret")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]

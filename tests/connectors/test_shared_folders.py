"""A folder that a partner writes too: only files are read, only a file of our own is written."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.connectors.dropfolder.client import Folder
from flows.connectors.folder import beginning, put
from flows.connectors.spreadsheet.client import Tables

Maker = Callable[[Path], None]
SECRET = b"nicht fuer Partner"


def _link(path: Path) -> None:
    target = path.with_name("elsewhere")
    target.write_bytes(SECRET)
    path.symlink_to(target)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as door:
        os.chdir(path.parent)  # its whole path may be too long for a socket
        door.bind(path.name)


OTHERS: tuple[Maker, ...] = (_link, os.mkfifo, _socket, Path.mkdir)


@pytest.mark.parametrize("make", OTHERS)
def test_what_is_no_file_counts_as_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Maker) -> None:
    """A link, a pipe, a socket, a folder: as if nothing lay there, at once."""
    monkeypatch.chdir(tmp_path)
    make(tmp_path / "kurs.ics")
    with pytest.raises(FileNotFoundError) as told:
        beginning(tmp_path / "kurs.ics", 100)
    assert "kurs" not in str(told.value)


@pytest.mark.parametrize("make", OTHERS)
def test_what_is_no_file_in_our_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Maker) -> None:
    """It is in no catalogue, and no file of ours; the others are read."""
    monkeypatch.chdir(tmp_path)
    folder = Folder(tmp_path)
    folder.write("a.ics", b"a")
    make(tmp_path / "out" / "b.ics")
    assert list(folder.outgoing()) == [("a.ics", b"a")]
    assert folder.read("b.ics") is None


@pytest.mark.parametrize("most", [0, 1, 3, 4, 9])
def test_of_a_file_too_large_one_byte_more_is_read(tmp_path: Path, most: int) -> None:
    """So it is seen to be."""
    (tmp_path / "a").write_bytes(b"abcd")
    assert beginning(tmp_path / "a", most) == b"abcd"[: most + 1]


@pytest.mark.parametrize("place", ["kurs.ics", ".kurs.ics.part"])
def test_nothing_is_written_through_a_link(tmp_path: Path, place: str) -> None:
    """Neither through one in the place of the file, nor of that which is written first."""
    _link(tmp_path / place)
    put(tmp_path / "kurs.ics", b"neu")
    assert (tmp_path / "elsewhere").read_bytes() == SECRET
    assert (tmp_path / "kurs.ics").read_bytes() == b"neu"
    assert {path.name for path in tmp_path.iterdir()} == {"elsewhere", "kurs.ics"}
    assert not (tmp_path / "kurs.ics").is_symlink()


def test_a_link_that_comes_back_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A partner may put it there anew between two steps: then nothing is written, and the run says so."""
    _link(tmp_path / ".kurs.ics.part")
    monkeypatch.setattr(os, "unlink", lambda *_, **__: None)
    with pytest.raises(OSError, match="expected to use the folder"):
        put(tmp_path / "kurs.ics", b"neu")
    assert (tmp_path / "elsewhere").read_bytes() == SECRET


FOREIGN = Path("somebody-elses")


@pytest.fixture
def linked(tmp_path: Path) -> Path:
    """A partner's folder whose ``in`` and ``out`` its partner replaced by links to a folder of somebody else."""
    foreign = tmp_path / FOREIGN
    foreign.mkdir()
    (foreign / "kurs.ics").write_bytes(SECRET)
    (tmp_path / "own").mkdir()
    for name in ("in", "out"):
        (tmp_path / "own" / name).symlink_to(foreign)
    return tmp_path / "own"


DONE: tuple[Callable[[Folder], object], ...] = (
    lambda folder: folder.incoming(),
    lambda folder: list(folder.outgoing()),
    lambda folder: folder.read("kurs.ics"),
    lambda folder: folder.write("kurs.ics", b"neu"),
    lambda folder: folder.write("other.ics", b"neu"),
    lambda folder: folder.remove("kurs.ics"),
)


@pytest.mark.parametrize("do", DONE)
def test_a_link_in_the_place_of_a_folder_is_not_followed(linked: Path, do: Callable[[Folder], object]) -> None:
    """Nothing is read there, written or removed; the error says which folder, not where the link leads."""
    with pytest.raises(OSError) as told:  # noqa: PT011 - which one the system says
        do(Folder(linked))
    assert str(FOREIGN) not in str(told.value)
    assert {path.name: path.read_bytes() for path in (linked.parent / FOREIGN).iterdir()} == {"kurs.ics": SECRET}


async def test_a_table_is_not_read_through_a_link(linked: Path) -> None:
    """Nor is an answer put there."""
    (linked.parent / FOREIGN / "kurse.csv").write_bytes(SECRET)
    tables = Tables(linked / "in", 0.0)
    with pytest.raises(OSError, match="expected to use the folder"):
        await tables.read(None)
    with pytest.raises(OSError, match="expected to use the folder"):
        tables.answer("kurse.csv", b"neu")
    assert sorted(path.name for path in (linked.parent / FOREIGN).iterdir()) == ["kurs.ics", "kurse.csv"]


def test_the_folder_around_may_be_a_link_of_the_operators(tmp_path: Path) -> None:
    """Where the agreement leads is no partner's choice."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "hub").symlink_to(tmp_path / "disk")
    Folder(tmp_path / "hub").write("a.ics", b"a")
    assert Folder(tmp_path / "disk").read("a.ics") == b"a"

"""Folders that a partner and the hub share: whole files in, whole files out, and no name in an error."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Files = dict[str, os.stat_result]


def listing(folder: Path, wanted: Callable[[str], bool]) -> Files:
    """Return the files of a folder whose name is wanted, the oldest first. Links and hidden files are passed over.

    What is gone when it is looked at is left out: it was just taken away.

    Raises:
        OSError: the folder is not there, or may not be read.
    """
    found: Files = {}
    with usable(folder), os.scandir(folder) as entries:
        for entry in entries:
            if not entry.name.startswith((".", "~")) and wanted(entry.name) and entry.is_file(follow_symlinks=False):
                try:
                    found[entry.name] = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
    return dict(sorted(found.items(), key=lambda each: (each[1].st_mtime_ns, each[0])))


def beginning(path: Path, most: int) -> bytes:
    """Read a file, and of one too large only so much that it is seen to be."""
    with path.open("rb") as file:
        return file.read(most + 1)


def mark(stat: os.stat_result) -> str:
    """Return what changes when a file does: its time and its size."""
    return f"{stat.st_mtime_ns}-{stat.st_size}"


def readable(name: str) -> str:
    """Return a file name that can be written in UTF-8, whatever bytes it has on disk."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def put(path: Path, raw: bytes) -> None:
    """Write a file beside its place under a hidden name, then move it there in one step: nobody ever sees half of it.

    Raises:
        OSError: the folder cannot be made or written, or the disk is full.
    """
    part = path.with_name(f".{path.name}.part")
    with usable(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)


@contextmanager
def usable(folder: Path) -> Iterator[None]:
    """Say what is wrong with a folder, without the name of a file in it: that may be a person's."""
    try:
        yield
    except FileNotFoundError:
        raise FileNotFoundError(f"expected the folder {folder.resolve()}, there is none: make it") from None
    except OSError as error:
        came = f"expected to use the folder {folder.resolve()}, came: {error.strerror}"
        raise OSError(f"{came}: see that whoever runs the hub may, and that the disk has room") from None

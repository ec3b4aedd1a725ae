"""Folders that a partner and the hub share: whole files in, whole files out, and no name in an error.

The partner can write them too, and often the folder around them: no name need be what it was a moment ago, so no link
is followed, in them or in their place. Who reads or writes opens the folder once and names files from there.
"""

import errno
import os
import stat as modes
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

Files = dict[str, os.stat_result]

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
_NO_FILE = {errno.ELOOP, errno.ENXIO}
"""What opening says of a link that is not to be followed, and of a socket."""


def listing(folder: Path, wanted: Callable[[str], bool]) -> Files:
    """Return the files of a folder whose name is wanted, the oldest first. Links and hidden files are passed over.

    What is gone when it is looked at is left out: it was just taken away.

    Raises:
        OSError: the folder is not there, or may not be read.
    """
    found: Files = {}
    with usable(folder), _opened(folder) as number, os.scandir(number) as entries:
        for entry in entries:
            if not entry.name.startswith((".", "~")) and wanted(entry.name) and entry.is_file(follow_symlinks=False):
                try:
                    found[entry.name] = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
    return dict(sorted(found.items(), key=lambda each: (each[1].st_mtime_ns, each[0])))


def beginning(path: Path, most: int) -> bytes:
    """Read a file, and of one too large only so much that it is seen to be.

    Raises:
        FileNotFoundError: there is none; a link, a pipe or a folder in its place counts as none, as in `listing`.
        OSError: it may not be read, or a link lies in its folder's place.
    """
    with _opened(path.parent) as folder, os.fdopen(_no_other(path.name, folder), "rb") as file:
        return file.read(most + 1)


def _no_other(name: str, folder: int) -> int:
    """Open a file of a folder and nothing else; a pipe would keep us until somebody writes into it."""
    none = FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    try:
        number = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError as error:
        raise none if error.errno in _NO_FILE else error from None
    if modes.S_ISREG(os.fstat(number).st_mode):
        return number
    os.close(number)
    raise none


def mark(stat: os.stat_result) -> str:
    """Return what changes when a file does: its time and its size."""
    return f"{stat.st_mtime_ns}-{stat.st_size}"


def saved(told: str | None) -> int:
    """Return when a file was saved, in nanoseconds, from its `mark`; 0 where there is none."""
    return int((told or "0").partition("-")[0])


def readable(name: str) -> str:
    """Return a file name that can be written in UTF-8, whatever bytes it has on disk."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def put(path: Path, raw: bytes, rights: int = 0o666) -> None:
    """Write a file beside its place under a hidden name, then move it there in one step: nobody ever sees half of it.

    Args:
        path: its place.
        raw: what it holds.
        rights: of the file, less what the process keeps from everybody (umask).

    Raises:
        OSError: the folder cannot be made or written, or the disk is full.
    """
    part = f".{path.name}.part"
    with usable(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        with _opened(path.parent) as folder:
            with suppress(FileNotFoundError):  # of a run that was interrupted, or a link that leads to a file of ours
                os.unlink(part, dir_fd=folder)
            with os.fdopen(os.open(part, _NEW, rights, dir_fd=folder), "wb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, path.name, src_dir_fd=folder, dst_dir_fd=folder)


def take_away(path: Path) -> None:
    """Remove a file; one that is gone already is fine.

    Raises:
        OSError: the folder cannot be written.
    """
    with usable(path.parent), suppress(FileNotFoundError), _opened(path.parent) as folder:
        os.unlink(path.name, dir_fd=folder)


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    """Open the folder itself: what lies in its place as a link may lead to any folder that we may read and write."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        yield number
    finally:
        os.close(number)


@contextmanager
def usable(folder: Path) -> Iterator[None]:
    """Say what is wrong with a folder, without the name of a file in it: that may be a person's.

    Nor is told where a link in its place leads.
    """
    where = folder.parent.resolve() / folder.name
    try:
        yield
    except FileNotFoundError:
        raise FileNotFoundError(f"expected the folder {where}, there is none: make it") from None
    except OSError as error:
        came = f"expected to use the folder {where}, came: {error.strerror}"
        raise OSError(f"{came}: see that whoever runs the hub may, and that the disk has room") from None

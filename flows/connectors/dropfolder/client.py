"""The folder itself: what lies in ``in``, and writing into ``out`` so that nobody ever sees half a file."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from contracts.agreement import Agreement
from flows.connectors.connector import Item
from flows.connectors.dropfolder.settings import FolderSettings
from flows.connectors.manifest import settings_of
from flows.icalendar.lines import MAX_BYTES
from services.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Folder:
    """``in`` is the partner's to write, ``out`` is ours."""

    root: Path

    @classmethod
    def of(cls, agreement: Agreement, settings: Settings) -> "Folder":
        """Take the folder from the agreement.

        Raises:
            SettingsWrongError: the agreement names none; one that was read from a file does.
        """
        told = settings_of(agreement, FolderSettings)
        return cls(settings.agreements / told.folder)

    def incoming(self) -> tuple[list[Item], list[str]]:
        """Read the .ics files of ``in``, the oldest first: of two that tell the same event the newer one is last.

        Links are not followed, and of a file too large only so much is read that it is seen to be.

        Returns:
            The files, and the names of those that are there and could not be read.

        Raises:
            OSError: the folder is not there, or may not be read.
        """
        items, unreadable = [], []
        with _usable(self.root / "in"), os.scandir(self.root / "in") as entries:
            found = [entry for entry in entries if _is_calendar(entry)]
        for entry in found:
            try:
                stat, raw = entry.stat(follow_symlinks=False), _beginning(Path(entry.path))
            except OSError:
                unreadable.append(_readable(entry.name))
            else:
                items.append(((stat.st_mtime_ns, entry.name), Item(_readable(entry.name), raw, _mark(stat))))
        return [item for _, item in sorted(items, key=lambda each: each[0])], unreadable

    def outgoing(self) -> Iterator[tuple[str, bytes]]:
        """Read what we have put into ``out``, one file an event, by name."""
        folder = self.root / "out"
        for path in sorted(folder.glob("*.ics")) if folder.is_dir() else ():
            if path.name != "catalogue.ics" and not path.name.startswith("."):
                yield path.name, path.read_bytes()

    def read(self, name: str) -> bytes | None:
        """Return one file of ``out``, None where there is none."""
        try:
            return (self.root / "out" / name).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, name: str, raw: bytes) -> None:
        """Put a file into ``out``: written beside it under a hidden name, then moved there in one step.

        Raises:
            OSError: the folder cannot be made or written, or the disk is full.
        """
        path = self.root / "out" / name
        part = path.with_name(f".{name}.part")
        with _usable(path.parent):
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)

    def remove(self, name: str) -> None:
        """Take a file out of ``out``; one that is gone already is fine."""
        (self.root / "out" / name).unlink(missing_ok=True)


@contextmanager
def _usable(folder: Path) -> Iterator[None]:
    """Say what is wrong with a folder, without the name of a file in it: that may be a person's."""
    try:
        yield
    except FileNotFoundError:
        raise FileNotFoundError(f"expected the folder {folder.resolve()}, there is none: make it") from None
    except OSError as error:
        came = f"expected to use the folder {folder.resolve()}, came: {error.strerror}"
        raise OSError(f"{came}: see that whoever runs the hub may, and that the disk has room") from None


def _is_calendar(entry: os.DirEntry[str]) -> bool:
    hidden = entry.name.startswith((".", "~"))
    return not hidden and entry.name.lower().endswith(".ics") and entry.is_file(follow_symlinks=False)


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _mark(stat: os.stat_result) -> str:
    return f"{stat.st_mtime_ns}-{stat.st_size}"


def _readable(name: str) -> str:
    """Return a file name that can be written in UTF-8, whatever bytes it has on disk."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")

"""The folder itself: what lies in ``in``, and writing into ``out`` so that nobody ever sees half a file."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from contracts.agreement import Agreement
from flows.connector import Item
from flows.connectors.dropfolder.settings import FolderSettings
from flows.connectors.folder import beginning, listing, mark, put, readable, take_away
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
        for name, stat in listing(self.root / "in", _is_calendar).items():
            try:
                raw = beginning(self.root / "in" / name, MAX_BYTES)
            except OSError:
                unreadable.append(readable(name))
            else:
                items.append(Item(readable(name), raw, mark(stat)))
        return items, unreadable

    def outgoing(self) -> Iterator[tuple[str, bytes]]:
        """Read what we have put into ``out``, one file an event, by name."""
        folder = self.root / "out"
        for name in sorted(listing(folder, _is_event)) if folder.is_dir() else ():
            with suppress(FileNotFoundError):  # it was taken away
                yield name, beginning(folder / name, MAX_BYTES)

    def read(self, name: str) -> bytes | None:
        """Return one file of ``out``, None where there is none."""
        try:
            return beginning(self.root / "out" / name, MAX_BYTES)
        except FileNotFoundError:
            return None

    def write(self, name: str, raw: bytes) -> None:
        """Put a file into ``out``, whole or not at all.

        Raises:
            OSError: the folder cannot be made or written, or the disk is full.
        """
        put(self.root / "out" / name, raw)

    def remove(self, name: str) -> None:
        """Take a file out of ``out``; one that is gone already is fine."""
        take_away(self.root / "out" / name)


def _is_event(name: str) -> bool:
    return name.endswith(".ics") and name != "catalogue.ics"


def _is_calendar(name: str) -> bool:
    return name.lower().endswith(".ics")

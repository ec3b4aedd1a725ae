"""Reading the folder: always the whole of it."""

import asyncio
from datetime import datetime
from typing import Self

from contracts.agreement import Agreement
from flows.connector import Item, Mapped, Reading
from flows.connectors.dropfolder.client import Folder
from flows.connectors.dropfolder.mapping import mapped
from flows.icalendar.context import Context
from services.runtime.settings import Settings


class DropFolderSource:
    """The folder of one partner, as a source."""

    def __init__(self, folder: Folder, context: Context) -> None:
        """Name the folder; nothing is read."""
        self._folder, self._context = folder, context

    @classmethod
    def of(cls, agreement: Agreement, settings: Settings) -> Self:
        """Make it for one partner; errors as of `Folder.of`."""
        return cls(Folder.of(agreement, settings), Context.of(agreement))

    async def read(self, cursor: str | None) -> Reading:  # noqa: ARG002 - a folder has no change to ask for
        """Read every file; see :class:`flows.connector.Source`.

        A file that is not whole is refused when it is mapped, so that what it held before is not absent.
        """
        items, unreadable = await asyncio.to_thread(self._folder.incoming)
        return Reading(items=tuple(items), complete=True, unreadable=tuple(unreadable))

    def map(self, item: Item, now: datetime) -> Mapped:
        """Translate one file; see :class:`flows.connector.Source`."""
        return mapped(item, self._context, now)


class DropFolderReadback(DropFolderSource):
    """What stands in ``out``, read as it was read when it was written."""

    async def read(self, cursor: str | None) -> Reading:  # noqa: ARG002 - a folder has no change to ask for
        """Read every file; see :class:`flows.connector.Source`."""
        files = await asyncio.to_thread(lambda: list(self._folder.outgoing()))
        return Reading(items=tuple(Item(name, raw) for name, raw in files), complete=True)

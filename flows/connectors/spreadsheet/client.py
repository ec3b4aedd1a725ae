"""The folder itself: which tables lie in ``in`` and are at rest, and the answers beside them."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from contracts.dead_letter import entry_of
from flows.connector import Item, Reading
from flows.connectors.folder import Files, beginning, listing, mark, put, readable
from flows.connectors.spreadsheet.columns import EVENTS, Kind
from flows.fingerprints import Fingerprints
from flows.icalendar.lines import MAX_BYTES

_TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods")
_ANSWER = ".antwort.csv"
_LONGEST_NAME = 200  # bytes: with our ending it stays below what file systems take


@dataclass(frozen=True, slots=True)
class Tables:
    """A folder of tables, in a partner's own.

    Args:
        folder: where it is.
        rest: seconds a file must not have changed for before it is read.
        kind: what the rows are.
        fingerprints: given where they are about people: of a file no more than a fingerprint is told or kept then, as
            its name may be a person's, too.
        rights: of the answers.
        prefix: of their source ids, where a partner has several such folders.
    """

    folder: Path
    rest: float
    kind: Kind = EVENTS
    fingerprints: Fingerprints | None = None
    rights: int = 0o666
    prefix: str = ""
    names: dict[str, str] = field(default_factory=dict)  # of the files that were read, by source id

    async def read(self, cursor: str | None) -> Reading:
        """Read every table, the oldest first. ``cursor``: how they looked last time; those need not be waited for.

        Raises:
            OSError: the folder is not there, or may not be read.
        """
        before, looked = marks(cursor), await asyncio.to_thread(listing, self.folder, _is_table)
        if any(before.get(entry_of(self._source_id(name))) != mark(stat) for name, stat in looked.items()):
            await asyncio.sleep(self.rest)
        items, unreadable = await asyncio.to_thread(self._taken, looked)
        seen = {entry_of(item.source_id): item.etag for item in items}
        return Reading(tuple(items), complete=True, cursor=json.dumps(seen), unreadable=tuple(unreadable))

    def _taken(self, looked: Files) -> tuple[list[Item], list[str]]:
        """Read what looks as it did; what has changed since, or changes while it is read, is still being written."""
        items, unreadable = (
            [],
            [self._source_id(name) for name in listing(self.folder, _is_table) if name not in looked],
        )
        for name, stat in looked.items():
            try:
                raw = beginning(self.folder / name, MAX_BYTES)
                at_rest = mark((self.folder / name).lstat()) == mark(stat)
            except FileNotFoundError:
                continue  # it was taken away
            except OSError:
                at_rest = False
            if at_rest:
                items.append(Item(self._source_id(name), raw, mark(stat), self._kept(raw)))
            else:
                unreadable.append(self._source_id(name))
        return items, unreadable

    def answer(self, source_id: str, raw: bytes) -> None:
        """Put an answer beside its table, unless it lies there already: an open spreadsheet is not disturbed in vain.

        Raises:
            OSError: the folder cannot be written.
        """
        path = self.folder / answer_name(self.names.get(source_id, source_id))
        try:
            same = beginning(path, len(raw)) == raw
        except OSError:
            same = False
        if not same:
            put(path, raw, self.rights)

    def _source_id(self, name: str) -> str:
        told = readable(name)
        if self.fingerprints:
            told = f"{self.fingerprints.of('file', told)}{Path(name).suffix.lower()}"
        told = f"{self.prefix}{told}"
        self.names[told] = readable(name)
        return told

    def _kept(self, raw: bytes) -> bytes | None:
        return self.fingerprints.of("content", raw).encode() if self.fingerprints else None


def answer_name(source_id: str) -> str:
    """Return the name of the answer to a file."""
    return source_id.encode()[:_LONGEST_NAME].decode(errors="ignore") + _ANSWER


def _is_table(name: str) -> bool:
    return name.lower().endswith(_TABLES) and not name.lower().endswith(_ANSWER)


def marks(cursor: str | None) -> Mapping[str, str]:
    """Return how each file looked last time, by its hash; nothing where the cursor is none of ours."""
    try:
        found = json.loads(cursor or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}

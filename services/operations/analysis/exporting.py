"""The unified stream as a data set of files: what was told since a time, and what holds now."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from contracts.admission import Admitted, Message, read
from contracts.envelope import read_envelope
from contracts.fact import Fact
from contracts.refusal import RefusedError
from contracts.registry import kind_of
from services.operations.analysis import unified
from services.operations.analysis.datapackage import FILE, Table, package
from services.operations.analysis.export_files import Sheet, sheet
from services.operations.analysis.holding import Holding, Told, Withdrawn, columns_of, kinds
from services.operations.analysis.replacing import replaced
from services.runtime.settings import Settings


@dataclass(slots=True)
class Exported:
    """What an export holds; ``unread`` facts are of contracts that this version of the hub does not know."""

    facts: int = 0
    objects: int = 0
    unread: int = 0
    licences: set[str] = field(default_factory=set)


async def export(settings: Settings, since: datetime | None, folder: Path, count: Callable[[int], None]) -> Exported:
    """Write the data set; an earlier one in the same folder is replaced when the new one is whole.

    Args:
        settings: where the hub is.
        since: facts recorded from then on; None is from the beginning. What holds is told whole all the same.
        folder: where to; made where it is missing.
        count: hears of facts read.

    Raises:
        UsageError: the folder holds something else.
        AwayError: Kafka does not answer.
    """
    now = datetime.now(UTC)
    with replaced(folder) as new:
        done, tables = Exported(), []
        withdrawn = await _withdrawn(settings)
        holdings = {kind: Holding(contracts[0].type) for kind, contracts in kinds().items()}
        with _sheets(new, "facts") as sheets:
            async for told in _facts(settings, done, count):
                holdings[kind_of(told.envelope.type)].take(told)
                if since is None or told.recorded >= since:
                    sheets[kind_of(told.envelope.type)].put(_licensed(withdrawn.row(told), done))
            tables += _tables("facts", sheets)
        done.facts = sum(table.rows for table in tables)
        with _sheets(new, "current") as sheets:
            for kind, holding in holdings.items():
                for row in holding.rows():
                    sheets[kind].put(_licensed(row, done))
            tables += _tables("current", sheets)
        done.objects = sum(table.rows for table in tables) - done.facts
        described = package(new, tables, done.licences, (since, now))
        (new / FILE).write_text(json.dumps(described, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return done


async def _facts(settings: Settings, done: Exported, count: Callable[[int], None]) -> AsyncIterator[Told]:
    async for record in unified.records(settings, None):
        count(1)
        fact = read(Message(record.key, record.value, record.headers))
        if isinstance(fact, Admitted):
            recorded = datetime.fromtimestamp(record.timestamp / 1000, UTC)
            yield Told(fact.envelope, recorded, _body(fact.fact))
        else:
            done.unread += 1


async def _withdrawn(settings: Settings) -> Withdrawn:
    """Find what was withdrawn before anything is written; payloads are not looked at."""
    withdrawn = Withdrawn()
    async for record in unified.records(settings, None):
        with suppress(RefusedError):
            withdrawn.take(read_envelope(record.headers))
    return withdrawn


def _body(fact: Fact) -> dict[str, Any]:
    return fact.model_dump(mode="json", exclude_none=True)


def _licensed(row: dict[str, Any], done: Exported) -> dict[str, Any]:
    if licence := row.get("licence"):
        done.licences.add(licence)
    return row


@contextmanager
def _sheets(folder: Path, name: str) -> Iterator[dict[str, Sheet]]:
    with ExitStack() as files:
        yield {
            kind: files.enter_context(sheet(folder / name / kind, columns_of(contracts)))
            for kind, contracts in kinds().items()
        }


def _tables(folder: str, sheets: dict[str, Sheet]) -> list[Table]:
    return [Table(folder, kind, each.columns, each.rows) for kind, each in sheets.items()]

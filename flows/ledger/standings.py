"""How each enrolment stands, as the hub told a partner: for the answers to whoever asked, and for organisers' lists.

Humans stand here under their reference; what is known of them is in the vault alone.
"""

import json
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

import asyncpg

from contracts.enrolment import Enrolment, EnrolmentRequested
from contracts.offering import Reason
from services.runtime import postgres
from services.runtime.postgres import Pool
from services.runtime.settings import Settings

_NOTE = """
insert into sync.enrolment (
    partner, enrolment_id, offering_id, person_ref, status, place, cause, revision, asked, reason)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (partner, enrolment_id) do update set
    offering_id = excluded.offering_id, person_ref = excluded.person_ref, status = excluded.status,
    place = coalesce(excluded.place, enrolment.place), cause = excluded.cause, revision = excluded.revision,
    asked = greatest(excluded.asked, enrolment.asked), reason = excluded.reason
where enrolment.revision <= excluded.revision"""

_LAST = "update sync.enrolment set number = default where partner = $1 and enrolment_id = $2 and revision < $3"
"""Whoever asks again is the last in the order of the requests."""

_COLUMNS = "enrolment_id, offering_id, person_ref, status, place, cause, revision, listed, shown, asked, reason"
_OF = f"select {_COLUMNS} from sync.enrolment where partner = $1 and enrolment_id = any($2::text[])"  # noqa: S608 - our own names
_OWN = f"""
select {_COLUMNS} from sync.enrolment where partner = $1 and starts_with(offering_id, $1 || ':')
order by offering_id, number"""  # noqa: S608 - our own names

_LISTED = """
update sync.enrolment as known set listed = given.revision, shown = given.shown
from unnest($2::text[], $3::bigint[], $4::timestamptz[]) as given (enrolment_id, revision, shown)
where partner = $1 and known.enrolment_id = given.enrolment_id"""


@dataclass(frozen=True, slots=True)
class Standing:
    """One enrolment. ``status``: as of Open Education API 6, ``requested`` before anything was decided.

    ``place``: in the queue, when it was queued. ``listed``: the revision that the latest list shows; ``shown``: when
    that was told what it shows of the human, None where it shows nobody. ``asked``: the partner's own revision of its
    latest request that counted. ``reason``: why the offering is off, by language.
    """

    enrolment_id: str
    offering_id: str
    person_ref: str
    status: str
    place: int | None = None
    cause: str | None = None
    revision: int = 1
    listed: int = 0
    shown: datetime | None = None
    asked: int = 0
    reason: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standings:
    """Those of one partner."""

    pool: Pool
    partner: str

    async def note(self, fact: Enrolment) -> None:
        """Note what a fact says; an older one changes nothing."""
        status = type(fact).__dict__["type"].split(".")[-2]
        more = (getattr(fact, "place", None), getattr(fact, "cause", None), getattr(fact, "revision", 1))
        if isinstance(fact, EnrolmentRequested):
            await self.pool.execute(_LAST, self.partner, fact.enrolment_id, fact.revision)
        told = (getattr(fact, "asked", None) or 0, _written(getattr(fact, "reason", None) or ()))
        row = (fact.enrolment_id, fact.offering_id, fact.person_ref or "", status, *more, *told)
        await self.pool.execute(_NOTE, self.partner, *row)

    async def of(self, enrolments: Collection[str]) -> dict[str, Standing]:
        """Return what is known of some enrolments, by id."""
        rows = await self.pool.fetch(_OF, self.partner, list(enrolments))
        return {row["enrolment_id"]: _standing(row) for row in rows}

    async def own(self) -> dict[str, list[Standing]]:
        """Return the enrolments for what the partner itself organises, by that, in the order of the requests."""
        found: dict[str, list[Standing]] = {}
        for row in await self.pool.fetch(_OWN, self.partner):
            found.setdefault(row["offering_id"], []).append(_standing(row))
        return found

    async def listed(self, rows: Sequence[Standing], shown: Sequence[datetime | None]) -> None:
        """Note what a list shows: the rows as they were read, and of each human what was told at that time."""
        columns = ([row.enrolment_id for row in rows], [row.revision for row in rows], list(shown))
        await self.pool.execute(_LISTED, self.partner, *columns)


def _written(reasons: Sequence[Reason]) -> str:
    return json.dumps({reason.language: reason.text for reason in reasons})


def _standing(row: asyncpg.Record) -> Standing:
    return Standing(**{**row, "reason": json.loads(row["reason"] or "{}")})


@asynccontextmanager
async def standings(settings: Settings, partner: str) -> AsyncIterator[Standings]:
    """Open them for a moment.

    Raises:
        OSError, asyncpg.PostgresError: PostgreSQL is away.
    """
    pool = await postgres.connect(settings, size=2)
    try:
        yield Standings(pool, partner)
    finally:
        pool.terminate()

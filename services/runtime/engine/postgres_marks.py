"""The index of marks on PostgreSQL: a row for each pair of mark and key, not a list for each mark.

Objects that share a mark are decided in different partitions at the same time. Each writes rows that hold its own key,
and its key belongs to one partition: nobody waits for anybody, nobody overwrites anybody. A list in one row would need
a lock that many objects share, or would lose one of two additions.
"""

import asyncpg

from services.runtime.engine.store import Work
from services.runtime.postgres import Pool

_GAIN = """
insert into mark (service, mark, key) select $1, * from unnest($2::text[], $3::text[])
on conflict do nothing"""

_LOSE = """
delete from mark as known using unnest($2::text[], $3::text[]) as lost (mark, key)
where known.service = $1 and known.mark = lost.mark and known.key = lost.key"""


_MARKED = """
select mark, key from mark where service = $1 and mark >= $2 and mark <= $3 order by mark, key limit $4"""


async def marked(pool: Pool, service: str, first: str, last: str, limit: int) -> list[tuple[str, str]]:
    """Read the index from one mark to another, in its order."""
    rows = await pool.fetch(_MARKED, service, first, last, limit)
    return [(row["mark"], row["key"]) for row in rows]


async def save_marks(connection: "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]", service: str, work: Work) -> None:
    """Write what a batch changed, in the order of the primary key; nothing where no mark changed."""
    for statement, pairs in ((_LOSE, work.lost()), (_GAIN, work.gained())):
        if pairs:
            marks, keys = zip(*pairs, strict=True)
            await connection.execute(statement, service, marks, keys)

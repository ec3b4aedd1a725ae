"""The vault: the one place where a human's data is kept. Streams carry a reference, see `references`.

It belongs to a role of its own: who handles no human cannot look into it. It connects when the first one comes.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import NamedTuple

from contracts.agreement import Agreement, Purpose
from contracts.person import Person
from contracts.refusal import RefusedError
from contracts.wording import expected
from services.runtime import postgres, vault_rows
from services.runtime.references import References
from services.runtime.settings import Settings
from services.runtime.vault_rows import Access, Door

KEPT = tuple(name for name in Person.model_fields if name != "person_id")
"""What is kept of a human. Not the partner's own id of them: the reference is made from it."""

READABLE: Mapping[Purpose, tuple[str, ...]] = {"enrolment_processing": KEPT}
"""Which fields may be read, by purpose; for any other purpose none. Needs are Art. 9 GDPR: for this one alone."""

KEEPER = postgres.Role("postgres-vault", "vault")  # owns it: intake's and the operators'
READER = postgres.Role("postgres-vault-reader", "vault_reader")  # reads, and notes it: the gateway's, the lists'

_CLAIM_KEY = "insert into vault.key (fingerprint) values ($1) on conflict do nothing"


class Entrusted(NamedTuple):
    """What one fact tells of a human. ``readers``: the partners it is between; ``told_at``: the fact's time."""

    person_ref: str
    partner: str
    readers: tuple[str, ...]
    told_at: datetime
    person: Person


class Stored(NamedTuple):
    """What the vault holds of a human, as far as a purpose may see it; None or empty where nothing was told."""

    person_ref: str
    told_at: datetime
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    birth_year: int | None = None
    needs: tuple[str, ...] = ()


class VaultKeyError(Exception):
    """The secret is not the key that minted the references of this vault."""


class Vault:
    """Access to the vault, of as many tasks at once as want."""

    def __init__(self, settings: Settings, references: References | None = None, role: postgres.Role = KEEPER) -> None:
        """Connect to nothing yet. Who mints references gives them: the vault takes one key only."""
        self._settings, self._references, self._role = settings, references, role
        self._pool: postgres.Pool | None = None
        self._connecting = asyncio.Lock()

    async def keep(self, told: Sequence[Entrusted]) -> None:
        """Keep what facts tell, in any order and as often as they come: the newest of each human stays.

        A fact that tells an id alone changes nothing but who may read. What was erased does not come back by facts of
        before.

        Raises:
            OSError, asyncpg.PostgresError, VaultKeyError: nothing of it is kept.
        """
        readers = [each._asdict() | {"person": None} for each in told]
        persons = [_row(each) for each in told if any(getattr(each.person, field) for field in KEPT)]
        async with self.connection() as connection:
            await vault_rows.keep(connection, readers, persons)

    async def read(
        self, reference: str, reader: Agreement, purpose: Purpose, door: Door, only: Collection[str] = KEPT
    ) -> Stored:
        """Read of a human for a purpose; the access is noted with it, or nothing is read.

        Args:
            reference: the ``person_ref``.
            reader: the agreement of the partner who reads: who told the human, or organises what they asked for.
            purpose: for which; the agreement must name it.
            door: through which it is read, for the record.
            only: fields that are wanted; what nobody asked for is not read.

        Raises:
            RefusedError: the purpose is not agreed, or opens nothing; or nothing is held of the human for this partner.
            OSError, asyncpg.PostgresError: the database is away.
        """
        fields = READABLE.get(purpose, ())
        if not fields or purpose not in reader.purposes:
            raise RefusedError("purpose-not-agreed", "purpose", expected("agreed-purpose", options=", ".join(READABLE)))
        async with self.connection() as connection:
            row = await vault_rows.read(connection, reference, reader.id)
            if row is None:
                raise RefusedError("person-unknown", "person_ref", expected("own-person"))
            seen = {field: row[field] for field in fields if field in only and row[field]}
            await vault_rows.log(connection, Access(reference, reader.id, purpose, list(seen), door))
        return Stored(reference, row["told_at"], **{**seen, "needs": tuple(seen.get("needs", ()))})

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[vault_rows.Connection]:
        """Give a connection in a transaction, connecting first where nobody did."""
        async with self._connecting:
            if self._pool is None:
                self._pool = await self._open()
        async with self._pool.acquire() as connection, connection.transaction():
            yield connection

    async def close(self) -> None:
        """Let the connections go."""
        if self._pool is not None:
            self._pool.terminate()
            self._pool = None

    async def _open(self) -> postgres.Pool:
        pool = await postgres.connect(self._settings, size=4, schema="vault", role=self._role)
        try:
            if self._role == KEEPER:
                await postgres.apply_schema(pool, script="vault.sql")
            if self._references:
                await self._check(pool, self._references.fingerprint())
        except BaseException:
            pool.terminate()
            raise
        return pool

    async def _check(self, pool: postgres.Pool, fingerprint: str) -> None:
        await pool.execute(_CLAIM_KEY, fingerprint)
        if await pool.fetchval("select fingerprint from vault.key") != fingerprint:
            raise VaultKeyError(
                "expected in the secret 'vault-key' the key that minted the references of this vault, found another "
                "one: everybody would be somebody else. Put the right one back, it is backed up with the database"
            )


def _row(told: Entrusted) -> dict[str, object]:
    kept = {"person_ref": told.person_ref, "partner": told.partner, "told_at": told.told_at}
    return kept | told.person.model_dump(mode="json", include={*KEPT})

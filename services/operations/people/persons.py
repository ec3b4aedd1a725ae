"""What operators do with the vault: find a reference, tell what is held of it, erase it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from services.operations.acting import AN_OPERATOR, operator
from services.operations.errors import AwayError, OperationError
from services.runtime import vault_rows
from services.runtime.postgres import AWAY
from services.runtime.references import References
from services.runtime.settings import Settings
from services.runtime.vault import KEEPER, KEPT, Vault, VaultKeyError
from services.runtime.vault_rows import Access, Connection, Door, Receipt

PURPOSE = "data_subject_access"
"""Art. 15 GDPR: no agreement names it, it is the human's own."""

_PERSON = "select * from vault.person where person_ref = $1"
# Who told anew is no longer erased: a row says so, and the tombstone stays for what was told before.
_ERASED = """
select person_ref from vault.erased
where not exists (select from vault.person where person.person_ref = erased.person_ref)
    and not exists (select from vault.reader where reader.person_ref = erased.person_ref)
order by person_ref"""
_READERS = "select partner, since from vault.reader where person_ref = $1 order by since, partner"
_ACCESSES = "select at, reader, purpose, fields, door from vault.access where person_ref = $1 order by at, id"

Row = Any  # asyncpg's


@dataclass(frozen=True, slots=True)
class Held:
    """What the vault holds under a reference: rows of its tables, and the latest erasure."""

    person: Row | None
    readers: Sequence[Row]
    accesses: Sequence[Row]
    erased: Receipt | None

    @property
    def anything(self) -> bool:
        """Whether the reference was ever known here."""
        return bool(self.person or self.readers or self.erased)


async def held(settings: Settings, reference: str, door: Door | None = None) -> Held:
    """Return what is held; read through a door, that is an access of the operator, and noted with the others.

    Raises:
        AwayError: PostgreSQL does not answer.
    """
    async with _vault(settings) as connection:
        person = await connection.fetchrow(_PERSON, reference)
        if person and door:
            fields = [name for name in KEPT if person[name]]
            await vault_rows.log(connection, Access(reference, f"{AN_OPERATOR}{operator()}", PURPOSE, fields, door))
        readers, accesses = [await connection.fetch(query, reference) for query in (_READERS, _ACCESSES)]
        return Held(person, readers, accesses, await vault_rows.receipt(connection, reference))


async def erase(settings: Settings, reference: str) -> Receipt:
    """Erase what is held.

    Raises:
        OperationError: nothing is and nothing was.
        AwayError: PostgreSQL does not answer.
    """
    async with _vault(settings) as connection:
        receipt = await vault_rows.erase(connection, reference)
    if receipt is None:
        raise unknown(reference)
    return receipt


async def found(settings: Settings, partner: str, person_id: str) -> tuple[str, bool]:
    """Return the reference of a human by the partner's own id of them, and whether the vault knows it.

    Raises:
        SecretMissingError: the key of the references is not here.
        OperationError: it is another key than the one that the vault was filled with.
        AwayError: PostgreSQL does not answer.
    """
    references = References.of_hub(settings)
    reference = references.reference(partner, person_id)
    async with _vault(settings, references) as connection:
        known = [await connection.fetch(query, reference) for query in (_PERSON, _READERS)]
        return reference, any(known) or await vault_rows.receipt(connection, reference) is not None


async def erased(settings: Settings) -> list[str]:
    """Return the references of all who were erased and did not tell the hub of themselves again.

    Raises:
        AwayError: PostgreSQL does not answer.
    """
    async with _vault(settings) as connection:
        return [row["person_ref"] for row in await connection.fetch(_ERASED)]


def unknown(reference: str) -> OperationError:
    """Say that nobody is known by a reference."""
    return OperationError(
        f"expected a reference that the vault knows, came {reference!r}: 'hub person find --partner PARTNER' tells it"
    )


@asynccontextmanager
async def _vault(settings: Settings, references: References | None = None) -> AsyncIterator[Connection]:
    vault = Vault(settings, references)
    try:
        async with vault.connection() as connection:
            yield connection
    except VaultKeyError as error:
        raise OperationError(str(error)) from None
    except AWAY as error:
        raise AwayError(
            f"expected an answer of PostgreSQL at HUB_POSTGRES, came {type(error).__name__}: see that it runs, and "
            f"that the secret {KEEPER.secret!r} is the password of its role {KEEPER.user!r}"
        ) from None
    finally:
        await vault.close()

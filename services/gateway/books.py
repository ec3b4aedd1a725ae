"""What the services' own tables say of one object. Read, never written."""

import json
from dataclasses import dataclass

from contracts.admission import Admitted
from services.gateway.fate import Known
from services.gateway.idempotency import PostgresRequests

# One look at both, or a fact could leave the one before it is seen in the other.
_KNOWN = """
select (select body from engine.state where service = $1 and key = $2) as body,
       array(select headers from engine.outbox where service = $1 and key = $3) as unpublished"""

ENROLMENTS = 8
"""At which place an offering's state has its enrolments, by id."""


@dataclass(frozen=True, slots=True)
class Books:
    """Asks for what is held of an object; a service is called as its stream is."""

    database: PostgresRequests

    async def known(self, asked: Admitted) -> Known:
        """Return what is held of a fact's object.

        Raises:
            PartAwayError: PostgreSQL does not answer.
        """
        fact, key = asked.fact, asked.fact.key
        row = await self.database.ask("fetchrow", _KNOWN, fact.stream, key, key.encode())
        held = json.loads(row["body"]) if row["body"] else {}
        own = any(_caused(json.loads(headers), asked) for headers in row["unpublished"])
        if isinstance(held, list):  # an offering, whose enrolments have no revision that partners tell
            return Known(unpublished=own, named=fact.subject in held[ENROLMENTS])
        return Known(held.get("revision", 0), held.get("digest", ""), own)


def _caused(headers: list[list[str]], asked: Admitted) -> bool:
    """Whether a message is the fact, or what the hub made of it."""
    told = asked.envelope
    name, value = ("ce_correlationid", told.correlation or told.id) if asked.fact.stamped else ("ce_id", told.id)
    # As the engine writes it: the bytes of a header as characters.
    return [name, value.encode().decode("latin-1")] in headers

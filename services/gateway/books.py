"""What the services' own tables say of one object. Read, never written."""

import json
from dataclasses import dataclass

from services.gateway.fate import Known
from services.gateway.idempotency import PostgresRequests

# One look at both, or a fact could leave the one before it is seen in the other.
_KNOWN = """
select (select body from engine.state where service = $1 and key = $2) as body,
       array(select headers from engine.outbox where service = $1 and key = $3) as unpublished"""


@dataclass(frozen=True, slots=True)
class Books:
    """Asks for what is held of an object; a service is called as its stream is."""

    database: PostgresRequests

    async def known(self, stream: str, key: str, event: str) -> Known:
        """Return what is held.

        Args:
            stream: whose object it is.
            key: the object's id.
            event: the id of the fact that is asked about.

        Raises:
            PartAwayError: PostgreSQL does not answer.
        """
        row = await self.database.ask("fetchrow", _KNOWN, stream, key, key.encode())
        held = json.loads(row["body"]) if row["body"] else {}
        id_ = event.encode().decode("latin-1")  # as the engine writes it: the bytes of a header as characters
        own = any(["ce_id", id_] in json.loads(headers) for headers in row["unpublished"])
        return Known(held.get("revision", 0), held.get("digest", ""), own)

"""An operator's request to tell a partner once more what is recorded, as it lies in ``hub.backfills``. No fact."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from pydantic import TypeAdapter
from pydantic_core import to_json

from contracts.admission import Message


@dataclass(frozen=True, slots=True)
class Backfill:
    """One request; of a partner's requests the last one counts.

    Attributes:
        id: names it; told twice it is one request.
        partner: whose outbox is to be filled.
        starts: from which record on, by partition of the recorded streams (``<topic>/<number>``); the others are not
            meant.
        without: references of people who were erased: facts that name one are not told.
        by: the account of the operator on the machine where the command was given.
        time: RFC 3339, UTC.
        reason: why, as the operator said.
    """

    id: str
    partner: str
    starts: Mapping[str, int]
    without: tuple[str, ...]
    by: str
    time: str
    reason: str

    def message(self) -> Message:
        """As a Kafka message; the key is the request's id."""
        return Message(self.id.encode(), to_json(asdict(self)), [])


_BACKFILL = TypeAdapter(Backfill)


def read_backfill(value: bytes) -> Backfill:
    """Read one back.

    Raises:
        ValidationError: it is none.
    """
    return _BACKFILL.validate_json(value)

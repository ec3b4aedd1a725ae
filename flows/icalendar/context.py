"""What a calendar does not say itself and the agreement does: whose it is, and what counts where it is silent."""

from dataclasses import dataclass
from typing import Self

from contracts.agreement import Agreement, Connector


@dataclass(frozen=True, slots=True)
class Context:
    """How the calendars of one partner are read.

    ``ours``: the file was written by the hub itself and only the hub writes there, so that event id, organiser and
    licence are taken from it. Elsewhere anybody could write these words, so the agreement decides.
    """

    partner: str
    organiser: str
    zone: str = "Europe/Berlin"
    licence: str = "all-rights-reserved"
    language: str = "de"
    role_addresses: tuple[str, ...] = ()
    ours: bool = False

    @classmethod
    def of(cls, agreement: Agreement, *, ours: bool = False) -> Self:
        """Take the context from an agreement."""
        connector = agreement.connector or Connector(kind="none", directions=("pull",))
        return cls(
            partner=agreement.id,
            organiser=agreement.name.de,
            zone=connector.time_zone,
            licence=connector.licence,
            language=str(connector.settings.get("language", "de")),
            role_addresses=agreement.role_addresses,
            ours=ours,
        )

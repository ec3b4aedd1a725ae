"""How far a consumer group has come. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """The place of one group in one partition."""

    group: str
    topic: str
    partition: int

    def __str__(self) -> str:
        """``hub.intake in partner.vhs.inbox/0``."""
        return f"{self.group} in {self.topic}/{self.partition}"
